// SPDX-License-Identifier: Apache-2.0
// RFC 3339 timestamps.
#include "daemon/api/timestamp.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace xfrmd::api {
namespace {

using namespace std::chrono;

// Takes `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits || text.substr(0, digits).find_first_not_of("0123456789") != text.npos)
        return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// ".123456": the fraction of a second, cut to microseconds. No fraction is zero.
std::optional<microseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return microseconds{0};
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    microseconds fraction{0};
    microseconds unit{100'000};
    for (const char c : text.substr(0, digits)) {
        fraction += unit * (c - '0');
        unit /= 10;
    }
    text.remove_prefix(digits);
    return fraction;
}

}  // namespace

std::string rfc3339(WallTime time) {
    return std::format("{:%FT%T}Z", floor<milliseconds>(time));
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto y = take_number(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d || !take(text, 'T')) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction || text != "Z") return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)},
                              day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} + *fraction;
}

}  // namespace xfrmd::api
