// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/arguments.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <string>
#include <system_error>
#include <vector>

#include "daemon/configuration/did_you_mean.h"

namespace xfrmd::racoon {

namespace {

constexpr std::uint64_t kNumberMax = 0xffff'ffff;  // more means nothing anywhere
constexpr std::uint64_t kSecondsMax = 366ULL * 24 * 60 * 60;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<std::uint64_t> to_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
        value > kNumberMax)
        return std::nullopt;
    return value;
}

struct Unit {
    std::string_view word;
    std::uint64_t factor;
};
constexpr auto kTimeUnits = std::to_array<Unit>({
    {"sec", 1},
    {"secs", 1},
    {"second", 1},
    {"seconds", 1},
    {"min", 60},
    {"mins", 60},
    {"minute", 60},
    {"minutes", 60},
    {"hour", 3600},
    {"hours", 3600},
});
// racoon takes TB for gibibytes.
constexpr auto kByteUnits = std::to_array<Unit>({
    {"B", 1},
    {"byte", 1},
    {"bytes", 1},
    {"KB", 1ULL << 10},
    {"MB", 1ULL << 20},
    {"TB", 1ULL << 30},
});

std::optional<std::uint64_t> factor_of(std::span<const Unit> units, std::string_view word) {
    const auto found = std::ranges::find(units, word, &Unit::word);
    return found == units.end() ? std::nullopt : std::optional{found->factor};
}

std::string quoted(const Token& token) {
    return token.kind == TokenKind::Bracketed ? std::format("\"[{}]\"", token.text)
                                              : std::format("\"{}\"", token.text);
}

}  // namespace

std::optional<bool> Arguments::on_or_off() {
    constexpr auto kSwitch = std::to_array<Word<bool>>({{"on", true}, {"off", false}});
    return word(kSwitch);
}

std::optional<std::string> Arguments::string() {
    const Token* token = peek();
    if (token != nullptr && token->kind == TokenKind::Word) {
        fail(std::format("{} is not in quotes", quoted(*token)),
             std::format("\"{}\"", token->text));
        return std::nullopt;
    }
    if (token == nullptr || token->kind != TokenKind::String) return refuse<std::string>();
    skip();
    return token->text;
}

std::optional<std::uint64_t> Arguments::number() {
    const Token* token = peek();
    const auto value =
        token != nullptr && token->kind == TokenKind::Word ? to_number(token->text) : std::nullopt;
    if (!value) return refuse<std::uint64_t>();
    skip();
    return value;
}

// The unit may stand close to the number, as racoon reads it.
std::optional<std::uint64_t> Arguments::number_with_unit(std::string& unit) {
    const Token* token = peek();
    if (token == nullptr || token->kind != TokenKind::Word) return refuse<std::uint64_t>();
    const auto letters = std::ranges::find_if_not(token->text, is_digit) - token->text.begin();
    const auto value =
        to_number(std::string_view{token->text}.substr(0, static_cast<std::size_t>(letters)));
    if (!value) return refuse<std::uint64_t>();
    unit = token->text.substr(static_cast<std::size_t>(letters));
    skip();
    if (!unit.empty()) return value;
    const Token* next = peek();
    if (next == nullptr || next->kind != TokenKind::Word) return refuse<std::uint64_t>();
    unit = next->text;
    skip();
    return value;
}

std::optional<std::chrono::seconds> Arguments::time() {
    std::string unit;
    const auto value = number_with_unit(unit);
    if (!value) return std::nullopt;
    const auto factor = factor_of(kTimeUnits, unit);
    if (!factor) {
        --at_;
        fail(std::format("\"{}\" is no unit of time", unit), "sec, min or hour");
        return std::nullopt;
    }
    if (*value > kSecondsMax / *factor) {
        --at_;
        fail("that is more than a year", "");
        return std::nullopt;
    }
    return std::chrono::seconds{static_cast<std::int64_t>(*value * *factor)};
}

std::optional<std::uint64_t> Arguments::byte_count() {
    std::string unit;
    const auto value = number_with_unit(unit);
    if (!value) return std::nullopt;
    const auto factor = factor_of(kByteUnits, unit);
    if (!factor) {
        --at_;
        fail(std::format("\"{}\" is no unit of data", unit),
             "B, KB, MB or TB (which racoon takes for GB)");
        return std::nullopt;
    }
    return *value * *factor;
}

