// SPDX-License-Identifier: Apache-2.0
// Old files as texts in memory, and what becomes of them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/migrate/convert.h"
#include "cli/racoon/parser.h"
#include "cli/setkey/language/parser.h"

namespace xfrmd::test {

struct OldFiles {
    std::string racoon = {};  // empty: there is none
    std::string setkey = {};
    std::string psk = {};
};

// Parsed, with made-up facts: certificates are readable, and identities are checked as xfrmd does.
class Parsed {
  public:
    explicit Parsed(const OldFiles& files);

    [[nodiscard]] const migrate::Input& input() const { return input_; }
    [[nodiscard]] migrate::Facts& facts() { return input_.facts; }
    // No errors in any file.
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] migrate::Migration convert() const { return migrate::convert(input_); }

  private:
    racoon::Tree tree_;
    racoon::Configuration configuration_;
    std::optional<setkey::Source> source_;
    setkey::Parsed setkey_;
    racoon::PskFile psk_;
    migrate::Input input_;
    bool good_ = true;
};

// What becomes of them, for as long as it is looked at.
class Migrated : public migrate::Migration {
  public:
    explicit Migrated(const OldFiles& files);

  private:
    std::unique_ptr<Parsed> parsed_;
};

// "decide racoon.conf:3 remote anonymous { … }: text", one line each.
[[nodiscard]] std::string lines(const migrate::Report& report);

}  // namespace xfrmd::test
