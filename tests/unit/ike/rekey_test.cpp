// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <set>

#include "ike/child_lifecycle.h"
#include "ike/core.h"
#include "ike/exchange/informational.h"
#include "ike/policy/default_proposals.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/wire/header.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kIkeSaInit = 34;
constexpr std::uint8_t kCreateChildSa = 36;
constexpr std::uint8_t kInformational = 37;

constexpr std::uint8_t kIkeAuth = 35;
constexpr std::uint8_t kTcp = 6;

sim::Packet ping(const Peer& from, const Peer& to, std::uint8_t protocol = 1) {
    return {.source = from.address, .destination = to.address, .protocol = protocol, .source_port = 8};
}

bool passes(Peer& from, Peer& to, std::uint8_t protocol = 1) {
    const auto sent = from.kernel.output(ping(from, to, protocol));
    if (!sent) return false;
    const auto delivered = to.kernel.input(*sent);
    return delivered && delivered->was_protected;
}

// Exactly one IKE SA and one pair of SAs, the same on both sides, and packets pass both ways.
void check_one_of_each(Pair& pair) {
    REQUIRE(pair.both_up());
    CHECK(passes(pair.alice, pair.bob));
    CHECK(passes(pair.bob, pair.alice));
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(pair.alice.kernel_sas() == 2);
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        const auto shot = peer->host->snapshot().connections.front();
        REQUIRE(shot.ike_sas.size() == 1);
        REQUIRE(shot.ike_sas.front().children.size() == 1);
        CHECK(shot.ike_sas.front().children.front().phase == ChildPhase::Active);
    }
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().initiator_spi ==
          pair.bob.host->snapshot().connections.front().ike_sas.front().initiator_spi);
}

bool is_response(const Datagram& datagram) { return (datagram.octets[19] & 0x20) != 0; }

// Keeps the first datagram back that `is_meant`, until it is given to its receiver.
std::optional<Datagram>& hold(Pair& pair, std::optional<Datagram>& held,
                              std::function<bool(const Peer& to, const Datagram&)> is_meant) {
    pair.wire = [&held, is_meant = std::move(is_meant)](const Peer& to, Datagram& datagram) {
        if (held || !is_meant(to, datagram)) return true;
        held = datagram;
        return false;
    };
    return held;
}

void use_pfs(Pair& pair, const std::string& proposal) {
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, proposal)};
}

// For TCP, beside the one for everything.
void add_second_child(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        Child second = peer->connection.children.front();
        second.name = "second";
        second.reqid.value += 100;
        for (auto* list : {&second.local, &second.remote})
            for (auto& range : *list) range.protocol = 6;
        second.policy_priority = 900;
        peer->connection.children.push_back(std::move(second));
    }
}

}  // namespace

TEST_CASE("a child gets new keys, and no packet is lost at any step", "[ike][rekey]") {
    Pair pair{GENERATE(xfrm::Family::V4, xfrm::Family::V6)};
    if (GENERATE(false, true)) use_pfs(pair, "aes128gcm16-x25519");
    pair.configure();
    pair.up(pair.alice);
    const auto before = spis(pair.alice);
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    int lost = 0;
    pair.wire = [&](const Peer&, Datagram&) {
        lost += !passes(pair.alice, pair.bob);
        lost += !passes(pair.bob, pair.alice);
        return true;
    };
    pair.input(who, rekey(false, true));
    CHECK(lost == 0);
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
    CHECK(count<ChildRekeyed>(pair.bob) == 1);
    pair.pass(6s);
    check_one_of_each(pair);
    for (const auto spi : spis(pair.alice)) CHECK_FALSE(before.contains(spi));
    CHECK(count<ChildDown>(pair.alice) + count<ChildDown>(pair.bob) == 0);
}

TEST_CASE("a rekeyed child has the mode of the one before", "[ike][rekey]") {
    Pair pair;
    pair.use_tunnel();
    pair.configure();
    pair.up(pair.alice);
    pair.input(GENERATE(true, false) ? pair.alice : pair.bob, rekey(false, true));
    for (const Peer* peer : {&pair.alice, &pair.bob})
        for (const auto& sa : peer->kernel.sas()) CHECK(sa.spec.mode == xfrm::Mode::Tunnel);
}

