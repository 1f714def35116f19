// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/key_spans.h"

#include <algorithm>
#include <array>

#include "cli/setkey/language/token.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

// How far before a line its meaning may be decided: the flag and the algorithm before a key. No
// token has several lines, so that reading may begin with any of them.
constexpr std::uint32_t kLookBack = 16 * 1024;

// A number of 32 bits is no key.
constexpr std::size_t kHexDigitsOfNumber = 8;

std::uint32_t begin_of_reading(const Source& source, Span range) {
    if (range.begin <= kLookBack) return 0;
    const std::size_t newline = source.text().find('\n', range.begin - kLookBack);
    return static_cast<std::uint32_t>(std::min<std::size_t>(newline + 1, range.begin));
}

// Goes through the tokens and knows of each whether it is, or is part of, a key.
class KeyFinder {
  public:
    explicit KeyFinder(const Source& source) : source_{source} {}

    bool is_key(const Token& token) {
        const std::string_view text = source_.text(token.span);
        const bool key = looks_like_a_key(token, text) || stands_for_a_key(token, text);
        go_on(token, text);
        return key;
    }

  private:
    // After -E or -A comes a name, perhaps with /BITS, then the key; what is wrong with the key is
    // hidden up to the end of its line.
    enum class Expects : std::uint8_t { Nothing, Name, KeyOrBits, Bits, Key, RestOfKey };

    [[nodiscard]] bool looks_like_a_key(const Token& token, std::string_view text) const {
        if (token.kind == Kind::String || token.kind == Kind::OpenString) return !names_label();
        const bool hex = text.starts_with("0x") || text.starts_with("0X");
        return hex && text.size() > 2 + kHexDigitsOfNumber;
    }

    // tagged "TAG" and -ctx DOI ALG "LABEL"
    [[nodiscard]] bool names_label() const {
        return before_[0] == "tagged" || before_[2] == "-ctx";
    }

    [[nodiscard]] bool stands_for_a_key(const Token& token, std::string_view text) const {
        if (token.kind == Kind::Semicolon || text.starts_with('-')) return false;
        if (text == "\\") return false;  // "the statement goes on", as in a shell
        if (expects_ == Expects::KeyOrBits) return token.kind != Kind::Slash;
        if (expects_ == Expects::RestOfKey) return !token.begins_line;
        return expects_ == Expects::Key;
    }

    void go_on(const Token& token, std::string_view text) {
        expects_ = what_follows(token, text);
        std::ranges::rotate(before_, before_.end() - 1);
        before_[0] = text;
    }

    [[nodiscard]] Expects what_follows(const Token& token, std::string_view text) const {
        if (text == "-E" || text == "-A") return Expects::Name;
        if (token.kind == Kind::Semicolon || text.starts_with('-')) return Expects::Nothing;
        switch (expects_) {
            case Expects::Name:
                return Expects::KeyOrBits;
            case Expects::KeyOrBits:
                return token.kind == Kind::Slash ? Expects::Bits : Expects::RestOfKey;
            case Expects::Bits:
                return Expects::Key;
            case Expects::Key:
                return Expects::RestOfKey;
            case Expects::RestOfKey:
                return token.begins_line ? Expects::Nothing : Expects::RestOfKey;
            case Expects::Nothing:
                return Expects::Nothing;
        }
        return Expects::Nothing;
    }

    const Source& source_;
    Expects expects_ = Expects::Nothing;
    std::array<std::string_view, 3> before_{};  // the last tokens, the latest first
};

}  // namespace

std::vector<Span> key_spans(const Source& source, Span range) {
    std::vector<Span> keys;
    Lexer lexer{source, begin_of_reading(source, range)};
    KeyFinder finder{source};
    for (Token token = lexer.next(Lexer::Mode::Plain);
         token.kind != Kind::End && token.span.begin < range.end;
         token = lexer.next(Lexer::Mode::Plain))
        if (finder.is_key(token) && token.span.end > range.begin) keys.push_back(token.span);
    return keys;
}

}  // namespace xfrmd::setkey
