// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <system_error>

namespace xfrmd::setkey {

namespace {

constexpr std::size_t kPieceOctets = 64 * 1024;

std::unexpected<std::string> cannot_read(const std::string& name) {
    return std::unexpected{
        std::format("cannot read {}: {}", name, std::generic_category().message(errno))};
}

// To its end, in memory that is wiped.
std::expected<Secret, std::string> read_all(int fd, const std::string& name) {
    Botan::secure_vector<std::uint8_t> octets;
    std::size_t have = 0;
    for (;;) {
        octets.resize(std::max(octets.size(), have + kPieceOctets));
        const ssize_t count = ::read(fd, octets.data() + have, octets.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cannot_read(name);
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
        if (have > Source::kOctetsMax)
            return std::unexpected{std::format("{} is larger than 256 MiB", name)};
        if (octets.size() - have < kPieceOctets) octets.resize(2 * octets.size());
    }
    octets.resize(have);
    return Secret{std::move(octets)};
}

bool needs_quotes(std::span<const std::string> words, std::size_t i) {
    const std::string& word = words[i];
    if (word.starts_with('"')) return false;
    const bool is_tag = i >= 1 && words[i - 1] == "tagged";
    const bool is_label = i >= 3 && words[i - 3] == "-ctx";
    return is_tag || is_label || word.contains(' ');
}

}  // namespace

std::expected<Input, std::string> read_input(const std::string& path) {
    const bool standard = path == "-";
    const std::string name = standard ? "standard input" : path;
    const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return cannot_read(name);
    struct stat status {};
    const bool open_to_others =
        ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0;
    auto text = read_all(fd, name);
    if (!standard) ::close(fd);
    if (!text) return std::unexpected{std::move(text).error()};
    return Input{Source{name, std::move(*text)}, false, open_to_others};
}

Input input_of(std::span<const std::string> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += ' ';
        const bool quoted = needs_quotes(words, i);
        text += quoted ? "\"" + words[i] + "\"" : words[i];
    }
    if (!text.ends_with(';')) text += ';';
    Input input{Source{"command line", text}, true, false};
    wipe_text(text);
    return input;
}

}  // namespace xfrmd::setkey
