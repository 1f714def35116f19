// SPDX-License-Identifier: Apache-2.0
#include "cli/style.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>

namespace xfrmd::cli {

namespace {

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view{} : value;
}

std::string_view escape(Paint paint) {
    switch (paint) {
        case Paint::Plain:
            return "";
        case Paint::Bold:
            return "\x1b[1m";
        case Paint::Dim:
            return "\x1b[2m";
        case Paint::Good:
            return "\x1b[32m";
        case Paint::Doubtful:
            return "\x1b[33m";
        case Paint::Bad:
            return "\x1b[1;31m";
    }
    return "";
}

}  // namespace

std::string Style::paint(Paint paint, std::string_view text) const {
    if (!colour || paint == Paint::Plain || text.empty()) return std::string{text};
    return std::string{escape(paint)} + std::string{text} + "\x1b[0m";
}

Style style_of_stdout() {
    Style style;
    std::setlocale(LC_CTYPE, "");
    style.unicode = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
    if (::isatty(STDOUT_FILENO) == 0) return style;
    const std::string_view terminal = variable("TERM");
    style.redraws = terminal != "dumb" && !terminal.empty();
    style.colour = variable("NO_COLOR").empty() && style.redraws;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) style.width = size.ws_col;
    return style;
}

}  // namespace xfrmd::cli
