// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/migrate/files.h"

#include <format>

#include "ike/identity.h"

namespace xfrmd::test {

namespace {

std::expected<std::vector<racoon::IncludedFile>, std::string> nothing(const std::string&,
                                                                      const std::string& pattern) {
    return std::unexpected{"no file is " + pattern};
}

}  // namespace

Parsed::Parsed(const OldFiles& files) {
    racoon::Mistakes mistakes;
    std::vector<daemon::Diagnostic> told;
    if (!files.racoon.empty()) {
        tree_ = racoon::parse("racoon.conf", files.racoon, nothing, mistakes);
        configuration_ = racoon::interpret(tree_, mistakes);
        input_.tree = &tree_;
        input_.configuration = &configuration_;
        good_ = !mistakes.has_errors();
    }
    if (!files.setkey.empty()) {
        source_.emplace("setkey.conf", files.setkey);
        setkey_ = setkey::parse(*source_);
        input_.setkey.push_back({&*source_, &setkey_.statements});
        good_ = good_ && setkey_.good;
    }
    if (!files.psk.empty()) {
        psk_ = racoon::parse_psk_file("psk.txt", as_view(files.psk), told);
        input_.psk = &psk_;
    }
    input_.facts.refuses_identity = [](const std::string& text) -> std::optional<std::string> {
        const auto parsed = ike::IdentityPattern::parse(text);
        return parsed ? std::nullopt : std::optional{parsed.error()};
    };
}

Migrated::Migrated(const OldFiles& files) : parsed_{std::make_unique<Parsed>(files)} {
    static_cast<migrate::Migration&>(*this) = parsed_->convert();
}

std::string lines(const migrate::Report& report) {
    std::string all;
    for (const migrate::Entry& entry : report.entries)
        all += std::format("{} {}:{} {}: {}\n", word_of(entry.verdict), entry.file, entry.line,
                           entry.statement, entry.text);
    return all;
}

}  // namespace xfrmd::test
