// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/child_part.h"

#include <algorithm>

#include "ike/bundle.h"
#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/establish.h"
#include "ike/exchange/collision.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/reasons.h"
#include "ike/policy/ipsec_protocol.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/traffic_selector_wire.h"
#include "ike/sealed_message.h"
#include "ike/serving.h"
#include "ike/tasks.h"
#include "ike/wire/names.h"
#include "netlink/model/result.h"

namespace xfrmd::ike::child_part {

namespace {

struct Made {
    ChildSa child;
    xfrm::InstallSas request;
    bool in_bundle = false;
};

// The child of what both sides agreed on. Nothing if the keys cannot be derived, which is no fault of the peer's.
std::optional<Made> make(Core& core, const IkeSa& sa, const ChildNegotiation& agreed) {
    const Child* wanted = wanted_child(core, sa, agreed.child);
    if (wanted == nullptr) return std::nullopt;
    ChildSa child = make_child(core, sa, *wanted, agreed.offer, agreed.keys.role);
    child.replaces = agreed.rekeys;
    const auto secrets = agreed.keys.secret_views();
    const auto keys = derive_child_keys(child.suite, sa.suite.prf, sa.sk_d.view(), agreed.keys.initiator_nonce,
                                        agreed.keys.responder_nonce, secrets);
    if (!keys) return std::nullopt;
    auto request = install_request(child, *keys, agreed.keys.role, *wanted, agreed.acquire_sequence);
    return Made{std::move(child), std::move(request), wanted->bundle.has_value()};
}

RequestId request_install(Core& core, const IkeSa& sa, const ChildSa& child, xfrm::InstallSas request) {
    return core.request_kernel({sa.self, child.all_sas(), false, {}}, std::move(request));
}

void announce_failure(Core& core, IkeSa& sa, const WhyFailed& why) {
    ++core.statistics.failed_total;
    core.emit(NegotiationFailed{sa.connection, sa.role, sa.path.remote, why.reason, why.detail,
                                why.said_by_peer, Duration{0}});
}

// The child the peer has made in its own exchange for the same purpose, if it still waits to be used.
ChildSa* made_by_peer(IkeSa& sa, const ChildNegotiation& ours) {
    const auto found = std::ranges::find_if(sa.children, [&](const ChildSa& child) {
        return child.name == ours.child && child.is_in_use() && child.replaces == ours.rekeys &&
               child.inbound.spi != ours.offer.inbound_spi;
    });
    return found == sa.children.end() ? nullptr : &*found;
}

// The peer's child stays. The old one is deleted by the peer then: RFC 7296 §2.8.1.
void leave_to_peer(Core& core, IkeSa& sa, const ChildNegotiation& ours) {
    if (!ours.rekeys) return;
    if (ChildSa* old = find_child(sa, *ours.rekeys)) supersede(core, sa, *old);
}

void finish_ours(Core& core, IkeSa& sa) {
    sa.outgoing.reset();
    begin_next_task(core, sa);
}

bool lost_to_peer(IkeSa& sa, const ChildNegotiation& ours) {
    return ours.crossed && made_by_peer(sa, ours) != nullptr &&
           survivor(ours.keys.lowest_nonce(), ours.crossed->lowest_nonce) == Survivor::Theirs;
}

// ---- the peer's

ChildNegotiation* our_negotiation(IkeSa& sa) {
    Negotiation* ours = sent_negotiation(sa.outgoing);
    return ours != nullptr ? std::get_if<ChildNegotiation>(ours) : nullptr;
}

// Ours that is on its way into the kernel; null if there is none.
const ChildSa* being_installed(const IkeSa& sa) {
    const auto* installing = sa.outgoing ? std::get_if<outgoing::Installing>(&*sa.outgoing) : nullptr;
    return installing != nullptr ? &installing->made : nullptr;
}

// False for a child that ended while it was being replaced: nobody will delete it, and we have nothing else to send with.
bool carries_traffic(IkeSa& sa, xfrm::EspSpi inbound) {
    const ChildSa* child = find_child(sa, inbound);
    if (child == nullptr) {
        const ChildSa* coming = being_installed(sa);
        return coming != nullptr && coming->inbound.spi == inbound;
    }
    return child->has_outbound() || child->is_in_use();
}

// What a child of the peer's replaces although the peer does not say so: one of ours that it makes superfluous. That comes
// of both ends making the same child at different times; the peer may not have the older one any more.
std::optional<xfrm::EspSpi> made_superfluous(const IkeSa& sa, const ChildNegotiation& theirs) {
    const auto is_superfluous = [&](const ChildSa& child) {
        return child.name == theirs.child && child.is_in_use() && covers(theirs.offer.local, child.local) &&
               covers(theirs.offer.remote, child.remote);
    };
    const auto found = std::ranges::find_if(sa.children, is_superfluous);
    if (found != sa.children.end()) return found->inbound.spi;
    const ChildSa* coming = being_installed(sa);
    if (coming != nullptr && is_superfluous(*coming)) return coming->inbound.spi;
    return std::nullopt;
}

// We have answered theirs. If ours for the same purpose is on its way, the nonces decide when it is answered.
void note_crossing(Core& core, IkeSa& sa, const ChildNegotiation& theirs) {
    ChildNegotiation* ours = our_negotiation(sa);
    if (ours != nullptr && ours->child == theirs.child && ours->rekeys == theirs.rekeys)
        ours->crossed = CrossedRekey{theirs.keys.lowest_nonce(), {}};
    else
        leave_to_peer(core, sa, theirs);
}

// What it was to wait for has gone meanwhile. A new child of a bundle waits for its partner: see complete_bundle().
bool is_held_back_needlessly(Core& core, IkeSa& sa, const ChildNegotiation& theirs, xfrm::EspSpi inbound) {
    const ChildSa* made = find_child(sa, inbound);
    if (made == nullptr || made->outbound_to_come.empty()) return false;
    if (theirs.rekeys) return !carries_traffic(sa, *theirs.rekeys);
    const Child* wanted = wanted_child(core, sa, theirs.child);
    return wanted != nullptr && !wanted->bundle && !takes_over(core, sa, theirs.child, false);
}

// What we ask for. Whoever configures no group leaves it to the peer whether a child has a key exchange of its own: it is asked
// for without, and with one only of a peer that insists (see try_with_key_exchange).
std::vector<Proposal> asked_proposals(const Child& child, KeyExchangeMethod method) {
    if (method == KeyExchangeMethod::None) return child.proposals;
    return with_key_exchange(child.proposals, {method});
}

// What the peer gets: the same without a key exchange if it offers that, else with a group that is good enough for the IKE SA.
std::vector<Proposal> acceptable_proposals(const Connection& connection, const Child& child) {
    std::vector<Proposal> acceptable = child.proposals;
    std::ranges::move(with_key_exchange(child.proposals, key_exchange_methods(connection.ike_proposals)),
                      std::back_inserter(acceptable));
    return acceptable;
}

}  // namespace

const Child* wanted_child(Core& core, const IkeSa& sa, const std::string& name) {
    const Connection* wanted = core.wanted_of(sa);
    return wanted == nullptr ? nullptr : find_child(*wanted, name);
}

std::optional<RequestId> reserve_next_spi(Core& core, const IkeSa& sa, const ChildNegotiation& what) {
    const Child* wanted = wanted_child(core, sa, what.child);
    return wanted == nullptr ? std::nullopt : reserve_spi(core, sa, *wanted, what.offer);
}

// ---- ours ------------------------------------------------------------------------------------------------------

CreateChildSaRequest write_request(Core& core, const IkeSa& sa, const ChildNegotiation& ours) {
    const Child& child = *wanted_child(core, sa, ours.child);
    CreateChildSaRequest request;
    if (ours.rekeys)
        request.notifies.push_back(make_child_sa(NotifyType::RekeySa, {protocol_id(child.protocol), *ours.rekeys}));
    request.security_association = SecurityAssociation{
        child_proposals(asked_proposals(child, ours.keys.method), ours.offer.inbound_spi)};
    request.nonce = Nonce{ours.keys.initiator_nonce};
    if (ours.keys.method != KeyExchangeMethod::None)
        request.key_exchange = KeyExchange{ours.keys.method, ours.keys.own_share};
    request.initiator_selectors = TrafficSelectorsInitiator{to_wire(ours.offer.local)};
    request.responder_selectors = TrafficSelectorsResponder{to_wire(ours.offer.remote)};
    std::ranges::move(child_notifies(child.mode, ours.offer.inbound_cpi), std::back_inserter(request.notifies));
    if (!ours.rekeys) name_inner(sa, child, request.notifies);
    return request;
}

std::expected<void, WhyFailed> read_response(Core& core, const IkeSa& sa, ChildNegotiation& ours,
                                             const CreateChildSaResponse& response) {
    const Child* wanted = wanted_child(core, sa, ours.child);
    if (wanted == nullptr) return std::unexpected{configuration_changed()};
    if (response.rekeys_ike_sa())
        return std::unexpected{WhyFailed{Reason::InvalidSyntax, "the peer answers with an IKE SA", false}};
    const ChildOffer asked = ours.offer;
    const auto proposals = asked_proposals(*wanted, ours.keys.method);
    if (auto accepted = accept_grant(granted_to_us(sa, response), *wanted, proposals, ours.offer); !accepted)
        return accepted;
    if (auto alike = check_like_inner(*wanted, asked, ours.offer); !alike) return alike;
    // RFC 7296 §1.3.1: a responder may choose a proposal that goes without.
    if (ours.offer.suite.method == KeyExchangeMethod::None) ours.keys.method = KeyExchangeMethod::None;
    if (ours.offer.suite.method != ours.keys.method)
        return std::unexpected{WhyFailed{Reason::InvalidKeyExchange,
                                         "the peer's key exchange is not of the group we used", false}};
    ours.keys.additional = ours.offer.suite.additional;
    return {};
}

void conclude(Core& core, IkeSa& sa, ChildNegotiation ours) {
    if (lost_to_peer(sa, ours)) {
        release_spi(core, sa, ours.offer);
        leave_to_peer(core, sa, ours);
        delete_first(sa, {ours.offer.inbound_spi, ours.offer.suite.protocol});
        return finish_ours(core, sa);
    }
    ours.deleted_by_peer |= std::ranges::contains(ours.deletes_seen, ours.offer.peer_spi);
    auto made = make(core, sa, ours);
    if (!made) {
        release_spi(core, sa, ours.offer);
        delete_first(sa, {ours.offer.inbound_spi, ours.offer.suite.protocol});
        return failed(core, sa, ours, {Reason::CredentialUnusable, "key derivation failed", false});
    }
    if (made->in_bundle && !ours.rekeys) hold_outbound_back(made->child, made->request);
    const RequestId request = request_install(core, sa, made->child, std::move(made->request));
    sa.outgoing = outgoing::Installing{std::move(ours), std::move(made->child), request};
}

void on_installed(Core& core, IkeSa& sa, outgoing::Installing installing, const xfrm::KernelResult& result) {
    const ChildNegotiation& ours = installing.what;
    if (!result) {
        delete_first(sa, {ours.offer.inbound_spi, ours.offer.suite.protocol});
        return failed(core, sa, ours, {Reason::KernelRefused, result.error().what, false});
    }
    if (ChildSa* theirs = made_by_peer(sa, ours); theirs != nullptr && ours.crossed) supersede(core, sa, *theirs);
    if (ours.rekeys)
        if (ChildSa* old = find_child(sa, *ours.rekeys)) {
            supersede(core, sa, *old);
            // RFC 7296 §2.8: whoever rekeyed deletes the old one, as soon as the new one carries the traffic.
            delete_first(sa, {*ours.rekeys, old->inbound.protocol});
        }
    adopt_child(core, sa, std::move(installing.made));
    complete_bundle(core, sa, ours.child, Role::Initiator);
    connection_up(core, sa.connection);
    if (ours.deleted_by_peer) {
        retire(core, sa, ours.offer.inbound_spi, Reason::Deleted);
        child_gone(core, sa, Reason::Deleted, "the peer deleted the child");
    }
    finish_ours(core, sa);
}

void refused(Core& core, IkeSa& sa, const ChildNegotiation& ours, const Notify& error) {
    release_spi(core, sa, ours.offer);
    // RFC 7296 §2.25.1: the peer does not know the child; then it is dead with us, too.
    if (error.type == NotifyType::ChildSaNotFound && ours.rekeys && made_by_peer(sa, ours) == nullptr) {
        if (find_child(sa, *ours.rekeys) != nullptr) {
            retire(core, sa, *ours.rekeys, Reason::Deleted);
            sa.tasks.push_front(task::CreateChild{ours.child, 0});
        }
        return finish_ours(core, sa);
    }
    if (error.type == NotifyType::TemporaryFailure && !ours.rekeys && !ours.crossed) {
        create_later(core, sa, ours.child);
        return finish_ours(core, sa);
    }
    const Child* wanted = wanted_child(core, sa, ours.child);
    failed(core, sa, ours, wanted != nullptr ? child_refused(error.type, *wanted, asked_proposals(*wanted, ours.keys.method))
                                             : WhyFailed{reason_of(error.type), answered(error.type), true});
}

void failed(Core& core, IkeSa& sa, const ChildNegotiation& ours, const WhyFailed& why) {
    if (ours.crossed && made_by_peer(sa, ours) != nullptr) {
        // Theirs was answered, so the purpose is served.
        leave_to_peer(core, sa, ours);
    } else if (ours.rekeys) {
        if (find_child(sa, *ours.rekeys) != nullptr && why.reason != Reason::Limit) announce_failure(core, sa, why);
        rekey_later(core, sa, *ours.rekeys);
    } else {
        announce_failure(core, sa, why);
        if (ManagedConnection* connection = core.connection_of(sa)) child_failed(core, *connection, why);
    }
    finish_ours(core, sa);
    if (!ours.rekeys) bundle_failed(core, sa, ours.child);
}

// ---- the peer's ------------------------------------------------------------------------------------------------

std::expected<ChildNegotiation, ChildRefusal> read_request(Core& core, IkeSa& sa,
                                                           const CreateChildSaRequest& request,
                                                           const ChildSa* rekeyed) {
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr)
        return std::unexpected{ChildRefusal{NotifyType::NoAdditionalSas, configuration_changed()}};
    ChildNegotiation theirs;
    const ChildPayloads asked = asked_of_us(sa, request);
    const Child* child = rekeyed != nullptr ? find_child(*wanted, rekeyed->name)
                                            : TRY(choose_outer(sa, *wanted, request.notifies));
    if (child == nullptr && rekeyed == nullptr) {
        child = choose_child(asked, wanted->children);
        if ((child == nullptr || !is_for_same_traffic(asked, *child)) && read_policies_again(core, sa))
            return std::unexpected{ChildRefusal{NotifyType::TemporaryFailure, configuration_changed()}};
    }
    if (child == nullptr)
        return std::unexpected{ChildRefusal{NotifyType::TsUnacceptable, configuration_changed()}};
    if (auto free = is_free_for(core, sa, *child); !free)
        return std::unexpected{ChildRefusal{NotifyType::TsUnacceptable, free.error()}};
    theirs.child = child->name;
    theirs.offer = TRY(grant_child(sa, asked, *child, acceptable_proposals(*wanted, *child)));
    theirs.rekeys = rekeyed != nullptr ? std::optional{rekeyed->inbound.spi} : made_superfluous(sa, theirs);
    theirs.keys.method = theirs.offer.suite.method;
    theirs.keys.additional = theirs.offer.suite.additional;
    return theirs;
}

