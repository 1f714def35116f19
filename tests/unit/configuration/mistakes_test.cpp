// SPDX-License-Identifier: Apache-2.0
// A table of mistakes and of what is said about each, in mistakes.txt. XFRMD_UPDATE_GOLDEN=1 writes
// the answers anew.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "test_host.h"

namespace {

using namespace xfrmd;
using test::TestHost;

constexpr std::string_view kTitle = "### ";
constexpr std::string_view kAnswer = "--->";

struct Mistake {
    std::string title;
    std::string configuration;
    std::string answer;
};

std::vector<Mistake> read_table(const std::filesystem::path& path) {
    std::istringstream in{test::read_text(path)};
    std::vector<Mistake> table;
    bool in_answer = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(kTitle)) {
            table.push_back({line.substr(kTitle.size()), "", ""});
            in_answer = false;
        } else if (line == kAnswer) {
            in_answer = true;
        } else if (!table.empty()) {
            (in_answer ? table.back().answer : table.back().configuration) += line + "\n";
        }
    }
    return table;
}

std::string without_blank_end(std::string text) {
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

std::string answer_to(const Mistake& mistake) {
    TestHost host;
    host.write_credentials();
    const auto loaded = host.load(without_blank_end(mistake.configuration));
    return host.as_seen(loaded ? "loaded\n" + test::rendered(loaded->warnings)
                               : test::rendered(loaded.error()));
}

}  // namespace

TEST_CASE("each mistake is told as the table says", "[configuration]") {
    const std::filesystem::path path = XFRMD_MISTAKES;
    auto table = read_table(path);
    REQUIRE(table.size() >= 40);
    const bool update = std::getenv("XFRMD_UPDATE_GOLDEN") != nullptr;
    std::string rewritten;
    for (Mistake& mistake : table) {
        INFO(mistake.title);
        const std::string answer = answer_to(mistake);
        if (!update) CHECK(answer == without_blank_end(mistake.answer));
        rewritten += std::string{kTitle} + mistake.title + "\n" +
                     without_blank_end(mistake.configuration) + std::string{kAnswer} + "\n" +
                     answer + "\n";
    }
    if (!update) return;
    std::ofstream out{path, std::ios::trunc};
    out << rewritten;
    REQUIRE(out.good());
}
