// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/informational.h"

#include <algorithm>

#include "ike/exchange/reasons.h"
#include "ike/sealed_message.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike::informational {

namespace {

// RFC 7296 §1.4.1: the peer names the SPIs it receives on; we answer with our halves of the pairs.
std::vector<xfrm::EspSpi> delete_children(Core& core, IkeSa& sa, const Delete& request) {
    std::vector<xfrm::EspSpi> ours;
    for (const xfrm::EspSpi spi : request.spis) {
        const auto child = std::ranges::find(sa.children, spi,
                                             [](const ChildSa& c) { return c.outbound.spi; });
        if (child == sa.children.end()) continue;
        ours.push_back(child->inbound.spi);
        remove_child(core, sa, ChildSa{*child}, Reason::Deleted);
    }
    return ours;
}

Duration liveness_interval(Core& core, const IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    return wanted == nullptr ? Duration{0} : wanted->liveness_interval;
}

void arm_liveness(Core& core, IkeSa& sa) {
    const Duration interval = liveness_interval(core, sa);
    if (interval > Duration{0}) core.arm_in(sa, Timer::Liveness, interval);
}

void ask_peer(Core& core, IkeSa& sa) {
    if (sa.outbound.is_idle()) send_request(core, sa, ExchangeType::Informational, {});
}

}  // namespace

void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto request = std::move(payloads).and_then(Informational::from_payloads);
    if (!request) {
        // RFC 7296 §2.21.3: an authenticated peer that does not speak IKEv2 cannot be talked to any more.
        const bool critical = request.error().fault == DecodeFault::UnsupportedCriticalPayload;
        send_response(core, sa, ExchangeType::Informational,
                      critical ? make_unsupported_critical_payload(request.error().payload)
                               : make_notify(NotifyType::InvalidSyntax));
        if (!critical) closed_by_peer(core, sa, Reason::InvalidSyntax, to_string(request.error()));
        return;
    }
    const bool deletes_ike_sa = std::ranges::any_of(
        request->deletes, [](const Delete& each) { return each.protocol == ProtocolId::Ike; });
    // RFC 7296 §2.21.2: an initiator that does not accept our AUTH says so here.
    const bool rejected = find_notify(request->notifies, NotifyType::AuthenticationFailed) != nullptr;
    if (deletes_ike_sa || rejected) {
        send_response(core, sa, ExchangeType::Informational, std::span<const Payload>{});
        return closed_by_peer(core, sa, rejected ? Reason::AuthenticationFailed : Reason::Deleted,
                              rejected ? "the peer does not accept our authentication" : "");
    }
    std::vector<xfrm::EspSpi> deleted;
    for (const Delete& each : request->deletes)
        if (each.protocol == ProtocolId::Esp)
            std::ranges::copy(delete_children(core, sa, each), std::back_inserter(deleted));
    std::vector<Payload> answer;
    const bool childless = !deleted.empty() && sa.children.empty();
    if (!deleted.empty()) answer.emplace_back(Delete{ProtocolId::Esp, std::move(deleted)});
    send_response(core, sa, ExchangeType::Informational, answer);
    if (childless) close_gracefully(core, sa, Reason::Deleted, "the peer deleted the child");
}

void on_response(Core& core, IkeSa& sa) {
    if (!sa.is_established()) return;
    arm_liveness(core, sa);
}

void check_liveness(Core& core, IkeSa& sa) {
    arm_liveness(core, sa);
    if (core.now - sa.heard < liveness_interval(core, sa) || sa.liveness_query) return;
    if (sa.children.empty()) return ask_peer(core, sa);
    // RFC 7296 §2.4: protected traffic proves that the peer lives, no probe is needed.
    sa.liveness_query = core.request_kernel({sa.self, {}, false, {}},
                                            xfrm::QuerySa{sa.children.front().inbound});
}

void on_traffic_known(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    if (!sa.is_established() || sa.children.empty()) return;
    const auto* info = result ? std::get_if<xfrm::SaInfo>(&*result) : nullptr;
    ChildSa& child = sa.children.front();
    if (info != nullptr && info->usage.packets > child.packets_seen) {
        child.packets_seen = info->usage.packets;
        sa.heard = core.now;
        return;
    }
    ask_peer(core, sa);
}

}  // namespace xfrmd::ike::informational
