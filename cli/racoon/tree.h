// SPDX-License-Identifier: Apache-2.0
// A racoon.conf as it is written: statements, each with its arguments and, if it has one, its
// block.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/racoon/grammar.h"
#include "cli/racoon/lexer.h"

namespace xfrmd::racoon {

struct Statement {
    const Directive* directive = nullptr;  // never null
    Token keyword;
    std::vector<Token> arguments;  // up to the semicolon or the block, without End
    bool has_block = false;
    bool found_nothing = false;  // an include
    std::vector<Statement> block;

    [[nodiscard]] const Place& place() const { return keyword.place; }
};

struct Tree {
    std::vector<std::unique_ptr<Source>> sources;  // places point to them; the main file first
    // Those of included files stand where the include statement is, after it.
    std::vector<Statement> statements;
};

// The statement on one line, for people: "verify_cert off", "remote 10.0.0.1 [500] { … }". What may
// be a secret is left out.
[[nodiscard]] std::string to_string(const Statement& statement);

}  // namespace xfrmd::racoon
