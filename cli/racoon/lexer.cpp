// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/lexer.h"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>
#include <utility>

#include "netlink/model/secret.h"

namespace xfrmd::racoon {

namespace {

// Words whose strings are secrets: an LDAP password, the secrets of RADIUS servers, and the shared
// secrets that Apple's racoon took inline.
constexpr auto kBeforeSecrets =
    std::to_array<std::string_view>({"bind_pw", "auth", "acct", "shared_secret"});

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

bool ends_word(char c) {
    return is_blank(c) || c == '\n' || std::string_view{";{}[],\"#()"}.contains(c);
}

bool continues_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

class Lexer {
  public:
    Lexer(Source& source, Mistakes& mistakes)
        : source_{source}, text_{source.text()}, mistakes_{mistakes} {}

    std::vector<Token> run();

  private:
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] Place here() const { return {&source_, line_, column_}; }
    void advance();
    void skip_comment();
    void word();
    void string();
    void bracketed();
    void punctuation(TokenKind kind);
    void parenthesis();
    void begin(TokenKind kind);
    void finish(std::string text);
    void hide_secrets();

    Source& source_;
    std::string_view text_;
    Mistakes& mistakes_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
    bool line_is_empty_ = true;  // so far
    bool told_parentheses_ = false;
    std::vector<Token> tokens_;
};

std::vector<Token> Lexer::run() {
    while (!at_end()) {
        const char c = text_[at_];
        switch (c) {
            case '#':
                skip_comment();
                continue;
            case '"':
                string();
                continue;
            case '[':
                bracketed();
                continue;
            case '{':
                punctuation(TokenKind::Open);
                continue;
            case '}':
                punctuation(TokenKind::Close);
                continue;
            case ',':
                punctuation(TokenKind::Comma);
                continue;
            case ';':
                punctuation(TokenKind::Semicolon);
                continue;
            case '(':
            case ')':
                parenthesis();
                continue;
            case ']':
                mistakes_.error(here(), "a \"]\" without a \"[\" before it",
                                "ports are written 10.0.0.1[500]");
                line_is_empty_ = false;
                advance();
                continue;
            default:
                break;
        }
        if (c == '\n' || is_blank(c))
            advance();
        else
            word();
    }
    begin(TokenKind::End);
    tokens_.back().end = here();
    hide_secrets();
    return std::move(tokens_);
}

void Lexer::advance() {
    const char c = text_[at_++];
    if (c == '\n') {
        ++line_;
        column_ = 1;
        line_is_empty_ = true;
    } else if (at_ >= text_.size() || !continues_character(text_[at_])) {
        ++column_;
    }
}

void Lexer::skip_comment() {
    while (!at_end() && text_[at_] != '\n') advance();
}

void Lexer::begin(TokenKind kind) {
    tokens_.push_back(
        {.kind = kind, .text = {}, .place = here(), .end = here(), .begins_line = line_is_empty_});
    line_is_empty_ = false;
}

void Lexer::finish(std::string text) {
    tokens_.back().text = std::move(text);
    tokens_.back().end = here();
}

void Lexer::word() {
    begin(TokenKind::Word);
    const std::size_t from = at_;
    while (!at_end() && !ends_word(text_[at_])) advance();
    finish(std::string{text_.substr(from, at_ - from)});
}

void Lexer::punctuation(TokenKind kind) {
    begin(kind);
    const char c = text_[at_];
    advance();
    finish(std::string{c});
}

void Lexer::string() {
    begin(TokenKind::String);
    const Place opening = here();
    const std::size_t close = text_.find('"', at_ + 1);
    if (close == std::string_view::npos) {
        mistakes_.error(opening, "the text that begins here has no closing quote", "");
        advance();
        const std::size_t from = at_;
        while (!at_end() && text_[at_] != '\n' && text_[at_] != ';') advance();
        finish(std::string{text_.substr(from, at_ - from)});
        return;
    }
    const std::size_t from = at_ + 1;
    const bool several_lines = text_.substr(from, close - from).contains('\n');
    if (several_lines)
        mistakes_.warning(opening, "the text in quotes goes on over the end of the line",
                          "is a closing quote missing?");
    while (at_ <= close) advance();
    line_is_empty_ = false;
    finish(std::string{text_.substr(from, close - from)});
}

void Lexer::bracketed() {
    begin(TokenKind::Bracketed);
    const Place opening = here();
    advance();
    const std::size_t from = at_;
    while (!at_end() && text_[at_] != ']' && text_[at_] != '\n' && text_[at_] != ';') advance();
    std::string_view inside = text_.substr(from, at_ - from);
    if (!at_end() && text_[at_] == ']')
        advance();
    else
        mistakes_.error(opening, "the \"[\" is not closed on its line",
                        "ports are written 10.0.0.1[500]");
    while (!inside.empty() && is_blank(inside.front())) inside.remove_prefix(1);
    while (!inside.empty() && is_blank(inside.back())) inside.remove_suffix(1);
    finish(std::string{inside});
}

// racoon passes over them, as over every character it does not know.
void Lexer::parenthesis() {
    if (!std::exchange(told_parentheses_, true))
        mistakes_.warning(here(), "racoon passes over parentheses, and so does this",
                          "remove them");
    line_is_empty_ = false;
    advance();
}

void Lexer::hide_secrets() {
    bool secret = false;
    for (Token& token : tokens_) {
        if (token.kind == TokenKind::Word && std::ranges::contains(kBeforeSecrets, token.text))
            secret = true;
        if (token.kind == TokenKind::Semicolon || token.kind == TokenKind::Open) secret = false;
        if (!secret || token.kind != TokenKind::String) continue;
        source_.hide(token.place.line, token.place.column);
        for (std::uint32_t line = token.place.line + 1; line <= token.end.line; ++line)
            source_.hide(line, 1);
        wipe_text(token.text);
    }
}

}  // namespace

std::vector<Token> tokenize(Source& source, Mistakes& mistakes) {
    return Lexer{source, mistakes}.run();
}

}  // namespace xfrmd::racoon
