// SPDX-License-Identifier: Apache-2.0
// From statements to what they ask of the kernel: reference semantics of setkey(8) on Linux, but
// for its traps. Pure but for the names.
#pragma once

#include <vector>

#include "cli/setkey/actions.h"
#include "cli/setkey/language/ast.h"
#include "cli/setkey/language/mistakes.h"
#include "cli/setkey/names.h"

namespace xfrmd::setkey {

// -r, the default: an `in` policy holds for forwarded packets, too. -k: it does not.
enum class Semantics : std::uint8_t { Rfc, Kernel };

class Translator {
  public:
    // Both outlive the translator.
    Translator(Names& names, Mistakes& mistakes, Semantics semantics = Semantics::Rfc)
        : names_{&names}, mistakes_{&mistakes}, semantics_{semantics} {}

    // One for each pair of addresses of an `add`; nothing if there are mistakes in it, which are
    // told, and for `exit`.
    std::vector<Action> translate(const Statement& statement);

  private:
    Names* names_;
    Mistakes* mistakes_;
    Semantics semantics_;
};

}  // namespace xfrmd::setkey
