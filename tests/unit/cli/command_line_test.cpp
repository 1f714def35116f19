// SPDX-License-Identifier: Apache-2.0
// The program itself: what its words mean and how it ends.
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <string>

#include "fake_daemon.h"

namespace {

using xfrmd::test::FakeDaemon;

struct Outcome {
    int code = -1;
    std::string output;  // both streams
};

Outcome shell(const std::string& before, const std::string& arguments) {
    const std::string command = before + " " XFRMCTL " " + arguments + " 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        outcome.output.append(buffer.data(), got);
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
    return outcome;
}

Outcome xfrmctl(const std::string& arguments) {
    return shell("XFRMD_SOCKET=/nonexistent/io.xfrmd", arguments);
}

std::string status_reply() {
    return std::string{
               R"({"parameters":{"status":{"version":"1","connections":[{"name":"db","state":"up"}]}}})"} +
           '\0';
}

}  // namespace

TEST_CASE("misuse ends with 2 and says what is known", "[cli]") {
    for (const auto arguments :
         {"banana", "list", "list banana", "show", "up", "up a b", "--banana", "status a b",
          "monitor --event sunrise", "log loud", "list ike children", "--socket", "explain", "explain -", "explain - bob",
          "explain - 10.0.0.300", "explain 10.0.0.1 fd00::1", "explain - 10.0.0.1 banana",
          "explain - 10.0.0.1 tcp 1 65536", "explain - 10.0.0.1 icmp 256",
          "explain - 10.0.0.1 --mark x", "explain - 10.0.0.1 --watch x"}) {
        const Outcome outcome = xfrmctl(arguments);
        INFO(arguments);
        CHECK(outcome.code == 2);
        CHECK_FALSE(outcome.output.empty());
    }
}

TEST_CASE("help is no mistake", "[cli]") {
    const Outcome outcome = xfrmctl("--help");
    CHECK(outcome.code == 0);
    for (const auto word : {"status", "list", "show", "up", "down", "monitor", "reload", "flush", "metrics",
                            "check", "version", "explain", "--socket", "--json", "Exit codes"})
        CHECK(outcome.output.contains(word));
    CHECK(xfrmctl("up --help").code == 0);
}

TEST_CASE("every command that needs the daemon ends with 4 without one", "[cli]") {
    for (const auto arguments :
         {"", "status", "status db", "list connections", "list ike", "list children",
          "show db", "up db", "down db", "monitor", "monitor db --event child_up", "reload", "metrics",
          "log", "log debug"}) {
        const Outcome outcome = xfrmctl(arguments);
        INFO(arguments);
        CHECK(outcome.code == 4);
        CHECK(outcome.output.contains("systemctl start xfrmd"));
    }
    CHECK(xfrmctl("version").code == 0);
}

TEST_CASE("the kernel's tables need the daemon unless one may ask the kernel", "[cli]") {
    for (const auto arguments : {"list policies", "list sas"}) {
        INFO(arguments);
        const Outcome outcome = xfrmctl(arguments);
        if (geteuid() == 0)
            CHECK(outcome.output.contains("xfrmd does not run: this is what the kernel says"));
        else
            CHECK(outcome.code == 4);
    }
    CHECK(xfrmctl("list connections --direct").code == 2);
}

TEST_CASE("setkey's words are understood as setkey understands them", "[cli]") {
    for (const auto arguments : {"setkey", "setkey -P", "setkey -D -x", "setkey -Dq", "setkey -D x"}) {
        INFO(arguments);
        CHECK(xfrmctl(arguments).code == 2);
    }
    for (const auto word : {"-D", "-P", "-x", "-a", "-p", "-l", "-N", "-H", "--keys", "--details"})
        CHECK(xfrmctl("setkey --help").output.contains(word));
}

TEST_CASE("options stand before or after the command", "[cli]") {
    for (const auto place : {0, 1}) {
        const FakeDaemon daemon{status_reply(), FakeDaemon::Then::Close};
        const std::string options = "--json --socket " + daemon.socket().string();
        const Outcome outcome = shell("", place == 0 ? options + " status" : "status " + options);
        CHECK(outcome.code == 0);
        CHECK(outcome.output ==
              "{\"status\":{\"connections\":[{\"name\":\"db\",\"state\":\"up\"}],\"version\":\"1\"}"
              "}\n");
    }
}

TEST_CASE("the environment names the socket, and status is the default", "[cli]") {
    const FakeDaemon daemon{status_reply(), FakeDaemon::Then::Close};
    const Outcome outcome = shell("XFRMD_SOCKET=" + daemon.socket().string(), "");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.contains("Up: 1 of 1 connection\n"));
    CHECK_FALSE(outcome.output.contains("\x1b"));  // a pipe gets no colour
}

TEST_CASE("a check of no good file ends with 1", "[cli]") {
    CHECK(xfrmctl("check /nonexistent.toml").code == 1);
    CHECK(xfrmctl("check /dev/null").code == 0);
}
