// SPDX-License-Identifier: Apache-2.0
#include "daemon/control_access.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>

#include "daemon/api/interface.h"

using namespace xfrmd::daemon;
namespace method = xfrmd::api::method;

namespace {
constexpr AccessRules kRules{.daemon_user = 990, .readers_group = 500, .admins_group = 501};
}

TEST_CASE("Root and the daemon's own user may change things, root alone gets keys", "[daemon]") {
    CHECK(access_of({.user = 0, .group = 0, .groups = {}}, kRules) == Access::Keys);
    CHECK(Access::Keys > Access::Change);
    CHECK(access_needed(method::kExportKeys) == Access::Keys);
    CHECK(access_of({.user = 990, .group = 990, .groups = {}}, kRules) == Access::Change);
}

TEST_CASE("Groups decide for everybody else, be they primary or supplementary", "[daemon]") {
    CHECK(access_of({.user = 1000, .group = 1000, .groups = {}}, kRules) == Access::None);
    CHECK(access_of({.user = 1000, .group = 1000, .groups = {27, 500}}, kRules) == Access::Read);
    CHECK(access_of({.user = 1000, .group = 500, .groups = {}}, kRules) == Access::Read);
    CHECK(access_of({.user = 1000, .group = 1000, .groups = {500, 501}}, kRules) == Access::Change);
    CHECK(access_of({.user = 1000, .group = 501, .groups = {}}, kRules) == Access::Change);
    // Being in group root is not being root.
    CHECK(access_of({.user = 1000, .group = 0, .groups = {0}}, kRules) == Access::None);
}

TEST_CASE("A host without our groups leaves it to root", "[daemon]") {
    const AccessRules rules{.daemon_user = 0, .readers_group = {}, .admins_group = {}};
    CHECK(access_of({.user = 1000, .group = 0, .groups = {0, 500, 501}}, rules) == Access::None);
    CHECK(access_of({.user = 0, .group = 1000, .groups = {}}, rules) == Access::Keys);
}

TEST_CASE(
    "Who we are may be asked by anybody, what we do by readers, changes are for administrators",
    "[daemon]") {
    for (const auto name : {method::kGetInfo, method::kGetInterfaceDescription})
        CHECK(access_needed(name) == Access::None);
    for (const auto name :
         {method::kStatus, method::kListConnections, method::kListIkeSas, method::kListChildren,
          method::kListPolicies, method::kListSas, method::kShow, method::kMonitor,
          method::kGetLogLevel})
        CHECK(access_needed(name) == Access::Read);
    for (const auto name : {method::kUp, method::kDown, method::kReload, method::kApply,
                            method::kConfirm, method::kChangeTables, method::kSetLogLevel})
        CHECK(access_needed(name) == Access::Change);
}

TEST_CASE("The kernel tells who is at the other end", "[daemon]") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const auto caller = caller_of(ends[0]);
    REQUIRE(caller);
    CHECK(caller->user == ::geteuid());
    CHECK(caller->group == ::getegid());
    CHECK(caller->process == ::getpid());
    std::vector<gid_t> groups(static_cast<std::size_t>(::getgroups(0, nullptr)));
    REQUIRE(::getgroups(static_cast<int>(groups.size()), groups.data()) >= 0);
    CHECK(caller->groups == groups);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK_FALSE(caller_of(-1));
}
