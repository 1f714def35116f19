// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/informational.h"

#include <algorithm>
#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/establish.h"
#include "ike/exchange/collision.h"
#include "ike/exchange/create_child_sa.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/ike_sa_part.h"
#include "ike/exchange/mobike.h"
#include "ike/exchange/reasons.h"
#include "ike/policy/ipsec_protocol.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike::informational {

namespace {

// ---- hints

constexpr Duration kHintInterval = std::chrono::seconds{10};
// How long the packets of a child may be faster than what the peer knows of it.
constexpr Duration kChildIsNew = std::chrono::seconds{5};

// Whether one more may be followed, after the last one was at `last`.
bool take_hint(const Core& core, std::optional<Time>& last) {
    if (last && core.now - *last < kHintInterval) return false;
    last = core.now;
    return true;
}

// RFC 7296 §1.5: the peer gets packets of a child that it does not have, or not any more. A rekey shows which: the peer does
// not find the child, and it is made again; or it has it, and gets another one.
void check_child(Core& core, IkeSa& sa, std::span<const Notify> notifies) {
    const Notify* complaint = find_notify(notifies, NotifyType::InvalidSpi);
    const auto spi = complaint != nullptr ? read_spi(complaint->data) : std::nullopt;
    if (!spi) return;
    IkeSa& holder = children_holder(core, sa);
    const ChildSa* child = find_child_of_peer(holder, *spi);
    if (child == nullptr || child->phase != ChildPhase::Active || core.now - child->since < kChildIsNew) return;
    if (take_hint(core, holder.doubted)) rekey_soon(core, holder, child->inbound.spi);
}

// ---- liveness

// In an interval of liveness checks, while packets arrive.
constexpr int kLooksAtTraffic = 4;

Duration liveness_interval(Core& core, const IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    return wanted == nullptr ? Duration{0} : wanted->liveness_interval;
}

void arm_liveness(Core& core, IkeSa& sa) {
    const Duration interval = liveness_interval(core, sa);
    if (interval > Duration{0} && !sa.successor) core.arm_in(sa, Timer::Liveness, interval);
}

// All children are silent since the last look.
void on_silence(Core& core, IkeSa& sa) {
    const Duration silent = core.now - sa.heard;
    const Duration interval = liveness_interval(core, sa);
    if (silent < interval) return core.arm_in(sa, Timer::Liveness, interval - silent);
    enqueue(core, sa, task::Ask{});
}

// Looks at the children from `position` on, one after the other, for packets that have come in since the last look.
void look_for_traffic(Core& core, IkeSa& sa, std::size_t position) {
    for (; position < sa.children.size(); ++position) {
        const ChildSa& child = sa.children[position];
        if (child.phase == ChildPhase::Deleting) continue;
        const RequestId id = core.request_kernel({sa.self, {}, false, {}}, xfrm::QuerySa{child.inbound});
        sa.liveness_query = LivenessQuery{id, child.inbound.spi};
        return;
    }
    on_silence(core, sa);
}

void on_traffic_known(Core& core, IkeSa& sa, xfrm::EspSpi inbound, const xfrm::KernelResult& result) {
    const auto child = std::ranges::find(sa.children, inbound, [](const ChildSa& c) { return c.inbound.spi; });
    if (!sa.is_established() || child == sa.children.end()) return;
    const auto* info = result ? std::get_if<xfrm::SaInfo>(&*result) : nullptr;
    if (info != nullptr && info->usage.packets > child->packets_seen) {
        child->packets_seen = info->usage.packets;
        sa.heard = core.now;
        // Packets have come since the last look, nobody knows when: the next one is soon, so that silence is noticed in time.
        return core.arm_in(sa, Timer::Liveness, liveness_interval(core, sa) / kLooksAtTraffic);
    }
    look_for_traffic(core, sa, static_cast<std::size_t>(child - sa.children.begin()) + 1);
}

// ---- what the peer deletes

void answer(Core& core, IkeSa& sa, const std::vector<Delete>& deletes) {
    std::vector<Payload> payloads;
    for (const Delete& each : deletes)
        if (!each.spis.empty()) payloads.emplace_back(each);
    send_response(core, sa, ExchangeType::Informational, payloads);
}

// How many Deletes of unknown children are remembered that have come before an answer.
constexpr std::size_t kDeletesSeenMax = 16;

// The peer deletes what it has just granted us, and what is still on its way into our kernel: it goes once it is there. If even the
// peer's answer is still on its way, only that will tell whether this one is meant.
void delete_coming(IkeSa& holder, ProtocolId protocol, xfrm::EspSpi spi, Delete& answer) {
    ChildNegotiation* coming = asked_child(holder.outgoing);
    if (coming == nullptr) return;
    if (coming->offer.peer_spi == xfrm::EspSpi{}) {
        if (coming->deletes_seen.size() < kDeletesSeenMax) coming->deletes_seen.push_back(spi);
        return;
    }
    if (coming->offer.peer_spi != spi || protocol_id(coming->offer.suite.protocol) != protocol) return;
    if (!std::exchange(coming->deleted_by_peer, true)) answer.spis.push_back(coming->offer.inbound_spi);
}

// RFC 7296 §1.4.1: the peer names the SPIs it receives on; we answer with our halves of the pairs.
void delete_children(Core& core, IkeSa& sa, const std::vector<Delete>& requests) {
    IkeSa& holder = children_holder(core, sa);
    std::vector<Delete> answers;
    std::vector<xfrm::EspSpi> gone;
    for (const Delete& request : requests) {
        Delete ours{request.protocol, {}};
        for (const xfrm::EspSpi spi : request.spis) {
            const ChildSa* child = find_child_of_peer(holder, spi);
            if (child == nullptr) delete_coming(holder, request.protocol, spi, ours);
            if (child == nullptr || protocol_id(child->inbound.protocol) != request.protocol) continue;
            if (std::ranges::contains(gone, child->inbound.spi)) continue;
            gone.push_back(child->inbound.spi);
            const Busy busy = is_being_deleted(holder, child->inbound.spi) ? Busy::DeletingThisChild : Busy::Idle;
            if (judge(Asked::DeleteChild, busy) != Verdict::WithoutDelete) ours.spis.push_back(child->inbound.spi);
        }
        answers.push_back(std::move(ours));
    }
    const auto waiting = waiting_successors(holder, gone);
    const bool switches = !waiting.empty();
    const RequestId request = switches ? switch_over(core, holder, waiting) : RequestId{};
    for (const xfrm::EspSpi spi : gone) retire(core, holder, spi, Reason::Deleted);
    // The peer may forget the old child as soon as it has our answer: we send with the new one by then.
    if (switches && &holder == &sa) {
        followup_ke::abandon(core, sa);
        sa.incoming = incoming::SwitchingOver{request, std::move(answers)};
    } else {
        answer(core, sa, answers);
    }
    if (!gone.empty()) child_gone(core, holder, Reason::Deleted, "the peer deleted the child");
}

void on_invalid(Core& core, IkeSa& sa, const DecodeError& error) {
    // RFC 7296 §2.21.3: an authenticated peer that does not speak IKEv2 cannot be talked to any more.
    const bool critical = error.fault == DecodeFault::UnsupportedCriticalPayload;
    send_response(core, sa, ExchangeType::Informational,
                  critical ? make_unsupported_critical_payload(error.payload)
                           : make_notify(NotifyType::InvalidSyntax));
    if (!critical) closed_by_peer(core, sa, Reason::InvalidSyntax, to_string(error));
}

// What our request was about.
void conclude(Core& core, IkeSa& sa, const OutgoingExchange& exchange, const Path& path,
              std::span<const Notify> notifies) {
    if (const auto* deleting = std::get_if<outgoing::DeletingChild>(&exchange)) {
        // Its own Delete would have been the sign. It lives, at least, and has our answer to its rekey, or has given that up.
        switch_over_from(core, sa, deleting->inbound);
        retire(core, sa, deleting->inbound, Reason::Replaced);
        child_gone(core, sa, Reason::Expired, "its last child reached its lifetime");
    } else if (const auto* told = std::get_if<outgoing::TellingPath>(&exchange)) {
        mobike::on_path_told(core, sa, *told, path, notifies);
    } else if (const auto* checked = std::get_if<outgoing::CheckingReturn>(&exchange)) {
        mobike::on_return_checked(core, sa, *checked, notifies);
    } else {
        if (const auto* asking = std::get_if<outgoing::Asking>(&exchange)) peer_has_answer_about(core, sa, asking->waiting);
        mobike::on_liveness(sa, notifies);
    }
}

}  // namespace

