// SPDX-License-Identifier: Apache-2.0
// Access rules of the control socket.
#include "daemon/control_access.h"

#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>

#include "daemon/api/interface.h"

namespace xfrmd::daemon {
namespace {

bool is_member(const Caller& caller, std::optional<gid_t> group) {
    return group && (caller.group == *group || std::ranges::contains(caller.groups, *group));
}

std::optional<gid_t> find_group(std::string_view name) {
    std::vector<char> buffer(4096);
    group entry{};
    group* found = nullptr;
    const std::string text{name};
    int error = ERANGE;
    while (error == ERANGE && buffer.size() <= 1024 * 1024) {
        error = ::getgrnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found);
        if (error == ERANGE) buffer.resize(buffer.size() * 2);
    }
    if (error != 0 || found == nullptr) return std::nullopt;
    return found->gr_gid;
}

}  // namespace

Access access_of(const Caller& caller, const AccessRules& rules) {
    if (caller.user == 0) return Access::Keys;
    if (caller.user == rules.daemon_user) return Access::Change;
    if (is_member(caller, rules.admins_group)) return Access::Change;
    if (is_member(caller, rules.readers_group)) return Access::Read;
    return Access::None;
}

Access access_needed(std::string_view method) {
    static constexpr auto kChanging =
        std::to_array({api::method::kUp, api::method::kDown, api::method::kRekey,
                       api::method::kReload, api::method::kApply, api::method::kConfirm,
                       api::method::kFlush, api::method::kChangeTables,
                       api::method::kSetLogLevel});
    if (std::ranges::contains(kChanging, method)) return Access::Change;
    if (method == api::method::kExportKeys) return Access::Keys;
    return method.starts_with("io.xfrmd.") ? Access::Read : Access::None;
}

std::string_view who_has(Access access) {
    switch (access) {
        case Access::None:
            return "anybody";
        case Access::Read:
            return "root or a member of group xfrmd or xfrmd-admin";
        case Access::Change:
            return "root or a member of group xfrmd-admin";
        case Access::Keys:
            return "root";
    }
    return "root";
}

std::expected<Caller, std::string> caller_of(int fd) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return std::unexpected{std::format("SO_PEERCRED: {}", std::strerror(errno))};
    Caller caller{.user = credentials.uid,
                  .group = credentials.gid,
                  .groups = {},
                  .process = credentials.pid};

    caller.groups.resize(64);
    while (true) {
        size = static_cast<socklen_t>(caller.groups.size() * sizeof(gid_t));
        if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, caller.groups.data(), &size) == 0) break;
        // The kernel tells how much it would have needed; it has at most NGROUPS_MAX, 65536, of
        // them.
        if (errno != ERANGE || size <= caller.groups.size() * sizeof(gid_t))
            return std::unexpected{std::format("SO_PEERGROUPS: {}", std::strerror(errno))};
        caller.groups.resize(size / sizeof(gid_t));
    }
    caller.groups.resize(size / sizeof(gid_t));
    return caller;
}

AccessRules rules_of_host() {
    return {.daemon_user = ::geteuid(),
            .readers_group = find_group(api::kReadersGroup),
            .admins_group = find_group(api::kAdminsGroup)};
}

}  // namespace xfrmd::daemon
