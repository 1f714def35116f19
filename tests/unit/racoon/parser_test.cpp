// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/parser.h"

#include <catch2/catch_test_macros.hpp>
#include <map>

namespace {

using namespace xfrmd;

using Files = std::map<std::string, std::string>;

racoon::Includes includes_of(const Files& files) {
    return [&files](const std::string& folder, const std::string& pattern)
               -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
        const std::string name = pattern.starts_with('/') ? pattern : folder + "/" + pattern;
        const auto found = files.find(name);
        if (found == files.end()) return std::unexpected{"there is no " + name};
        return std::vector<racoon::IncludedFile>{{name, found->second}};
    };
}

racoon::Tree parse(const std::string& text, const Files& files, racoon::Mistakes& mistakes) {
    return racoon::parse("racoon.conf", text, includes_of(files), mistakes);
}

std::string words(const std::vector<racoon::Statement>& statements) {
    std::string all;
    for (const racoon::Statement& statement : statements) {
        all += all.empty() ? "" : " ";
        all += to_string(statement);
        if (statement.has_block) all += "<" + words(statement.block) + ">";
    }
    return all;
}

}  // namespace

TEST_CASE("statements keep their arguments, their blocks and their order", "[racoon]") {
    racoon::Mistakes mistakes;
    const auto tree = parse(
        "log debug; remote 10.0.0.1 [500] { exchange_mode main, base;\n"
        "proposal { dh_group 2; } } sainfo anonymous { pfs_group 2; }",
        {}, mistakes);
    CHECK(
        words(tree.statements) ==
        "log debug remote 10.0.0.1[500] { … }<exchange_mode main, base proposal { … }<dh_group 2>> "
        "sainfo anonymous { … }<pfs_group 2>");
    CHECK(mistakes.take().empty());
}

TEST_CASE("what is included stands behind its include, with its own file and lines", "[racoon]") {
    const Files files{{"/etc/racoon/peers/a.conf", "\nlog debug;\n"}};
    racoon::Mistakes mistakes;
    const auto tree =
        parse("path include \"/etc/racoon/peers\"; include \"a.conf\"; log info;", files, mistakes);
    REQUIRE(tree.statements.size() == 4);
    CHECK(tree.statements[2].place().to_string() == "/etc/racoon/peers/a.conf:2");
    CHECK(to_string(tree.statements[3]) == "log info");
    CHECK(mistakes.take().empty());
}

TEST_CASE("a file that includes itself, by whatever way, is told once and ends", "[racoon]") {
    const Files files{{"/a", "include \"/b\";"}, {"/b", "log info; include \"/a\";"}};
    racoon::Mistakes mistakes;
    const auto tree = parse("include \"/a\";", files, mistakes);
    const auto told = mistakes.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].text == "/a includes itself");
    CHECK(told[0].file == "/b");
    CHECK(tree.statements.size() == 4);
}

TEST_CASE("files that include others without an end are bounded", "[racoon]") {
    const racoon::Includes endless = [](const std::string&, const std::string& pattern)
        -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
        std::vector<racoon::IncludedFile> files;
        for (const char* const each : {"1", "2", "3"})
            files.push_back({pattern + each, "include \"" + pattern + each + "\";"});
        return files;
    };
    racoon::Mistakes mistakes;
    const auto tree = racoon::parse("racoon.conf", "include \"x\";", endless, mistakes);
    CHECK(tree.sources.size() <= racoon::kIncludedFilesMax + 1);
    CHECK(mistakes.has_errors());
    CHECK(mistakes.take().size() <= 101);
}

TEST_CASE("blocks inside blocks end at a depth, and the file goes on", "[racoon]") {
    std::string text = "remote anonymous {";
    for (int i = 0; i < 1000; ++i) text += " proposal {";
    racoon::Mistakes mistakes;
    const auto tree = parse(text, {}, mistakes);
    CHECK(mistakes.has_errors());
    CHECK(tree.statements.size() == 1);
}

TEST_CASE("a file that is too large is refused as a whole", "[racoon]") {
    racoon::Mistakes mistakes;
    const auto tree = parse(std::string(racoon::kFileSizeMax + 1, '\n'), {}, mistakes);
    CHECK(tree.statements.empty());
    REQUIRE(mistakes.has_errors());
    CHECK(mistakes.take()[0].text == "the file is too large");
}
