// SPDX-License-Identifier: Apache-2.0
// Files that are whole or not there at all, and that replace nothing unless told.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::cli::pki {

enum class Existing { Keep, Replace };  // Replace: --force

inline constexpr mode_t kPrivateMode = 0600;
inline constexpr mode_t kPublicMode = 0644;

// Writes a file under a name of its own, on the disk, and gives it its name in one step. With
// Existing::Keep, nothing that has this name is replaced, however it came there. The mode is
// exact, whatever the umask. Errors here and below are sentences.
[[nodiscard]] std::expected<void, std::string> write_file(const std::filesystem::path& path,
                                                          View content, mode_t mode,
                                                          Existing existing);

// An error if there is a file of this name: asked before work is done for nothing.
[[nodiscard]] std::expected<void, std::string> must_not_exist(const std::filesystem::path& path,
                                                              Existing existing);

[[nodiscard]] std::expected<Bytes, std::string> read_public(const std::filesystem::path& path);
// What may be either, to look at: whatever its mode, and wiped when it goes.
[[nodiscard]] std::expected<Secret, std::string> read_any(const std::filesystem::path& path);
// The file must be its owner's alone.
[[nodiscard]] std::expected<Secret, std::string> read_private(const std::filesystem::path& path);

}  // namespace xfrmd::cli::pki
