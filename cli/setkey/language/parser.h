// SPDX-License-Identifier: Apache-2.0
// From text to statements. Pure: no names are looked up, nothing is read but the text. Total and
// bounded: any octets give statements and mistakes, in time and memory linear in their length.
//
// The grammar is setkey(8)'s, with what its manual promises and its parser refuses (update, a bare
// ICMP type or GRE key, comments in a policy), and ours for what XFRM has and setkey lacks
// (language/README.md).
#pragma once

#include <optional>
#include <vector>

#include "cli/setkey/language/ast.h"
#include "cli/setkey/language/cursor.h"
#include "cli/setkey/language/mistakes.h"

namespace xfrmd::setkey {

// Reads one statement after another, so that a long file need not be held as statements.
class Parser {
  public:
    // Both outlive the parser.
    Parser(const Source& source, Mistakes& mistakes) : cursor_{source, mistakes} {}

    // The next statement that is right in itself. What is wrong on the way to it goes to the
    // mistakes. Nothing once there is no more, or behind `exit`.
    std::optional<Statement> next();

  private:
    Read<Statement> read_statement();
    Read<AnyStatement> read_content();
    void skip_statement();

    Cursor cursor_;
    bool ended_ = false;
};

struct Parsed {
    std::vector<Statement> statements;
    std::vector<daemon::Diagnostic> diagnostics;
    bool good = false;  // there are no errors among them
};
[[nodiscard]] Parsed parse(const Source& source);

}  // namespace xfrmd::setkey
