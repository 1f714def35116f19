// SPDX-License-Identifier: Apache-2.0
// The words and marks of the setkey language, one after another. Pure; total on any octets.
#pragma once

#include <cstdint>

#include "cli/setkey/language/source.h"

namespace xfrmd::setkey {

struct Token {
    enum class Kind : std::uint8_t {
        Word,    // "spdadd", "-E", "10.0.0.0", "unique:2"
        String,  // with its quotes
        Slash,
        Hyphen,  // in a policy only
        Plus,    // in a policy only
        Open,    // [
        Close,   // ]
        Semicolon,
        OpenString,  // a string that its line does not end
        Stray,       // characters that the language has no use for
        End,
    };
    Kind kind = Kind::End;
    Span span;
    bool begins_line = false;  // nothing but blanks stands before it
};

class Lexer {
  public:
    // Behind -P a hyphen stands between addresses or before a number; elsewhere it is part of
    // words.
    enum class Mode : std::uint8_t { Plain, Policy };

    explicit Lexer(const Source& source, std::uint32_t from = 0) : source_{&source}, at_{from} {}

    // The next token; End again and again once there is none.
    Token next(Mode mode);
    // Goes on from there, which is where a token begins.
    void rewind(std::uint32_t offset) { at_ = offset; }

  private:
    void skip_blanks_and_comments();
    [[nodiscard]] bool only_blanks_before(std::uint32_t offset) const;

    const Source* source_;
    std::uint32_t at_ = 0;
};

}  // namespace xfrmd::setkey
