// SPDX-License-Identifier: Apache-2.0
// Children with AH. RFC 4302.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

void use_ah(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        Child& child = peer->connection.children.front();
        child.protocol = xfrm::IpsecProtocol::Ah;
        child.proposals = default_ah_proposals();
    }
}

// Alice stands behind a NAT: bob sees its address, and she does not know it.
void put_alice_behind_nat(Pair& pair) {
    const auto nat = *xfrm::Address::parse("203.0.113.9");
    pair.bob.connection.remote = nat;
    pair.wire = [&pair, nat](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob)
            datagram.path.remote.address = nat;
        else
            datagram.path.local.address = pair.alice.address;
        return true;
    };
}

}  // namespace

TEST_CASE("two hosts agree on AH, with integrity alone", "[ike]") {
    const auto family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    const bool tunnel = GENERATE(true, false);
    Pair pair{family};
    if (tunnel) pair.use_tunnel();
    use_ah(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    REQUIRE(pair.alice.kernel_sas() == 2);
    REQUIRE(pair.bob.kernel_sas() == 2);
    for (const auto& ours : pair.alice.kernel.sas()) {
        CHECK(ours.spec.id.protocol == xfrm::IpsecProtocol::Ah);
        CHECK(ours.spec.integrity.has_value());
        CHECK_FALSE(ours.spec.aead.has_value());
        CHECK_FALSE(ours.spec.encryption.has_value());
        // RFC 4302 §3.3.3.2.1
        CHECK(ours.spec.align4 == (family == xfrm::Family::V4));
        const auto theirs = std::ranges::find(pair.bob.kernel.sas(), ours.spec.id,
                                              [](const auto& sa) { return sa.spec.id; });
        REQUIRE(theirs != pair.bob.kernel.sas().end());
        CHECK(sim::KernelModel::protection_of(ours.spec) == sim::KernelModel::protection_of(theirs->spec));
    }
    for (const auto& policy : pair.alice.kernel.policies())
        for (const auto& wanted : policy.spec.templates)
            CHECK(wanted.protocol == xfrm::IpsecProtocol::Ah);
}

TEST_CASE("ESP and AH do not agree with each other", "[ike][negative]") {
    Pair pair;
    use_ah(pair);
    Child& child = pair.bob.connection.children.front();
    child.protocol = xfrm::IpsecProtocol::Esp;
    child.proposals = default_esp_proposals();
    pair.configure();
    pair.up(pair.alice);
    CHECK(pair.alice.failure()->reason == Reason::NoProposalChosen);
    CHECK(pair.bob.failure()->reason == Reason::NoProposalChosen);
    pair.pass(std::chrono::minutes{2});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("AH behind a NAT is refused by the initiator before it asks for anything", "[ike][negative]") {
    Pair pair;
    use_ah(pair);
    put_alice_behind_nat(pair);
    pair.configure();
    const bool alice_begins = GENERATE(true, false);
    bool reserved = false;
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
            reserved |= std::holds_alternative<xfrm::AllocateSpi>(request);
        };
    Peer& initiator = alice_begins ? pair.alice : pair.bob;
    pair.up(initiator);
    REQUIRE(initiator.failure());
    CHECK(initiator.failure()->reason == Reason::RefusedBehindNat);
    CHECK(initiator.failure()->detail.contains(alice_begins ? "we are behind one" : "the peer is behind one"));
    CHECK_FALSE(reserved);
}

TEST_CASE("AH behind a NAT is refused by the responder before it installs anything", "[ike][negative]") {
    Pair pair;
    use_ah(pair);
    put_alice_behind_nat(pair);
    // Its own proposals are for AH, but it does not take the child for one that a NAT breaks.
    pair.alice.connection.children.front().protocol = xfrm::IpsecProtocol::Esp;
    pair.configure();
    bool reserved = false;
    pair.bob.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
        reserved |= std::holds_alternative<xfrm::AllocateSpi>(request);
    };
    pair.up(pair.alice);
    REQUIRE(pair.bob.failure());
    CHECK(pair.bob.failure()->reason == Reason::RefusedBehindNat);
    CHECK_FALSE(reserved);
    CHECK(pair.bob.kernel_sas() == 0);
}

}  // namespace xfrmd::test
