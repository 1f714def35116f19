// SPDX-License-Identifier: Apache-2.0
// Where the parser stands in a text. Part of the parser.
//
// There are two kinds of mistakes. One after which the rest of a statement makes no sense is the
// error of a Read and ends the statement. One that only makes a part of it wrong, an address or a
// number, is told to mistakes() and reading goes on with any value in its place.
#pragma once

#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "cli/setkey/language/mistakes.h"
#include "cli/setkey/language/token.h"
#include "cli/setkey/language/words.h"
#include "daemon/configuration/did_you_mean.h"
#include "netlink/model/result.h"

namespace xfrmd::setkey {

class Cursor {
  public:
    Cursor(const Source& source, Mistakes& mistakes);

    [[nodiscard]] const Token& peek() const { return token_; }
    [[nodiscard]] bool at(Token::Kind kind) const { return token_.kind == kind; }
    [[nodiscard]] bool at_word(std::string_view word) const {
        return at(Token::Kind::Word) && text() == word;
    }
    // What peek() shows begins a statement.
    void begin_statement() { statement_begin_ = token_.span.begin; }
    // A verb begins a line inside a statement, whose semicolon must be missing, then.
    [[nodiscard]] bool at_next_statement() const;
    // Nothing of this statement follows.
    [[nodiscard]] bool at_end_of_statement() const {
        return at(Token::Kind::Semicolon) || at(Token::Kind::End) || at_next_statement();
    }
    // A word that is no option: in the language nothing else begins with a hyphen.
    [[nodiscard]] bool at_plain_word() const {
        return at(Token::Kind::Word) && !text().starts_with('-') && !at_next_statement();
    }
    // Of the token that peek() shows, and of any span.
    [[nodiscard]] std::string_view text() const { return text(token_.span); }
    [[nodiscard]] std::string_view text(Span span) const { return source_->text(span); }

    Token take();
    // Takes the token if it is of this kind.
    bool take_if(Token::Kind kind);
    bool take_if_word(std::string_view word);
    // A word, or the mistake that there is none: "an address is missing", "… is no address".
    Read<Token> take_word(std::string_view what, std::string hint = {});

    // How hyphens are read from the token on that peek() shows.
    void read_as(Lexer::Mode mode);

    // From where `begin` began to the end of what was taken last.
    [[nodiscard]] Span since(Span begin) const { return {begin.begin, last_.end}; }
    // What was taken last.
    [[nodiscard]] Span last() const { return last_; }
    // The end of that: where something is missing.
    [[nodiscard]] Span end_of_last() const { return {last_.end, last_.end}; }

    [[nodiscard]] Mistakes& mistakes() { return *mistakes_; }
    void complain(Span where, std::string text, std::string hint = {}) {
        mistakes_->error({where, std::move(text), std::move(hint)});
    }

    // The part of the text in quotes, shortened, unless it is or may be a key.
    [[nodiscard]] std::string quoted(Span span) const;
    // The mistake that the token that peek() shows is none of what could stand here.
    [[nodiscard]] Mistake unexpected(std::string_view what, std::string hint = {}) const;

  private:
    void advance();
    void report_stray();

    const Source* source_;
    Mistakes* mistakes_;
    Lexer lexer_;
    Lexer::Mode mode_ = Lexer::Mode::Plain;
    Token token_;
    Span last_;
    std::uint32_t statement_begin_ = 0;
};

// A whole number, decimal or 0x…; complains and gives 0 if it is none or not between the two.
[[nodiscard]] std::uint64_t number_of(Cursor& cursor, Span span, std::string_view what,
                                      std::uint64_t least, std::uint64_t most);

template <class Number>
Read<Located<Number>> read_number(Cursor& cursor, std::string_view what, std::uint64_t least = 0,
                                  std::uint64_t most = std::numeric_limits<Number>::max()) {
    if (!cursor.at_plain_word()) return std::unexpected{cursor.unexpected(what)};
    const Token token = cursor.take();
    return Located<Number>{static_cast<Number>(number_of(cursor, token.span, what, least, most)),
                           token.span};
}

// What is wrong with a word that is not in its table: "esq is no level", and what was meant.
[[nodiscard]] Mistake unknown_word(const Cursor& cursor, Span span, std::string_view what,
                                   std::span<const std::string> known);

// One of the words of a table.
template <class Table>
Read<Located<decltype(Table::value_type::value)>> read_word(Cursor& cursor, const Table& table,
                                                            std::string_view what) {
    const Token token = TRY(cursor.take_word(what));
    const auto value = find_word(table, cursor.text(token.span));
    if (!value) return std::unexpected{unknown_word(cursor, token.span, what, texts_of(table))};
    return Located{*value, token.span};
}

}  // namespace xfrmd::setkey
