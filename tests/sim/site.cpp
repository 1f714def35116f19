// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/site.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "ike/child_sa.h"
#include "ike/policy/default_proposals.h"
#include "ike/policy/reqids.h"
#include "tests/support/test_pki.h"

namespace xfrmd::sim {

namespace {

xfrm::Address address(std::string_view text) { return xfrm::Address::parse(text).value(); }
ike::AddressRange range(std::string_view text) { return ike::AddressRange::of(xfrm::Prefix::parse(text).value()); }

// Which end of a connection a host is.
enum class End : std::uint8_t { East, West };
End end_of(HostIndex host, HostIndex peer) { return host < peer ? End::East : End::West; }

// Made once: every simulation has the same authorities and hosts.
struct Pki {
    test::TestPki pki{2026};
    test::Credential authority = pki.make_root("Simulated authority");
    test::Credential stranger = pki.make_root("Somebody else's authority");
    std::vector<test::Credential> hosts = make_hosts(authority);
    std::vector<test::Credential> false_hosts = make_hosts(stranger);

  private:
    std::vector<test::Credential> make_hosts(const test::Credential& issuer) {
        std::vector<test::Credential> all;
        for (HostIndex host = 0; host < kHostsMax; ++host)
            all.push_back(pki.make_host(issuer, std::string{host_name(host)} + ".example"));
        return all;
    }
};
const Pki& shared_pki() {
    static const Pki pki;
    return pki;
}

std::string identity_of(HostIndex host) { return std::string{host_name(host)} + ".example"; }

std::string numbered(std::string_view before, std::size_t number, std::string_view after = "") {
    return std::string{before} + std::to_string(number) + std::string{after};
}

bool is_behind_nat(const Options& options, HostIndex host) { return options.nat && host == 0; }

xfrm::Address outer(const Options& options, HostIndex host) {
    if (is_behind_nat(options, host)) return address("192.168.1.2");
    if (options.family == xfrm::Family::V4) return address(numbered("192.0.2.", host + 1));
    return address(numbered("2001:db8::", host + 1));
}

xfrm::Address outer_as_seen(const Options& options, HostIndex host) {
    return is_behind_nat(options, host) ? address("192.0.2.101") : outer(options, host);
}

// As this end of the connection has it: who is behind a NAT knows itself by its own address.
xfrm::Address outer_in_view_of(const Options& options, HostIndex host, End viewer) {
    return is_behind_nat(options, host) && viewer == End::East ? outer(options, host) : outer_as_seen(options, host);
}

// Traffic is what the hosts themselves say.
bool is_between_hosts(const Options& options) {
    return options.mode == xfrm::Mode::Transport && options.quarrel != Quarrel::DifferentModes;
}

xfrm::Address inner(const Options& options, HostIndex host) {
    if (is_between_hosts(options)) return outer(options, host);
    if (options.family == xfrm::Family::V4) return address(numbered("10.", host + 1, ".0.1"));
    return address(numbered("2001:db8:", host + 1, "::1"));
}

xfrm::Address other_inner(const Options& options, HostIndex host) {
    if (options.mode == xfrm::Mode::Transport) return outer(options, host);
    if (options.family == xfrm::Family::V4) return address(numbered("10.", host + 151, ".0.1"));
    return address(numbered("2001:db8:", host + 151, "::1"));
}

// The mode of this end; they differ only in a quarrel.
xfrm::Mode mode_of(const Options& options, End end) {
    if (options.quarrel != Quarrel::DifferentModes) return options.mode;
    return end == End::East ? xfrm::Mode::Transport : xfrm::Mode::Tunnel;
}

// What belongs to a host, in transport mode. The probes are UDP; the other end may also want something else protected.
ike::TrafficSelectorList host_traffic(const Options& options, HostIndex owner, End viewer) {
    const auto host = outer_in_view_of(options, owner, viewer);
    const ike::AddressRange all{.first = host, .last = host};
    ike::AddressRange udp = all;
    udp.protocol = 17;
    if (options.two_children) return {udp};
    if (options.selectors == Selectors::Same) return {all};
    if (options.selectors == Selectors::Narrower) return {viewer == End::East ? all : udp};
    ike::AddressRange tcp = all;
    tcp.protocol = 6;
    return {tcp, udp};
}

// What belongs to `owner`, as that end of the connection has it in its configuration.
ike::TrafficSelectorList traffic_of(const Options& options, HostIndex owner, End viewer) {
    if (mode_of(options, viewer) == xfrm::Mode::Transport) return host_traffic(options, owner, viewer);
    const bool v4 = options.family == xfrm::Family::V4;
    const auto network = [&](std::size_t number, bool wide) {
        if (v4) return range(numbered("10.", number, wide ? ".0.0/16" : ".0.0/24"));
        return range(numbered("2001:db8:", number, wide ? "::/48" : "::/64"));
    };
    if (options.quarrel == Quarrel::DisjointSelectors && viewer == End::West) return {network(owner + 201, true)};
    switch (options.selectors) {
        case Selectors::Same: break;
        case Selectors::Narrower:
            if (viewer == End::East) break;
            return {network(owner + 1, false)};
        case Selectors::Several: return {network(owner + 1, false), network(owner + 101, true)};
    }
    return {network(owner + 1, true)};
}

ike::Child make_child(const Options& options, HostIndex host, HostIndex peer) {
    const End end = end_of(host, peer);
    ike::Child child;
    child.name = "net";
    child.mode = mode_of(options, end);
    child.local = traffic_of(options, host, end);
    child.remote = traffic_of(options, peer, end);
    child.proposals = {
        ike::parse_proposal(ike::ProtocolId::Esp, end == End::East ? options.esp_east : options.esp_west).value()};
    child.policy_priority = 1000;
    child.compress = options.compresses;
    return child;
}

// TCP between two hosts, or another network.
ike::TrafficSelectorList other_traffic_of(const Options& options, HostIndex owner, End viewer) {
    const auto first = other_inner(options, owner);
    if (options.mode == xfrm::Mode::Tunnel) return {range(first.to_string() + (first.is_v4() ? "/32" : "/128"))};
    const auto host = outer_in_view_of(options, owner, viewer);
    return {ike::AddressRange{.first = host, .last = host, .protocol = 6}};
}

ike::Child make_other_child(const Options& options, HostIndex host, HostIndex peer) {
    ike::Child child = make_child(options, host, peer);
    child.name = "other";
    const End end = end_of(host, peer);
    child.local = other_traffic_of(options, host, end);
    child.remote = other_traffic_of(options, peer, end);
    return child;
}

// AH around each child, in transport mode between the two hosts.
void add_outer_children(ike::Connection& connection) {
    for (ike::Child& inner : std::exchange(connection.children, {})) {
        ike::Child outer = inner;
        outer.name = inner.name + "+ah";
        outer.protocol = xfrm::IpsecProtocol::Ah;
        outer.proposals = ike::default_ah_proposals();
        outer.compress = false;
        outer.bundle = ike::BundlePart{.partner = inner.name,
                                       .outer = true,
                                       .around_tunnel = inner.mode == xfrm::Mode::Tunnel};
        if (outer.bundle->around_tunnel) {
            outer.mode = xfrm::Mode::Transport;
            outer.local = {ike::AddressRange::of(xfrm::Prefix::host(connection.local))};
            outer.remote = {ike::AddressRange::of(xfrm::Prefix::host(connection.remote))};
        }
        inner.bundle = ike::BundlePart{.partner = outer.name};
        connection.children.push_back(std::move(inner));
        connection.children.push_back(std::move(outer));
    }
}

ike::Connection make_connection(const Options& options, HostIndex host, HostIndex peer,
                                const ike::CredentialStore& credentials) {
    const End end = end_of(host, peer);
    ike::Connection connection;
    connection.name = std::string{"to-"} + host_name(peer);
    connection.local = outer(options, host);
    connection.remote = outer_as_seen(options, peer);
    connection.local_id = ike::parse_identity(identity_of(host)).value();
    const std::string expected = options.quarrel == Quarrel::WrongIdentity ? "somebody.example" : identity_of(peer);
    connection.peer_id = ike::IdentityPattern::parse(expected).value();
    if (options.certificates) {
        connection.local_authentication = ike::LocalCertificate{"own", credentials.chain_of("own").value()};
        connection.peer_authentication =
            ike::PeerCertificate{"peers", credentials.authority_key_hashes("peers").value()};
    } else {
        connection.local_authentication = ike::LocalSecret{"shared"};
        connection.peer_authentication = ike::PeerSecret{"shared"};
    }
    connection.ike_proposals = {
        ike::parse_proposal(ike::ProtocolId::Ike, end == End::East ? options.ike_east : options.ike_west).value()};
    connection.start = end == End::East ? options.start_east : options.start_west;
    connection.children.push_back(make_child(options, host, peer));
    if (options.two_children) connection.children.push_back(make_other_child(options, host, peer));
    if (options.bundles) add_outer_children(connection);
    if (options.short_lives) {
        connection.ike_rekey = std::chrono::seconds{50 + 10 * static_cast<int>(host)};
        for (ike::Child& child : connection.children) child.rekey = {.time = std::chrono::seconds{20}, .packets = 60};
    }
    if (options.reauthenticates) connection.reauthenticate = std::chrono::seconds{70};
    connection.mobike = options.mobike;
    connection.local_fixed = !options.mobike;
    connection.origin = "simulation";
    return connection;
}

// One child, or the two of a bundle.
bool is_the_only_traffic(const ike::Connection& connection) {
    return std::ranges::all_of(connection.children, [&](const ike::Child& child) {
        return &child == &connection.children.front() || (child.bundle && child.bundle->outer);
    });
}

bool is_served(const Options& options, HostIndex host, HostIndex peer) {
    return end_of(host, peer) == End::East ? options.served_east : options.served_west;
}

// As setkey.conf has them: which SA serves a policy is told by a number only where there are several policies.
std::vector<xfrm::PolicySpec> others_policies(const ike::Connection& connection) {
    std::vector<xfrm::PolicySpec> all;
    for (const ike::Child& child : connection.children) {
        auto policies = ike::policies_for(connection, child).value();
        for (xfrm::PolicySpec& policy : policies)
            if (is_the_only_traffic(connection))
                for (xfrm::Template& wanted : policy.templates) wanted.reqid = {};
        std::ranges::move(policies, std::back_inserter(all));
    }
    return all;
}

std::unique_ptr<ike::CredentialStore> make_credentials(const Options& options, HostIndex host) {
    auto credentials = std::make_unique<ike::CredentialStore>();
    const bool wrong = options.quarrel == Quarrel::WrongSecret && host == 0;
    credentials->add_secret("shared", Secret{as_view(wrong ? "not the same" : "the same on both ends")}).value();
    if (!options.certificates) return credentials;
    const Pki& pki = shared_pki();
    const test::Credential& own =
        (options.quarrel == Quarrel::WrongAuthority ? pki.false_hosts : pki.hosts)[host];
    credentials->add_identity("own", own.private_key, View{own.certificate}).value();
    credentials->add_trust("peers", pki.authority.certificate, {}, ike::CrlMode::IfAvailable).value();
    return credentials;
}

bool contains(const ike::TrafficSelectorList& list, const xfrm::Address& address, const Packet& packet,
              std::uint16_t port) {
    return std::ranges::any_of(list, [&](const ike::AddressRange& range) {
        return range.first.family() == address.family() && range.first <= address && address <= range.last &&
               (range.protocol == 0 || range.protocol == packet.protocol) && range.port_first <= port &&
               port <= range.port_last;
    });
}

}  // namespace

const char* host_name(HostIndex host) {
    constexpr std::array<const char*, kHostsMax> kNames{"east", "west", "north", "south", "centre"};
    return kNames[host];
}

Site make_site(const Options& options, HostIndex host) {
    Site site;
    site.host = host;
    site.name = host_name(host);
    site.address = outer(options, host);
    site.public_address = outer_as_seen(options, host);
    site.traffic = inner(options, host);
    site.addresses = {site.address};
    site.other_traffic = other_inner(options, host);
    const bool between_hosts = is_between_hosts(options);
    site.public_traffic = between_hosts ? site.public_address : site.traffic;
    site.public_other_traffic = between_hosts ? site.public_address : site.other_traffic;
    for (const xfrm::Address& own : {site.traffic, site.other_traffic})
        if (own != site.address) site.addresses.push_back(own);
    site.credentials = make_credentials(options, host);
    ike::Configuration configuration;
    configuration.number = 1;
    std::set<xfrm::ReqId> taken;
    for (HostIndex peer = 0; peer < options.hosts; ++peer) {
        if (peer == host) continue;
        ike::Connection connection = make_connection(options, host, peer, *site.credentials);
        for (ike::Child& child : connection.children)
            child.reqid = ike::stable_reqid(connection.name, child.name, taken);
        if (is_served(options, host, peer)) {
            site.served.insert(connection.name);
            std::ranges::move(others_policies(connection), std::back_inserter(site.others_policies));
        }
        configuration.connections.push_back(std::move(connection));
    }
    if (options.cookies) configuration.limits.half_open_before_cookie = 0;
    if (options.small_fragments) configuration.limits.fragment_size = 576;
    site.configuration = std::make_shared<const ike::Configuration>(std::move(configuration));
    return site;
}

ike::Connection as_pattern(const ike::Connection& connection) {
    ike::Connection pattern = connection;
    pattern.children.clear();
    ike::Served& served = pattern.served.emplace();
    const ike::Child& child = connection.children.front();
    served.esp = child.proposals;
    served.ah = ike::default_ah_proposals();
    served.replay_window = child.replay_window;
    served.rekey = child.rekey;
    return pattern;
}

const ike::Connection* protector(const ike::Configuration& configuration, const Packet& packet, bool inbound) {
    const xfrm::Address& local = inbound ? packet.destination : packet.source;
    const xfrm::Address& remote = inbound ? packet.source : packet.destination;
    const std::uint16_t local_port = inbound ? packet.destination_port : packet.source_port;
    const std::uint16_t remote_port = inbound ? packet.source_port : packet.destination_port;
    for (const ike::Connection& connection : configuration.connections)
        for (const ike::Child& child : connection.children)
            if (contains(child.local, local, packet, local_port) && contains(child.remote, remote, packet, remote_port))
                return &connection;
    return nullptr;
}

std::shared_ptr<const ike::Configuration> changed(const ike::Configuration& configuration) {
    ike::Configuration other = configuration;
    ++other.number;
    const bool all_children = other.number % 2 == 0;
    for (ike::Connection& connection : other.connections)
        for (ike::Child& child : connection.children) {
            if (!all_children && &child == &connection.children.front()) continue;
            child.replay_window = child.replay_window == 128 ? 64 : 128;
        }
    return std::make_shared<const ike::Configuration>(std::move(other));
}

std::int64_t wall_seconds_at_start() { return test::kNow; }

}  // namespace xfrmd::sim
