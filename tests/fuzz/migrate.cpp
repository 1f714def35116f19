// SPDX-License-Identifier: Apache-2.0
// A racoon.conf, a setkey file and a psk.txt, separated by the octet 0x1e, and what becomes of
// them. The result is TOML, its report is JSON and has every statement; nobody reads the secret.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "cli/migrate/render.h"
#include "cli/migrate/toml.h"
#include "daemon/configuration/document.h"
#include "tests/fuzz/target.h"
#include "tests/unit/migrate/files.h"

namespace xfrmd::fuzz {

namespace {

constexpr char kSeparator = '\x1e';

test::OldFiles files_of(const std::string& input) {
    const std::size_t first = input.find(kSeparator);
    if (first == std::string::npos) return {.racoon = input};
    const std::size_t second = input.find(kSeparator, first + 1);
    test::OldFiles files{.racoon = input.substr(0, first),
                         .setkey = input.substr(first + 1, second - first - 1)};
    if (second != std::string::npos) files.psk = input.substr(second + 1);
    return files;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t count(const std::vector<racoon::Statement>& statements) {
    std::size_t all = statements.size();
    for (const racoon::Statement& statement : statements) all += count(statement.block);
    return all;
}

void check(const test::Parsed& parsed) {
    const migrate::Migration migration = parsed.convert();
    std::set<std::pair<std::string, std::uint32_t>> told;
    std::size_t of_racoon = 0;
    for (const migrate::Entry& entry : migration.report.entries) {
        require(!entry.text.empty(), "an entry without a sentence");
        told.emplace(entry.file, entry.line);
        if (entry.file == "racoon.conf" && entry.line > 0) ++of_racoon;
    }
    if (parsed.input().tree != nullptr)
        require(of_racoon >= count(parsed.input().tree->statements),
                "a statement of racoon.conf without an entry");
    for (const migrate::SetkeyText& text : parsed.input().setkey)
        for (const setkey::Statement& statement : *text.statements)
            require(told.contains(
                        {"setkey.conf", migrate::StatementAt{text.source, &statement}.line()}),
                    "a statement of setkey without an entry");

    const std::string toml = migrate::to_toml(migration.model, {"racoon.conf"});
    require(daemon::parse_document("xfrmd.toml", toml, false).has_value(),
            "the configuration is no TOML");
    require(nlohmann::json::accept(migrate::to_json(migration.report, {}, toml, {})),
            "the report is no JSON");
    require(migrate::to_text(migration.report, {}, {}).ends_with("\n"), "the report has no end");
    const Secret kept = migrate::to_setkey(migration.model);
    if (kept.empty()) return;
    const setkey::Source source{"kept", std::string{kept.view().begin(), kept.view().end()}};
    require(setkey::parse(source).good, "what stays in a setkey file cannot be read");
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const auto& entry : std::filesystem::directory_iterator{XFRMD_SAMPLES}) {
        if (!entry.is_directory()) continue;
        const std::filesystem::path& sample = entry.path();
        const std::string text = read(sample / "racoon.conf") + kSeparator +
                                 read(sample / "setkey.conf") + kSeparator +
                                 read(sample / "psk.txt");
        all.emplace_back(text.begin(), text.end());
    }
    require(!all.empty(), "no samples");
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    const test::Parsed parsed{fuzz::files_of(std::string{data, data + size})};
    // What has mistakes is never converted, and would survive it nevertheless.
    fuzz::check(parsed);
    return 0;
}
