// SPDX-License-Identifier: Apache-2.0
// Files that are cut off or damaged: no crash, and what is complained about has a place.
#include <catch2/catch_test_macros.hpp>
#include <random>

#include "daemon/configuration/document.h"
#include "test_host.h"

namespace {

using namespace xfrmd;
using test::TestHost;

// Loads what may be anything; the result must make sense either way.
void load_and_judge(const TestHost& host, const std::string& text) {
    const auto loaded = host.load(text);
    if (loaded) return;
    REQUIRE_FALSE(loaded.error().empty());
    const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + 1);
    for (const auto& diagnostic : loaded.error()) {
        INFO(text);
        INFO(daemon::render(diagnostic));
        CHECK_FALSE(diagnostic.text.empty());
        CHECK_FALSE(diagnostic.file.empty());
        CHECK(diagnostic.line >= 1);
        CHECK(diagnostic.line <= lines + 1);
        CHECK(daemon::render(diagnostic).ends_with("\n"));
    }
}

std::vector<std::string> examples() {
    std::vector<std::string> texts;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{std::filesystem::path{XFRMD_EXAMPLES}})
        if (entry.path().extension() == ".toml") texts.push_back(test::read_text(entry.path()));
    REQUIRE(texts.size() >= 6);
    return texts;
}

// The examples without their comments, so that damage hits what counts.
std::string without_comments(const std::string& text) {
    std::string rest;
    bool in_comment = false;
    bool in_string = false;
    for (const char c : text) {
        if (c == '"') in_string = !in_string && !in_comment;
        if (c == '#' && !in_string) in_comment = true;
        if (c == '\n') in_comment = in_string = false;
        if (!in_comment) rest += c;
    }
    return rest;
}

}  // namespace

TEST_CASE("an example cut off anywhere is judged without a crash", "[configuration]") {
    TestHost host;
    host.write_credentials();
    for (const std::string& example : examples()) {
        const std::string text = without_comments(example);
        for (std::size_t size = 0; size < text.size(); size += 7)
            load_and_judge(host, text.substr(0, size));
    }
}

TEST_CASE("an example with random damage is judged without a crash", "[configuration]") {
    TestHost host;
    host.write_credentials();
    std::mt19937 random{20261123};
    const auto below = [&random](std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
    };
    constexpr std::string_view kNasty = "\"'[]{}=.,#\n\\@/0x \t\r\xff\xc3";
    const auto all = examples();
    for (int round = 0; round < 600; ++round) {
        std::string text = without_comments(all[below(all.size())]);
        for (std::size_t damage = 1 + below(4); damage > 0; --damage) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0:
                    text[at] = kNasty[below(kNasty.size())];
                    break;
                case 1:
                    text.erase(at, 1 + below(12));
                    break;
                case 2:
                    text.insert(at, 1, kNasty[below(kNasty.size())]);
                    break;
                default:
                    text.insert(at, text.substr(below(text.size()), below(40)));
                    break;
            }
        }
        load_and_judge(host, text);
    }
}

TEST_CASE("depth and size are bounded", "[configuration]") {
    TestHost host;
    std::string dotted = "a";
    for (int i = 0; i < 2000; ++i) dotted += ".a";
    load_and_judge(host, "[" + dotted + "]\n");
    load_and_judge(host, dotted + " = 1\n");
    std::string longer = dotted;
    for (int i = 0; i < 200'000; ++i) longer += ".a";
    load_and_judge(host, longer + " = 1\n");
    load_and_judge(host, "a = " + std::string(200, '[') + std::string(200, ']') + "\n");
    load_and_judge(host, "a = " + std::string(2000, '[') + "\n");
    load_and_judge(host, "a = " + std::string(2000, '{') + "\n");

    std::string large(daemon::kConfigurationFileSizeMax + 1, '\n');
    const auto refused = host.load(large);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().front().text == "the file is larger than 1048576 octets");
}

TEST_CASE("no diagnostic shows an inline secret", "[configuration]") {
    TestHost host;
    constexpr std::string_view kSecret = "correct horse";
    const std::string secret{kSecret};
    for (const std::string& text : {
             "[connection.a]\npeer = { id = 'b b', psk = '" + secret + "' }\n",
             "[connection.a]\npeer = { id = 5, psk = \"" + secret + "\", trsut = 'x' }\n",
             "[connection.a]\npeer = { pks = '" + secret + "' }\n",
             "[connection.a]\npsk = '" + secret + "'\n",
             "[connection.a]\npeer.psk = " + secret + "\n",
             "[connection.a]\npeer.psk = '" + secret + "\n",
             "[connection.a]\npeer.psk = '''\n" + secret + "\n" + secret + "''' x\n",
             "[connection.a.peer]\npsk = \"\"\"" + secret + "\"\"\"\nid = '" + "'\n",
             "[connection.a.peer]\n\"psk\"='" + secret + "' junk\n",
             "[connection.a]\npeer = { psk = '/etc/none', id = 1 , psk = '" + secret + "' }\n",
             "[connection.a]\nremote='192.0.2.2'\npeer = { psk = [ '" + secret +
                 "' ], id = 'x' }\n",
             // Misspelt, and not even TOML: the parser complains before anybody knows the keys.
             "[connection.a]\npeer = { pks = '" + secret + "\n",
             "[connection.a]\npeer.pssk = '" + secret + "' junk\n",
             "[connection.a]\npeer = { PSK = " + secret + " }\n",
             "[connection.a]\npsk '" + secret + "'\n",
             "[connection.a]\npsk: '" + secret + "'\n",
             "[connection.a]\nsecret = " + secret + "\n",
             "[connection.a]\nsecret_1 = " + secret + "\n",
             "[connection.a]\npasswrd = " + secret + "\n",
             "[connection.a]\npre-shared-key = " + secret + "\n",
             "[identity.a]\nkey = " + secret + "\n",
             "[connection.a]\npeer.psk = [\n '" + secret + "' " + secret + "\n]\n",
             "[connection.a]\npeer.pks = \"\"\"\n" + secret + "\n\\q\"\"\"\n",
         }) {
        INFO(text);
        const auto loaded = host.load(text);
        REQUIRE_FALSE(loaded.has_value());
        const std::string shown = test::rendered(loaded.error());
        INFO(shown);
        CHECK_FALSE(shown.contains("correct"));
        CHECK_FALSE(shown.contains("horse"));
    }
}
