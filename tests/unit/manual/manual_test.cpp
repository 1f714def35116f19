// SPDX-License-Identifier: Apache-2.0
// The manual pages say what the programs understand: every command, option and key, and nothing else.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "ike/crypto/registry.h"

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

std::string read_text(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    INFO(file.string());
    REQUIRE(in.is_open());
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string page(const std::string& name) {
    return read_text(fs::path{XFRMD_MANUAL} / (name + ".scd"));
}

Names matches(const std::string& text, const std::string& pattern, std::size_t group = 1) {
    const std::regex expression{pattern, std::regex::multiline};
    Names found;
    for (auto at = std::sregex_iterator{text.begin(), text.end(), expression}; at != std::sregex_iterator{}; ++at)
        found.insert((*at)[group].str());
    return found;
}

// Options that a page defines: "*--ca* _FOLDER_" at the beginning of a line, also several of them.
Names defined_options(const std::string& text) {
    Names found;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("*-")) found.merge(matches(line, R"(\*(--?[A-Za-z0-9-]+)\*)"));
    return found;
}

// The option groups of CLI11 are commands without a name.
void add_options(const CLI::App& app, Names& names) {
    for (const CLI::Option* const option : app.get_options({})) {
        if (option->get_group().empty()) continue;
        for (const std::string& name : option->get_lnames()) names.insert("--" + name);
        for (const std::string& name : option->get_snames()) names.insert("-" + name);
    }
    for (const CLI::App* const group : app.get_subcommands([](const CLI::App*) { return true; }))
        if (group->get_name().empty()) add_options(*group, names);
}

Names options_of(const CLI::App& app) {
    Names names;
    add_options(app, names);
    return names;
}

// Every command that can be given, "pki issue", with its options; help aside, which all of them have.
void add_commands(const CLI::App& app, const std::string& path, std::map<std::string, Names>& commands) {
    bool leaf = true;
    for (const CLI::App* const sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (sub->get_name().empty() || sub->get_group().empty()) continue;
        leaf = false;
        add_commands(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), commands);
    }
    if (!leaf) return;
    commands[path] = options_of(app);
    for (const auto name : {"-h", "--help"}) commands[path].erase(name);
}

std::map<std::string, Names> all_commands() {
    const xfrmd::cli::CommandLine line;
    std::map<std::string, Names> commands;
    add_commands(line.app(), "", commands);
    return commands;
}

// The sections of xfrmctl(1): the headings that share one text, and the text.
struct Section {
    Names commands;
    std::string text;
};

std::vector<Section> sections(const std::string& text) {
    std::vector<Section> all(1);
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        const bool heading = line.starts_with("#");
        if (heading && !all.back().text.empty()) all.emplace_back();
        if (line.starts_with("## xfrmctl "))
            all.back().commands.insert(std::regex_replace(line.substr(11), std::regex{R"( [\[A-Z.].*)"}, ""));
        if (!heading && (!line.empty() || !all.back().text.empty())) all.back().text += line + "\n";
    }
    return all;
}

// Commands whose options have a page of their own.
const std::map<std::string, std::string> kOwnPages{{"setkey", "xfrmctl-setkey.8"}};

}  // namespace

TEST_CASE("xfrmctl(1) has every command, and each command's options", "[manual]") {
    Names told;
    for (const Section& section : sections(page("xfrmctl.1"))) {
        const auto commands = all_commands();
        for (const std::string& command : section.commands) {
            INFO("xfrmctl " << command);
            CHECK(told.insert(command).second);
            REQUIRE(commands.contains(command));
            const auto own = kOwnPages.find(command);
            CHECK(defined_options(own == kOwnPages.end() ? section.text : page(own->second)) ==
                  [&] {
                      Names options = commands.at(command);
                      if (own != kOwnPages.end()) options.insert("--json");
                      return options;
                  }());
        }
    }
    Names there;
    for (const auto& [command, options] : all_commands()) there.insert(command);
    CHECK(told == there);
}

TEST_CASE("xfrmctl(1) has the options that all commands share", "[manual]") {
    const xfrmd::cli::CommandLine line;
    const std::string text = page("xfrmctl.1");
    const std::size_t begin = text.find("# OPTIONS");
    CHECK(defined_options(text.substr(begin, text.find("# COMMANDS") - begin)) == options_of(line.app()));
}

TEST_CASE("xfrmd(8) has the options of xfrmd", "[manual]") {
    std::FILE* const pipe = ::popen(XFRMD " --help", "r");
    REQUIRE(pipe != nullptr);
    std::string help;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) help.append(buffer.data(), got);
    REQUIRE(::pclose(pipe) == 0);
    CHECK(defined_options(page("xfrmd.8")) == matches(help, R"([ ,](--?[a-z][a-z-]*)\b)"));
}

TEST_CASE("xfrmd.toml(5) has every key that the configuration knows, and no other", "[manual]") {
    Names known;
    for (const auto& entry : fs::directory_iterator{XFRMD_CONFIGURATION_SOURCES}) {
        if (entry.path().extension() != ".cpp") continue;
        const std::string source = read_text(entry.path());
        known.merge(matches(source, R"re(reader\.(text|texts|boolean|integer|word|table|tables)\("([a-z_0-9]+)")re", 2));
        known.merge(matches(source, R"re(\{"([a-z_0-9]+)",\s*&ike::Limits::)re"));
    }
    // Keys that are tables with a section of their own.
    for (const auto section : {"limits", "child", "daemon"}) CHECK(known.erase(section) == 1);
    CHECK(known.size() > 40);
    const std::string text = page("xfrmd.toml.5");
    const std::string keys = text.substr(text.find("# TOP LEVEL"), text.find("# IDENTITIES") - text.find("# TOP LEVEL"));
    Names told = matches(keys, R"(^\t?\*([a-z_0-9]+)\*( =|$))");
    told.merge(matches(keys, R"(^\*[a-z_0-9]+\* = [^*\n]*, \*([a-z_0-9]+)\* =)"));
    told.merge(matches(keys, R"([{,] \*([a-z_0-9]+)\* =)"));
    CHECK(told == known);
    for (const auto section : {"[identity.NAME]", "[trust.NAME]", "[connection.NAME]", "[[connection.NAME.child]]", "[limits]", "[ike]", "[daemon]"})
        CHECK(text.contains("\n# " + std::string{section} + "\n"));
}

TEST_CASE("xfrmd.toml(5) has every algorithm that may be written", "[manual]") {
    const std::string text = page("xfrmd.toml.5");
    const std::string algorithms = text.substr(text.find("# ALGORITHMS"));
    for (const xfrmd::ike::TransformRow& row : xfrmd::ike::kTransforms)
        if (row.implemented) {
            INFO(row.word);
            CHECK_FALSE(matches(algorithms, "[ *]" + std::string{row.word} + "[ *]", 0).empty());
        }
}

TEST_CASE("the pages name each other", "[manual]") {
    for (const auto& entry : fs::directory_iterator{XFRMD_MANUAL}) {
        if (entry.path().extension() != ".scd") continue;
        const std::string name = entry.path().stem().string();
        const std::string first = name.substr(0, name.rfind('.')) + "(" + name.substr(name.rfind('.') + 1) + ")";
        INFO(name);
        CHECK(page(name).starts_with(first + "\n"));
        bool named = false;
        for (const auto& other : fs::directory_iterator{XFRMD_MANUAL})
            named = named || (other.path().extension() == ".scd" && other.path() != entry.path() &&
                              read_text(other.path()).contains(first));
        CHECK(named);
    }
}