std::optional<xfrm::Address> Arguments::address() {
    const Token* token = peek();
    if (token == nullptr || token->kind != TokenKind::Word) return refuse<xfrm::Address>();
    // The zone of fe80::1%eth0 is an interface of this host.
    const auto parsed = xfrm::Address::parse(token->text.substr(0, token->text.find('%')));
    if (!parsed && is_placeholder(token->text)) {
        fail(std::format("{} is a placeholder of a template", quoted(*token)),
             std::string{kPlaceholderHint});
        return std::nullopt;
    }
    if (!parsed) {
        fail(std::format("{} is no IP address", quoted(*token)),
             token->text.contains('/')
                 ? "one host, without a prefix"
                 : "an address such as 192.0.2.1; racoon takes no host names here");
        return std::nullopt;
    }
    skip();
    return parsed;
}

std::optional<AddressAndPort> Arguments::address_and_port() {
    const auto found = address();
    if (!found) return std::nullopt;
    AddressAndPort both{.address = *found, .port = {}};
    if (!next_is(TokenKind::Bracketed)) return both;
    const auto port = to_number(peek()->text);
    if (!port || *port > 65535) {
        fail(std::format("{} is no port", quoted(*peek())), "a number, such as [500]");
        return std::nullopt;
    }
    both.port = static_cast<std::uint16_t>(*port);
    skip();
    return both;
}

std::optional<Algorithm> Arguments::algorithm(AlgorithmClass kind, bool phase1) {
    const Token* token = peek();
    if (token == nullptr || token->kind != TokenKind::Word) return refuse<Algorithm>();
    const AlgorithmRow* row = find_algorithm(kind, token->text);
    std::string digits;
    if (row == nullptr && kind == AlgorithmClass::Encryption) {
        // "aes256" is "aes 256" to racoon.
        std::string name = token->text;
        while (!name.empty() && is_digit(name.back())) {
            digits.insert(digits.begin(), name.back());
            name.pop_back();
        }
        row = find_algorithm(kind, name);
    }
    const bool allowed = row != nullptr && (kind != AlgorithmClass::Encryption ||
                                            (phase1 ? row->in_phase1 : row->in_phase2));
    if (!allowed) {
        std::vector<std::string> words;
        for (const AlgorithmRow& each : algorithms())
            if (each.kind == kind) words.emplace_back(each.word);
        const auto meant = daemon::did_you_mean(token->text, words);
        fail(std::format("{} is no algorithm for {}", quoted(*token), statement_.keyword.text),
             meant && row == nullptr ? std::format("did you mean \"{}\"?", *meant)
                                     : std::string{statement_.directive->synopsis});
        return std::nullopt;
    }
    skip();
    if (digits.empty() && next_is(TokenKind::Word) && !peek()->text.empty() &&
        std::ranges::all_of(peek()->text, is_digit)) {
        digits = peek()->text;
        skip();
    }
    const auto bits = key_bits(*row, digits);
    if (!bits) return std::nullopt;
    return Algorithm{.row = row, .bits = *bits};
}

std::optional<std::uint16_t> Arguments::key_bits(const AlgorithmRow& row, std::string_view digits) {
    if (digits.empty()) return row.bits_default;
    const auto bits = to_number(digits);
    const bool in_steps = row.word == "aes" || row.word == "rijndael" || row.word == "camellia";
    const bool good = bits && row.bits_default != 0 && *bits >= row.bits_min &&
                      *bits <= row.bits_max && *bits % (in_steps ? 64 : 8) == 0;
    if (good) return static_cast<std::uint16_t>(*bits);
    --at_;
    fail(std::format("{} has no key of {} bits", row.word, digits),
         row.bits_default == 0 ? std::format("{} takes no key length", row.word)
         : in_steps            ? "128, 192 or 256"
                    : std::format("{} to {}, in steps of 8", row.bits_min, row.bits_max));
    return std::nullopt;
}

void Arguments::finish() {
    if (at_end()) return;
    fail(std::format("{} is left over", quoted(*peek())),
         std::format("{};", statement_.directive->synopsis));
}

void Arguments::fail(std::string text, std::string hint) {
    if (failed_) return;
    mistakes_.error(place(), std::move(text), std::move(hint));
    failed_ = true;
}

void Arguments::refuse_next() {
    const Token* token = peek();
    fail(token == nullptr
             ? std::format("{} says too little", statement_.keyword.text)
             : std::format("{} does not fit {}", quoted(*token), statement_.keyword.text),
         std::format("{};", statement_.directive->synopsis));
}

// Of what comes next, or one past what came last.
Place Arguments::place() const {
    const auto& all = statement_.arguments;
    if (at_ < all.size()) return all[at_].place;
    return all.empty() ? statement_.keyword.end : all.back().end;
}

}  // namespace xfrmd::racoon