TEST_CASE("the old inbound SA stays a little for packets that are late", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    const auto late = pair.alice.kernel.output(ping(pair.alice, pair.bob));
    REQUIRE(late);
    pair.input(pair.bob, rekey(false, true));
    CHECK(pair.bob.kernel.input(*late));
    pair.pass(6s);
    CHECK_FALSE(pair.bob.kernel.input(*late));
}

TEST_CASE("an IKE SA gets new keys, and its child stays as it is", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    const auto before = spis(pair.alice);
    const IkeSpi old = pair.alice.host->snapshot().connections.front().ike_sas.front().initiator_spi;
    pair.input(GENERATE(true, false) ? pair.alice : pair.bob, rekey(true, false));
    pair.pass(12s);
    check_one_of_each(pair);
    CHECK(spis(pair.alice) == before);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().initiator_spi != old);
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
    // The new one is good for everything.
    pair.input(pair.alice, rekey(true, true));
    pair.input(pair.bob, rekey(true, true));
    pair.pass(15s);
    check_one_of_each(pair);
}

TEST_CASE("both sides rekey the child at once: one pair stays", "[ike][rekey][collision]") {
    const auto seed = GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{9}));
    Pair pair{xfrm::Family::V4, seed};
    if (GENERATE(false, true)) use_pfs(pair, "aes128gcm16-x25519");
    pair.configure();
    pair.up(pair.alice);
    const bool alices_first = GENERATE(true, false);
    REQUIRE(pair.cross(rekey(false, true), rekey(false, true), alices_first));
    pair.pass(20s);
    check_one_of_each(pair);
}

TEST_CASE("both sides rekey the IKE SA at once: one stays, with the child", "[ike][rekey][collision]") {
    const auto seed = GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{9}));
    Pair pair{xfrm::Family::V4, seed};
    pair.configure();
    pair.up(pair.alice);
    const bool alices_first = GENERATE(true, false);
    REQUIRE(pair.cross(rekey(true, false), rekey(true, false), alices_first));
    pair.pass(20s);
    check_one_of_each(pair);
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("an answer to our Delete that names another SA takes nothing but what we asked for", "[ike][rekey]") {
    const bool crossed = GENERATE(false, true);
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    std::optional<Datagram> held;
    hold(pair, held, [&](const Peer& to, const Datagram& datagram) {
        return &to == &pair.bob && datagram.octets[18] == kInformational && !is_response(datagram);
    });
    if (crossed) {
        const auto keep = std::exchange(pair.wire, [](const Peer&, Datagram&) { return true; });
        REQUIRE(pair.cross(rekey(false, true), rekey(false, true), true));
        pair.wire = keep;
        pair.pass(10s);
        pair.input(pair.alice, rekey(false, true));
    } else {
        pair.input(pair.alice, rekey(false, true));
    }
    REQUIRE(held);
    Core& core = core_of(*pair.alice.host);
    IkeSa& sa = *core.ike_sas.find(core.connections.at("link").ike_sas.front());
    const ChildSa fresh = [&] {
        const auto found = std::ranges::find(sa.children, ChildPhase::Active, &ChildSa::phase);
        REQUIRE(found != sa.children.end());
        ChildSa ids;
        ids.inbound = found->inbound;
        ids.outbound = found->outbound;
        return ids;
    }();
    informational::on_response(core, sa, sa.path,
                               std::vector<Payload>{Delete{ProtocolId::Esp, {fresh.outbound.spi}}, Delete{ProtocolId::Ike, {}}});
    CHECK(sa.is_established());
    const ChildSa* stays = find_child(sa, fresh.inbound.spi);
    REQUIRE(stays != nullptr);
    CHECK(stays->phase == ChildPhase::Active);
}

TEST_CASE("a responder that deletes the new child at once leaves nothing behind that the other does not have", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    std::optional<Datagram> held;
    hold(pair, held, [&](const Peer& to, const Datagram& datagram) {
        return &to == &pair.bob && datagram.octets[18] == kInformational && !is_response(datagram);
    });
    pair.input(pair.alice, rekey(false, true));
    REQUIRE(held);
    Core& core = core_of(*pair.bob.host);
    IkeSa& sa = *core.ike_sas.find(core.connections.at("link").ike_sas.front());
    const ChildSa& fresh = sa.children.back();
    sa.tasks.push_back(task::DeleteChild{fresh.inbound.spi, fresh.inbound.protocol});
    pair.wire = [](const Peer&, Datagram&) { return true; };
    pair.input(pair.bob, Tick{});
    begin_next_task(core, sa);
    pair.input(pair.bob, Tick{});
    pair.input(pair.bob, Datagram{*held});
    pair.pass(90s);
    CHECK(spis(pair.alice) == spis(pair.bob));
    pair.up(pair.alice);
    pair.pass(10s);
    check_one_of_each(pair);
}

