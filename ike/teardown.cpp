// SPDX-License-Identifier: Apache-2.0
#include "ike/teardown.h"

#include <algorithm>
#include <iterator>

#include "ike/child_lifecycle.h"
#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/exchange/mobike.h"
#include "ike/former_sas.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

// How long a finished IKE SA answers retransmissions of the request that finished it.
constexpr Duration kClosedLinger = std::chrono::seconds{10};

constexpr Duration kStrangerEventInterval = std::chrono::seconds{1};

// The child that the handshake is about; null while there is none.
const ChildOffer* child_of(const State& state) {
    if (const auto* preparing = std::get_if<state::PreparingAuthRequest>(&state)) return &preparing->child;
    if (const auto* sent = std::get_if<state::AuthSent>(&state)) return &sent->child;
    if (const auto* verifying = std::get_if<state::VerifyingResponder>(&state)) return &verifying->child;
    if (const auto* preparing = std::get_if<state::PreparingAuthResponse>(&state)) return &preparing->child;
    return nullptr;
}

void release_reserved_spi(Core& core, const IkeSa& sa) {
    if (const ChildOffer* child = child_of(sa.state)) release_spi(core, sa, *child);
}

// Whom a peer most likely meant that failed before it was known: the only connection between these addresses. One that is
// up or being negotiated is not touched by what anybody could have sent.
ManagedConnection* likely_meant(Core& core, const Path& path) {
    const auto names = core.by_remote.find(path.remote.address);
    if (names == core.by_remote.end()) return nullptr;
    ManagedConnection* meant = nullptr;
    for (const std::string& name : names->second) {
        ManagedConnection& connection = core.connections.at(name);
        if (!has_end(connection, path.local.address)) continue;
        if (meant != nullptr) return nullptr;
        meant = &connection;
    }
    const bool waits = meant != nullptr && !meant->held_down && !is_busy(core, *meant);
    return waits ? meant : nullptr;
}

void announce_failure(Core& core, const IkeSa& sa, const WhyFailed& why) {
    ++core.statistics.failed_total;
    if (ManagedConnection* connection = core.connection_of(sa)) {
        if (sa.role == Role::Initiator) distrust_former(core, *connection, why.reason);
        const Duration retry = attempt_failed(core, *connection, why);
        core.emit(NegotiationFailed{sa.connection, sa.role, sa.path.remote, why.reason, why.detail,
                                    why.said_by_peer, retry});
    } else {
        note_stranger_failure(core, sa.path, why);
    }
}

void remove_children(Core& core, IkeSa& sa, Reason reason) {
    if (!sa.children.empty()) switch_over_waiting(core, sa);
    std::vector<xfrm::SaId> gone;
    for (ChildSa& child : sa.children) {
        announce_gone(core, sa, child, reason);
        if (retire_elsewhere(core, sa, child)) continue;
        std::ranges::copy(child.all_sas(), std::back_inserter(gone));
    }
    sa.children.clear();
    core.remove_sas(std::move(gone));
}

bool has_child_in_use(const IkeSa& sa) { return std::ranges::any_of(sa.children, &ChildSa::is_in_use); }

void announce_down(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    abandon_exchanges(core, sa);
    if (!sa.is_spare()) mobike::remember_peer(core, sa);
    remove_children(core, sa, reason);
    if (sa.is_spare()) {
        // Another one lives on. Whoever deletes the old one has that, and nobody waits longer for it than for this one.
        if (IkeSa* successor = sa.successor ? core.ike_sas.find(*sa.successor) : nullptr) proven(core, *successor);
        return;
    }
    core.emit(IkeSaDown{sa.connection, sa.initiator_spi, sa.responder_spi, reason, detail});
}

// From here on the IKE SA only answers retransmissions, and looks at the answer to a rekey of ours that may be late.
void linger(Core& core, IkeSa& sa) {
    core.disarm_all(sa);
    if (!sa.outgoing) sa.outbound.give_up();
    sa.handshake.reset();
    sa.state = state::Closed{};
    core.arm_in(sa, Timer::GiveUp, kClosedLinger);
}

// A connection does not count an IKE SA that is past its end.
void detach(Core& core, IkeSa& sa) {
    if (ManagedConnection* connection = core.connection_of(sa)) std::erase(connection->ike_sas, sa.self);
    sa.connection.clear();
}

}  // namespace

WhyFailed configuration_changed() {
    return {Reason::ConfigurationChanged, "the configuration has changed meanwhile", false};
}

