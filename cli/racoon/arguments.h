// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of one statement from the first to the last. The first that does not fit is
// told, with the form the statement has; everything after it is passed over.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/racoon/algorithm.h"
#include "cli/racoon/tree.h"
#include "netlink/model/address.h"

namespace xfrmd::racoon {

template <class Enum>
struct Word {
    std::string_view word;
    Enum value;
};

struct AddressAndPort {
    xfrm::Address address;
    std::optional<std::uint16_t> port;
};

class Arguments {
  public:
    Arguments(const Statement& statement, Mistakes& mistakes)
        : statement_{statement}, mistakes_{mistakes} {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return failed_ || at_ == statement_.arguments.size(); }
    // Null at the end.
    [[nodiscard]] const Token* peek() const {
        return at_end() ? nullptr : &statement_.arguments[at_];
    }
    [[nodiscard]] bool next_is(TokenKind kind) const { return !at_end() && peek()->kind == kind; }
    [[nodiscard]] bool next_is(std::string_view word) const {
        return next_is(TokenKind::Word) && peek()->text == word;
    }
    void skip() { ++at_; }
    bool skip_if(std::string_view word) { return next_is(word) && (skip(), true); }
    bool skip_comma() { return next_is(TokenKind::Comma) && (skip(), true); }

    // Each: nothing if it is not there, which has been told.
    template <class Enum, std::size_t size>
    std::optional<Enum> word(const std::array<Word<Enum>, size>& words) {
        const Token* token = peek();
        if (token != nullptr && token->kind == TokenKind::Word) {
            for (const auto& [text, value] : words) {
                if (token->text != text) continue;
                skip();
                return value;
            }
        }
        return refuse<Enum>();
    }
    std::optional<bool> on_or_off();
    std::optional<std::string> string();
    std::optional<std::uint64_t> number();
    // "24 hour", "30 sec", "24hour".
    std::optional<std::chrono::seconds> time();
    // "10 MB".
    std::optional<std::uint64_t> byte_count();
    std::optional<xfrm::Address> address();
    // "10.0.0.1", "10.0.0.1[500]", "10.0.0.1 [500]".
    std::optional<AddressAndPort> address_and_port();
    // "aes", "aes 256", "aes256".
    std::optional<Algorithm> algorithm(AlgorithmClass kind, bool phase1);

    // To be called last: tells what is left over.
    void finish();
    // Tells that what comes next does not fit, with this reason instead of the usual one.
    void fail(std::string text, std::string hint);

  private:
    template <class T>
    std::optional<T> refuse() {
        refuse_next();
        return std::nullopt;
    }
    void refuse_next();
    std::optional<std::uint64_t> number_with_unit(std::string& unit);
    std::optional<std::uint16_t> key_bits(const AlgorithmRow& row, std::string_view digits);
    [[nodiscard]] Place place() const;

    const Statement& statement_;
    Mistakes& mistakes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace xfrmd::racoon