TEST_CASE("the peer rekeys an IKE SA once, however slow our own rekey of it is", "[ike][rekey][collision]") {
    Pair pair;
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.configure();
    pair.up(pair.alice);
    // Bob hears nothing: alice's rekey stays unanswered, and her answer to his does not arrive.
    pair.wire = [&](const Peer& to, Datagram&) { return &to == &pair.alice; };
    pair.input(pair.alice, rekey(true, false));
    pair.input(pair.bob, rekey(true, false));
    Core& alice = core_of(*pair.alice.host);
    REQUIRE(alice.ike_sas.size() == 2);
    // He forgets that he has asked, and asks again.
    for (int i = 0; i < 5; ++i) {
        Core& bob = core_of(*pair.bob.host);
        IkeSa& asking = *bob.ike_sas.find(bob.connections.at("link").ike_sas.front());
        asking.outbound.give_up();
        asking.outgoing.reset();
        pair.input(pair.bob, rekey(true, false));
    }
    CHECK(alice.ike_sas.size() == 2);
}

TEST_CASE("an IKE rekey that crosses a child rekey waits for it", "[ike][rekey][collision]") {
    Pair pair{xfrm::Family::V4,
              GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{5}))};
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.cross(rekey(true, false), rekey(false, true), true));
    pair.pass(60s);
    check_one_of_each(pair);
    CHECK(count<IkeSaRekeyed>(pair.alice) >= 1);
    CHECK(count<ChildRekeyed>(pair.alice) >= 1);
}

TEST_CASE("a delete that crosses a rekey of the same child leaves nothing behind", "[ike][rekey][collision]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    std::vector<Datagram> held;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (held.empty() && &to == &pair.bob && datagram.octets[18] == kCreateChildSa) {
            held.push_back(datagram);
            return false;
        }
        return true;
    };
    pair.input(pair.alice, rekey(false, true));
    pair.down(pair.bob);
    pair.input(pair.bob, held.at(0));
    pair.pass(60s);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.empty());
}

TEST_CASE("the lifetime of a child ends in a rekey, again and again", "[ike][rekey]") {
    Pair pair;
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        peer->connection.children.front().rekey.time = 10min;
        peer->connection.ike_rekey = 25min;
    }
    pair.configure();
    pair.up(pair.alice);
    for (int minute = 0; minute < 120; ++minute) {
        pair.pass(1min);
        CHECK(passes(pair.alice, pair.bob));
        CHECK(passes(pair.bob, pair.alice));
    }
    CHECK(count<ChildRekeyed>(pair.alice) >= 12);
    CHECK(count<IkeSaRekeyed>(pair.alice) >= 4);
    CHECK(count<ChildDown>(pair.alice) + count<IkeSaDown>(pair.alice) == 0);
}

TEST_CASE("reauthentication makes the new IKE SA before the old one goes", "[ike][rekey]") {
    Pair pair;
    pair.alice.connection.reauthenticate = 10min;
    pair.configure();
    pair.up(GENERATE(true, false) ? pair.alice : pair.bob);
    int lost = 0;
    pair.wire = [&](const Peer&, Datagram&) {
        lost += !passes(pair.alice, pair.bob);
        lost += !passes(pair.bob, pair.alice);
        return true;
    };
    pair.pass(11min);
    CHECK(lost == 0);
    check_one_of_each(pair);
    CHECK(count<IkeSaUp>(pair.alice) == 2);
}

TEST_CASE("a responder says how long the peer's authentication counts, and the initiator keeps to it", "[ike][rekey]") {
    Pair pair;
    pair.bob.connection.reauthenticate = 10min;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(9min);
    check_one_of_each(pair);
    CHECK(count<IkeSaUp>(pair.alice) == 2);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().role == Role::Initiator);
}

