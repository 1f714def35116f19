// SPDX-License-Identifier: Apache-2.0
// The program at a terminal: what it asks for is not shown, and the terminal is as before
// afterwards.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "fixture.h"

namespace {

using namespace xfrmd::cli::pki::test;

// A program with a terminal of its own, whose other end is here.
class Terminal {
  public:
    explicit Terminal(const std::string& command) {
        child_ = ::forkpty(&fd_, nullptr, nullptr, nullptr);
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            ::_exit(127);
        }
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() { ::close(fd_); }

    // What is shown until `text` is; fails the test if it does not come.
    std::string until(const std::string& text) {
        const std::size_t from = shown_.size();
        while (shown_.find(text, from) == std::string::npos) REQUIRE(read_some());
        return shown_.substr(from);
    }
    void type(const std::string& text) {
        REQUIRE(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    bool echoes() const {
        termios now{};
        REQUIRE(::tcgetattr(fd_, &now) == 0);
        return (now.c_lflag & ECHO) != 0;
    }
    // The rest of what is shown, and how the program ended.
    int end() {
        while (read_some()) continue;
        int status = 0;
        REQUIRE(::waitpid(child_, &status, 0) == child_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    const std::string& shown() const { return shown_; }

  private:
    bool read_some() {
        pollfd ready{fd_, POLLIN, 0};
        if (::poll(&ready, 1, 20'000) <= 0) return false;
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
        if (got <= 0) return false;
        shown_.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }

    int fd_ = -1;
    pid_t child_ = -1;
    std::string shown_;
};

std::string init(const TemporaryDirectory& folder) {
    return std::string{XFRMCTL} + " pki init --encrypt --subject CN=CA --ca " +
           (folder.path() / "ca").string() +
           "; code=$?; stty -a | grep -o -e '-*\\becho\\b'; exit $code";
}

}  // namespace

TEST_CASE("a passphrase is asked for twice, and not shown", "[pki]") {
    const TemporaryDirectory folder;
    Terminal terminal{init(folder)};
    terminal.until("ca.key: ");
    CHECK_FALSE(terminal.echoes());
    terminal.type("correct horse\n");
    terminal.until("The same again: ");
    terminal.type("correct horse\n");
    CHECK(terminal.end() == 0);
    CHECK_FALSE(terminal.shown().contains("correct horse"));
    CHECK(terminal.shown().contains("\necho"));
    CHECK(read_text(folder.path() / "ca/ca.key").contains("ENCRYPTED"));
}

TEST_CASE("passphrases that differ make no key, and an interruption leaves the terminal as it was",
          "[pki]") {
    const TemporaryDirectory folder;
    {
        Terminal terminal{init(folder)};
        terminal.until("ca.key: ");
        terminal.type("correct horse\n");
        terminal.until("The same again: ");
        terminal.type("incorrect horse\n");
        CHECK(terminal.end() == 1);
        CHECK(terminal.shown().contains("the two passphrases differ"));
    }
    Terminal terminal{init(folder)};
    terminal.until("ca.key: ");
    terminal.type("corr\x03");
    CHECK(terminal.end() == 1);
    CHECK(terminal.shown().contains("interrupted"));
    CHECK(terminal.shown().contains("\necho"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "ca/ca.key"));
}

TEST_CASE("without a terminal the passphrase must be in a file", "[pki]") {
    const TemporaryDirectory folder;
    const std::string command = "setsid -w " + std::string{XFRMCTL} +
                                " pki init --encrypt --subject CN=CA --ca " +
                                (folder.path() / "ca").string() + " </dev/null >" +
                                (folder.path() / "out").string() + " 2>&1";
    CHECK(std::system(command.c_str()) != 0);
    CHECK(read_text(folder.path() / "out").contains("--passphrase-file"));
}