// ---- ours ------------------------------------------------------------------------------------------------------

void ask(Core& core, IkeSa& sa) {
    sa.outgoing = outgoing::Asking{waiting_for_peer(core, sa)};
    send_request(core, sa, ExchangeType::Informational, mobike::liveness_payloads(sa));
}

void delete_child(Core& core, IkeSa& sa, const task::DeleteChild& what) {
    const ChildSa* child = find_child(sa, what.inbound);
    if (child != nullptr && child->phase == ChildPhase::Retired) return;  // the peer was faster
    const Payload say = Delete{protocol_id(what.protocol), {what.inbound}};
    sa.outgoing = outgoing::DeletingChild{what.inbound};
    send_request(core, sa, ExchangeType::Informational, std::array{say});
}

void on_response(Core& core, IkeSa& sa, const Path& path, Decoded<std::vector<Payload>> payloads) {
    // RFC 7296 §2.21.3: an answer that cannot be read is an answer still, which says nothing.
    const auto response = std::move(payloads).and_then(Informational::from_payloads);
    const std::vector<Notify> notifies = response ? response->notifies : std::vector<Notify>{};
    const auto exchange = std::exchange(sa.outgoing, std::nullopt);
    if (exchange) conclude(core, sa, *exchange, path, notifies);
    if (!sa.is_established()) return;
    arm_liveness(core, sa);
    begin_next_task(core, sa);
}

