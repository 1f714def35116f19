// SPDX-License-Identifier: Apache-2.0
// What a watcher hears from the real kernel, whoever changes its tables.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "netlink/monitor.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace kernel_contract;

namespace {

netlink::Monitor open_monitor(bool with_keys = false) {
    auto monitor = netlink::Monitor::open(with_keys);
    REQUIRE(monitor.has_value());
    return *std::move(monitor);
}

// What comes within `patience`, and after it until nothing more comes for a moment.
std::vector<Notice> heard(netlink::Monitor& monitor, int patience_milliseconds = 100) {
    std::vector<Notice> notices;
    for (int patience = patience_milliseconds;; patience = 100) {
        pollfd entry{.fd = monitor.fd(), .events = POLLIN, .revents = 0};
        if (poll(&entry, 1, patience) == 0) return notices;
        monitor.read([&](const netlink::RawNotice&, Notice notice) {
            notices.push_back(std::move(notice));
        });
    }
}

template <class Kind>
const Kind& one(const std::vector<Notice>& notices) {
    const Kind* found = nullptr;
    for (const Notice& notice : notices)
        if (const Kind* const kind = std::get_if<Kind>(&notice)) {
            CHECK(found == nullptr);
            found = kind;
        }
    REQUIRE(found != nullptr);
    return *found;
}

}  // namespace

TEST_CASE("a watcher hears of policies that come, change and go", "[kernel]") {
    const LinuxKernel kernel;
    netlink::Monitor monitor = open_monitor();
    const std::string policy = " src 10.1.0.0/16 dst 10.2.0.0/16 dir out ";
    REQUIRE(ip("xfrm policy add" + policy + "priority 7 tmpl proto esp reqid 5"));
    const auto added = heard(monitor);
    CHECK(one<notice::PolicyChanged>(added).change == notice::Change::Added);
    CHECK(one<notice::PolicyChanged>(added).policy.priority == 7);
    CHECK(one<notice::PolicyChanged>(added).policy.templates.at(0).reqid == ReqId{5});
    REQUIRE(ip("xfrm policy update" + policy + "priority 8 action block"));
    CHECK(one<notice::PolicyChanged>(heard(monitor)).change == notice::Change::Updated);
    REQUIRE(ip("xfrm policy delete" + policy));
    const auto deleted = heard(monitor);
    CHECK(one<notice::PolicyChanged>(deleted).change == notice::Change::Deleted);
    CHECK(one<notice::PolicyChanged>(deleted).policy.priority == 8);
    REQUIRE(ip("xfrm policy add" + policy + "limit time-hard 1"));
    static_cast<void>(heard(monitor));
    CHECK(one<notice::PolicyExpired>(heard(monitor, 5000)).hard);
    REQUIRE(ip("xfrm policy add" + policy));
    static_cast<void>(heard(monitor));
    REQUIRE(ip("xfrm policy flush"));
    CHECK(one<notice::PoliciesFlushed>(heard(monitor)).type == XFRM_POLICY_TYPE_MAIN);
    REQUIRE(ip("xfrm policy setdefault in block"));
    CHECK(one<notice::DefaultsChanged>(heard(monitor)).in == XFRM_USERPOLICY_BLOCK);
}

TEST_CASE("a watcher hears of packets that find no SA", "[kernel]") {
    LinuxKernel kernel;
    netlink::Monitor monitor = open_monitor();
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    static_cast<void>(heard(monitor));
    send_datagram(peer(Family::V4));
    const auto notices = heard(monitor);
    const auto& acquire = one<notice::Acquire>(notices);
    CHECK(acquire.protocol == IPPROTO_ESP);
    CHECK(acquire.destination == peer(Family::V4));
    CHECK(acquire.packet.protocol == IPPROTO_UDP);
    CHECK(acquire.policy.templates.size() == 1);
}

TEST_CASE("a watcher hears of SAs, with keys only when asked for", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    netlink::Monitor monitor = open_monitor();
    netlink::Monitor with_keys = open_monitor(true);
    require_done(install(kernel, outbound(Family::V4)));
    const auto added = heard(monitor);
    CHECK(one<notice::SaChanged>(added).change == notice::Change::Added);
    CHECK(one<notice::SaChanged>(added).sa.aead.value().name == "rfc4106(gcm(aes))");
    CHECK(one<notice::SaChanged>(added).sa.aead.value().key.empty());
    CHECK(one<notice::SaChanged>(heard(with_keys)).sa.aead.value().key.size() == 20);
    require_done(kernel.run(RemoveSas{{outbound_id(Family::V4)}}));
    const auto deleted = heard(monitor);
    CHECK(one<notice::SaChanged>(deleted).change == notice::Change::Deleted);
    CHECK(one<notice::SaChanged>(deleted).sa.spi == outbound_id(Family::V4).spi);

    SaSpec brief = outbound(Family::V4);
    brief.limits.hard_add_seconds = 1;
    require_done(install(kernel, std::move(brief)));
    static_cast<void>(heard(monitor));
    CHECK(one<notice::SaExpired>(heard(monitor, 5000)).hard);
    require_done(install(kernel, outbound(Family::V4)));
    static_cast<void>(heard(monitor));
    REQUIRE(ip("xfrm state flush proto esp"));
    const auto flushed = heard(monitor);
    CHECK(one<notice::SasFlushed>(flushed).protocol == IPPROTO_ESP);
}

TEST_CASE("the octets of a message say where its keys are", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    netlink::Monitor monitor = open_monitor();
    require_done(install(kernel, outbound(Family::V4)));
    pollfd entry{.fd = monitor.fd(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&entry, 1, 1000) == 1);
    std::size_t messages = 0;
    monitor.read([&](const netlink::RawNotice& raw, const Notice&) {
        ++messages;
        CHECK(raw.type == XFRM_MSG_NEWSA);
        REQUIRE(raw.keys.size() == 1);
        CHECK(raw.keys[0].size() == 20);
        CHECK(equal(raw.keys[0], outbound(Family::V4).aead->key.view()));
    });
    CHECK(messages == 1);
}

TEST_CASE("watching needs CAP_NET_ADMIN", "[kernel]") {
    const LinuxKernel kernel;
    REQUIRE(seteuid(65534) == 0);
    const auto refused = netlink::Monitor::open(false);
    REQUIRE(seteuid(0) == 0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().error_number == EPERM);
}

}  // namespace xfrmd::kernel_tests
