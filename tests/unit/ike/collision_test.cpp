// SPDX-License-Identifier: Apache-2.0
// Exchanges that cross: the decisions, each for all it can be asked, and their outcome for every
// order in which the messages may arrive. RFC 7296 §2.8, §2.25.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <array>
#include <deque>

#include "ike/core.h"
#include "ike/exchange/collision.h"
#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/every_exchange.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

// ---- What both begin at once

enum class Begin : std::uint8_t { RekeyChild, RekeyIkeSa, RekeyBoth, EndChild, Close };
constexpr auto kBeginnings = std::to_array(
    {Begin::RekeyChild, Begin::RekeyIkeSa, Begin::RekeyBoth, Begin::EndChild, Begin::Close});

const char* name_of(Begin what) {
    switch (what) {
        case Begin::RekeyChild:
            return "rekeys the children";
        case Begin::RekeyIkeSa:
            return "rekeys the IKE SA";
        case Begin::RekeyBoth:
            return "rekeys everything";
        case Begin::EndChild:
            return "loses a child to its hard lifetime";
        case Begin::Close:
            return "closes the IKE SA";
    }
    std::unreachable();
}

void expire_first_child(Pair& pair, Peer& peer) {
    const auto& sas = peer.kernel.sas();
    const auto found = std::ranges::find_if(sas, [&](const auto& sa) {
        return sa.spec.reqid == peer.connection.children.front().reqid &&
               sa.spec.id.destination == peer.address;
    });
    if (found == sas.end()) return;
    const xfrm::SaId id = found->spec.id;
    peer.kernel.expire_now(id, true);
    for (xfrm::KernelEvent& event : peer.kernel.take_events())
        pair.input(peer, KernelEvent{std::move(event)});
}

void begin(Pair& pair, Peer& peer, Begin what) {
    switch (what) {
        case Begin::RekeyChild:
            return pair.input(peer, rekey(false, true));
        case Begin::RekeyIkeSa:
            return pair.input(peer, rekey(true, false));
        case Begin::RekeyBoth:
            return pair.input(peer, rekey(true, true));
        case Begin::EndChild:
            return expire_first_child(pair, peer);
        case Begin::Close:
            return pair.down(peer);
    }
}

// ---- Two hosts, and every order of what is between them

// Two children, so that the IKE SA stays if one of them ends.
struct TwoChildren : Pair {
    TwoChildren(std::uint64_t seed, Start bobs_start, std::string_view ike, std::string_view esp)
        : Pair{xfrm::Family::V4, seed} {
        for (Peer* peer : {&alice, &bob}) {
            peer->connection.ike_proposals = {parse_proposal(ProtocolId::Ike, ike).value()};
            peer->connection.children.front().proposals = {
                parse_proposal(ProtocolId::Esp, esp).value()};
            Child second = peer->connection.children.front();
            second.name = "second";
            second.reqid.value += 100;
            for (auto* list : {&second.local, &second.remote})
                for (auto& range : *list) range.protocol = 6;
            second.policy_priority = 900;
            peer->connection.children.push_back(std::move(second));
        }
        // A child that ends is made anew.
        alice.connection.start = Start::Now;
        bob.connection.start = bobs_start;
        configure(bob);
        configure(alice);
        pass(10s);
        REQUIRE(both_up());
        REQUIRE(alice.kernel_sas() == 4);
    }
};

// For whom the older message is that arrives next, as often as both hosts have one under way.
using Order = std::vector<bool>;
constexpr std::size_t kChoicesMax = 6;  // after that many the rest arrives bob's first

// What befalls one of the messages on their way.
struct Mishap {
    enum class Kind : std::uint8_t {
        None,
        Lost,
        Doubled,
        Repeated
    } kind = Kind::None;  // Repeated: when all others are done
    std::size_t message = 0;
};