CreateChildSaResponse write_response(const ChildNegotiation& theirs) {
    CreateChildSaResponse response;
    Proposal chosen = *theirs.offer.chosen;
    chosen.spi = spi_octets(theirs.offer.inbound_spi);
    response.security_association = SecurityAssociation{{std::move(chosen)}};
    response.nonce = Nonce{theirs.keys.responder_nonce};
    if (theirs.keys.method != KeyExchangeMethod::None)
        response.key_exchange = KeyExchange{theirs.keys.method, theirs.keys.own_share};
    // RFC 7296 §2.9: TSi is the initiator's side, whoever answers.
    response.initiator_selectors = TrafficSelectorsInitiator{to_wire(theirs.offer.remote)};
    response.responder_selectors = TrafficSelectorsResponder{to_wire(theirs.offer.local)};
    response.notifies = child_notifies(theirs.offer.mode, theirs.offer.inbound_cpi);
    return response;
}

void install(Core& core, IkeSa& sa, ChildNegotiation theirs) {
    auto made = make(core, sa, theirs);
    if (!made) {
        release_spi(core, sa, theirs.offer);
        sa.incoming.reset();
        return send_response(core, sa, theirs.keys.exchange,
                             make_notify(NotifyType::NoProposalChosen));
    }
    if (theirs.rekeys || made->in_bundle || takes_over(core, sa, theirs.child, false))
        hold_outbound_back(made->child, made->request);
    const RequestId request = request_install(core, sa, made->child, std::move(made->request));
    sa.incoming = incoming::Installing{std::move(theirs), std::move(made->child), request};
}

void on_installed(Core& core, IkeSa& sa, incoming::Installing installing, const xfrm::KernelResult& result) {
    if (!result) {
        announce_failure(core, sa, {Reason::KernelRefused, result.error().what, false});
        return send_response(core, sa, installing.what.keys.exchange,
                             make_notify(NotifyType::NoProposalChosen));
    }
    followup_ke::answer(core, sa, installing.what);
    note_crossing(core, sa, installing.what);
    const xfrm::EspSpi inbound = installing.made.inbound.spi;
    adopt_child(core, sa, std::move(installing.made));
    if (is_held_back_needlessly(core, sa, installing.what, inbound)) static_cast<void>(switch_over(core, sa, {inbound}));
    complete_bundle(core, sa, installing.what.child, Role::Responder);
    connection_up(core, sa.connection);
}

}  // namespace xfrmd::ike::child_part
