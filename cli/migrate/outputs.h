// SPDX-License-Identifier: Apache-2.0
// Writes what a migration has made: all of it, or nothing.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::migrate {

struct OutputFile {
    std::filesystem::path path;
    View content;
    bool secret =
        false;  // mode 0600, and of the service's user if the host has one; otherwise 0644
};

// Existing files are left alone and refused unless `force`. Nothing is written if one is refused. A
// file appears under its name only when it is whole. The error is a sentence.
[[nodiscard]] std::expected<void, std::string> write_outputs(const std::vector<OutputFile>& files,
                                                             bool force);

}  // namespace xfrmd::migrate
