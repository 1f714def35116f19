// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/cursor.h"

#include <charconv>
#include <format>

#include "cli/setkey/language/key_spans.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

constexpr std::size_t kQuotedMax = 40;

std::string stray_hint(std::string_view text) {
    if (text == "\\") return "a line needs no sign at its end: a statement goes on until its \";\"";
    if (text.starts_with('{') || text.starts_with('}'))
        return "that is racoon.conf's: see xfrmctl migrate";
    return {};
}

}  // namespace

Cursor::Cursor(const Source& source, Mistakes& mistakes)
    : source_{&source}, mistakes_{&mistakes}, lexer_{source} {
    advance();
}

void Cursor::advance() {
    token_ = lexer_.next(mode_);
    while (token_.kind == Kind::Stray) {
        report_stray();
        token_ = lexer_.next(mode_);
    }
}

void Cursor::report_stray() {
    complain(token_.span, std::format("{} is no part of the language", quoted(token_.span)),
             stray_hint(text()));
}

bool Cursor::at_next_statement() const {
    return at(Kind::Word) && token_.begins_line && token_.span.begin != statement_begin_ &&
           find_word(kVerbs, text()).has_value();
}

Token Cursor::take() {
    const Token taken = token_;
    last_ = taken.span;
    advance();
    return taken;
}

bool Cursor::take_if(Kind kind) {
    if (!at(kind)) return false;
    take();
    return true;
}

bool Cursor::take_if_word(std::string_view word) {
    if (!at_word(word)) return false;
    take();
    return true;
}

Read<Token> Cursor::take_word(std::string_view what, std::string hint) {
    if (!at(Kind::Word) || at_next_statement())
        return std::unexpected{unexpected(what, std::move(hint))};
    return take();
}

void Cursor::read_as(Lexer::Mode mode) {
    if (mode == mode_) return;
    mode_ = mode;
    lexer_.rewind(token_.span.begin);
    advance();
}

std::string Cursor::quoted(Span span) const {
    if (!key_spans(*source_, span).empty()) return "this";
    const std::string_view quote = text(span);
    if (quote.size() > kQuotedMax) return std::format("\"{}…\"", quote.substr(0, kQuotedMax));
    return std::format("\"{}\"", quote);
}

Mistake Cursor::unexpected(std::string_view what, std::string hint) const {
    if (at_end_of_statement())
        return {end_of_last(), std::format("{} is missing", what), std::move(hint)};
    if (at(Kind::OpenString))
        return {token_.span, "the string has no end on its line",
                "close it with \"; what holds a quote or a line's end is written as 0x…"};
    if (at(Kind::String))
        return {token_.span, std::format("a string stands where {} should", what), std::move(hint)};
    return {token_.span, std::format("{} stands where {} should", quoted(token_.span), what),
            std::move(hint)};
}

std::uint64_t number_of(Cursor& cursor, Span span, std::string_view what, std::uint64_t least,
                        std::uint64_t most) {
    std::string_view digits = cursor.text(span);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    const bool is_number = stop == end && !digits.empty() && error != std::errc::invalid_argument;
    if (!is_number) {
        cursor.complain(span,
                        std::format("{} is no number, as {} must be", cursor.quoted(span), what));
        return least;
    }
    if (error == std::errc::result_out_of_range || value < least || value > most) {
        cursor.complain(span, std::format("{} is a number from {} to {}", what, least, most));
        return least;
    }
    return value;
}

Mistake unknown_word(const Cursor& cursor, Span span, std::string_view what,
                     std::span<const std::string> known) {
    const std::string_view word = cursor.text(span);
    const auto meant = daemon::did_you_mean(word, known);
    return {span, std::format("{} is not known as {}", cursor.quoted(span), what),
            meant ? std::format("do you mean \"{}\"?", *meant)
                  : std::format("it is one of {}", daemon::one_of(known))};
}

}  // namespace xfrmd::setkey
