// SPDX-License-Identifier: Apache-2.0
// What people are told of attempts that failed, and of what comes next.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "ike/policy/default_proposals.h"
#include "ike/wire/payload.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

void set_secret_of_bob(Pair& pair, std::string_view secret) {
    pair.bob.credentials = {};
    static_cast<void>(pair.bob.credentials.add_secret("link", Secret{as_view(secret)}));
}

void disagree_on_algorithms(Pair& pair) {
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha384-x25519")};
}

ConnectionSnapshot link(const Peer& peer) { return peer.host->snapshot().connections.front(); }

bool told_step(const Peer& peer, std::string_view part) {
    return std::ranges::any_of(peer.events, [&](const Event& event) {
        const auto* progress = std::get_if<Progress>(&event);
        return progress != nullptr && progress->step.contains(part);
    });
}

}  // namespace

TEST_CASE("down during an attempt leaves the last failure as it was", "[ike]") {
    Pair pair;
    SECTION("nothing, where nothing had failed") {
        pair.configure();
        pair.wire = [](const Peer&, const Datagram&) { return false; };
        pair.up(pair.alice);
        pair.down(pair.alice);
        CHECK_FALSE(link(pair.alice).last_failure);
    }
    SECTION("the reason of the attempt before") {
        set_secret_of_bob(pair, "not the shared secret of the two");
        pair.configure();
        pair.up(pair.alice);
        REQUIRE(link(pair.alice).last_failure);
        pair.wire = [](const Peer&, const Datagram&) { return false; };
        pair.pass(std::chrono::seconds{2});
        REQUIRE(pair.alice.state() == ConnectionState::Connecting);
        pair.down(pair.alice);
        CHECK(link(pair.alice).last_failure->reason == Reason::AuthenticationFailed);
    }
    CHECK(pair.alice.state() == ConnectionState::HeldDown);
}

TEST_CASE("an up that is overtaken by a down is told so", "[ike]") {
    Pair pair;
    pair.configure();
    pair.wire = [](const Peer&, const Datagram&) { return false; };
    pair.up(pair.alice);
    pair.down(pair.alice);
    REQUIRE(pair.alice.replies.size() == 3);
    const CommandReply& up = pair.alice.replies[1];
    REQUIRE_FALSE(up.result);
    CHECK(up.result.error().code == CommandFailure::Code::Superseded);
    CHECK(pair.alice.replies[2].result);
}

TEST_CASE("an up that fails is told the reason as a word and as a sentence", "[ike]") {
    Pair pair;
    set_secret_of_bob(pair, "not the shared secret of the two");
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.alice.replies.size() == 2);
    const CommandFailure& failure = pair.alice.replies.back().result.error();
    CHECK(failure.reason == Reason::AuthenticationFailed);
    CHECK(failure.what == "the peer answered AUTHENTICATION_FAILED; we are \"alice.example.net\", by the pre-shared key");
}

TEST_CASE("who waits for up is told of an error that may be forged while better is waited for", "[ike]") {
    Pair pair;
    disagree_on_algorithms(pair);
    pair.configure();
    pair.up(pair.alice);
    CHECK(pair.alice.replies.size() == 1);
    CHECK(told_step(pair.alice, "the peer answered NO_PROPOSAL_CHOSEN"));
    pair.pass(std::chrono::seconds{3});
    REQUIRE(pair.alice.replies.size() == 2);
    CHECK(pair.alice.replies.back().result.error().reason == Reason::NoProposalChosen);
}

TEST_CASE("after a failure the state tells what happens next, not what has been", "[ike]") {
    Pair pair;
    set_secret_of_bob(pair, "not the shared secret of the two");
    pair.bob.connection.start = Start::Passive;
    pair.alice.connection.start = Start::OnTraffic;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(link(pair.bob).last_failure);
    CHECK(pair.bob.state() == ConnectionState::Passive);
    CHECK(pair.alice.state() == ConnectionState::Retrying);
    pair.pass(std::chrono::minutes{2});  // nobody asks for it any more
    REQUIRE(link(pair.alice).last_failure);
    CHECK(pair.alice.state() == ConnectionState::WaitingForTraffic);
}

TEST_CASE("a peer refused by a responder is noted at the only connection it can mean", "[ike]") {
    Pair pair;
    disagree_on_algorithms(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(link(pair.bob).last_failure);
    CHECK(link(pair.bob).last_failure->reason == Reason::NoProposalChosen);
    CHECK_FALSE(link(pair.bob).last_failure->said_by_peer);
    CHECK_FALSE(pair.bob.host->snapshot().last_unassigned_failure);
    CHECK(pair.bob.state() == ConnectionState::Passive);
    const auto* told = std::get_if<NegotiationFailed>(&pair.bob.events.back());
    REQUIRE(told != nullptr);
    CHECK(told->connection == "link");
    CHECK(told->retry_in == Duration{0});
}

TEST_CASE("a peer of an unknown identity is noted at the only connection it can mean", "[ike]") {
    Pair pair;
    pair.alice.connection.local_id = *parse_identity("mallory.example.net");
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(link(pair.bob).last_failure);
    CHECK(link(pair.bob).last_failure->reason == Reason::IdentityMismatch);
}

TEST_CASE("a stranger's failure does not touch a connection that is up", "[ike]") {
    Pair pair;
    pair.configure();
    std::optional<Datagram> request;
    pair.wire = [&](const Peer& to, const Datagram& datagram) {
        if (&to == &pair.bob && !request) request = datagram;
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    REQUIRE(request);
    // The same request of another IKE SA, with nothing but algorithms that nobody has.
    Message message = *parse_message(request->octets);
    for (Payload& payload : message.payloads)
        if (auto* offer = std::get_if<SecurityAssociation>(&payload))
            for (Proposal& proposal : offer->proposals)
                for (Transform& transform : proposal.transforms) transform.id = 60'000;
    message.header.initiator_spi = IkeSpi{0x1234};
    pair.wire = [](const Peer&, const Datagram&) { return true; };
    pair.input(pair.bob, Datagram{request->path, write_message(message.header, message.payloads)});
    CHECK(pair.bob.state() == ConnectionState::Up);
    CHECK_FALSE(link(pair.bob).last_failure);
    REQUIRE(pair.bob.host->snapshot().last_unassigned_failure);
    CHECK(pair.bob.host->snapshot().last_unassigned_failure->reason == Reason::NoProposalChosen);
}

}  // namespace xfrmd::test
