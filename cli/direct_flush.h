// SPDX-License-Identifier: Apache-2.0
// The teardown without the daemon: what its record says it has left in the kernel is taken out. Peers
// are told nothing, since the keys to talk to them went with the daemon.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

namespace xfrmd::cli {

struct DirectFlush {
    std::size_t sas = 0;
    std::size_t policies = 0;
};

// Needs CAP_NET_ADMIN, and a daemon that does not run. Error: a sentence.
[[nodiscard]] std::expected<DirectFlush, std::string> flush_directly(const std::filesystem::path& record);

}  // namespace xfrmd::cli
