// SPDX-License-Identifier: Apache-2.0
#include "cli/times.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <format>
#include <system_error>

#include "cli/text.h"

namespace xfrmd::cli {

namespace {

using namespace std::chrono;

// Takes digits and what follows them from a text, piece by piece.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_{text} {}

    // Exactly `digits` digits, then `separator` unless that is 0. Nothing on the first mistake and
    // from then on.
    int number(std::size_t digits, char separator) {
        int value = 0;
        const char* const begin = rest_.data();
        const bool fits =
            rest_.size() >= digits && std::ranges::all_of(rest_.substr(0, digits), is_digit);
        good_ = good_ && fits && std::from_chars(begin, begin + digits, value).ec == std::errc{};
        if (good_) rest_.remove_prefix(digits);
        if (separator != 0) good_ = good_ && take(separator);
        return value;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // The digits of a fraction as milliseconds.
    milliseconds fraction() {
        int value = 0;
        int digits = 0;
        for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), ++digits)
            if (digits < 3) value = value * 10 + (rest_.front() - '0');
        good_ = good_ && digits > 0;
        for (; digits < 3; ++digits) value *= 10;
        return milliseconds{value};
    }
    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    Scanner in{text};
    const year_month_day date{year{in.number(4, '-')},
                              month{static_cast<unsigned>(in.number(2, '-'))},
                              day{static_cast<unsigned>(in.number(2, 'T'))}};
    const int hour = in.number(2, ':');
    const int minute = in.number(2, ':');
    const int second = in.number(2, 0);
    const milliseconds fraction = in.take('.') ? in.fraction() : milliseconds{0};
    minutes offset{0};
    if (!in.take('Z')) {
        const int sign = in.take('+') ? 1 : in.take('-') ? -1 : 0;
        if (sign == 0) return std::nullopt;
        const int offset_hours = in.number(2, ':');
        const int offset_minutes = in.number(2, 0);
        offset = sign * (hours{offset_hours} + minutes{offset_minutes});
    }
    if (!in.good() || !in.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return WallTime{sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + fraction -
                    offset};
}

std::string duration_text(milliseconds duration) {
    const std::int64_t total = std::max<std::int64_t>(0, floor<seconds>(duration).count());
    if (total < 60) return std::format("{}s", total);
    if (total < 60 * 60) return std::format("{}m{:02}s", total / 60, total % 60);
    if (total < 24 * 60 * 60) return std::format("{}h{:02}m", total / 3600, total / 60 % 60);
    return std::format("{}d{:02}h", total / 86400, total / 3600 % 24);
}

std::string relative_text(std::string_view rfc3339, WallTime now) {
    const auto time = parse_rfc3339(rfc3339);
    if (!time) return printable(rfc3339);
    const milliseconds since = now - *time;
    if (since > milliseconds{-1000} && since < milliseconds{1000})
        return since.count() >= 0 ? "just now" : "in 1s";
    return since.count() > 0 ? duration_text(since) + " ago" : "in " + duration_text(-since);
}

std::string elapsed_text(std::string_view rfc3339, WallTime now) {
    const auto time = parse_rfc3339(rfc3339);
    if (!time) return printable(rfc3339);
    return duration_text(abs(now - *time));
}

std::string milliseconds_text(double milliseconds) {
    if (!std::isfinite(milliseconds)) return "? ms";
    if (milliseconds < 100) return std::format("{:.1f} ms", milliseconds);
    if (milliseconds < 10'000) return std::format("{:.0f} ms", milliseconds);
    return std::format("{:.1f} s", milliseconds / 1000);
}

}  // namespace xfrmd::cli