void check_liveness(Core& core, IkeSa& sa) {
    arm_liveness(core, sa);
    // A request under way tells as much as another one would.
    if (liveness_interval(core, sa) == Duration{0} || sa.liveness_query || sa.outgoing) return;
    // RFC 7296 §2.4: protected traffic proves that the peer lives, no probe is needed.
    look_for_traffic(core, sa, 0);
}

bool follow_hint(Core& core, IkeSa& sa) {
    if (!take_hint(core, sa.hinted)) return false;
    // A request under way tells as much as another one would.
    if (!sa.outgoing && sa.outbound.is_idle()) ask(core, sa);
    return true;
}

// ---- the peer's ------------------------------------------------------------------------------------------------

void on_request(Core& core, IkeSa& sa, const Path& path, Decoded<std::vector<Payload>> payloads) {
    auto request = std::move(payloads).and_then(Informational::from_payloads);
    if (!request) return on_invalid(core, sa, request.error());
    const bool deletes_ike_sa = std::ranges::any_of(
        request->deletes, [](const Delete& each) { return each.protocol == ProtocolId::Ike; });
    // RFC 7296 §2.21.2: an initiator that does not accept our AUTH says so here.
    const bool rejected = find_notify(request->notifies, NotifyType::AuthenticationFailed) != nullptr;
    if (deletes_ike_sa || rejected) {
        send_response(core, sa, ExchangeType::Informational, std::span<const Payload>{});
        if (!rejected) ike_sa_part::leave_to_peer(core, sa);
        return closed_by_peer(core, sa, rejected ? Reason::AuthenticationFailed : Reason::Deleted,
                              rejected ? "the peer does not accept our authentication" : "");
    }
    if (const auto lifetime = find_auth_lifetime(request->notifies); lifetime && sa.is_current())
        shorten_authentication(core, sa, *lifetime);
    check_child(core, sa, request->notifies);
    const std::vector<Payload> about_path = mobike::on_request(core, sa, path, request->notifies);
    if (about_path.empty() || !request->deletes.empty())
        delete_children(core, sa, request->deletes);
    else
        send_response(core, sa, ExchangeType::Informational, about_path);
    begin_next_task(core, sa);
}

// ---- both ------------------------------------------------------------------------------------------------------

bool on_kernel(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    if (sa.liveness_query && sa.liveness_query->request == id) {
        const xfrm::EspSpi inbound = sa.liveness_query->inbound;
        sa.liveness_query.reset();
        on_traffic_known(core, sa, inbound, result);
        return true;
    }
    auto* switching = sa.incoming ? std::get_if<incoming::SwitchingOver>(&*sa.incoming) : nullptr;
    if (switching == nullptr || switching->request != id) return false;
    const std::vector<Delete> answers = std::move(switching->answer);
    sa.incoming.reset();
    on_kernel_child(core, sa, id, result);
    answer(core, sa, answers);
    create_child_sa::finish_theirs(core, sa);
    return true;
}

}  // namespace xfrmd::ike::informational
