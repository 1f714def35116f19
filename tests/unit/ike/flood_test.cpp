// SPDX-License-Identifier: Apache-2.0
// What strangers may cost, and that they keep nobody else out. RFC 7296 §2.6, RFC 8019 §4.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>

#include "ike/half_open.h"
#include "ike/wire/messages.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

xfrm::Address address(int network, int host) {
    return xfrm::Address::v4(static_cast<std::uint32_t>(198 << 24 | 51 << 16 | network << 8 | host));
}

SaHandle handle(std::uint32_t index) { return {index, 1}; }

Bytes replace_spi(Bytes request, std::uint64_t spi) {
    for (std::size_t i = 0; i < 8; ++i) request[i] = static_cast<std::uint8_t>(spi >> (56 - 8 * i));
    return request;
}

// An attacker with true addresses: it answers every cookie challenge, and never finishes.
class Flood {
  public:
    Flood(Pair& pair, Bytes request) : pair_{pair}, request_{std::move(request)} {}

    void send(const xfrm::Address& from) {
        const Path path{{pair_.bob.address, 500}, {from, 500}, false};
        const Bytes plain = replace_spi(request_, ++spi_);
        const Effects effects = pair_.bob.host->step(pair_.now, Datagram{path, plain});
        for (const Effect& effect : effects) {
            const auto* transmit = std::get_if<Transmit>(&effect);
            if (transmit == nullptr) continue;
            CHECK(transmit->octets.size() <= plain.size());
            const auto answer = parse_message(transmit->octets);
            const auto* notify = std::get_if<Notify>(&answer->payloads.front());
            if (notify == nullptr || notify->type != NotifyType::Cookie) continue;
            auto again = *parse_message(plain);
            again.payloads.insert(again.payloads.begin(), make_cookie(notify->data));
            static_cast<void>(pair_.bob.host->step(
                pair_.now, Datagram{path, write_message(again.header, again.payloads)}));
        }
    }

  private:
    Pair& pair_;
    Bytes request_;
    std::uint64_t spi_ = 0x100;
};

// Alice's IKE_SA_INIT request; nothing has reached bob.
Bytes capture_request(Pair& pair) {
    Bytes request;
    const auto pass_all = pair.wire;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob && request.empty()) request = datagram.octets;
        return false;
    };
    pair.up(pair.alice);
    pair.down(pair.alice);
    pair.wire = pass_all;
    return request;
}

// Bob knows alice, and also hosts 1 to 20 of each of the first `networks` networks.
void configure_with_networks(Pair& pair, int networks) {
    pair.configure(pair.alice);
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = 1;
    configuration->limits = pair.bob.limits;
    configuration->connections = {pair.bob.connection};
    for (int network = 0; network < networks; ++network)
        for (int host = 1; host <= 20; ++host) {
            Connection other = pair.bob.connection;
            other.name += std::to_string(network) + "-" + std::to_string(host);
            other.remote = address(network, host);
            other.children.front().remote = {AddressRange::of(xfrm::Prefix::host(other.remote))};
            other.children.front().reqid = {static_cast<std::uint32_t>(1000 + network * 100 + host)};
            configuration->connections.push_back(std::move(other));
        }
    pair.input(pair.bob, Command{CommandId{1000}, Configure{std::move(configuration)}});
}

}  // namespace

TEST_CASE("half-open IKE SAs are counted by network", "[ike][flood]") {
    HalfOpenTable table;
    table.add(handle(1), address(1, 1));
    table.add(handle(2), address(1, 255));
    table.add(handle(3), address(2, 1));
    CHECK(table.total() == 3);
    CHECK(table.from_network_of(address(1, 77)) == 2);
    CHECK(table.from_network_of(address(3, 1)) == 0);
    table.remove(handle(1));
    table.remove(handle(1));
    CHECK(table.from_network_of(address(1, 1)) == 1);
    const auto v6 = [](const char* text) { return *xfrm::Address::parse(text); };
    table.add(handle(4), v6("2001:db8:0:1200::1"));
    CHECK(table.from_network_of(v6("2001:db8:0:12ff::9")) == 1);
    CHECK(table.from_network_of(v6("2001:db8:0:1300::1")) == 0);
}

TEST_CASE("cookies are asked for above a threshold, for all or for one network", "[ike][flood]") {
    Limits limits;
    limits.half_open_before_cookie = 3;
    limits.half_open_per_network_before_cookie = 2;
    HalfOpenTable table;
    CHECK_FALSE(wants_cookie(table, limits, address(1, 1)));
    table.add(handle(1), address(1, 1));
    table.add(handle(2), address(1, 2));
    CHECK(wants_cookie(table, limits, address(1, 3)));
    CHECK_FALSE(wants_cookie(table, limits, address(2, 1)));
    table.add(handle(3), address(2, 1));
    CHECK(wants_cookie(table, limits, address(3, 1)));
}

