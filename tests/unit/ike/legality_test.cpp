// SPDX-License-Identifier: Apache-2.0
// Which exchange may be begun or answered in which state: everything else that a peer with the keys
// says, at any moment of any exchange, has no effect but a counter.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <tuple>

#include "ike/core.h"
#include "tests/support/forgery.h"
#include "tests/unit/ike/every_exchange.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

struct Legal {
    std::vector<ExchangeType> requests;  // under the next message id
    std::vector<ExchangeType>
        responses;  // to the request that is outstanding, if there is one of this kind
};

bool is_intermediate_due(const IkeSa& sa) {
    return sa.handshake && sa.handshake->intermediates < sa.suite.additional.size();
}

// One line a state; a state that is not here does not compile.
struct LegalIn {
    const IkeSa& sa;

    static Legal nothing() { return {}; }
    static Legal response(ExchangeType exchange) { return {{}, {exchange}}; }
    // RFC 9242 §3.2: first all of IKE_INTERMEDIATE, then IKE_AUTH.
    [[nodiscard]] Legal next_initial() const {
        return {{is_intermediate_due(sa) ? ExchangeType::IkeIntermediate : ExchangeType::IkeAuth},
                {}};
    }
    static Legal all() {
        const std::vector any{ExchangeType::CreateChildSa, ExchangeType::Informational,
                              ExchangeType::IkeFollowupKe};
        return {any, any};
    }

    Legal operator()(const state::MakingInitShare&) const { return nothing(); }
    Legal operator()(const state::InitSent&) const { return response(ExchangeType::IkeSaInit); }
    Legal operator()(const state::AgreeingAsInitiator&) const { return nothing(); }
    Legal operator()(const state::MakingIntermediateShare&) const { return nothing(); }
    Legal operator()(const state::IntermediateSent&) const {
        return response(ExchangeType::IkeIntermediate);
    }
    Legal operator()(const state::AgreeingOnIntermediate&) const { return nothing(); }
    Legal operator()(const state::PreparingAuthRequest&) const { return nothing(); }
    Legal operator()(const state::AuthSent&) const { return response(ExchangeType::IkeAuth); }
    Legal operator()(const state::VerifyingResponder&) const { return nothing(); }
    Legal operator()(const state::InstallingAsInitiator&) const { return nothing(); }
    Legal operator()(const state::MakingResponseShare&) const { return nothing(); }
    Legal operator()(const state::InitAnswered&) const { return next_initial(); }
    Legal operator()(const state::AgreeingAsResponder&) const { return nothing(); }
    Legal operator()(const state::KeysReady&) const { return next_initial(); }
    Legal operator()(const state::MakingIntermediateAnswer&) const { return nothing(); }
    Legal operator()(const state::AnsweringIntermediate&) const { return nothing(); }
    Legal operator()(const state::VerifyingInitiator&) const { return nothing(); }
    Legal operator()(const state::ReadingPolicies&) const { return nothing(); }
    Legal operator()(const state::PreparingAuthResponse&) const { return nothing(); }
    Legal operator()(const state::InstallingAsResponder&) const { return nothing(); }
    Legal operator()(const state::Established&) const { return all(); }
    // A Delete of ours, or a rejection; before it perhaps the request that was outstanding, of any
    // kind.
    Legal operator()(const state::Closing&) const {
        Legal legal = all();
        legal.responses.push_back(ExchangeType::IkeAuth);
        return legal;
    }
    Legal operator()(const state::Closed&) const { return nothing(); }
};

std::optional<ExchangeType> outstanding_exchange(const IkeSa& sa) {
    const auto& outstanding = sa.outbound.outstanding();
    if (!outstanding || outstanding->datagrams.empty()) return std::nullopt;
    return parse_header(outstanding->datagrams.front())->exchange;
}

