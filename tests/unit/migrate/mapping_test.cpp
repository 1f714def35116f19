// SPDX-License-Identifier: Apache-2.0
// Nothing of an old file is silent.
#include "cli/migrate/mapping.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/migrate/toml.h"
#include "tests/unit/migrate/files.h"

namespace {

using namespace xfrmd;

std::string read(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string everything() {
    std::string text = read(std::string{XFRMD_SAMPLES} + "/everything/racoon.conf");
    // There is nothing to include here.
    const std::string include = "include \"peers.conf\";";
    const std::size_t at = text.find(include);
    REQUIRE(at != std::string::npos);
    return text;
}

void collect(const std::vector<racoon::Statement>& statements,
             std::vector<const racoon::Statement*>& all) {
    for (const racoon::Statement& statement : statements) {
        all.push_back(&statement);
        collect(statement.block, all);
    }
}

racoon::Tree tree_of(const std::string& text) {
    racoon::Mistakes mistakes;
    return racoon::parse(
        "racoon.conf", text,
        [](const std::string&,
           const std::string&) -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
            return std::vector<racoon::IncludedFile>{{"peers.conf", "log info;"}};
        },
        mistakes);
}

}  // namespace

TEST_CASE("every directive of the grammar has its row in the table of what becomes of it",
          "[migrate]") {
    for (const racoon::Directive& directive : racoon::directives()) {
        INFO(directive.synopsis);
        const migrate::Mapping* mapping = migrate::mapping_of(directive);
        REQUIRE(mapping != nullptr);
        CHECK((mapping->judge != nullptr) == mapping->text.empty());
    }
    CHECK(migrate::mappings().size() == racoon::directives().size());
}

TEST_CASE("the sample with everything has every directive, and each gets a sentence", "[migrate]") {
    const racoon::Tree tree = tree_of(everything());
    std::vector<const racoon::Statement*> all;
    collect(tree.statements, all);
    std::set<const racoon::Directive*> seen;
    for (const racoon::Statement* statement : all) {
        seen.insert(statement->directive);
        INFO(racoon::to_string(*statement));
        CHECK_FALSE(migrate::judge(*statement).text.empty());
    }
    for (const racoon::Directive& directive : racoon::directives()) {
        INFO(directive.synopsis);
        CHECK(seen.contains(&directive));
    }
}

TEST_CASE("every statement of every file is in the report", "[migrate]") {
    std::string text = everything();
    text.erase(text.find("include \"peers.conf\";"),
               std::string_view{"include \"peers.conf\";"}.size());
    const test::Parsed parsed{
        {.racoon = text,
         .setkey =
             read(std::string{XFRMD_SAMPLES} + "/gateways/setkey.conf") +
             "delete 10.0.0.1 10.0.0.2 esp 0x100; dump; spddump; getspi 10.0.0.1 10.0.0.2 esp 0;"
             "spdadd 10.1.0.0/16 10.2.0.0/16 any -P fwd ipsec esp/tunnel/10.0.0.1-10.0.0.2/require;"
             "spdadd tagged \"x\" -P out none; spdadd host.example 10.0.0.1 any -P out none; "
             "spdflush; exit;",
         .psk = "192.0.2.2 a secret\n* another\n"}};
    REQUIRE(parsed.good());
    const auto migration = parsed.convert();
    std::set<std::pair<std::string, std::uint32_t>> told;
    std::multiset<std::string> statements;
    for (const migrate::Entry& entry : migration.report.entries) {
        told.emplace(entry.file, entry.line);
        statements.insert(entry.statement);
        CHECK_FALSE(entry.text.empty());
    }
    std::vector<const racoon::Statement*> all;
    collect(parsed.input().tree->statements, all);
    CHECK(all.size() > 120);
    for (const racoon::Statement* statement : all) {
        INFO(racoon::to_string(*statement));
        CHECK(statements.contains(racoon::to_string(*statement)));
        CHECK(told.contains({"racoon.conf", statement->place().line}));
    }
    for (const setkey::Statement& statement : *parsed.input().setkey[0].statements) {
        const migrate::StatementAt at{parsed.input().setkey[0].source, &statement};
        INFO(at.text());
        CHECK(statements.contains(at.text()));
    }
    CHECK(told.contains({"psk.txt", 1}));
    CHECK(told.contains({"psk.txt", 2}));
}

TEST_CASE("secrets of the old files are in no report and no configuration", "[migrate]") {
    std::string text = everything();
    text.erase(text.find("include \"peers.conf\";"),
               std::string_view{"include \"peers.conf\";"}.size());
    const test::Parsed parsed{{.racoon = text,
                               .setkey = read(std::string{XFRMD_SAMPLES} + "/gateways/setkey.conf"),
                               .psk = "192.0.2.2 hunter2\n192.0.2.3 hunter2\n* hunter2\n"}};
    const auto migration = parsed.convert();
    CHECK_FALSE(test::lines(migration.report).contains("hunter2"));
    CHECK_FALSE(migrate::to_toml(migration.model, {"racoon.conf"}).contains("hunter2"));
}
