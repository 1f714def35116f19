// SPDX-License-Identifier: Apache-2.0
// Who may do what over the control socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::daemon {

enum class Access : std::uint8_t { None, Read, Change, Keys };

// Who is at the other end, as the kernel vouches for it.
struct Caller {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;  // supplementary ones
    pid_t process = 0;
};

struct AccessRules {
    uid_t daemon_user = 0;               // our own user can do as much by other means
    std::optional<gid_t> readers_group;  // group xfrmd, if the host has one
    std::optional<gid_t> admins_group;   // group xfrmd-admin
};

[[nodiscard]] Access access_of(const Caller& caller, const AccessRules& rules);

// What a method needs; None: anybody may call it. Methods that do not exist need nothing either.
[[nodiscard]] Access access_needed(std::string_view method);

// For people: "root or a member of group xfrmd-admin".
[[nodiscard]] std::string_view who_has(Access access);

// The peer of a connected AF_UNIX socket. Error: a sentence.
[[nodiscard]] std::expected<Caller, std::string> caller_of(int fd);

// Looks the groups up by name. May block on name services: for the start only.
[[nodiscard]] AccessRules rules_of_host();

}  // namespace xfrmd::daemon
