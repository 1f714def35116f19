// SPDX-License-Identifier: Apache-2.0
// From configuration files to what the core wants. All files are read, all mistakes are told at
// once, and nothing is handed out unless there is none: a load is all or nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/configuration/diagnostic.h"
#include "daemon/log_level.h"
#include "ike/auth/credentials.h"
#include "ike/policy/connection.h"
#include "ike/time.h"
#include "netlink/model/address.h"

namespace xfrmd::daemon {

// What a load needs to know of the host it is for.
struct LoadEnvironment {
    // Our own address towards `remote`: the source of the route to it. The error is a sentence for
    // people, and the diagnostic made from it has `waits_for_network`. Empty: an unspecified
    // address stands in, for `offline`.
    std::function<std::expected<xfrm::Address, std::string>(const xfrm::Address& remote)>
        local_address_for;
    // $CREDENTIALS_DIRECTORY, where "@name" is looked up.
    std::optional<std::filesystem::path> credentials_directory;
    // Where the absolute paths of certificates and keys begin. Another folder for a mounted image
    // or a test.
    std::filesystem::path root = "/";
    // The configuration's number, which counts loads.
    std::uint64_t number = 1;
    // A check of the files only, perhaps on another machine: where a systemd credential is out of
    // reach, that is a warning. What is loaded then must not be put into force.
    bool offline = false;
    // Certificates of ours that are expired or not yet valid are warned about. Nothing: validity is
    // not looked at.
    std::optional<ike::WallTime> now;
};

// [daemon]: what is no business of the core's.
struct DaemonSettings {
    std::optional<Level> log_level = {};  // nothing: as the daemon was started
    auto operator<=>(const DaemonSettings&) const = default;
};

struct LoadedConfiguration {
    std::shared_ptr<const ike::Configuration> configuration;
    std::shared_ptr<const ike::CredentialStore> credentials;
    DaemonSettings daemon = {};
    std::vector<Diagnostic> warnings;
};

using LoadResult = std::expected<LoadedConfiguration, std::vector<Diagnostic>>;

// /usr/lib/xfrmd, /run/xfrmd, /etc/xfrmd: the later one wins.
[[nodiscard]] std::vector<std::filesystem::path> default_layers();

// The files that count, in the order they are read: xfrmd.toml, then conf.d/*.toml sorted by file
// name. A file hides those of the same name in earlier layers; an empty one hides them and says
// nothing itself. Folders that do not exist count as empty; one that cannot be read is an error.
[[nodiscard]] std::expected<std::vector<std::filesystem::path>, std::vector<Diagnostic>>
configuration_files(const std::vector<std::filesystem::path>& layers);

// Reads what the layers (lowest first) hold. No file at all is a configuration without connections.
// Errors come with the warnings, sorted by file and position. Never throws, whatever the files
// hold.
[[nodiscard]] LoadResult load_configuration(const std::vector<std::filesystem::path>& layers,
                                            const LoadEnvironment& environment);

// Reads exactly these files, as one configuration.
[[nodiscard]] LoadResult load_configuration_files(const std::vector<std::filesystem::path>& files,
                                                  const LoadEnvironment& environment);

}  // namespace xfrmd::daemon
