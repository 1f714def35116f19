// SPDX-License-Identifier: Apache-2.0
// The kernel's tables entry by entry, with entries of others that our own values cannot express.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "netlink/socket_policy.h"
#include "netlink/table.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace kernel_contract;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<StoredSa> stored_sas(const netlink::SaQuery& query = {}) {
    std::vector<StoredSa> all;
    const auto end = netlink::for_each_sa(query, [&](StoredSa sa) {
        all.push_back(std::move(sa));
        return true;
    });
    REQUIRE(end.has_value());
    CHECK(end->entries == all.size());
    CHECK(end->unreadable == 0);
    CHECK_FALSE(end->stopped);
    return all;
}

std::vector<StoredPolicy> stored_policies() {
    std::vector<StoredPolicy> all;
    const auto end = netlink::for_each_policy([&](StoredPolicy policy) {
        all.push_back(std::move(policy));
        return true;
    });
    REQUIRE(end.has_value());
    CHECK(end->entries == all.size());
    return all;
}

StoredSa only_sa(const netlink::SaQuery& query = {}) {
    auto all = stored_sas(query);
    REQUIRE(all.size() == 1);
    return std::move(all.front());
}

constexpr std::string_view kCbc =
    " enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f"
    " auth-trunc 'hmac(sha256)' "
    "0x000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f 96";

void add_sa(const std::string& words) {
    INFO(words);
    REQUIRE(ip("xfrm state add " + words));
}

}  // namespace

