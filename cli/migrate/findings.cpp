// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/findings.h"

#include <algorithm>
#include <utility>

#include "cli/setkey/language/source.h"

namespace xfrmd::migrate {

namespace {

void add_once(std::vector<Finding>& all, Finding finding) {
    const bool known = std::ranges::any_of(all, [&](const Finding& other) {
        return other.verdict == finding.verdict && other.text == finding.text;
    });
    if (!known) all.push_back(std::move(finding));
}

Entry entry(std::string file, std::uint32_t line, std::string statement, Finding finding) {
    return {.verdict = finding.verdict,
            .file = std::move(file),
            .line = line,
            .statement = std::move(statement),
            .text = std::move(finding.text),
            .action = std::move(finding.action)};
}

}  // namespace

void Findings::add(const racoon::Statement& statement, Finding finding) {
    add_once(added_[&statement], std::move(finding));
}

void Findings::instead(const racoon::Statement& statement, Finding finding) {
    instead_.insert_or_assign(&statement, std::move(finding));
}

void Findings::add(const StatementAt& at, Finding finding) {
    add_once(setkey_[at.statement], std::move(finding));
}

void Findings::add(const std::string& file, std::uint32_t line, std::string identity,
                   Finding finding) {
    psk_.push_back(entry(file, line, std::move(identity), std::move(finding)));
}

void Findings::add(const std::string& file, Finding finding) {
    files_.push_back(entry(file, 0, "", std::move(finding)));
}

std::vector<Entry> Findings::take(const racoon::Tree* tree, std::span<const SetkeyText> setkey) {
    std::vector<Entry> entries = std::exchange(files_, {});
    if (tree != nullptr) walk(tree->statements, entries);
    for (const SetkeyText& text : setkey) {
        for (const setkey::Statement& statement : *text.statements) {
            const StatementAt at{text.source, &statement};
            for (Finding& finding : setkey_[&statement])
                entries.push_back(
                    entry(text.source->name(), at.line(), at.text(), std::move(finding)));
        }
    }
    std::ranges::stable_sort(psk_, {}, &Entry::line);
    std::ranges::move(psk_, std::back_inserter(entries));
    psk_.clear();
    return entries;
}

void Findings::walk(const std::vector<racoon::Statement>& statements, std::vector<Entry>& entries) {
    for (const racoon::Statement& statement : statements) {
        const auto put = [&](Finding finding) {
            entries.push_back(entry(statement.place().source->file(), statement.place().line,
                                    racoon::to_string(statement), std::move(finding)));
        };
        const auto replaced = instead_.find(&statement);
        put(replaced != instead_.end() ? std::move(replaced->second) : judge(statement));
        if (const auto added = added_.find(&statement); added != added_.end())
            for (Finding& finding : added->second) put(std::move(finding));
        walk(statement.block, entries);
    }
}

}  // namespace xfrmd::migrate