TEST_CASE("an established peer may shorten the time that our authentication counts, but not to nothing", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    IkeSa* sa = nullptr;
    core_of(*pair.bob.host).ike_sas.for_each([&](IkeSa& each) { sa = &each; });
    REQUIRE(sa != nullptr);
    Core& core = core_of(*pair.bob.host);
    const Payload lifetime = make_auth_lifetime(0);
    send_request(core, *sa, ExchangeType::Informational, std::array{lifetime});
    pair.input(pair.bob, Tick{});  // brings out what was sent
    pair.pass(5min);
    check_one_of_each(pair);
    CHECK(count<IkeSaUp>(pair.alice) == 2);
}

TEST_CASE("an IKE SA whose peer cannot be authenticated anew ends", "[ike][rekey]") {
    Pair pair;
    pair.alice.connection.reauthenticate = 10min;
    pair.configure();
    pair.up(pair.alice);
    pair.wire = [](const Peer&, Datagram& datagram) { return datagram.octets[18] != kIkeSaInit; };
    pair.pass(10min);
    CHECK(pair.alice.kernel_sas() == 2);  // it is tried again and again
    pair.pass(3min);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.alice.failure()->detail.contains("authenticated anew"));
}

TEST_CASE("the first child of a childless IKE SA has a key exchange of its own", "[ike][childless]") {
    Pair pair;
    pair.alice.connection.childless = true;
    use_pfs(pair, "aes256gcm16-x25519");
    pair.configure();
    pair.up(pair.alice);
    check_one_of_each(pair);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().children.front().suite.contains("x25519"));
    pair.pass(1min);
    check_one_of_each(pair);
}

