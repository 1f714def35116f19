// SPDX-License-Identifier: Apache-2.0
// Gathers what is found about each statement while the model is made, and puts it into the order of
// the files. Every statement gets an entry, whether or not anybody had something to say about it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/migrate/mapping.h"
#include "cli/migrate/policy.h"
#include "cli/migrate/report.h"
#include "cli/racoon/tree.h"

namespace xfrmd::migrate {

class Findings {
  public:
    // Beside what the mapping says of the directive; the same twice counts once.
    void add(const racoon::Statement& statement, Finding finding);
    // In place of what the mapping says.
    void instead(const racoon::Statement& statement, Finding finding);
    void add(const StatementAt& at, Finding finding);
    // Of a line of psk.txt.
    void add(const std::string& file, std::uint32_t line, std::string identity, Finding finding);
    // Of a file, or of all of them.
    void add(const std::string& file, Finding finding);

    // In the order: what is about files, racoon.conf, the setkey files, psk.txt. `tree` may be
    // null.
    [[nodiscard]] std::vector<Entry> take(const racoon::Tree* tree,
                                          std::span<const SetkeyText> setkey);

  private:
    void walk(const std::vector<racoon::Statement>& statements, std::vector<Entry>& entries);

    std::map<const racoon::Statement*, std::vector<Finding>> added_;
    std::map<const racoon::Statement*, Finding> instead_;
    std::map<const setkey::Statement*, std::vector<Finding>> setkey_;
    std::vector<Entry> files_;
    std::vector<Entry> psk_;
};

}  // namespace xfrmd::migrate
