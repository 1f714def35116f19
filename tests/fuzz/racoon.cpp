// SPDX-License-Identifier: Apache-2.0
// The text of a racoon.conf, which may include itself.
// There is always a tree, and mistakes have a place and a sentence. The same octets serve as a psk.txt.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/racoon/configuration.h"
#include "cli/racoon/parser.h"
#include "cli/racoon/psk_file.h"
#include "tests/fuzz/target.h"

namespace xfrmd::fuzz {

namespace {

void walk(const std::vector<racoon::Statement>& statements) {
    for (const racoon::Statement& statement : statements) {
        require(statement.directive != nullptr, "a statement without a directive");
        require(!racoon::to_string(statement).empty(), "a statement without a text");
        walk(statement.block);
    }
}

void check(const std::vector<daemon::Diagnostic>& told, std::size_t lines) {
    require(told.size() <= 101, "more mistakes than anybody reads");
    for (const daemon::Diagnostic& diagnostic : told) {
        require(!diagnostic.text.empty() && !diagnostic.file.empty(),
                "a diagnostic without a place or a sentence");
        require(diagnostic.line <= lines + 1, "a diagnostic beyond the end of the file");
        require(daemon::render(diagnostic).ends_with("\n"),
                "a diagnostic is rendered without its end");
    }
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{XFRMD_SAMPLES}) {
        if (entry.path().extension() != ".conf") continue;
        std::ifstream in{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        all.emplace_back(text.begin(), text.end());
    }
    require(!all.empty(), "no samples");
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    using namespace xfrmd::fuzz;
    const std::string text{data, data + size};
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const racoon::Includes itself = [&](const std::string&, const std::string& pattern)
        -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
        if (pattern.contains('*')) return std::unexpected{"no file matches " + pattern};
        return std::vector<racoon::IncludedFile>{{"/" + pattern, text}};
    };
    racoon::Mistakes mistakes;
    const racoon::Tree tree = racoon::parse("racoon.conf", text, itself, mistakes);
    require(!tree.sources.empty(), "no source");
    const racoon::Configuration configuration = racoon::interpret(tree, mistakes);
    for (const racoon::Remote& remote : configuration.remotes)
        require(remote.by != nullptr && !remote.to_string().empty(), "a remote from nowhere");
    for (const racoon::Sainfo& sainfo : configuration.sainfos)
        require(sainfo.by != nullptr, "a sainfo from nowhere");
    walk(tree.statements);
    check(mistakes.take(), lines);

    std::vector<daemon::Diagnostic> told;
    const auto psk = racoon::parse_psk_file("psk.txt", {data, size}, told);
    for (const racoon::PskEntry& entry : psk.entries)
        require(!entry.identity.empty() && !entry.key.empty(), "an entry without a part");
    check(told, lines);
    return 0;
}