TEST_CASE("an SA is read with everything that ip can give it", "[kernel][esp]") {
    LinuxKernel::require_esp();
    const LinuxKernel kernel;
    add_sa(
        "src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 reqid 7 mode tunnel"
        " mark 5 mask 0xff output-mark 0x10 mask 0xf0 if_id 9 replay-window 32"
        " flag noecn decap-dscp nopmtudisc wildrecv icmp align4"
        " extra-flag dont-encap-dscp oseq-may-wrap"
        " sel src 10.1.0.0/16 dst 10.2.0.0/16 proto tcp dport 443"
        " limit time-soft 3600 limit time-hard 7200 limit byte-soft 1000 limit packet-hard 4" +
        std::string{kCbc});
    const StoredSa sa = only_sa();
    CHECK(sa.source == own(Family::V4));
    CHECK(sa.destination == peer(Family::V4));
    CHECK(sa.protocol == IPPROTO_ESP);
    CHECK(sa.spi == EspSpi{0x1000});
    CHECK(sa.mode == XFRM_MODE_TUNNEL);
    CHECK(sa.reqid == ReqId{7});
    CHECK(sa.mark == Mark{5, 0xff});
    CHECK(sa.output_mark == Mark{0x10, 0xf0});
    CHECK(sa.if_id == IfId{9});
    CHECK(sa.replay_window() == 32);
    CHECK(sa.replay == ReplayState{false, 32, 0, 0, {0}});
    CHECK(sa.flags == (XFRM_STATE_NOECN | XFRM_STATE_DECAP_DSCP | XFRM_STATE_NOPMTUDISC |
                       XFRM_STATE_WILDRECV | XFRM_STATE_ICMP | XFRM_STATE_ALIGN4));
    CHECK(sa.extra_flags == (XFRM_SA_XFLAG_DONT_ENCAP_DSCP | XFRM_SA_XFLAG_OSEQ_MAY_WRAP));
    CHECK(sa.limits.soft_add_seconds == 3600);
    CHECK(sa.limits.hard_add_seconds == 7200);
    CHECK(sa.limits.soft_bytes == 1000);
    CHECK(sa.limits.hard_bytes == LifetimeLimits::kUnlimited);
    CHECK(sa.limits.hard_packets == 4);
    REQUIRE(sa.selector.has_value());
    CHECK(sa.selector->to_string() == "10.1.0.0/16 -> 10.2.0.0/16[443] proto 6");
    REQUIRE(sa.encryption.has_value());
    CHECK(sa.encryption->name == "cbc(aes)");
    CHECK(sa.encryption->key_bits == 128);
    CHECK(sa.encryption->key.empty());
    REQUIRE(sa.integrity.has_value());
    CHECK(sa.integrity->icv_bits == 96);
    CHECK(sa.usage.add_time > 1'700'000'000);
    CHECK(sa.usage.use_time == 0);
    CHECK(state_of(sa, sa.usage.add_time) == SaState::Mature);
    CHECK(sa.others.empty());
    CHECK(only_sa({.with_keys = true}).encryption->key.size() == 16);
}

TEST_CASE("SAs of every kind stand in the table, and can be asked for by protocol",
          "[kernel][esp]") {
    LinuxKernel::require_esp();
    const LinuxKernel kernel;
    add_sa(
        "src 192.0.2.1 dst 192.0.2.2 proto ah spi 0x2000 auth-trunc 'hmac(sha1)' "
        "0x000102030405060708090a0b0c0d0e0f00010203 96");
    add_sa("src 192.0.2.1 dst 192.0.2.2 proto comp spi 0x3000 comp deflate");
    add_sa(
        "src 2001:db8::1 dst 2001:db8::2 proto esp spi 0x4000 mode beet"
        " aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f00010203 128"
        " replay-window 128 flag esn replay-seq 5 replay-oseq 6 replay-seq-hi 1"
        " sel src 2001:db8::1 dst 2001:db8::2");
    add_sa("src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x5000 encap espinudp 4500 34500 10.0.0.7" +
           std::string{kCbc});
    CHECK(stored_sas().size() == 4);

    const StoredSa ah = only_sa({.protocol = IPPROTO_AH});
    CHECK(ah.spi == EspSpi{0x2000});
    CHECK_FALSE(ah.encryption.has_value());
    const StoredSa comp = only_sa({.protocol = IPPROTO_COMP});
    REQUIRE(comp.compression.has_value());
    CHECK(comp.compression->name == "deflate");
    const auto esp = stored_sas({.protocol = IPPROTO_ESP});
    REQUIRE(esp.size() == 2);
    const StoredSa& beet = esp[0].spi == EspSpi{0x4000} ? esp[0] : esp[1];
    const StoredSa& encapsulated = esp[0].spi == EspSpi{0x4000} ? esp[1] : esp[0];
    CHECK(beet.mode == XFRM_MODE_BEET);
    CHECK(beet.flags == XFRM_STATE_ESN);
    REQUIRE(beet.aead.has_value());
    CHECK(beet.aead->icv_bits == 128);
    CHECK(beet.replay == ReplayState{true, 128, 0x1'0000'0005, 6, {0, 0, 0, 0}});
    CHECK(encapsulated.encapsulation ==
          StoredEncapsulation{2, 4500, 34500, Address::parse("10.0.0.7")});

    const auto found = netlink::find_sa(
        {own(Family::V4), peer(Family::V4), IpsecProtocol::Ah, EspSpi{0x2000}, {}}, true);
    REQUIRE(found.has_value());
    CHECK(found->integrity.value().key.size() == 20);
    const auto missing = netlink::find_sa(
        {own(Family::V4), peer(Family::V4), IpsecProtocol::Ah, EspSpi{0x2001}, {}}, false);
    CHECK(missing.error().error_number == ESRCH);
    CHECK_THAT(missing.error().what, ContainsSubstring("AH SA 192.0.2.1 -> 192.0.2.2"));
}

TEST_CASE("a reserved SPI is a larval SA", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    const EspSpi spi = reserve(kernel, Family::V4);
    const StoredSa sa = only_sa();
    CHECK(sa.spi == spi);
    CHECK(state_of(sa, sa.usage.add_time) == SaState::Larval);
}

TEST_CASE("a policy is read with everything that ip can give it", "[kernel]") {
    const LinuxKernel kernel;
    REQUIRE(
        ip("xfrm policy add src 10.1.0.1/16 dst 10.2.0.0/16 proto icmp type 8 code 1 dir fwd"
           " action allow priority 2147483648 mark 5 mask 0xff if_id 9 flag icmp flag localok"
           " limit time-hard 99 limit time-use-soft 98"
           " tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 16385 mode tunnel level use"
           " tmpl proto comp mode transport"
           " tmpl src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x77 mode beet"));
    const auto all = stored_policies();
    REQUIRE(all.size() == 1);
    const StoredPolicy& policy = all[0];
    // As it was given: the kernel does not clean prefixes.
    CHECK(policy.selector.source == Prefix{Address::parse("10.1.0.1").value(), 16});
    CHECK(policy.selector.protocol == IPPROTO_ICMP);
    CHECK(policy.selector.source_port == PortMask::exactly(8));
    CHECK(policy.selector.destination_port == PortMask::exactly(1));
    CHECK(policy.direction == XFRM_POLICY_FWD);
    CHECK(policy.index % 8 == XFRM_POLICY_FWD);
    CHECK(policy.priority == 0x80000000);
    CHECK(policy.action == XFRM_POLICY_ALLOW);
    CHECK(policy.flags == (XFRM_POLICY_ICMP | XFRM_POLICY_LOCALOK));
    CHECK(policy.type == XFRM_POLICY_TYPE_MAIN);
    CHECK(policy.mark == Mark{5, 0xff});
    CHECK(policy.if_id == IfId{9});
    CHECK(policy.limits.hard_add_seconds == 99);
    CHECK(policy.limits.soft_use_seconds == 98);
    CHECK(policy.usage.add_time > 1'700'000'000);
    CHECK(policy.others.empty());
    REQUIRE(policy.templates.size() == 3);
    CHECK(policy.templates[0].optional);
    CHECK(policy.templates[0].reqid == ReqId{16385});
    CHECK(policy.templates[0].mode == XFRM_MODE_TUNNEL);
    CHECK(policy.templates[0].encryption_algorithms == 0xffffffff);
    CHECK(policy.templates[1].protocol == IPPROTO_COMP);
    CHECK(policy.templates[1].source.is_unspecified());
    CHECK_FALSE(policy.templates[1].optional);
    CHECK(policy.templates[2].mode == XFRM_MODE_BEET);
    CHECK(policy.templates[2].spi == EspSpi{0x77});
}

TEST_CASE("the policies of sockets stand in the table with directions of their own", "[kernel]") {
    const LinuxKernel kernel;
    const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(socket_fd >= 0);
    REQUIRE(netlink::bypass_policies(socket_fd, Family::V4).has_value());
    const auto all = stored_policies();
    REQUIRE(all.size() == 2);
    for (const StoredPolicy& policy : all) {
        CHECK(policy.is_of_a_socket());
        CHECK(policy.index % 8 == policy.direction);
        CHECK(policy.templates.empty());
    }
    CHECK(std::ranges::contains(all, 3, &StoredPolicy::direction));
    CHECK(std::ranges::contains(all, 4, &StoredPolicy::direction));
    close(socket_fd);
    CHECK(stored_policies().empty());
}

TEST_CASE("a walk ends where it is told to", "[kernel]") {
    LinuxKernel kernel;
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(Family::V4)}));
    std::size_t seen = 0;
    const auto end = netlink::for_each_policy([&](const StoredPolicy&) { return ++seen < 2; });
    REQUIRE(end.has_value());
    CHECK(seen == 2);
    CHECK(end->stopped);
    CHECK(end->entries == 2);
}

TEST_CASE("a table of many datagrams is handed out whole", "[kernel]") {
    LinuxKernel kernel;
    std::vector<PolicySpec> policies;
    std::set<Selector> expected;
    for (std::uint32_t i = 0; i < 3000; ++i) {
        PolicySpec& policy = policies.emplace_back(tunnel_policies(Family::V4)[0]);
        policy.id.selector.destination = Prefix::host(Address::v4(0x0a030000u + i));
        expected.insert(policy.id.selector);
    }
    require_done(kernel.run(InstallPolicies{.policies = policies}));
    std::set<Selector> seen;
    for (const StoredPolicy& policy : stored_policies()) CHECK(seen.insert(policy.selector).second);
    CHECK((seen == expected));
}

TEST_CASE("without CAP_NET_ADMIN no table is shown", "[kernel]") {
    const LinuxKernel kernel;
    REQUIRE(seteuid(65534) == 0);
    const auto refused = netlink::for_each_policy([](const StoredPolicy&) { return true; });
    REQUIRE(seteuid(0) == 0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().error_number == EPERM);
}

}  // namespace xfrmd::kernel_tests
