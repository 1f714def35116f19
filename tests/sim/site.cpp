// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/site.h"

#include <algorithm>
#include <set>

#include "ike/policy/default_proposals.h"
#include "ike/policy/reqids.h"
#include "tests/support/test_pki.h"

namespace xfrmd::sim {

namespace {

xfrm::Address address(std::string_view text) { return xfrm::Address::parse(text).value(); }
ike::AddressRange range(std::string_view text) { return ike::AddressRange::of(xfrm::Prefix::parse(text).value()); }

// Made once: every simulation has the same authorities and hosts.
struct Pki {
    test::TestPki pki{2026};
    test::Credential authority = pki.make_root("Simulated authority");
    test::Credential stranger = pki.make_root("Somebody else's authority");
    test::Credential east = pki.make_host(authority, "east.example");
    test::Credential west = pki.make_host(authority, "west.example");
    test::Credential false_west = pki.make_host(stranger, "west.example");
    test::Credential false_east = pki.make_host(stranger, "east.example");
};
const Pki& shared_pki() {
    static const Pki pki;
    return pki;
}

const test::Credential& certificate_of(const Options& options, Side side) {
    const Pki& pki = shared_pki();
    const bool false_one = options.quarrel == Quarrel::WrongAuthority;
    if (side == Side::East) return false_one ? pki.false_east : pki.east;
    return false_one ? pki.false_west : pki.west;
}

std::string identity_of(Side side) { return side == Side::East ? "east.example" : "west.example"; }

xfrm::Address outer(const Options& options, Side side) {
    const bool east = side == Side::East;
    if (options.family == xfrm::Family::V4) return address(east ? "192.0.2.1" : "192.0.2.2");
    return address(east ? "2001:db8::1" : "2001:db8::2");
}

xfrm::Address inner(const Options& options, Side side) {
    if (options.mode == xfrm::Mode::Transport && options.quarrel != Quarrel::DifferentModes)
        return outer(options, side);
    const bool east = side == Side::East;
    if (options.family == xfrm::Family::V4) return address(east ? "10.1.0.1" : "10.2.0.1");
    return address(east ? "2001:db8:1::1" : "2001:db8:2::1");
}

// The mode of this end; they differ only in a quarrel.
xfrm::Mode mode_of(const Options& options, Side side) {
    if (options.quarrel != Quarrel::DifferentModes) return options.mode;
    return side == Side::East ? xfrm::Mode::Transport : xfrm::Mode::Tunnel;
}

// What belongs to `owner`, as `viewer` has it in its configuration.
ike::TrafficSelectorList traffic_of(const Options& options, Side owner, Side viewer) {
    const bool v4 = options.family == xfrm::Family::V4;
    const bool east = owner == Side::East;
    if (mode_of(options, viewer) == xfrm::Mode::Transport) {
        const auto host = outer(options, owner);
        ike::AddressRange all{.first = host, .last = host};
        if (options.selectors == Selectors::Same) return {all};
        // The traffic of probes is UDP; the other end may also want something else protected.
        ike::AddressRange udp = all;
        udp.protocol = 17;
        if (options.selectors == Selectors::Narrower) return {viewer == Side::East ? all : udp};
        ike::AddressRange tcp = all;
        tcp.protocol = 6;
        return {tcp, udp};
    }
    if (options.quarrel == Quarrel::DisjointSelectors && viewer == Side::West)
        return {range(v4 ? (east ? "10.7.0.0/16" : "10.8.0.0/16") : (east ? "2001:db8:7::/48" : "2001:db8:8::/48"))};
    switch (options.selectors) {
        case Selectors::Same: break;
        case Selectors::Narrower:
            if (viewer == Side::East) break;
            return {range(v4 ? (east ? "10.1.0.0/24" : "10.2.0.0/24")
                             : (east ? "2001:db8:1::/64" : "2001:db8:2::/64"))};
        case Selectors::Several:
            if (v4) return {range(east ? "10.1.0.0/24" : "10.2.0.0/24"), range(east ? "10.3.0.0/16" : "10.4.0.0/16")};
            return {range(east ? "2001:db8:1::/64" : "2001:db8:2::/64"),
                    range(east ? "2001:db8:3::/48" : "2001:db8:4::/48")};
    }
    return {range(v4 ? (east ? "10.1.0.0/16" : "10.2.0.0/16") : (east ? "2001:db8:1::/48" : "2001:db8:2::/48"))};
}

ike::Connection make_connection(const Options& options, Side side, const ike::CredentialStore& credentials) {
    const bool east = side == Side::East;
    ike::Connection connection;
    connection.name = east ? "to-west" : "to-east";
    connection.local = outer(options, side);
    connection.remote = outer(options, other(side));
    connection.local_id = ike::parse_identity(identity_of(side)).value();
    const std::string expected =
        options.quarrel == Quarrel::WrongIdentity ? "somebody.example" : identity_of(other(side));
    connection.peer_id = ike::IdentityPattern::parse(expected).value();
    if (options.certificates) {
        connection.local_authentication =
            ike::LocalCertificate{"own", credentials.chain_of("own").value()};
        connection.peer_authentication =
            ike::PeerCertificate{"peers", credentials.authority_key_hashes("peers").value()};
    } else {
        connection.local_authentication = ike::LocalSecret{"shared"};
        connection.peer_authentication = ike::PeerSecret{"shared"};
    }
    connection.ike_proposals = {
        ike::parse_proposal(ike::ProtocolId::Ike, east ? options.ike_east : options.ike_west).value()};
    connection.start = east ? options.start_east : options.start_west;
    std::set<xfrm::ReqId> taken;
    ike::Child child;
    child.name = "net";
    child.mode = mode_of(options, side);
    child.local = traffic_of(options, side, side);
    child.remote = traffic_of(options, other(side), side);
    child.reqid = ike::stable_reqid(connection.name, child.name, taken);
    child.proposals = {
        ike::parse_proposal(ike::ProtocolId::Esp, east ? options.esp_east : options.esp_west).value()};
    child.policy_priority = 1000;
    connection.children.push_back(std::move(child));
    connection.origin = "simulation";
    return connection;
}

std::unique_ptr<ike::CredentialStore> make_credentials(const Options& options, Side side) {
    auto credentials = std::make_unique<ike::CredentialStore>();
    const bool wrong = options.quarrel == Quarrel::WrongSecret && side == Side::East;
    credentials->add_secret("shared", Secret{as_view(wrong ? "not the same" : "the same on both ends")}).value();
    if (!options.certificates) return credentials;
    const test::Credential& own = certificate_of(options, side);
    credentials->add_identity("own", own.private_key, View{own.certificate}).value();
    credentials->add_trust("peers", shared_pki().authority.certificate, {}, ike::CrlMode::IfAvailable).value();
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

Site make_site(const Options& options, Side side) {
    Site site;
    site.name = side == Side::East ? "east" : "west";
    site.address = outer(options, side);
    site.traffic = inner(options, side);
    site.addresses = {site.address};
    if (site.traffic != site.address) site.addresses.push_back(site.traffic);
    site.credentials = make_credentials(options, side);
    ike::Configuration configuration;
    configuration.number = 1;
    configuration.connections.push_back(make_connection(options, side, *site.credentials));
    if (options.cookies) configuration.limits.half_open_before_cookie = 0;
    site.configuration = std::make_shared<const ike::Configuration>(std::move(configuration));
    return site;
}

bool wants_protection(const ike::Configuration& configuration, const Packet& packet, bool inbound) {
    const xfrm::Address& local = inbound ? packet.destination : packet.source;
    const xfrm::Address& remote = inbound ? packet.source : packet.destination;
    const std::uint16_t local_port = inbound ? packet.destination_port : packet.source_port;
    const std::uint16_t remote_port = inbound ? packet.source_port : packet.destination_port;
    for (const ike::Connection& connection : configuration.connections)
        for (const ike::Child& child : connection.children)
            if (contains(child.local, local, packet, local_port) && contains(child.remote, remote, packet, remote_port))
                return true;
    return false;
}

std::int64_t wall_seconds_at_start() { return test::kNow; }

}  // namespace xfrmd::sim
