// SPDX-License-Identifier: Apache-2.0
// Additional key exchanges in IKE_FOLLOWUP_KE: RFC 9370 §2.2.4, §2.2.5, and all that may come in
// between.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <set>

#include "ike/policy/default_proposals.h"
#include "ike/wire/header.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kExchangeOctet = 18;

constexpr std::string_view kIke = "aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke2_ecp256";
constexpr std::string_view kEsp = "aes256gcm16-ecp256-ke1_mlkem512-ke2_x25519-noesn";

// An IKE SA and a child with two additional key exchanges each.
struct HybridPair : Pair {
    explicit HybridPair(std::uint64_t seed = 1) : Pair{xfrm::Family::V4, seed} {
        for (Peer* peer : {&alice, &bob}) {
            peer->connection.ike_proposals = {parse_proposal(ProtocolId::Ike, kIke).value()};
            peer->connection.children.front().proposals = {
                parse_proposal(ProtocolId::Esp, kEsp).value()};
        }
        configure();
        up(alice);
        REQUIRE(both_up());
    }
};

bool is_followup(const Bytes& datagram) {
    return datagram[kExchangeOctet] == std::to_underlying(ExchangeType::IkeFollowupKe);
}

// Messages of IKE_FOLLOWUP_KE, however many fragments they were in.
std::size_t followups(const Peer& peer) {
    std::set<std::uint32_t> ids;
    for (const Transmit& transmit : peer.sent)
        if (is_followup(transmit.octets))
            ids.insert(parse_header(transmit.octets)->message_id.value);
    return ids.size();
}

// Exactly one IKE SA and one pair of SAs with the same keys on both sides.
void check_one_of_each(Pair& pair) {
    REQUIRE(pair.both_up());
    REQUIRE(pair.alice.kernel_sas() == 2);
    REQUIRE(spis(pair.alice) == spis(pair.bob));
    for (const auto& ours : pair.alice.kernel.sas()) {
        const auto& theirs = *std::ranges::find(pair.bob.kernel.sas(), ours.spec.id,
                                                [](const auto& sa) { return sa.spec.id; });
        CHECK(sim::KernelModel::protection_of(ours.spec) ==
              sim::KernelModel::protection_of(theirs.spec));
    }
    for (const Peer* peer : {&pair.alice, &pair.bob}) {
        const auto shot = peer->host->snapshot().connections.front();
        REQUIRE(shot.ike_sas.size() == 1);
        REQUIRE(shot.ike_sas.front().children.size() == 1);
        CHECK(shot.ike_sas.front().suite == kIke);
    }
}

}  // namespace

TEST_CASE("a rekeyed child has all the key exchanges that were agreed on", "[ike][pq][rekey]") {
    HybridPair pair;
    const auto before = spis(pair.alice);
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    pair.input(who, rekey(false, true));
    pair.pass(6s);
    check_one_of_each(pair);
    for (const auto spi : spis(pair.alice)) CHECK_FALSE(before.contains(spi));
    CHECK(followups(who) == 2);
    CHECK(followups(pair.other(who)) == 2);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().children.front().suite ==
          "aes256gcm16-ecp256-ke1_mlkem512-ke2_x25519");
}

TEST_CASE("a rekeyed IKE SA has all the key exchanges that were agreed on", "[ike][pq][rekey]") {
    HybridPair pair;
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    pair.input(who, rekey(true, false));
    pair.pass(12s);
    check_one_of_each(pair);
    CHECK(count<IkeSaRekeyed>(pair.alice) == 1);
    CHECK(count<IkeSaRekeyed>(pair.bob) == 1);
    CHECK(followups(who) == 2);
    // The keys are good for the next.
    pair.input(pair.alice, rekey(true, true));
    pair.input(pair.bob, rekey(true, true));
    pair.pass(30s);
    check_one_of_each(pair);
}

TEST_CASE("lost messages of IKE_FOLLOWUP_KE are sent again", "[ike][pq][rekey]") {
    for (const bool ike_sa : {true, false}) {
        for (int lost = 0; lost < 6; ++lost) {
            HybridPair pair;
            int seen = 0;
            pair.wire = [&](const Peer&, Datagram&) { return seen++ != lost; };
            pair.input(pair.alice, rekey(ike_sa, !ike_sa));
            pair.pass(20s);
            INFO(ike_sa << ' ' << lost);
            check_one_of_each(pair);
            REQUIRE(followups(pair.alice) == 2);
        }
    }
}

