// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden_table.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

namespace xfrmd::test {

namespace {

constexpr std::string_view kTitle = "### ";
constexpr std::string_view kAnswer = "--->";

struct Row {
    std::string title;
    std::string question;
    std::string answer;
};

std::vector<Row> read_table(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    INFO(path.string());
    REQUIRE(in.good());
    std::vector<Row> table;
    bool in_answer = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(kTitle)) {
            table.push_back({line.substr(kTitle.size()), "", ""});
            in_answer = false;
        } else if (line == kAnswer) {
            in_answer = true;
        } else if (!table.empty()) {
            (in_answer ? table.back().answer : table.back().question) += line + "\n";
        }
    }
    return table;
}

std::string without_blank_end(std::string text) {
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

}  // namespace

void check_golden_table(const std::filesystem::path& path, std::size_t rows_min,
                        const std::function<std::string(const std::string&)>& answer_to) {
    const auto table = read_table(path);
    REQUIRE(table.size() >= rows_min);
    const bool update = std::getenv("XFRMD_UPDATE_GOLDEN") != nullptr;
    std::string rewritten;
    for (const Row& row : table) {
        INFO(row.title);
        const std::string question = without_blank_end(row.question);
        const std::string answer = answer_to(question);
        if (!update) CHECK(answer == without_blank_end(row.answer));
        rewritten += std::string{kTitle} + row.title + "\n" + question + std::string{kAnswer} +
                     "\n" + answer + "\n";
    }
    if (!update) return;
    std::ofstream out{path, std::ios::trunc};
    out << rewritten;
    REQUIRE(out.good());
}

}  // namespace xfrmd::test
