// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/progress.h"

#include <unistd.h>

#include <algorithm>
#include <format>

namespace xfrmd::setkey {

namespace {

constexpr std::size_t kWorthShowing = 2000;
constexpr std::size_t kBarWidth = 20;
constexpr std::chrono::milliseconds kPause{100};

std::string with_commas(std::size_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

}  // namespace

std::string progress_text(std::size_t done, std::size_t total) {
    const std::size_t percent = total == 0 ? 100 : std::min<std::size_t>(100, done * 100 / total);
    const std::string bar(percent * kBarWidth / 100, '#');
    return std::format("[{:<{}}] {:3} %  {} of {}", bar, kBarWidth, percent, with_commas(done),
                       with_commas(total));
}

Progress::Progress(std::FILE* terminal, std::size_t total)
    : terminal_{total >= kWorthShowing && ::isatty(::fileno(terminal)) == 1 ? terminal : nullptr},
      total_{total} {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\x1b[K", terminal_);
}

void Progress::show(std::size_t done) {
    if (terminal_ == nullptr) return;
    const auto now = std::chrono::steady_clock::now();
    if (shown_ && now < next_) return;
    std::fputs(("\r" + progress_text(done, total_)).c_str(), terminal_);
    std::fflush(terminal_);
    shown_ = true;
    next_ = now + kPause;
}

}  // namespace xfrmd::setkey
