// SPDX-License-Identifier: Apache-2.0
// The text of one configuration file.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "daemon/configuration/diagnostic.h"

namespace xfrmd::daemon {

struct FileText {
    std::string text;
    bool readable_by_others = false;  // by its group or by everybody
};

// At most one piece more than kConfigurationFileSizeMax: whoever parses it refuses the rest.
[[nodiscard]] std::expected<FileText, Diagnostic> read_configuration_file(
    const std::filesystem::path& path);

}  // namespace xfrmd::daemon
