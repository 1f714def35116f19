// SPDX-License-Identifier: Apache-2.0
// Several texts as one: their statements in their order, where each stands, and what is wrong.
#pragma once

#include <functional>
#include <vector>

#include "cli/setkey/actions.h"
#include "cli/setkey/input.h"
#include "cli/setkey/language/mistakes.h"
#include "cli/setkey/plan.h"
#include "cli/setkey/translator.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::setkey {

class Script {
  public:
    Script(std::vector<Input> inputs, Names& names, Semantics semantics, bool keys_in_arguments);

    // One action after another, until `take` says no more. Texts are read anew each time, so that
    // no more than one statement is in memory; mistakes are gathered in the first reading.
    using Take = std::function<bool(Action action, Origin origin)>;
    void read(const Take& take);

    void complain(Origin origin, std::string text, std::string hint = {});
    void warn(Origin origin, std::string text, std::string hint = {});

    [[nodiscard]] std::size_t errors() const;
    // Of all texts, in their order.
    [[nodiscard]] std::vector<daemon::Diagnostic> told() const;

  private:
    // Where a statement stands.
    struct Place {
        std::uint32_t input = 0;
        Span span;
    };
    bool read_input(std::uint32_t index, Mistakes& mistakes, const Take& take);
    void check_key(const Statement& statement, const Input& input, Mistakes& mistakes);

    std::vector<Input> inputs_;
    std::vector<Mistakes> mistakes_;  // by input
    std::vector<Place> places_;       // by origin - 1
    Names* names_;
    Semantics semantics_;
    bool keys_in_arguments_;
    bool first_reading_ = true;
    Origin next_origin_ = 1;
};

}  // namespace xfrmd::setkey