TEST_CASE("rekeys that cross at any of their messages end in one pair",
          "[ike][pq][rekey][collision]") {
    const bool ike_sa = GENERATE(true, false);
    const auto seed = GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{5}));
    // After so many messages of alice's rekey bob begins his own.
    for (int after = 0; after < 7; ++after) {
        HybridPair pair{seed};
        int seen = 0;
        bool begun = false;
        std::vector<Datagram> held;
        pair.wire = [&](const Peer& to, Datagram& datagram) {
            if (begun || seen++ < after) return true;
            held.push_back(datagram);
            static_cast<void>(to);
            return false;
        };
        pair.input(pair.alice, rekey(ike_sa, !ike_sa));
        begun = true;
        pair.input(pair.bob, rekey(ike_sa, !ike_sa));
        for (const Datagram& late : held)
            pair.input(late.path.local.address == pair.alice.address ? pair.alice : pair.bob, late);
        pair.pass(90s);
        INFO("ike " << ike_sa << " seed " << seed << " after " << after);
        check_one_of_each(pair);
        REQUIRE(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
    }
}

TEST_CASE("requests that cross and then wait for each other end in one pair",
          "[ike][pq][rekey][collision]") {
    const bool ike_sa = GENERATE(true, false);
    const auto seed = GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{9}));
    HybridPair pair{seed};
    const bool alices_first = GENERATE(true, false);
    REQUIRE(pair.cross(rekey(ike_sa, !ike_sa), rekey(ike_sa, !ike_sa), alices_first));
    pair.pass(60s);
    check_one_of_each(pair);
}

TEST_CASE("a peer that does not go on is waited for half a minute", "[ike][pq][rekey]") {
    const bool ike_sa = GENERATE(true, false);
    HybridPair pair;
    pair.alice.limits.retransmissions_max = 20;
    pair.configure(pair.alice);
    bool cut = true;
    pair.wire = [&](const Peer&, Datagram& datagram) {
        return !cut || !is_followup(datagram.octets);
    };
    pair.input(pair.alice, rekey(ike_sa, !ike_sa));
    pair.pass(25s);
    CHECK(pair.bob.kernel_sas() == (ike_sa ? 2 : 3));  // the SPI is still reserved
    pair.pass(10s);
    CHECK(pair.bob.kernel_sas() == 2);
    // Now alice is told that it is too late, and begins anew.
    cut = false;
    pair.pass(90s);
    check_one_of_each(pair);
    const bool told = std::ranges::any_of(pair.alice.events, [](const Event& event) {
        const auto* failed = std::get_if<NegotiationFailed>(&event);
        return failed != nullptr && failed->detail.contains("STATE_NOT_FOUND");
    });
    CHECK(told);
}

TEST_CASE("copies of IKE_FOLLOWUP_KE change nothing", "[ike][pq][rekey]") {
    HybridPair pair;
    std::vector<Datagram> old;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        Peer& peer = &to == &pair.alice ? pair.alice : pair.bob;
        for (const Datagram& copy : old) {
            if (copy.path.local.address != peer.address) continue;
            for (const Effect& effect : peer.host->step(pair.now, copy))
                CHECK(std::holds_alternative<Transmit>(effect));
        }
        old.push_back(datagram);
        return true;
    };
    pair.input(pair.alice, rekey(false, true));
    pair.pass(6s);
    check_one_of_each(pair);
}

TEST_CASE("no bit of IKE_FOLLOWUP_KE can be flipped", "[ike][pq][rekey][exhaustive]") {
    constexpr std::size_t kVersionOctet = 17;
    HybridPair pair;
    int looked_at = 0;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (!is_followup(datagram.octets)) return true;
        ++looked_at;
        Peer& peer = &to == &pair.alice ? pair.alice : pair.bob;
        for (std::size_t bit = 0; bit < datagram.octets.size() * 8; ++bit) {
            if (bit / 8 == kVersionOctet) continue;  // a newer version is told ours
            Datagram flipped = datagram;
            flipped.octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            REQUIRE(nothing_but_unknown(peer.host->step(pair.now, std::move(flipped)),
                                        datagram.octets.size()));
        }
        return true;
    };
    pair.input(pair.bob, rekey(false, true));
    pair.pass(6s);
    check_one_of_each(pair);
    CHECK(looked_at == 4);
}

TEST_CASE("a kernel that refuses the child of IKE_FOLLOWUP_KE leaves the old one",
          "[ike][pq][rekey]") {
    HybridPair pair;
    const auto before = spis(pair.alice);
    Peer& refusing = GENERATE(true, false) ? pair.alice : pair.bob;
    refusing.kernel_fault = [](xfrm::KernelRequest& request,
                               std::optional<xfrm::KernelResult>& result) {
        if (std::holds_alternative<xfrm::InstallSas>(request))
            result = std::unexpected{xfrm::KernelError{12, "out of memory"}};
    };
    pair.input(pair.alice, rekey(false, true));
    pair.pass(2s);
    CHECK(std::ranges::includes(spis(pair.alice), before));
    CHECK(std::ranges::includes(spis(pair.bob), before));
    refusing.kernel_fault = nullptr;
    pair.pass(60s);
    check_one_of_each(pair);
    CHECK(spis(pair.alice) != before);
}

}  // namespace xfrmd::test