void abort_handshake(Core& core, IkeSa& sa, const WhyFailed& why) {
    release_reserved_spi(core, sa);
    const SaHandle self = sa.self;
    // The attempt is over before its failure is told: a retry must not see it.
    const IkeSa& view = sa;
    if (ManagedConnection* connection = core.connection_of(view)) std::erase(connection->ike_sas, self);
    announce_failure(core, view, why);
    core.erase(sa);
}

void abandon_handshake(Core& core, IkeSa& sa, const WhyFailed& why) {
    if (!sa.is<state::AuthSent>()) return abort_handshake(core, sa, why);
    release_reserved_spi(core, sa);
    if (ManagedConnection* connection = core.connection_of(sa)) std::erase(connection->ike_sas, sa.self);
    announce_failure(core, sa, why);
    detach(core, sa);
    core.arm(sa, Timer::GiveUp, std::nullopt);
    sa.handshake.reset();
    sa.state = state::Closing{why.reason, false};
}

void refuse_handshake(Core& core, IkeSa& sa, const WhyFailed& why) {
    release_reserved_spi(core, sa);
    if (ManagedConnection* connection = core.connection_of(sa)) std::erase(connection->ike_sas, sa.self);
    announce_failure(core, sa, why);
    core.half_open.remove(sa.self);
    detach(core, sa);
    linger(core, sa);
}

void reject_peer(Core& core, IkeSa& sa, const WhyFailed& why, const Payload& say) {
    release_reserved_spi(core, sa);
    if (ManagedConnection* connection = core.connection_of(sa)) std::erase(connection->ike_sas, sa.self);
    announce_failure(core, sa, why);
    detach(core, sa);
    core.disarm_all(sa);
    sa.handshake.reset();
    sa.state = state::Closing{why.reason, true};
    send_request(core, sa, ExchangeType::Informational, std::array{say});
}

void close_gracefully(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    const std::string name = sa.connection;
    const bool had_child = has_child_in_use(sa);
    announce_down(core, sa, reason, detail);
    detach(core, sa);
    sa.liveness_query.reset();
    core.disarm_all_but_retransmission(sa);
    sa.state = state::Closing{reason, false};
    send_delete_when_idle(core, sa);
    const bool spare = sa.is_spare();
    if (IkeSa* successor = core.undecided_successor(sa)) close_gracefully(core, *successor, reason);
    if (!spare) connection_down(core, name, reason, detail, had_child);
}

void close_replaced(Core& core, IkeSa& sa) { close_gracefully(core, sa, Reason::Replaced); }

void send_delete_when_idle(Core& core, IkeSa& sa) {
    auto& closing = std::get<state::Closing>(sa.state);
    if (!sa.outbound.is_idle() || closing.told) return;
    closing.told = true;
    const Payload say = Delete{ProtocolId::Ike, {}};
    send_request(core, sa, ExchangeType::Informational, std::array{say});
}

void drop_established(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    const std::string name = sa.connection;
    const bool had_child = has_child_in_use(sa);
    const bool spare = sa.is_spare();
    announce_down(core, sa, reason, detail);
    if (IkeSa* successor = core.undecided_successor(sa)) core.erase(*successor);
    core.erase(sa);
    if (!spare) connection_down(core, name, reason, detail, had_child);
}

void closed_by_peer(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    // RFC 7296 §1.4.1: both sides delete at once; ours has been announced already.
    if (sa.is<state::Closing>()) return linger(core, sa);
    const std::string name = sa.connection;
    const bool had_child = has_child_in_use(sa);
    announce_down(core, sa, reason, detail);
    detach(core, sa);
    linger(core, sa);
    const bool spare = sa.is_spare();
    if (IkeSa* successor = core.undecided_successor(sa)) close_gracefully(core, *successor, reason);
    if (!spare) connection_down(core, name, reason, detail, had_child);
}

void note_stranger_failure(Core& core, const Path& path, const WhyFailed& why) {
    ManagedConnection* meant = likely_meant(core, path);
    std::optional<Failure>& note = meant != nullptr ? meant->last_failure : core.last_unassigned_failure;
    note = Failure{why.reason, why.detail, why.said_by_peer, core.now};
    // Anybody can fail here as often as they like: people are told once a second at most.
    if (core.stranger_told && core.now - *core.stranger_told < kStrangerEventInterval) return;
    core.stranger_told = core.now;
    core.emit(NegotiationFailed{meant != nullptr ? meant->wanted->name : "", Role::Responder, path.remote,
                                why.reason, why.detail, why.said_by_peer, Duration{0}});
}

}  // namespace xfrmd::ike
