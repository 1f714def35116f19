// SPDX-License-Identifier: Apache-2.0
// What the facade promises beyond the contract: pipelining, words in errors, routes, probing,
// socket policies.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "netlink/kernel.h"
#include "netlink/probe.h"
#include "netlink/socket_policy.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace kernel_contract;
using Catch::Matchers::ContainsSubstring;

namespace {

Address address(std::string_view text) {
    return Address::parse(text).value();
}

std::vector<PolicySpec> many_policies(std::size_t count) {
    std::vector<PolicySpec> policies;
    for (std::uint32_t i = 0; i < count; ++i) {
        PolicySpec policy = tunnel_policies(Family::V4)[0];
        policy.id.selector.destination = Prefix::host(Address::v4(0x0a030000u + i));
        policies.push_back(policy);
    }
    return policies;
}

// Waits until as many requests are complete.
netlink::Kernel::Completed collect(netlink::Kernel& kernel, std::size_t count) {
    netlink::Kernel::Completed all;
    while (all.size() < count) {
        pollfd entry{.fd = kernel.request_fd(), .events = POLLIN, .revents = 0};
        REQUIRE(poll(&entry, 1, 30000) == 1);
        std::ranges::move(kernel.on_readable(), std::back_inserter(all));
    }
    return all;
}

class UdpSocket {
  public:
    explicit UdpSocket(int family) : fd_{socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        REQUIRE(fd_ >= 0);
    }
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket() { close(fd_); }
    int fd() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

TEST_CASE("many requests at once each get their own result", "[kernel]") {
    LinuxKernel linux_kernel;
    netlink::Kernel& kernel = linux_kernel.kernel();
    const auto policies = many_policies(500);
    for (std::size_t i = 0; i < policies.size(); ++i)
        kernel.submit(i, InstallPolicies{.policies = {policies[i]}});
    kernel.submit(1000, InstallPolicies{.policies = {policies[3]}});
    kernel.submit(1001, DumpPolicies{});
    kernel.submit(1002, DumpPolicies{});
    kernel.submit(1003, RemovePolicies{});

    std::set<netlink::Kernel::Token> tokens;
    for (const auto& [token, result] : collect(kernel, 504)) {
        CHECK(tokens.insert(token).second);
        if (token < 500 || token == 1003) require_done(result);
        if (token == 1000) CHECK(error_of(result) == EEXIST);
        if (token == 1001 || token == 1002) {
            REQUIRE(result.has_value());
            CHECK(std::get<std::vector<PolicyInfo>>(*result).size() == 500);
        }
    }
    CHECK(tokens.size() == 504);
}

TEST_CASE("a thousand policies go in as one and come out as one", "[kernel]") {
    LinuxKernel kernel;
    const auto policies = many_policies(1000);
    require_done(kernel.run(InstallPolicies{.policies = policies}));
    CHECK(dump_policies(kernel).size() == 1000);
    CHECK(error_of(kernel.run(InstallPolicies{.policies = policies})) == EEXIST);
    CHECK(dump_policies(kernel).size() == 1000);
    require_done(kernel.run(RemovePolicies{ids_of(policies)}));
    CHECK(dump_policies(kernel).empty());
}

TEST_CASE("a request that needs no kernel completes and wakes the caller", "[kernel]") {
    LinuxKernel kernel;
    require_done(kernel.run(RemoveSas{}));
    PolicySpec mixed = tunnel_policies(Family::V4)[0];
    mixed.templates[0].source = own(Family::V6);
    CHECK(error_of(kernel.run(InstallPolicies{.policies = {mixed}})) == EINVAL);
    CHECK(dump_policies(kernel).empty());
}

TEST_CASE("run waits for one request by itself", "[kernel]") {
    LinuxKernel kernel;
    require_done(kernel.kernel().run(InstallPolicies{.policies = tunnel_policies(Family::V4)}));
    CHECK(dump_policies(kernel).size() == 3);
}

TEST_CASE("a refusal carries the kernel's own words and the object's name", "[kernel]") {
    LinuxKernel kernel;
    PolicySpec policy = tunnel_policies(Family::V4)[0];
    policy.id.selector.destination.length = 33;
    const auto refused = kernel.run(InstallPolicies{.policies = {policy}});
    REQUIRE(error_of(refused) == EINVAL);
    CHECK_THAT(refused.error().what, ContainsSubstring("out policy 10.1.0.0/16 -> 10.2.0.0/33"));
    CHECK_THAT(refused.error().what,
               ContainsSubstring("prefix"));  // "Invalid prefix length in selector …"
}

TEST_CASE("per-socket policies are no part of a dump", "[kernel]") {
    LinuxKernel kernel;
    const UdpSocket v4{AF_INET};
    const UdpSocket v6{AF_INET6};
    REQUIRE(netlink::bypass_policies(v4.fd(), Family::V4).has_value());
    REQUIRE(netlink::bypass_policies(v6.fd(), Family::V6).has_value());
    CHECK_FALSE(netlink::bypass_policies(v6.fd(), Family::V4).has_value());
    CHECK(dump_policies(kernel).empty());
}

TEST_CASE("an IKE socket passes the policies that other sockets meet", "[kernel]") {
    LinuxKernel kernel;
    PolicySpec block = transport_policy(Family::V4, Direction::Out);
    block.action = PolicyAction::Block;
    block.templates.clear();
    require_done(kernel.run(InstallPolicies{.policies = {block}}));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(500);
    to.sin_addr.s_addr = htonl(0xc0000202);
    const auto* const where = static_cast<const sockaddr*>(static_cast<const void*>(&to));
    const UdpSocket ordinary{AF_INET};
    CHECK(sendto(ordinary.fd(), "x", 1, 0, where, sizeof to) == -1);
    const UdpSocket ike{AF_INET};
    REQUIRE(netlink::bypass_policies(ike.fd(), Family::V4).has_value());
    CHECK(sendto(ike.fd(), "x", 1, 0, where, sizeof to) == 1);
}

TEST_CASE("a UDP socket can be given ESP in UDP to take off", "[kernel][esp]") {
    LinuxKernel::require_esp();
    const LinuxKernel kernel;
    const UdpSocket v4{AF_INET};
    CHECK(netlink::receive_esp_in_udp(v4.fd()).has_value());
}

TEST_CASE("own addresses are listed with their interfaces", "[kernel]") {
    LinuxKernel kernel;
    const auto addresses = kernel.kernel().own_addresses();
    REQUIRE(addresses.has_value());
    const auto lists = [&](const Address& wanted, unsigned length) {
        return std::ranges::any_of(*addresses, [&](const netlink::OwnAddress& own_address) {
            return own_address.address == wanted && own_address.prefix_length == length &&
                   own_address.interface_index != 0;
        });
    };
    CHECK(lists(address("192.0.2.1"), 24));
    CHECK(lists(address("2001:db8::1"), 64));
    CHECK(lists(address("127.0.0.1"), 8));
}

TEST_CASE("a route says from which address and over which interface", "[kernel]") {
    LinuxKernel linux_kernel;
    netlink::Kernel& kernel = linux_kernel.kernel();
    const auto on_link = kernel.route_to(address("192.0.2.9"));
    REQUIRE(on_link.has_value());
    CHECK(on_link->source == address("192.0.2.1"));
    CHECK(on_link->interface_index != 0);
    CHECK_FALSE(on_link->gateway.has_value());
    CHECK_FALSE(on_link->local);
    const auto six = kernel.route_to(address("2001:db8::9"));
    REQUIRE(six.has_value());
    CHECK(six->source == address("2001:db8::1"));
    const auto self = kernel.route_to(address("192.0.2.1"));
    REQUIRE(self.has_value());
    CHECK(self->local);

    const auto nowhere = kernel.route_to(address("198.51.100.1"));
    REQUIRE_FALSE(nowhere.has_value());
    CHECK(nowhere.error().error_number == ENETUNREACH);
    CHECK_THAT(nowhere.error().what, ContainsSubstring("198.51.100.1"));
    REQUIRE(ip("route add 198.51.100.0/24 via 192.0.2.254"));
    const auto routed = kernel.route_to(address("198.51.100.1"));
    REQUIRE(routed.has_value());
    CHECK(routed->gateway == address("192.0.2.254"));
    REQUIRE(ip("route add unreachable 203.0.113.0/24"));
    CHECK_FALSE(kernel.route_to(address("203.0.113.1")).has_value());
    CHECK(kernel.route_to(address("192.0.2.9"), address("192.0.2.1")).has_value());
    CHECK_FALSE(kernel.route_to(address("192.0.2.9"), address("192.0.2.77")).has_value());
}

TEST_CASE("changes of addresses and routes are told", "[kernel]") {
    LinuxKernel kernel;
    const auto told = [&](auto wanted) {
        const auto events = kernel.all_events();
        return std::ranges::any_of(events, [&](const KernelEvent& event) { return wanted(event); });
    };
    const auto address_event = [](std::string_view text, bool added) {
        return [=](const KernelEvent& event) {
            const auto* const change = std::get_if<AddressChanged>(&event);
            return change && change->address == address(text) && change->added == added;
        };
    };
    const auto route_event = [](std::string_view text, bool added) {
        return [=](const KernelEvent& event) {
            const auto* const change = std::get_if<RouteChanged>(&event);
            return change && change->destination == Prefix::parse(text) && change->added == added;
        };
    };
    REQUIRE(ip("addr add 198.51.100.7/32 dev lan0"));
    CHECK(told(address_event("198.51.100.7", true)));
    REQUIRE(ip("addr del 198.51.100.7/32 dev lan0"));
    CHECK(told(address_event("198.51.100.7", false)));
    REQUIRE(ip("addr add 2001:db8:9::1/64 dev lan0 nodad"));
    CHECK(told(address_event("2001:db8:9::1", true)));
    REQUIRE(ip("route add 203.0.113.0/24 dev lan0"));
    CHECK(told(route_event("203.0.113.0/24", true)));
    REQUIRE(ip("route del 203.0.113.0/24 dev lan0"));
    CHECK(told(route_event("203.0.113.0/24", false)));
    REQUIRE(ip("link set lan0 down"));
    CHECK(told(route_event("0.0.0.0/0", false)));
}

TEST_CASE("lost events become one resync", "[kernel]") {
    LinuxKernel kernel;
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    const int small = 2048;
    REQUIRE(setsockopt(kernel.kernel().event_fd(), SOL_SOCKET, SO_RCVBUFFORCE, &small,
                       sizeof small) == 0);
    for (std::uint32_t host = 2; host < 200; ++host) send_datagram(Address::v4(0xc0000200u + host));
    std::size_t acquires = 0;
    std::size_t resyncs = 0;
    for (const KernelEvent& event : kernel.all_events()) {
        acquires += std::holds_alternative<Acquire>(event) ? 1 : 0;
        resyncs += std::holds_alternative<Resync>(event) ? 1 : 0;
    }
    CHECK(acquires < 198);
    CHECK(resyncs == 1);
}

TEST_CASE("an event storm is handed out in bounded portions", "[kernel]") {
    LinuxKernel kernel;
    require_done(kernel.run(InstallPolicies{.policies = {[] {
                                                PolicySpec policy =
                                                    transport_policy(Family::V4, Direction::Out);
                                                policy.id.selector.destination =
                                                    Prefix::parse("10.0.0.0/8").value();
                                                return policy;
                                            }()}}));
    REQUIRE(ip("route add 10.0.0.0/8 dev lan0"));
    static_cast<void>(kernel.all_events());
    for (std::uint32_t host = 1; host <= 600; ++host)
        send_datagram(Address::v4(0x0a000000u + host));
    std::size_t total = 0;
    for (;;) {
        const auto portion = kernel.kernel().on_events();
        if (portion.empty()) break;
        CHECK(portion.size() <= 2 * 256 + 1);
        for (const KernelEvent& event : portion) {
            CHECK_FALSE(std::holds_alternative<Resync>(event));
            total += std::holds_alternative<Acquire>(event) ? 1 : 0;
        }
    }
    CHECK(total == 600);
}

TEST_CASE("the probe names what is missing and leaves nothing behind", "[kernel]") {
    LinuxKernel kernel;
    const auto offers = netlink::probe(kernel.kernel());
    REQUIRE(offers.has_value());
    CHECK(offers->size() >= 12);
    for (const netlink::Offer& offer : *offers)
        if (!offer.available()) {
            INFO(offer.missing);
            CHECK_THAT(offer.missing, ContainsSubstring("this kernel has no "));
            CHECK_THAT(offer.missing, ContainsSubstring("load module"));
        }
    CHECK(dump_sas(kernel).empty());
    CHECK(kernel.events().empty());
}

TEST_CASE("without CAP_NET_ADMIN the error says so", "[kernel]") {
    LinuxKernel kernel;
    // The effective user changes for this thread's capabilities and comes back afterwards.
    REQUIRE(seteuid(65534) == 0);
    const auto refused = netlink::Kernel::open();
    REQUIRE(seteuid(0) == 0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().error_number == EPERM);
    CHECK_THAT(refused.error().what, ContainsSubstring("CAP_NET_ADMIN"));
}

TEST_CASE("an algorithm that no kernel has is refused with its set", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    const EspSpi spi = reserve(kernel, Family::V4);
    InstallSas request;
    request.sas.push_back(inbound(Family::V4, spi));
    request.sas.push_back(outbound(Family::V4));
    request.sas.back().aead->name = "rfc4106(gcm(nonsense))";
    request.reserved = {true, false};
    const auto refused = kernel.run(std::move(request));
    REQUIRE(error_of(refused) == ENOSYS);
    CHECK_THAT(refused.error().what, ContainsSubstring("rfc4106(gcm(nonsense))"));
    CHECK(dump_sas(kernel).empty());
}

TEST_CASE("an SA that cannot be written gives its reservation up", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    const EspSpi spi = reserve(kernel, Family::V4);
    InstallSas request;
    request.sas.push_back(inbound(Family::V4, spi));
    request.sas.back().replay_window = 5000;
    request.reserved = {true};
    CHECK(error_of(kernel.run(std::move(request))) == EINVAL);
    CHECK(dump_sas(kernel).empty());
}

}  // namespace xfrmd::kernel_tests