TEST_CASE("several children of one connection come up in one IKE SA", "[ike][children]") {
    Pair pair;
    add_second_child(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(pair.alice.replies.size() == 2);
    pair.input(pair.bob, rekey(true, true));
    pair.pass(15s);
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(spis(pair.alice) == spis(pair.bob));
    pair.down(pair.alice);
    pair.pass(15s);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("a peer that never deletes the replaced child does not keep us from sending with the new one", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.wire = [&](const Peer&, Datagram& datagram) { return datagram.octets[18] != kInformational; };
    pair.input(pair.alice, rekey(false, true));
    CHECK(pair.bob.kernel_sas() == 3);
    pair.pass(11s);
    CHECK(pair.bob.kernel_sas() == 3);
    // Its packets show that it has our answer.
    CHECK(passes(pair.alice, pair.bob));
    pair.pass(11s);
    CHECK(pair.bob.kernel_sas() == 4);
    CHECK(passes(pair.bob, pair.alice));
}

TEST_CASE("a replaced child that the peer does not delete goes, and the new one carries what we send", "[ike][rekey]") {
    Pair pair;
    pair.alice.limits.retransmissions_max = 40;  // she does not give up first
    pair.configure();
    pair.up(pair.alice);
    pair.wire = [&](const Peer& to, const Datagram& datagram) {
        return &to != &pair.bob || datagram.octets[18] != kInformational || is_response(datagram);
    };
    pair.input(pair.alice, rekey(false, true));
    REQUIRE(pair.bob.kernel_sas() == 3);
    // Nothing that could show that alice has the answer is sent meanwhile.
    pair.pass(75s);
    CHECK(passes(pair.bob, pair.alice));
}

TEST_CASE("a rekey with another group costs one more round trip", "[ike][rekey]") {
    Pair pair;
    pair.alice.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes128gcm16-x25519-ecp256")};
    pair.bob.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes128gcm16-ecp256")};
    pair.configure();
    pair.up(pair.alice);
    pair.input(pair.alice, rekey(false, true));
    pair.pass(6s);
    check_one_of_each(pair);
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
}

TEST_CASE("a peer that insists on a key exchange for each child gets one", "[ike][rekey]") {
    Pair pair;
    Peer& insisting = GENERATE(true, false) ? pair.alice : pair.bob;
    insisting.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes256gcm16-x25519")};
    pair.configure();
    pair.up(pair.alice);
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    int requests = 0;
    for (int rekeys = 1; rekeys <= 2; ++rekeys) {
        requests = 0;
        pair.wire = [&](const Peer&, Datagram& datagram) {
            requests += datagram.octets[18] == kCreateChildSa && !is_response(datagram);
            return true;
        };
        pair.input(who, rekey(false, true));
        pair.pass(6s);
        check_one_of_each(pair);
        CHECK(count<ChildRekeyed>(who) == static_cast<std::size_t>(rekeys));
        CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().children.front().suite.contains("x25519"));
    }
    CHECK(count<NegotiationFailed>(who) == 0);
    CHECK(requests == 1);  // the second time it is known
}

TEST_CASE("a kernel that refuses the new child leaves the old one in use", "[ike][rekey]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    Peer& refusing = GENERATE(true, false) ? pair.alice : pair.bob;
    refusing.kernel_fault = [](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>& result) {
        if (std::holds_alternative<xfrm::InstallSas>(request))
            result = std::unexpected{xfrm::KernelError{12, "out of memory"}};
    };
    pair.input(pair.alice, rekey(false, true));
    refusing.kernel_fault = nullptr;
    CHECK(passes(pair.alice, pair.bob));
    CHECK(passes(pair.bob, pair.alice));
    pair.pass(60s);
    check_one_of_each(pair);
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
}

TEST_CASE("a child that the kernel gives up in both directions is deleted once", "[ike][rekey]") {
    Pair pair;
    add_second_child(pair);  // the IKE SA stays for its sake
    pair.configure();
    pair.up(pair.alice);
    const xfrm::ReqId reqid = pair.alice.connection.children.front().reqid;
    std::vector<xfrm::SaExpired> expired;
    for (const auto& sa : pair.alice.kernel.sas())
        if (sa.spec.reqid == reqid)
            expired.push_back({.id = sa.spec.id, .reqid = reqid, .mode = sa.spec.mode, .hard = true, .usage = {}});
    REQUIRE(expired.size() == 2);
    // Both are told before the peer has answered.
    bool is_lost = false;
    pair.wire = [&](const Peer&, Datagram&) { return std::exchange(is_lost, true); };
    for (const auto& event : expired) pair.input(pair.alice, KernelEvent{event});
    pair.pass(2s);
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
    std::set<std::uint32_t> requests;
    for (const Transmit& transmit : pair.alice.sent)
        if (const auto header = parse_header(transmit.octets); header->exchange == ExchangeType::Informational)
            requests.insert(header->message_id.value);
    CHECK(requests.size() == 1);
}

TEST_CASE("whoever answers an IKE rekey asks nothing in the new IKE SA before the peer has it", "[ike][rekey][collision]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    std::optional<Datagram> answer;
    hold(pair, answer, [&](const Peer& to, const Datagram&) { return &to == &pair.alice; });
    pair.input(pair.alice, rekey(true, false));
    REQUIRE(answer);
    const std::size_t sent = pair.bob.sent.size();
    pair.input(pair.bob, rekey(false, true));
    CHECK(pair.bob.sent.size() == sent);
    pair.input(pair.alice, *answer);
    pair.pass(20s);
    check_one_of_each(pair);
    CHECK(count<ChildRekeyed>(pair.bob) == 1);
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("of two IKE SAs that cross one stays, although the other was rekeyed meanwhile", "[ike][rekey][collision]") {
    Pair pair{xfrm::Family::V4, GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{9}))};
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.configure();
    std::vector<Datagram> begun;
    pair.wire = [&](const Peer&, Datagram& datagram) {
        if (begun.size() < 2) {
            begun.push_back(datagram);
            return false;
        }
        return true;
    };
    pair.up(pair.alice);
    pair.up(pair.bob);
    REQUIRE(begun.size() == 2);
    std::optional<Datagram> late;
    hold(pair, late, [&](const Peer& to, const Datagram& datagram) {
        return &to == &pair.alice && datagram.octets[18] == kIkeAuth && !is_response(datagram);
    });
    pair.input(pair.alice, begun[1]);
    REQUIRE(late);
    pair.input(pair.bob, begun[0]);
    REQUIRE(pair.both_up());
    // When the second one comes up, one end has the first one rekeyed already, and the other has not.
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    std::optional<Datagram> answer;
    hold(pair, answer, [&](const Peer& to, const Datagram& datagram) {
        return &to == &who && datagram.octets[18] == kCreateChildSa && is_response(datagram);
    });
    pair.input(who, rekey(true, false));
    REQUIRE(count<IkeSaRekeyed>(pair.other(who)) == 1);
    pair.input(pair.alice, *late);
    CHECK(count<IkeSaUp>(pair.alice) == 2);
    pair.input(who, *answer);
    pair.pass(90s);
    check_one_of_each(pair);
    CHECK(count<IkeSaUp>(pair.alice) == 2);
}

