// SPDX-License-Identifier: Apache-2.0
// Log lines to the systemd journal or to stderr.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/journal.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <format>
#include <utility>
#include <vector>

#include "daemon/api/interface.h"
#include "daemon/api/timestamp.h"
#include "daemon/message_ids.h"

namespace xfrmd::daemon {
namespace {

// As api::kLogLevels has their words.
constexpr std::array kLevels{Level::Error, Level::Warning, Level::Notice, Level::Info, Level::Debug};
static_assert(kLevels.size() == api::kLogLevels.size());

// Octets of the UTF-8 sequence that starts at the front and stands for a printable character; 0 if
// there is none.
std::size_t printable_sequence(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = octet(0);
    if (first < 0x20 || first == 0x7f) return 0;
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                               : (first & 0xf0) == 0xe0         ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    if (length == 0 || text.size() < length) return 0;
    std::uint32_t code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return 0;
        code = (code << 6) | (octet(i) & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool valid =
        code >= kSmallest[length] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    // Further controls and the marks that turn the direction of writing can make a line read as
    // another.
    const bool deceiving = (code >= 0x80 && code <= 0x9f) || code == 0x200e || code == 0x200f ||
                           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return valid && !deceiving ? length : 0;
}

bool needs_quotes(std::string_view value) {
    return value.empty() || value.find_first_of(" \"=\\") != value.npos;
}

std::string in_quotes(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"') text += '\\';
        text += c;
    }
    return text + '"';
}

void write_stderr(std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // nobody is left to be told
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

void write_journal(Level level, std::string_view message, std::span<const Field> fields) {
    std::vector<std::string> entries = journal_entry(level, message, fields);
    std::vector<iovec> vectors;
    vectors.reserve(entries.size());
    for (std::string& entry : entries) vectors.push_back({entry.data(), entry.size()});
    if (sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size())) < 0)
        write_stderr(entries.front().substr(8) + '\n');
}

}  // namespace

std::string_view level_name(Level level) {
    const auto found = std::ranges::find(kLevels, level);
    return found == kLevels.end() ? "info" : api::kLogLevels.at(static_cast<std::size_t>(found - kLevels.begin()));
}

std::optional<Level> parse_level(std::string_view name) {
    const auto found = std::ranges::find(api::kLogLevels, name);
    if (found == api::kLogLevels.end()) return std::nullopt;
    return kLevels.at(static_cast<std::size_t>(found - api::kLogLevels.begin()));
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = printable_sequence(text);
        if (length == 0) {
            out += std::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

std::string render_line(std::string_view time, Level level, std::string_view message,
                        std::span<const Field> fields) {
    std::string line = std::format("{} {} {}", time, level_name(level), escaped(message));
    for (const Field& field : fields) {
        const std::string value = escaped(field.value);
        line += std::format(" {}={}", field.name, needs_quotes(value) ? in_quotes(value) : value);
    }
    return line;
}

std::vector<std::string> journal_entry(Level level, std::string_view message,
                                       std::span<const Field> fields) {
    std::vector<std::string> entries;
    entries.reserve(fields.size() + 4);
    std::string readable = "MESSAGE=" + escaped(message);
    for (const Field& field : fields) {
        const std::string value = escaped(field.value);
        readable += std::format(" {}={}", field.name, needs_quotes(value) ? in_quotes(value) : value);
    }
    entries.push_back(std::move(readable));
    entries.push_back(std::format("PRIORITY={}", std::to_underlying(level)));
    entries.emplace_back("SYSLOG_IDENTIFIER=xfrmd");
    for (const Field& field : fields) {
        std::string entry = "XFRMD_";
        for (const char c : field.name)
            entry += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        entries.push_back(entry + '=' + escaped(field.value));
        const std::string_view id = field.name == "event" ? message_id(field.value) : std::string_view{};
        if (!id.empty()) entries.push_back("MESSAGE_ID=" + std::string{id});
    }
    return entries;
}

Journal::Sink Journal::detect_sink() {
    // sd-daemon(3), systemd.exec(5): $JOURNAL_STREAM holds device and inode of the stream that was
    // handed to us.
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) < 0) return Sink::Stderr;
    return std::format("{}:{}", status.st_dev, status.st_ino) == stream ? Sink::SystemdJournal
                                                                        : Sink::Stderr;
}

void Journal::write(Level level, std::string_view message, std::span<const Field> fields) const {
    if (level > threshold_) return;
    if (sink_ == Sink::SystemdJournal) return write_journal(level, message, fields);
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    write_stderr(render_line(api::rfc3339(now), level, message, fields) + '\n');
}

}  // namespace xfrmd::daemon
