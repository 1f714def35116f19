// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <string_view>

#include "cli/pki/file.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

constexpr cc_t kInterrupt = 0x03;  // Ctrl-C
constexpr std::size_t kPassphraseOctetsMax = 1024;

// The terminal without echo, until this goes. Ctrl-C ends the line instead of the program, so that
// nobody is left with a terminal that shows nothing.
class QuietTerminal {
  public:
    QuietTerminal() : fd_{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)} {
        if (fd_ < 0) return;
        if (::tcgetattr(fd_, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        quiet.c_lflag |= ICANON;
        quiet.c_cc[VEOL] = kInterrupt;
        ready_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (ready_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
        if (fd_ >= 0) ::close(fd_);
    }

    explicit operator bool() const { return ready_; }
    std::expected<Secret, std::string> ask(const std::string& prompt);

  private:
    void show(std::string_view text) {
        [[maybe_unused]] const ssize_t shown = ::write(fd_, text.data(), text.size());
    }

    int fd_ = -1;
    bool ready_ = false;
    termios before_{};
};

std::expected<Secret, std::string> QuietTerminal::ask(const std::string& prompt) {
    show(prompt);
    Botan::secure_vector<std::uint8_t> line(kPassphraseOctetsMax + 2);
    ssize_t got = 0;
    do got = ::read(fd_, line.data(), line.size());
    while (got < 0 && errno == EINTR);
    show("\n");
    if (got <= 0) return std::unexpected{std::string{"no passphrase was entered"}};
    line.resize(static_cast<std::size_t>(got));
    if (line.back() == kInterrupt) return std::unexpected{std::string{"interrupted"}};
    if (line.back() == '\n') line.pop_back();
    if (line.size() > kPassphraseOctetsMax)
        return std::unexpected{
            std::format("a passphrase has at most {} octets", kPassphraseOctetsMax)};
    return Secret{std::move(line)};
}

std::expected<Secret, std::string> first_line(const std::filesystem::path& file) {
    const Secret content = TRY(read_private(file));
    const View octets = content.view();
    const auto end = std::ranges::find(octets, '\n');
    const View line = octets.first(static_cast<std::size_t>(end - octets.begin()));
    if (line.empty())
        return std::unexpected{std::format("the first line of {} is empty", file.string())};
    return Secret{line};
}

}  // namespace

std::expected<Secret, std::string> get_passphrase(const std::filesystem::path& file,
                                                  const std::string& what, bool twice) {
    if (!file.empty()) return first_line(file);
    QuietTerminal terminal;
    if (!terminal)
        return std::unexpected{std::format(
            "the passphrase for {} is asked for at a terminal, and there is none; put it into a "
            "file that only you can read, and name the file with --passphrase-file",
            what)};
    Secret passphrase = TRY(terminal.ask(std::format("Passphrase for {}: ", what)));
    if (!twice) return passphrase;
    if (passphrase.empty()) return std::unexpected{std::string{"the passphrase is empty"}};
    const Secret again = TRY(terminal.ask("The same again: "));
    if (!equal_in_constant_time(passphrase.view(), again.view()))
        return std::unexpected{std::string{"the two passphrases differ"}};
    return passphrase;
}

}  // namespace xfrmd::cli::pki
