// SPDX-License-Identifier: Apache-2.0
// The many peers of a benchmark.
#include "tests/bench/initiators.h"

#include <charconv>
#include <format>
#include <utility>

namespace xfrmd::bench {
namespace {

constexpr std::string_view kPrefix = "peer-";
constexpr std::uint32_t kLimitMax = 1'000'000;

}  // namespace

xfrm::Address address_of(std::uint32_t number) {
    return *xfrm::Address::parse(
        std::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255));
}

std::string name_of(std::uint32_t number) {
    return std::format("{}{}", kPrefix, number);
}

std::optional<std::uint32_t> number_of(std::string_view name) {
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

std::optional<std::uint32_t> number_of(const xfrm::Address& address) {
    const View octets = address.octets();
    if (!address.is_v4() || octets[0] != 10) return std::nullopt;
    return std::uint32_t{octets[1]} << 16 | std::uint32_t{octets[2]} << 8 | octets[3];
}

ike::Connection connection_of(std::uint32_t number, bool at_server, const Terms& terms) {
    ike::Connection connection;
    connection.name = name_of(number);
    connection.local = at_server ? terms.server : address_of(number);
    connection.remote = at_server ? address_of(number) : terms.server;
    const ike::Identity peers = *ike::parse_identity(name_of(number) + ".example.net");
    const ike::Identity servers = *ike::parse_identity("server.example.net");
    connection.local_id = at_server ? servers : peers;
    connection.peer_id = ike::IdentityPattern::exactly(at_server ? peers : servers);
    connection.local_authentication = ike::LocalSecret{"all"};
    connection.peer_authentication = ike::PeerSecret{"all"};
    if (terms.certified && !at_server) {
        connection.local_id = *ike::parse_identity("peers.example.net");
        connection.local_authentication = terms.certified->own;
        connection.peer_authentication = terms.certified->server;
    }
    connection.ike_proposals = {terms.ike};
    connection.start = ike::Start::Passive;
    ike::Child child;
    child.name = "all";
    child.local = {ike::AddressRange::of(xfrm::Prefix::host(connection.local))};
    child.remote = {ike::AddressRange::of(xfrm::Prefix::host(connection.remote))};
    child.reqid = {number + 1};
    child.proposals = {terms.esp};
    child.policy_priority = 1000;
    connection.children.push_back(std::move(child));
    return connection;
}

ike::Limits no_limits(std::uint32_t count) {
    ike::Limits limits;
    limits.half_open_before_cookie = count;
    limits.half_open_per_network_before_cookie = count;
    limits.half_open_per_network_max = count;
    limits.initiations_per_second = kLimitMax;
    return limits;
}

xfrm::KernelResult answer(const xfrm::KernelRequest& request, std::uint32_t& next_spi) {
    if (std::holds_alternative<xfrm::AllocateSpi>(request)) return xfrm::EspSpi{++next_spi};
    if (std::holds_alternative<xfrm::DumpSas>(request)) return std::vector<xfrm::SaInfo>{};
    return xfrm::Done{};
}

End::End(Botan::RandomNumberGenerator& random, std::string_view secret) {
    ike::HostOptions options;
    options.crash_secret = Secret{as_view("a secret that survives a crash")};
    host = std::make_unique<ike::Host>(random, std::move(options));
    static_cast<void>(credentials.add_secret("all", Secret{as_view(secret)}));
}

}  // namespace xfrmd::bench