TEST_CASE("a child that the peer makes beside the same one takes over from it", "[ike][rekey][collision]") {
    Pair pair{xfrm::Family::V4, GENERATE(Catch::Generators::range(std::uint64_t{1}, std::uint64_t{9}))};
    add_second_child(pair);
    pair.configure();
    // Alice asks for the second child, but bob hears of it only when he has made it himself.
    std::optional<Datagram> late;
    hold(pair, late, [&](const Peer&, const Datagram& datagram) { return datagram.octets[18] == kCreateChildSa; });
    pair.up(pair.alice);
    REQUIRE(late);
    pair.up(pair.bob);
    REQUIRE(pair.bob.kernel_sas() == 4);
    int lost = 0;
    pair.wire = [&](const Peer&, Datagram&) {
        lost += !passes(pair.alice, pair.bob, kTcp);
        lost += !passes(pair.bob, pair.alice, kTcp);
        return true;
    };
    pair.input(pair.bob, *late);
    pair.pass(90s);
    CHECK(lost == 0);
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(spis(pair.alice) == spis(pair.bob));
}

TEST_CASE("a rekey during reauthentication leaves no child behind", "[ike][rekey][collision]") {
    Pair pair;
    add_second_child(pair);
    pair.alice.connection.reauthenticate = 5min;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.alice.kernel_sas() == 4);
    std::optional<Datagram> answer;
    hold(pair, answer, [&](const Peer& to, const Datagram& datagram) {
        return &to == &pair.alice && datagram.octets[18] == kIkeAuth;
    });
    for (int i = 0; i < 360 && !answer; ++i) pair.pass(1s);
    REQUIRE(answer);
    // Alice's would be a rekey of the old IKE SA, which waits and goes with it; bob's is one of the new one that alice does
    // not have yet.
    const bool of_the_old = GENERATE(true, false);
    pair.input(of_the_old ? pair.alice : pair.bob, rekey(true, false));
    pair.input(pair.alice, *answer);
    pair.pass(20s);
    CHECK(count<IkeSaRekeyed>(pair.alice) == (of_the_old ? 0 : 1));
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(passes(pair.alice, pair.bob, kTcp));
    CHECK(count<IkeSaUp>(pair.alice) == 2);
}

TEST_CASE("a replaced IKE SA goes, although nothing is heard in it any more", "[ike][rekey]") {
    Pair pair;
    pair.alice.connection.liveness_interval = 5s;
    pair.configure();
    pair.up(pair.alice);
    const Bytes first = pair.alice.sent.back().octets;
    bool asked = false;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (datagram.octets[18] != kInformational || !std::equal(first.begin(), first.begin() + 8, datagram.octets.begin()))
            return true;
        asked |= &to == &pair.bob;
        return false;
    };
    for (int i = 0; i < 10 && !asked; ++i) pair.pass(1s);
    REQUIRE(asked);
    // Alice has asked whether bob lives, and he has not heard it, when he makes a new IKE SA.
    pair.input(pair.bob, rekey(true, false));
    REQUIRE(count<IkeSaRekeyed>(pair.alice) == 1);
    pair.pass(150s);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 1);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 1);
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("a child that reaches its end while it is being replaced is deleted once", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto at = std::ranges::find_if(pair.alice.kernel.sas(), [&](const auto& sa) {
        return sa.spec.id.destination == pair.alice.address;
    });
    REQUIRE(at != pair.alice.kernel.sas().end());
    const xfrm::SaExpired hard{at->spec.id, at->spec.reqid, at->spec.mode, true, {}};
    std::size_t deletes = 0;
    bool has_ended = false;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.alice && is_response(datagram) && datagram.octets[18] == kCreateChildSa && !std::exchange(has_ended, true))
            pair.input(pair.alice, KernelEvent{hard});
        deletes += &to == &pair.bob && !is_response(datagram) && datagram.octets[18] == kInformational;
        return true;
    };
    pair.input(pair.alice, rekey(false, true));
    pair.pass(20s);
    CHECK(has_ended);
    CHECK(deletes == 1);
    check_one_of_each(pair);
}

}  // namespace xfrmd::test
