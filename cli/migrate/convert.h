// SPDX-License-Identifier: Apache-2.0
// From racoon.conf, setkey's files and psk.txt to what xfrmd calls a configuration, and a report of
// what became of each statement. A pure function.
#pragma once

#include <vector>

#include "cli/migrate/facts.h"
#include "cli/migrate/model.h"
#include "cli/migrate/report.h"
#include "cli/racoon/configuration.h"
#include "cli/racoon/psk_file.h"

namespace xfrmd::migrate {

struct Input {
    const racoon::Tree* tree = nullptr;                    // null: there is no racoon.conf
    const racoon::Configuration* configuration = nullptr;  // of the tree
    std::vector<SetkeyText> setkey;
    const racoon::PskFile* psk = nullptr;  // null: there is none
    Facts facts;
};

struct Migration {
    Model model;
    Report report;
};

// What it points to must outlive the result.
[[nodiscard]] Migration convert(const Input& input);

}  // namespace xfrmd::migrate
