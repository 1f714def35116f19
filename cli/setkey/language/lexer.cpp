// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/setkey/language/token.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

bool is_part_of_a_word(char c, Lexer::Mode mode) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    if (c == '-' || c == '+') return mode == Lexer::Mode::Plain;
    return std::string_view{"._:%,=@*!?~^&$|"}.contains(c);
}

Kind mark(char c) {
    switch (c) {
        case '/':
            return Kind::Slash;
        case '-':
            return Kind::Hyphen;
        case '+':
            return Kind::Plus;
        case '[':
            return Kind::Open;
        case ']':
            return Kind::Close;
        case ';':
            return Kind::Semicolon;
        default:
            return Kind::Stray;
    }
}

}  // namespace

Token Lexer::next(Mode mode) {
    skip_blanks_and_comments();
    const std::string_view text = source_->text();
    Token token{.kind = Kind::End, .span = {at_, at_}, .begins_line = only_blanks_before(at_)};
    if (at_ == text.size()) return token;

    const char first = text[at_];
    std::size_t end = at_ + std::size_t{1};
    if (is_part_of_a_word(first, mode)) {
        token.kind = Kind::Word;
        while (end < text.size() && is_part_of_a_word(text[end], mode)) ++end;
    } else if (first == '"') {
        end = std::min(text.find_first_of("\"\n", end), text.size());
        const bool closed = end < text.size() && text[end] == '"';
        token.kind = closed ? Kind::String : Kind::OpenString;
        if (closed) ++end;
    } else {
        token.kind = mark(first);
        if (token.kind == Kind::Stray)
            while (end < text.size() && !is_blank(text[end]) && text[end] != '"' &&
                   text[end] != '#' && mark(text[end]) == Kind::Stray &&
                   !is_part_of_a_word(text[end], mode))
                ++end;
    }
    at_ = static_cast<std::uint32_t>(end);
    token.span.end = at_;
    return token;
}

void Lexer::skip_blanks_and_comments() {
    const std::string_view text = source_->text();
    while (at_ < text.size() && (is_blank(text[at_]) || text[at_] == '#')) {
        if (text[at_] == '#')
            at_ = static_cast<std::uint32_t>(std::min(text.find('\n', at_), text.size()));
        else
            ++at_;
    }
}

bool Lexer::only_blanks_before(std::uint32_t offset) const {
    const std::string_view text = source_->text();
    while (offset > 0 && is_blank(text[offset - 1])) {
        if (text[offset - 1] == '\n') return true;
        --offset;
    }
    return offset == 0;
}

}  // namespace xfrmd::setkey