TEST_CASE("who has most gives way, the oldest first", "[ike][flood]") {
    Limits limits;
    limits.half_open_max = 6;
    limits.half_open_per_network_max = 4;
    HalfOpenTable table;
    for (std::uint32_t i = 0; i < 4; ++i) table.add(handle(i), address(1, 1));
    CHECK(table.to_displace(limits, address(1, 9)) == handle(0));
    CHECK_FALSE(table.to_displace(limits, address(2, 1)));
    table.add(handle(10), address(2, 1));
    table.add(handle(11), address(2, 1));
    CHECK(table.to_displace(limits, address(2, 1)) == handle(0));
    CHECK(table.to_displace(limits, address(3, 1)) == handle(0));
    table.remove(handle(0));
    table.remove(handle(1));
    table.add(handle(12), address(3, 1));
    table.add(handle(13), address(3, 1));
    // All three networks have two: the newcomer's own oldest goes.
    CHECK(table.to_displace(limits, address(2, 7)) == handle(10));
}

TEST_CASE("a flood from one network keeps nobody out of the others, nor all of its own", "[ike][flood]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 4;
    pair.bob.limits.half_open_max = 40;
    pair.bob.limits.half_open_per_network_max = 16;
    configure_with_networks(pair, 3);
    Flood flood{pair, capture_request(pair)};
    int up = 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
        // Fifty from each of three networks before each message of alice's, and far more than there is room for.
        pair.wire = [&](const Peer& to, Datagram&) {
            if (&to == &pair.bob)
                for (int i = 0; i < 150; ++i) flood.send(address(i % 3, 1 + i % 20));
            return true;
        };
        pair.up(pair.alice);
        up += pair.both_up() ? 1 : 0;
        CHECK(pair.bob.host->snapshot().statistics.half_open <= 40);
        pair.wire = [](const Peer&, Datagram&) { return true; };
        pair.down(pair.alice);
        pair.pass(std::chrono::seconds{1});
    }
    CHECK(up == 20);
    CHECK(pair.bob.dropped(Dropped::HalfOpenLimit) > 1000);
    // One of the flooding networks is honest at the end: its newest request is there.
    flood.send(address(0, 7));
    const auto shot = pair.bob.host->snapshot();
    CHECK(std::ranges::any_of(shot.unassigned, [](const IkeSaSnapshot& sa) { return sa.remote.address == address(0, 7); }));
    pair.pass(std::chrono::minutes{1});
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
}

TEST_CASE("a challenge costs no parsing and keeps nothing", "[ike][flood]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 0;
    pair.configure();
    const auto whole = *parse_message(capture_request(pair));
    // A proposal that would be refused as malformed if anybody looked.
    std::vector<Payload> payloads{Unknown{PayloadType::SecurityAssociation, false, Bytes(60000, 0xff)}};
    for (const Payload& payload : whole.payloads)
        if (std::holds_alternative<Nonce>(payload)) payloads.push_back(payload);
    const Path path{{pair.bob.address, 500}, {pair.alice.address, 500}, false};
    const Effects effects =
        pair.bob.host->step(pair.now, Datagram{path, write_message(whole.header, payloads)});
    REQUIRE(effects.size() == 1);
    CHECK(std::get<Transmit>(effects.front()).octets.size() < 100);
    CHECK(pair.bob.dropped(Dropped::Malformed) == 0);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("an answer that its certificate requests make too large waits for a cookie", "[ike][flood]") {
    Pair pair;
    pair.use_certificates();
    auto& trust = std::get<PeerCertificate>(pair.bob.connection.peer_authentication);
    for (int i = 0; i < 60; ++i) trust.authority_key_hashes.push_back(Bytes(20, static_cast<std::uint8_t>(i)));
    pair.configure();
    pair.up(pair.alice);
    CHECK(pair.bob.host->snapshot().statistics.cookies_sent == 1);
    CHECK(pair.both_up());
    CHECK(pair.bob.sent[0].octets.size() < pair.alice.sent[0].octets.size());
    CHECK(pair.bob.sent[1].octets.size() > pair.alice.sent[1].octets.size());
}

TEST_CASE("a copy of a request gets no larger answer somewhere else", "[ike][flood]") {
    Pair pair;
    pair.use_certificates(KeyKind::Rsa2048);
    auto& mine = std::get<LocalCertificate>(pair.bob.connection.local_authentication);
    for (int i = 0; i < 3; ++i) mine.chain.push_back(pair.root.certificate);
    pair.configure();
    std::optional<Datagram> request;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob) request = datagram;
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(request);
    const Effects repeated = pair.bob.host->step(pair.now, Datagram{*request});
    Datagram elsewhere = *request;
    elsewhere.path.remote.address = *xfrm::Address::parse("203.0.113.9");
    CHECK(pair.bob.host->step(pair.now, elsewhere).size() <= repeated.size());
    std::size_t octets = 0;
    for (const Effect& effect : pair.bob.host->step(pair.now, elsewhere))
        octets += std::get<Transmit>(effect).octets.size();
    CHECK(octets <= request->octets.size());
}

}  // namespace xfrmd::test