// Lets what both hosts say arrive in this order, which grows by what is still to be chosen. Returns
// how many messages there were.
std::size_t arrive(Pair& pair, Order& order, const Mishap& mishap,
                   const std::function<void()>& start) {
    std::array<std::deque<Datagram>, 2> held;
    std::vector<std::pair<std::size_t, Datagram>> repeated;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        held[&to == &pair.alice ? 1 : 0].push_back(datagram);
        return false;
    };
    const auto give = [&](std::size_t to, Datagram datagram) {
        pair.input(to == 1 ? pair.alice : pair.bob, std::move(datagram));
    };
    start();
    std::size_t messages = 0;
    for (std::size_t choices = 0; !held[0].empty() || !held[1].empty(); ++messages) {
        std::size_t to = held[0].empty() ? 1 : 0;
        if (!held[0].empty() && !held[1].empty() && choices < kChoicesMax) {
            if (choices == order.size()) order.push_back(false);
            to = order[choices++] ? 1 : 0;
        }
        const Datagram datagram = std::move(held[to].front());
        held[to].pop_front();
        const auto befalls = [&](Mishap::Kind kind) {
            return mishap.kind == kind && mishap.message == messages;
        };
        if (befalls(Mishap::Kind::Repeated)) repeated.emplace_back(to, datagram);
        if (!befalls(Mishap::Kind::Lost)) give(to, datagram);
        if (befalls(Mishap::Kind::Doubled)) give(to, datagram);
    }
    pair.wire = [](const Peer&, Datagram&) { return true; };
    for (auto& [to, datagram] : repeated) give(to, std::move(datagram));
    return messages;
}

// The next one that was not tried; false if there is none.
bool next_order(Order& order) {
    while (!order.empty() && order.back()) order.pop_back();
    if (order.empty()) return false;
    order.back() = true;
    return true;
}

// One IKE SA and two children, the same for both, and the kernels have what they believe.
void check_agreement(Pair& pair) {
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(spis(pair.alice) == spis(pair.bob));
    std::array<IkeSpi, 2> ike_spis;
    for (const Peer* peer : {&pair.alice, &pair.bob}) {
        const auto shot = peer->host->snapshot();
        CHECK(shot.statistics.ike_sas == 1);
        const auto& ike_sas = shot.connections.front().ike_sas;
        REQUIRE(ike_sas.size() == 1);
        ike_spis[peer == &pair.alice ? 0 : 1] = ike_sas.front().initiator_spi;
        std::multiset<std::string> active;
        for (const auto& child : ike_sas.front().children)
            if (child.phase == ChildPhase::Active) active.insert(child.name);
        CHECK(active == std::multiset<std::string>{"all", "second"});
    }
    CHECK(ike_spis[0] == ike_spis[1]);
}

void check_nothing_left(Pair& pair) {
    for (const Peer* peer : {&pair.alice, &pair.bob}) {
        CHECK(peer->kernel_sas() == 0);
        CHECK(peer->host->snapshot().statistics.ike_sas == 0);
    }
}

struct Crossing {
    Begin alices;
    Begin bobs;
    std::uint64_t seed = 1;
    Start bobs_start = Start::Passive;
    std::string_view ike = "aes128gcm16-prfsha256-x25519";
    std::string_view esp = "aes128gcm16-noesn";
};

// Returns how many messages crossed, or were sent in consequence.
std::size_t cross(const Crossing& crossing, Order& order, const Mishap& mishap = {}) {
    TwoChildren pair{crossing.seed, crossing.bobs_start, crossing.ike, crossing.esp};
    const std::size_t messages = arrive(pair, order, mishap, [&] {
        begin(pair, pair.alice, crossing.alices);
        begin(pair, pair.bob, crossing.bobs);
    });
    std::string text;
    for (const bool choice : order) text += choice ? 'a' : 'b';
    INFO("alice " << name_of(crossing.alices) << ", bob " << name_of(crossing.bobs) << ", seed "
                  << crossing.seed << ", order " << text << ", mishap "
                  << static_cast<int>(mishap.kind) << " to " << mishap.message);
    pair.pass(3min);
    // Who closes it by command keeps it closed.
    const bool is_closed = crossing.alices == Begin::Close || crossing.bobs == Begin::Close;
    is_closed ? check_nothing_left(pair) : check_agreement(pair);
    return messages;
}

std::size_t cross_in_every_order(const Crossing& crossing) {
    std::size_t orders = 0;
    Order order;
    do {
        static_cast<void>(cross(crossing, order));
        ++orders;
    } while (next_order(order));
    return orders;
}

// Each message lost, doubled, and repeated at the end, in the order that comes of itself.
std::size_t cross_with_every_mishap(const Crossing& crossing) {
    Order order;
    const std::size_t messages = cross(crossing, order);
    for (std::size_t message = 0; message < messages; ++message)
        for (const auto kind :
             {Mishap::Kind::Lost, Mishap::Kind::Doubled, Mishap::Kind::Repeated}) {
            Order same = order;
            static_cast<void>(cross(crossing, same, {kind, message}));
        }
    return messages;
}

}  // namespace