bool is_legal(const IkeSa& sa, ExchangeType exchange, bool response, MessageId id) {
    const Legal legal = std::visit(LegalIn{sa}, sa.state);
    if (!response)
        return std::ranges::contains(legal.requests, exchange) && id == sa.inbound.expected() &&
               !sa.inbound.in_progress();
    return std::ranges::contains(legal.responses, exchange) &&
           exchange == outstanding_exchange(sa) && id == sa.outbound.outstanding()->id;
}

// What a message could change.
auto condition(const IkeSa& sa) {
    return std::tuple{sa.state.index(),
                      sa.outgoing ? sa.outgoing->index() : std::variant_npos,
                      sa.incoming ? sa.incoming->index() : std::variant_npos,
                      sa.inbound.expected(),
                      sa.inbound.in_progress(),
                      sa.outbound.next_id(),
                      sa.outbound.is_idle(),
                      sa.children.size(),
                      sa.tasks.size(),
                      sa.timers};
}

// Says, at every moment of the pair's exchanges, everything that is not legal then.
class Intruder {
  public:
    explicit Intruder(Pair& pair) : pair_{pair} {
        for (Peer* peer : {&pair.alice, &pair.bob}) {
            peer->job_seen = [this, peer](const CryptoJob&) {
                say_all(*peer);
                if (interrupts) interrupts(*peer);
            };
            peer->kernel_fault = [this, peer](const xfrm::KernelRequest&, auto&) {
                say_all(*peer);
            };
        }
        pair.wire = [this](const Peer& to, Datagram& datagram) {
            say_all(pair_.alice);
            say_all(pair_.bob);
            return !holds || holds(to, datagram);
        };
    }

    // False: the datagram does not arrive.
    std::function<bool(const Peer& to, const Datagram&)> holds;
    // Called while a job of this peer is being done.
    std::function<void(Peer&)> interrupts;
    std::set<std::size_t> states;
    std::set<std::size_t> outgoing;
    std::set<std::size_t> incoming;
    std::size_t said = 0;

    void say_all(Peer& victim) {
        // Not where a timer is due, whose effects would come with those of the datagram.
        const auto deadline = victim.host->next_deadline();
        if (deadline && deadline->at <= pair_.now) return;
        std::vector<SaHandle> all;
        core_of(*victim.host).ike_sas.for_each([&](const IkeSa& sa) { all.push_back(sa.self); });
        for (const SaHandle each : all) say_all(victim, *core_of(*victim.host).ike_sas.find(each));
    }

  private:
    void say_all(Peer& victim, IkeSa& sa) {
        states.insert(sa.state.index());
        if (sa.outgoing) outgoing.insert(sa.outgoing->index());
        if (sa.incoming) incoming.insert(sa.incoming->index());
        const auto before = condition(sa);
        const std::uint32_t request = sa.inbound.expected().value;
        const std::uint32_t answer = sa.outbound.is_idle() ? sa.outbound.next_id().value
                                                           : sa.outbound.outstanding()->id.value;
        for (const auto exchange :
             {ExchangeType::IkeSaInit, ExchangeType::IkeIntermediate, ExchangeType::IkeAuth,
              ExchangeType::CreateChildSa, ExchangeType::IkeFollowupKe, ExchangeType::Informational,
              ExchangeType{38}})
            for (const bool response : {false, true})
                for (const std::uint32_t id :
                     {request, request - 1, request + 1, answer, answer + 1})
                    if (!is_legal(sa, exchange, response, {id}))
                        say(victim, sa, exchange, response, {id});
        const bool is_unchanged = condition(sa) == before;
        CHECK(is_unchanged);
    }

    void say(Peer& victim, IkeSa& sa, ExchangeType exchange, bool response, MessageId id) {
        const Path path{sa.path.local, sa.path.remote, sa.path.encapsulated};
        const Bytes octets = forge(sa, header_from_peer(sa, exchange, response, id), {});
        const Effects effects = victim.host->step(pair_.now, Datagram{path, octets});
        ++said;
        INFO(victim.name << " in " << state_name(sa.state) << ": exchange "
                         << static_cast<int>(exchange) << (response ? " response " : " request ")
                         << id.value);
        REQUIRE(effects.empty());
    }

