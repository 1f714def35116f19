// SPDX-License-Identifier: Apache-2.0
// racoon.conf as tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/racoon/source.h"

namespace xfrmd::racoon {

enum class TokenKind : std::uint8_t {
    Word,       // everything between blanks and punctuation: exchange_mode, 10.0.0.0/8, 3des
    String,     // "in quotes", without them; no escapes, may go over several lines
    Bracketed,  // [500], [any]: what is inside
    Open,       // {
    Close,      // }
    Comma,
    Semicolon,
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text;
    Place place;
    Place end;                 // one past its last character
    bool begins_line = false;  // nothing but blanks before it on its line
};

// Total: whatever the text holds becomes tokens, the last one End, and mistakes. Strings that may
// be secrets (bind_pw, the secrets of RADIUS servers, shared_secret) are hidden in `source` and
// left empty in the tokens.
[[nodiscard]] std::vector<Token> tokenize(Source& source, Mistakes& mistakes);

}  // namespace xfrmd::racoon