TEST_CASE("whether a request is answered while we are busy is said for every case",
          "[ike][collision]") {
    // P proceed, C proceed and compare nonces, T TEMPORARY_FAILURE, W without a Delete of ours. RFC
    // 7296 §2.25
    struct Row {
        Asked asked;
        std::string_view verdicts;  // by Busy
    };
    constexpr auto kTable = std::to_array<Row>({
        //  idle, creating, rekeying it, deleting it, rekeying the IKE SA, IKE SA replaced, closing
        //  the IKE SA
        {Asked::CreateChild, "PPPPTTT"},
        {Asked::RekeyChild, "PPCTTTT"},
        {Asked::DeleteChild, "PPPWPPW"},
        {Asked::RekeyIkeSa, "PTTTCTT"},
    });
    static_assert(kTable.size() == static_cast<std::size_t>(Asked::Count_));
    constexpr std::string_view kLetters = "PCTW";
    for (const Row& row : kTable) {
        std::string verdicts;
        for (std::size_t busy = 0; busy < static_cast<std::size_t>(Busy::Count_); ++busy)
            verdicts +=
                kLetters[static_cast<std::size_t>(judge(row.asked, static_cast<Busy>(busy)))];
        CHECK(verdicts == row.verdicts);
    }
}

TEST_CASE("of two crossed SAs exactly one stays, whatever the nonces", "[ike][collision]") {
    std::vector<Bytes> nonces;
    for (const std::uint8_t first : std::to_array<std::uint8_t>({0, 1, 127, 128, 255}))
        for (const std::uint8_t last : std::to_array<std::uint8_t>({0, 1, 128, 255}))
            for (const std::size_t size : {std::size_t{16}, std::size_t{32}, std::size_t{256}}) {
                Bytes nonce(size, 7);
                nonce.front() = first;
                nonce.back() = last;
                nonces.push_back(std::move(nonce));
            }
    std::size_t pairs = 0;
    for (const Bytes& ours : nonces)
        for (const Bytes& theirs : nonces) {
            if (ours == theirs) continue;
            ++pairs;
            const bool we_keep_ours = survivor(ours, theirs) == Survivor::Ours;
            const bool they_keep_theirs = survivor(theirs, ours) == Survivor::Ours;
            CHECK(we_keep_ours != they_keep_theirs);
            // RFC 7296 §2.8.1: the one with the lowest of the four is closed.
            CHECK(we_keep_ours == std::ranges::lexicographical_compare(theirs, ours));
        }
    CHECK(pairs > 3000);
}

TEST_CASE("whatever both begin at once, they end up with the same, in every order of arrival",
          "[ike][collision]") {
    const std::uint64_t seed = GENERATE(1U, 2U);
    const Start bobs_start = GENERATE(Start::Passive, Start::Now);
    std::size_t orders = 0;
    for (const Begin alices : kBeginnings)
        for (const Begin bobs : kBeginnings)
            orders += cross_in_every_order({alices, bobs, seed, bobs_start});
    CHECK(orders > 200);
}

TEST_CASE("so do they with additional key exchanges", "[ike][collision]") {
    std::size_t orders = 0;
    for (const Begin alices : kBeginnings)
        for (const Begin bobs : kBeginnings)
            orders += cross_in_every_order({alices, bobs, 4, Start::Now,
                                            "aes128gcm16-prfsha256-x25519-ke1_mlkem512",
                                            "aes128gcm16-x25519-ke1_mlkem512-noesn"});
    CHECK(orders > 400);
}

TEST_CASE("so do they if any one message is lost, doubled, or repeated late", "[ike][collision]") {
    const bool is_hybrid = GENERATE(false, true);
    std::size_t messages = 0;
    for (const Begin alices : kBeginnings)
        for (const Begin bobs : kBeginnings) {
            Crossing crossing{alices, bobs};
            if (is_hybrid) {
                crossing.ike = "aes128gcm16-prfsha256-x25519-ke1_mlkem512";
                crossing.esp = "aes128gcm16-x25519-ke1_mlkem512-noesn";
            }
            messages += cross_with_every_mishap(crossing);
        }
    CHECK(messages > 150);
}

}  // namespace xfrmd::test
