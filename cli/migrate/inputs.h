// SPDX-License-Identifier: Apache-2.0
// Reads the old files and looks at what they name: the part of a migration that touches the host.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/migrate/convert.h"
#include "cli/racoon/parser.h"
#include "cli/setkey/language/parser.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::migrate {

struct Wanted {
    std::optional<std::filesystem::path> racoon;
    std::vector<std::filesystem::path> setkey;
    std::optional<std::filesystem::path> psk;
    std::filesystem::path secrets_folder = "/etc/xfrmd";
};

// Those of the usual places that exist, if nothing was wanted at all.
[[nodiscard]] Wanted with_usual_places(Wanted wanted);

// Everything that an Input points to.
struct Inputs {
    std::unique_ptr<racoon::Tree> tree;
    std::unique_ptr<racoon::Configuration> configuration;
    struct SetkeyFile {
        std::unique_ptr<setkey::Source> source;
        std::unique_ptr<setkey::Parsed> parsed;
    };
    std::vector<SetkeyFile> setkey;
    std::unique_ptr<racoon::PskFile> psk;
    Facts facts;
    std::vector<std::string> names;  // of the files, in the order they were read
    // Mistakes and warnings of all files; errors among them: nothing can be made of the files.
    std::vector<daemon::Diagnostic> diagnostics;
    bool good = true;

    [[nodiscard]] Input input() const;
};

[[nodiscard]] Inputs read_inputs(const Wanted& wanted);

}  // namespace xfrmd::migrate
