// SPDX-License-Identifier: Apache-2.0
// What may stand next on the command line, and that shells show it.
#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/completion/scripts.h"
#include "cli/completion/suggest.h"
#include "fake_daemon.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace xfrmd::cli;
using completion::Others;
using xfrmd::test::FakeDaemon;
using xfrmd::test::TemporaryDirectory;
using Words = std::vector<std::string>;

completion::Suggestions suggest(const Words& words) {
    const CommandLine line;
    return completion::suggest(line.app(), words);
}

Words words_of(const completion::Suggestions& found) {
    Words words;
    for (const auto& suggestion : found.words) words.push_back(suggestion.word);
    return words;
}

Words next(const Words& words) {
    return words_of(suggest(words));
}

std::string run(const std::string& command) {
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), got);
    ::pclose(pipe);
    return output;
}

std::string connections() {
    std::string replies;
    for (const auto name : {"db", "branch-berlin"}) {
        replies += R"({"parameters":{"connection":{"name":")" + std::string{name} +
                   R"(","state":"up","peer_id":"x.example.net"}},"continues":)" +
                   (name == std::string_view{"db"} ? "true" : "false") + "}";
        replies += '\0';
    }
    return replies;
}

// What bash shows for this line with the cursor at its end, sorted.
std::string bash(const std::string& line, const std::string& socket = "/nonexistent") {
    const TemporaryDirectory folder;
    const auto script = folder.path() / "script";
    std::ofstream{script} << "set -euo pipefail\ncd " << folder.path().string()
                          << "\nmkdir folder; touch file\nexport XFRMD_SOCKET=" << socket
                          << "\ncompopt() { :; }\nsource <(" XFRMCTL
                             " completion bash)\nCOMP_LINE='"
                          << line << "'\nCOMP_POINT=${#COMP_LINE}\n_xfrmctl\n"
                          << "((!${#COMPREPLY[@]})) || printf '%s\\n' \"${COMPREPLY[@]}\" | sort\n";
    return run("bash " + script.string() + " 2>&1");
}

}  // namespace

TEST_CASE("subcommands are suggested, at every depth", "[cli]") {
    const Words top = next({""});
    for (const auto word : {"status", "list", "up", "pki", "completion"})
        CHECK(std::ranges::contains(top, word));
    CHECK(next({"st"}) == Words{"status"});
    CHECK(next({"list", "p"}) == Words{"policies"});
    CHECK(next({"pki", "re"}) == Words{"request", "revoke"});
    CHECK(next({"--json", "list", "ik"}) == Words{"ike"});
    CHECK(next({"banana", "st"}).empty());
    CHECK_FALSE(suggest({"st"}).words.front().description.empty());
    CHECK(next({}) == top);
}

TEST_CASE("options are suggested, those of the commands above too", "[cli]") {
    const Words issue = next({"pki", "issue", "--"});
    for (const auto option : {"--ca", "--dns", "--force", "--json", "--socket", "--help"})
        CHECK(std::ranges::contains(issue, option));
    CHECK(next({"status", "--so"}) == Words{"--socket"});
    CHECK(next({"status", "--", "--so"}).empty());
    CHECK(std::ranges::contains(next({"setkey", "-"}), "-D"));
}

TEST_CASE("values are suggested where the declaration has them", "[cli]") {
    CHECK(next({"pki", "issue", "--key", "ecdsa-p3"}) == Words{"ecdsa-p384"});
    CHECK(next({"pki", "issue", "x", "--usage", ""}) ==
          Words{"serverAuth", "clientAuth", "ipsecIKE", "none"});
    CHECK(next({"completion", ""}) == Words{"bash", "zsh", "fish"});
    CHECK(next({"log", ""}) == Words{"error", "warning", "notice", "info", "debug"});
    CHECK(next({"monitor", "--event", "child_"}) == Words{"child_up", "child_rekeyed", "child_down"});
    CHECK(next({"pki", "issue", "--days", ""}).empty());
}

TEST_CASE("files, folders and connections are left to those who know them", "[cli]") {
    CHECK(suggest({"check", ""}).others == Others::Files);
    CHECK(suggest({"check", "a", "b", ""}).others == Others::Files);
    CHECK(suggest({"--socket", "/ru"}).others == Others::Files);
    CHECK(suggest({"pki", "export", "a.pem", ""}).others == Others::Files);
    CHECK(suggest({"pki", "export", "a.pem", "a.key", ""}).others == Others::None);
    CHECK(suggest({"pki", "issue", "--ca", ""}).others == Others::Folders);
    for (const auto verb : {"up", "down", "rekey", "show", "status"}) {
        CHECK(suggest({verb, "d"}).others == Others::Connections);
        CHECK(suggest({verb, "db", ""}).others == Others::None);
    }
    CHECK(suggest({"monitor", "db", "bra"}).others == Others::Connections);
    CHECK(suggest({"--socket", "/s", "up", ""}).socket == "/s");
    CHECK(suggest({"pki", "issue", ""}).others == Others::None);
}

TEST_CASE("every value that an option takes has a kind that says what it is", "[cli]") {
    const CommandLine line;
    // A name like FILES or PATH would be taken for plain text, and completed as nothing.
    for (const auto type : {"FILES", "PATH", "DIRECTORY", "DIR", "FOLDERS"}) {
        CHECK(suggest({"pki", "issue", "--out", ""}).others == Others::Folders);
        CHECK(run(std::string{XFRMCTL} + " --help-all 2>&1").find(" " + std::string{type} + " ") ==
              std::string::npos);
    }
}

TEST_CASE("bash shows commands, live connections, files and folders", "[cli]") {
    CHECK(bash("xfrmctl pki re").empty());  // not in the path here
    const std::string program = XFRMCTL;
    CHECK(bash(program + " pki re") == "request\nrevoke\n");
    {
        const FakeDaemon daemon{connections(), FakeDaemon::Then::Close};
        CHECK(bash(program + " up ", daemon.socket().string()) == "branch-berlin\ndb\n");
    }
    {
        const FakeDaemon daemon{connections(), FakeDaemon::Then::Close};
        CHECK(bash(program + " down d", daemon.socket().string()) == "db\n");
    }
    CHECK(bash(program + " up ").empty());  // no daemon, no names, no complaint
    CHECK(bash(program + " check f") == "file\nfolder\n");
    CHECK(bash(program + " pki list --ca f") == "folder\n");
}

TEST_CASE("the other shells can read their scripts", "[cli]") {
    for (const auto& [shell, text] : completion::kScripts) {
        if (std::system(("command -v " + std::string{shell} + " >/dev/null 2>&1").c_str()) != 0) {
            WARN("there is no " << shell << " here");
            continue;
        }
        const std::string command = std::string{XFRMCTL} + " completion " + std::string{shell} +
                                    " | " + std::string{shell} + " -n";
        CHECK(std::system(command.c_str()) == 0);
    }
}
