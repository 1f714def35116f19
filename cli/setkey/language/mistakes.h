// SPDX-License-Identifier: Apache-2.0
// What is wrong, or worth a look, in one text: gathered, then told all at once.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "cli/setkey/language/source.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::setkey {

struct Mistake {
    Span where;
    std::string text;  // one sentence: what is wrong
    std::string hint;  // what to write instead; may be empty
};

// The value, or why there is none.
template <class Value>
using Read = std::expected<Value, Mistake>;

class Mistakes {
  public:
    // So many of each kind are kept; the rest is counted.
    static constexpr std::size_t kKeptMax = 100;

    void error(Mistake mistake);
    // Of warnings with the same text the first is kept, the others are counted.
    void warning(Mistake mistake);

    [[nodiscard]] std::size_t errors() const { return errors_.size() + errors_not_kept_; }
    [[nodiscard]] bool empty() const { return errors_.empty() && warnings_.empty(); }

    // In the order of the text, errors and warnings together.
    [[nodiscard]] std::vector<daemon::Diagnostic> told(const Source& source) const;

  private:
    struct Warning {
        Mistake mistake;
        std::size_t times = 1;
    };

    std::vector<Mistake> errors_;
    std::size_t errors_not_kept_ = 0;
    std::vector<Warning> warnings_;
};

}  // namespace xfrmd::setkey