    Pair& pair_;
};

// Both rekey the child at once, and bob's answer reaches alice while she works on bob's request:
// she has to wait with hers for the end of that.
void cross_while_working(Pair& pair, Intruder& intruder) {
    std::vector<Datagram> for_alice;
    std::vector<Datagram> for_bob;
    intruder.holds = [&](const Peer& to, const Datagram& datagram) {
        (&to == &pair.alice ? for_alice : for_bob).push_back(datagram);
        return false;
    };
    pair.input(pair.alice, rekey(false, true));
    pair.input(pair.bob, rekey(false, true));
    REQUIRE(for_bob.size() == 1);
    pair.input(pair.bob, Datagram{for_bob.front()});
    REQUIRE(for_alice.size() == 2);  // bob's request and his answer
    intruder.holds = nullptr;
    bool is_answered = false;
    intruder.interrupts = [&](Peer& peer) {
        if (&peer != &pair.alice || std::exchange(is_answered, true)) return;
        pair.input(pair.alice, Datagram{for_alice[1]});
    };
    pair.input(pair.alice, Datagram{for_alice[0]});
    intruder.interrupts = nullptr;
    pair.pass(20s);
}

template <class Variant>
std::set<std::size_t> alternatives_of() {
    std::set<std::size_t> all;
    for (std::size_t i = 0; i < std::variant_size_v<Variant>; ++i) all.insert(i);
    return all;
}

}  // namespace

TEST_CASE("in every state, only what is legal there has an effect", "[ike][negative]") {
    HybridPair pair;
    Intruder intruder{pair};
    pair.up(pair.alice);
    renew(pair);
    pair.down(pair.alice);
    pair.pass(20s);
    // A peer that is rejected: the initiator tells it, the responder answers.
    pair.alice.connection.peer_id = *IdentityPattern::parse("*.example.org");
    pair.configure(pair.alice);
    pair.up(pair.alice);
    pair.pass(20s);
    CHECK(pair.alice.kernel_sas() + pair.bob.kernel_sas() == 0);
    // A responder that asks its kernel what the peer may have, and has nothing for it.
    pair.alice.connection.peer_id = IdentityPattern::any();
    pair.bob.connection.served.emplace();
    pair.bob.connection.children.clear();
    pair.configure();
    pair.up(pair.alice);
    pair.pass(20s);
    CHECK(pair.alice.kernel_sas() + pair.bob.kernel_sas() == 0);
    CHECK(intruder.states == alternatives_of<State>());
    CHECK(intruder.said > 5000);
}

TEST_CASE("in every step of an exchange in an IKE SA, only what is legal there has an effect",
          "[ike][negative]") {
    std::set<std::size_t> outgoing;
    std::set<std::size_t> incoming;
    for (const char* esp : {"aes256gcm16-ecp256-noesn", "aes256gcm16-ecp256-ke1_mlkem512-noesn"}) {
        HybridPair pair{esp};
        Intruder intruder{pair};
        pair.up(pair.alice);
        cross_while_working(pair, intruder);
        renew(pair);
        outgoing.merge(intruder.outgoing);
        incoming.merge(intruder.incoming);
    }
    HybridPair roaming{"aes256gcm16-ecp256-noesn"};
    roaming.use_tunnel();
    for (Peer* peer : {&roaming.alice, &roaming.bob}) {
        peer->connection.mobike = true;
        peer->connection.local_fixed = false;
    }
    roaming.configure();
    Intruder intruder{roaming};
    roaming.up(roaming.alice);
    const xfrm::Address elsewhere = *xfrm::Address::parse("203.0.113.7");
    roaming.alice.kernel.set_own_addresses({elsewhere});
    roaming.input(roaming.alice, KernelEvent{xfrm::AddressChanged{elsewhere, 1, true}});
    outgoing.merge(intruder.outgoing);
    CHECK(outgoing == alternatives_of<OutgoingExchange>());
    CHECK(incoming == alternatives_of<IncomingExchange>());
}

}  // namespace xfrmd::test
