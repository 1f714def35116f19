// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/address_text.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <ranges>

namespace xfrmd::setkey {

namespace {

using xfrm::Address;

constexpr std::size_t kNameMax = 253;  // RFC 1035 §2.3.4
constexpr std::size_t kLabelMax = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    for (const auto part : std::views::split(text, '.'))
        parts.emplace_back(part.begin(), part.end());
    return parts;
}

std::string_view number_word(std::size_t count) {
    constexpr auto kWords =
        std::to_array<std::string_view>({"no numbers", "one number", "two numbers", "three numbers",
                                         "four numbers", "five numbers", "six numbers"});
    return count < kWords.size() ? kWords[count] : std::string_view{"many numbers"};
}

// Only digits and dots, so it was meant as an IPv4 address.
AddressMistake mistake_in_v4(std::string_view word) {
    const auto parts = parts_of(word);
    if (std::ranges::contains(parts, std::string_view{}))
        return {std::format("{} is no address: a number is missing beside a dot", word), ""};
    if (parts.size() != 4)
        return {std::format("{} is no address: it has {}, an IPv4 address has four", word,
                            number_word(parts.size())),
                parts.size() > 4
                    ? std::format("{}.{}.{}.{} perhaps", parts[0], parts[1], parts[2], parts[3])
                    : "write all four, or the network with its length: 10.1.0.0/16"};
    for (const std::string_view part : parts) {
        unsigned value = 0;
        const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (error != std::errc{} || value > 255)
            return {std::format("{} is no address: {} is more than 255", word, part.substr(0, 12)),
                    ""};
    }
    return {std::format("{} is no address: a number begins with 0", word),
            "some programs read such numbers as octal: write them without"};
}

AddressMistake mistake_in_v6(std::string_view word) {
    const std::size_t first = word.find("::");
    if (first != std::string_view::npos && word.find("::", first + 1) != std::string_view::npos)
        return {std::format("{} is no IPv6 address: \"::\" stands in it twice", word), ""};
    const auto wrong = std::ranges::find_if(word, [](char c) {
        const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        return !hex && c != ':' && c != '.';
    });
    if (wrong != word.end())
        return {std::format("{} is no IPv6 address: '{}' does not belong in one", word, *wrong),
                ""};
    return {std::format("{} is no IPv6 address", word),
            "eight groups of up to four hexadecimal digits, or fewer with one \"::\""};
}

std::expected<Host, AddressMistake> parse_v6(std::string_view word) {
    const std::size_t percent = word.find('%');
    const std::string_view text = word.substr(0, percent);
    const auto address = Address::parse(text);
    if (!address || address->is_v4()) return std::unexpected{mistake_in_v6(text)};
    std::string zone;
    if (percent != std::string_view::npos) {
        zone = word.substr(percent + 1);
        if (zone.empty())
            return std::unexpected{AddressMistake{
                std::format("behind the % of {} an interface is missing", word), ""}};
    }
    return ScopedAddress{*address, std::move(zone)};
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > kLabelMax) return false;
    if (label.starts_with('-') || label.ends_with('-')) return false;
    return std::ranges::all_of(
        label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_host_name(std::string_view word) {
    if (word.ends_with('.')) word.remove_suffix(1);
    return word.size() <= kNameMax && std::ranges::all_of(parts_of(word), is_label);
}

}  // namespace

std::expected<Host, AddressMistake> parse_host(std::string_view word) {
    if (word.contains(':')) return parse_v6(word);
    if (std::ranges::all_of(word, [](char c) { return is_digit(c) || c == '.'; })) {
        if (const auto address = Address::parse(word)) return ScopedAddress{*address, {}};
        return std::unexpected{mistake_in_v4(word)};
    }
    if (!is_host_name(word))
        return std::unexpected{AddressMistake{
            std::format("{} is neither an address nor a host's name", word.substr(0, kNameMax)),
            ""}};
    return HostName{std::string{word}};
}

std::optional<std::uint32_t> parse_dotted_quad(std::string_view word) {
    const auto address = Address::parse(word);
    if (!address || !address->is_v4()) return std::nullopt;
    std::uint32_t value = 0;
    for (const std::uint8_t octet : address->octets()) value = value << 8 | octet;
    return value;
}

}  // namespace xfrmd::setkey
