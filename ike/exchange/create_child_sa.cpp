// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/create_child_sa.h"

#include <algorithm>

#include "ike/bundle.h"
#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/exchange/child_part.h"
#include "ike/exchange/collision.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/ike_sa_part.h"
#include "ike/exchange/reasons.h"
#include "ike/policy/proposal_select.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/teardown.h"
#include "netlink/model/overloaded.h"
#include "netlink/model/result.h"

namespace xfrmd::ike::create_child_sa {

namespace {

// A peer may make several children of one of ours, but not without end.
constexpr std::size_t kChildrenMax = 64;

KeyExchangeMethod first_method(const std::vector<Proposal>& proposals) {
    const auto methods = key_exchange_methods(proposals);
    return methods.empty() ? KeyExchangeMethod::None : methods.front();
}

// ---- ours

void send_when_ready(Core& core, IkeSa& sa) {
    auto& preparing = std::get<outgoing::Preparing>(*sa.outgoing);
    if (preparing.spi_request || preparing.job) return;
    Negotiation what = std::move(preparing.what);
    const CreateChildSaRequest request =
        std::visit(Overloaded{[&](const ChildNegotiation& ours) { return child_part::write_request(core, sa, ours); },
                              [&](const IkeSaNegotiation& ours) { return ike_sa_part::write_request(core, sa, ours); }},
                   what);
    sa.outgoing = outgoing::Sent{std::move(what)};
    send_request(core, sa, ExchangeType::CreateChildSa, request.to_payloads());
}

// Makes our share for `keys.method` and, for a child that has none yet, reserves our SPI.
void prepare(Core& core, IkeSa& sa, Negotiation what) {
    KeyAgreement& keys = keys_of(what);
    keys.role = Role::Initiator;
    keys.initiator_nonce = core.fresh_nonce();
    outgoing::Preparing preparing;
    if (const auto* child = std::get_if<ChildNegotiation>(&what))
        preparing.spi_request = child_part::reserve_next_spi(core, sa, *child);
    if (keys.method != KeyExchangeMethod::None) {
        keys.methods_tried.push_back(keys.method);
        preparing.job = core.request_crypto(sa, GenerateKeyShare{keys.method, core.fresh_seed()});
    }
    preparing.what = std::move(what);
    sa.outgoing = std::move(preparing);
    send_when_ready(core, sa);
}

// RFC 7296 §1.3: the responder wants another group of those we offered.
bool try_another_group(Core& core, IkeSa& sa, Negotiation& what, const Notify& error,
                       const std::vector<Proposal>& proposals) {
    KeyAgreement& keys = keys_of(what);
    const auto wanted = read_invalid_ke_payload(error);
    if (!wanted || !std::ranges::contains(key_exchange_methods(proposals), *wanted) ||
        std::ranges::contains(keys.methods_tried, *wanted))
        return false;
    keys.method = *wanted;
    keys.own_share.clear();
    prepare(core, sa, std::move(what));
    return true;
}

// The two exchanges are about the same SA, and the peer's is not answered yet.
bool crosses(const Negotiation& ours, const std::optional<IncomingExchange>& incoming) {
    const auto* mine = std::get_if<ChildNegotiation>(&ours);
    if (mine == nullptr) return rekeys_ike_sa(incoming);
    const ChildNegotiation* theirs = child_of(incoming);
    return theirs != nullptr && mine->child == theirs->child && mine->rekeys == theirs->rekeys;
}

// Our proposals leave it to the peer whether a child has a key exchange of its own, and this peer may want one (libreswan does
// unless it is told otherwise): with the group of the IKE SA, which both have.
bool try_with_key_exchange(Core& core, IkeSa& sa, Negotiation& what) {
    auto* ours = std::get_if<ChildNegotiation>(&what);
    const Child* child = ours != nullptr ? child_part::wanted_child(core, sa, ours->child) : nullptr;
    if (child == nullptr || ours->keys.method != KeyExchangeMethod::None ||
        !key_exchange_methods(child->proposals).empty() || crosses(what, sa.incoming))
        return false;
    ours->keys.method = sa.suite.method;
    prepare(core, sa, std::move(what));
    return true;
}

// Ours waits for its turn again.
void withdraw(Core& core, IkeSa& sa, Negotiation ours) {
    sa.outgoing.reset();
    const auto* child = std::get_if<ChildNegotiation>(&ours);
    if (child == nullptr) return sa.tasks.push_front(task::RekeyIkeSa{});
    release_spi(core, sa, child->offer);
    sa.tasks.push_front(child->rekeys ? Task{task::RekeyChild{*child->rekeys}}
                                      : Task{task::CreateChild{child->child, child->acquire_sequence}});
}

void refused(Core& core, IkeSa& sa, Negotiation what, const Notify& error) {
    const Connection* wanted = core.wanted_of(sa);
    // Where the peer's own exchange for the same purpose was answered, another try of ours would only make one SA more.
    const bool is_served = std::visit([](const auto& ours) { return ours.crossed.has_value(); }, what);
    if (error.type == NotifyType::InvalidKePayload && crosses(what, sa.incoming))
        return withdraw(core, sa, std::move(what));
    if (error.type == NotifyType::InvalidKePayload && wanted != nullptr && !is_served) {
        const auto* ours = std::get_if<ChildNegotiation>(&what);
        const Child* child = ours != nullptr ? child_part::wanted_child(core, sa, ours->child) : nullptr;
        const auto& proposals = child != nullptr ? child->proposals : wanted->ike_proposals;
        if (try_another_group(core, sa, what, error, proposals)) return;
    }
    if (error.type == NotifyType::NoProposalChosen && !is_served && try_with_key_exchange(core, sa, what)) return;
    std::visit(Overloaded{[&](ChildNegotiation& ours) { child_part::refused(core, sa, ours, error); },
                          [&](IkeSaNegotiation& ours) { ike_sa_part::refused(core, sa, ours, error); }},
               what);
}

std::expected<void, WhyFailed> read_response(Core& core, const IkeSa& sa, Negotiation& what,
                                             CreateChildSaResponse& response) {
    TRY_VOID(std::visit(
        Overloaded{[&](ChildNegotiation& ours) { return child_part::read_response(core, sa, ours, response); },
                   [&](IkeSaNegotiation& ours) { return ike_sa_part::read_response(core, sa, ours, response); }},
        what));
    KeyAgreement& keys = keys_of(what);
    keys.responder_nonce = std::move(response.nonce->data);
    if (keys.method == KeyExchangeMethod::None) return {};
    if (!response.key_exchange || response.key_exchange->method != keys.method)
        return std::unexpected{WhyFailed{Reason::InvalidKeyExchange, "the peer sent no share of the group we used", false}};
    keys.peer_share = std::move(response.key_exchange->data);
    if (keys.additional.empty()) return {};
    return followup_ke::read_link(response.notifies, keys);
}

void agreed(Core& core, IkeSa& sa, Negotiation what) {
    if (crosses(what, sa.incoming)) {
        sa.outgoing = outgoing::AwaitingPeers{std::move(what)};
        return;
    }
    std::visit(Overloaded{[&](ChildNegotiation& ours) { child_part::conclude(core, sa, std::move(ours)); },
                          [&](IkeSaNegotiation& ours) { ike_sa_part::conclude(core, sa, std::move(ours)); }},
               what);
}

void on_own_share(Core& core, IkeSa& sa, CryptoOutcome& outcome) {
    auto& preparing = std::get<outgoing::Preparing>(*sa.outgoing);
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr) return failed(core, sa, std::move(preparing.what), failure_of(outcome));
    KeyAgreement& keys = keys_of(preparing.what);
    keys.private_share = std::move(share->private_share);
    keys.own_share = std::move(share->public_share);
    preparing.job.reset();
    send_when_ready(core, sa);
}

void on_own_secret(Core& core, IkeSa& sa, CryptoOutcome& outcome) {
    Negotiation what = std::move(std::get<outgoing::Agreeing>(*sa.outgoing).what);
    auto* secret = outcome ? std::get_if<SharedSecret>(&*outcome) : nullptr;
    if (secret == nullptr) return unusable(core, sa, std::move(what), failure_of(outcome));
    keys_of(what).secrets.push_back(std::move(secret->secret));
    if (keys_of(what).due() != KeyExchangeMethod::None) {
        if (sa.is_established()) return followup_ke::begin(core, sa, std::move(what));
        return sa.outgoing.reset();  // the peer has ended it, and with it what is not finished
    }
    agreed(core, sa, std::move(what));
}

void on_own_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    auto& preparing = std::get<outgoing::Preparing>(*sa.outgoing);
    preparing.spi_request.reset();
    if (!result)
        return failed(core, sa, std::move(preparing.what), {Reason::KernelRefused, result.error().what, false});
    auto& ours = std::get<ChildNegotiation>(preparing.what);
    take_spi(ours.offer, std::get<xfrm::EspSpi>(*result));
    preparing.spi_request = child_part::reserve_next_spi(core, sa, ours);
    send_when_ready(core, sa);
}

// ---- the peer's

struct Subject {
    Asked asked = Asked::CreateChild;
    const ChildSa* child = nullptr;   // the one to be rekeyed
};

// The peer knows a child that we have asked for before we do: its answer is on its way to us, or what it granted into our kernel.
bool may_be_coming(IkeSa& sa, xfrm::EspSpi peer_spi) {
    const ChildNegotiation* ours = asked_child(sa.outgoing);
    return ours != nullptr && (ours->offer.peer_spi == peer_spi || ours->offer.peer_spi == xfrm::EspSpi{});
}

// What the peer asks for; the notification says why it cannot be.
std::expected<Subject, Notify> subject_of(IkeSa& holder, const CreateChildSaRequest& request) {
    if (request.rekeys_ike_sa()) return Subject{Asked::RekeyIkeSa, nullptr};
    const Notify* rekey = find_notify(request.notifies, NotifyType::RekeySa);
    if (rekey == nullptr) return Subject{Asked::CreateChild, nullptr};
    const auto reference = read_child_sa(*rekey);
    if (!reference) return std::unexpected{make_notify(NotifyType::InvalidSyntax)};
    const ChildSa* child = find_child_of_peer(holder, reference->spi);
    // RFC 7296 §2.25.2: while an IKE SA is being closed, its children are gone already.
    if (child == nullptr && (!holder.is_established() || may_be_coming(holder, reference->spi)))
        return std::unexpected{make_notify(NotifyType::TemporaryFailure)};
    // RFC 7296 §2.25.1
    if (child == nullptr) return std::unexpected{make_child_sa(NotifyType::ChildSaNotFound, *reference)};
    return Subject{Asked::RekeyChild, child};
}

// What we have asked the peer for ourselves and have not been told to be over. A request that is not sent yet does not
// count: it is taken back if the peer was faster.
Busy busy_with(Core& core, const IkeSa& sa, const Subject& subject) {
    if (sa.is_spare()) return Busy::IkeSaSpare;
    // The peer has rekeyed it already.
    if (subject.asked == Asked::RekeyIkeSa && core.undecided_successor(sa) != nullptr) return Busy::IkeSaSpare;
    if (!sa.is_established()) return Busy::ClosingIkeSa;
    const xfrm::EspSpi inbound = subject.child != nullptr ? subject.child->inbound.spi : xfrm::EspSpi{};
    if (subject.child != nullptr && (is_being_deleted(sa, inbound) || !subject.child->is_in_use()))
        return Busy::DeletingThisChild;
    if (!sa.outgoing || std::holds_alternative<outgoing::Preparing>(*sa.outgoing)) return Busy::Idle;
    const auto busy_with_child = [&](const ChildNegotiation& ours) {
        return subject.child != nullptr && ours.rekeys == inbound ? Busy::RekeyingThisChild : Busy::CreatingChild;
    };
    // Ours is decided once it goes into the kernel: the child it replaces is as good as deleted.
    const auto decided = [&](const ChildNegotiation& ours) {
        const Busy busy = busy_with_child(ours);
        return busy == Busy::RekeyingThisChild ? Busy::DeletingThisChild : busy;
    };
    return std::visit(Overloaded{[&](const outgoing::Installing& s) { return decided(s.what); },
                                 [](const outgoing::DeletingChild&) { return Busy::CreatingChild; },
                                 [](const outgoing::Asking&) { return Busy::Idle; },
                                 [](const outgoing::TellingPath&) { return Busy::Idle; },
                                 [](const outgoing::CheckingReturn&) { return Busy::Idle; },
                                 [&](const auto& s) {
                                     const auto* child = std::get_if<ChildNegotiation>(&s.what);
                                     return child != nullptr ? busy_with_child(*child) : Busy::RekeyingIkeSa;
                                 }},
                      *sa.outgoing);
}

// Ours for the same purpose has not been sent: the peer's serves it, or if not, ours comes after it.
void take_back(Core& core, IkeSa& sa, const Negotiation& theirs) {
    auto* preparing = sa.outgoing ? std::get_if<outgoing::Preparing>(&*sa.outgoing) : nullptr;
    if (preparing == nullptr) return;
    const auto* child = std::get_if<ChildNegotiation>(&theirs);
    const auto* ours = std::get_if<ChildNegotiation>(&preparing->what);
    const bool rekeys_ike_sa = child == nullptr;  // then nothing of ours may come in between
    if (!rekeys_ike_sa && (ours == nullptr || ours->child != child->child || ours->rekeys != child->rekeys)) return;
    withdraw(core, sa, std::move(preparing->what));
}

void answer(Core& core, IkeSa& sa, const Notify& notify) {
    send_response(core, sa, ExchangeType::CreateChildSa, notify);
    finish_theirs(core, sa);
}

void go_on_when_ready(Core& core, IkeSa& sa) {
    auto& agreeing = std::get<incoming::Agreeing>(*sa.incoming);
    if (agreeing.spi_request || agreeing.job) return;
    Negotiation what = std::move(agreeing.what);
    if (keys_of(what).due() != KeyExchangeMethod::None)
        return followup_ke::await(core, sa, std::move(what));
    if (auto* child = std::get_if<ChildNegotiation>(&what)) {
        child_part::install(core, sa, std::move(*child));
        if (!sa.incoming) finish_theirs(core, sa);
        return;
    }
    sa.incoming.reset();
    ike_sa_part::conclude_theirs(core, sa, std::move(std::get<IkeSaNegotiation>(what)));
    finish_theirs(core, sa);
}

std::expected<Negotiation, ChildRefusal> read_request(Core& core, IkeSa& sa, const Subject& subject,
                                                      const CreateChildSaRequest& request) {
    if (subject.asked == Asked::RekeyIkeSa) return TRY(ike_sa_part::read_request(core, sa, request));
    if (sa.children.size() >= kChildrenMax)
        return std::unexpected{ChildRefusal{NotifyType::NoAdditionalSas,
                                            {Reason::Limit, "the peer wants too many children", false}}};
    return TRY(child_part::read_request(core, sa, request, subject.child));
}

void begin_agreement(Core& core, IkeSa& sa, Negotiation what, CreateChildSaRequest request) {
    take_back(core, sa, what);
    KeyAgreement& keys = keys_of(what);
    keys.role = Role::Responder;
    keys.initiator_nonce = std::move(request.nonce->data);
    keys.responder_nonce = core.fresh_nonce();
    incoming::Agreeing agreeing;
    if (const auto* child = std::get_if<ChildNegotiation>(&what))
        agreeing.spi_request = child_part::reserve_next_spi(core, sa, *child);
    if (keys.method != KeyExchangeMethod::None) {
        keys.peer_share = std::move(request.key_exchange->data);
        agreeing.job = core.request_crypto(sa, GenerateKeyShare{keys.method, core.fresh_seed()});
    }
    agreeing.what = std::move(what);
    sa.incoming = std::move(agreeing);
    go_on_when_ready(core, sa);
}

void abort_theirs(Core& core, IkeSa& sa, const Notify& notify) {
    Negotiation& theirs = std::get<incoming::Agreeing>(*sa.incoming).what;
    if (const auto* child = std::get_if<ChildNegotiation>(&theirs))
        release_spi(core, sa, child->offer);
    send_response(core, sa, keys_of(theirs).exchange, notify);
    finish_theirs(core, sa);
}

// First our share, then the secret that both have; with a KEM both at once.
void on_their_key(Core& core, IkeSa& sa, CryptoOutcome& outcome) {
    auto& agreeing = std::get<incoming::Agreeing>(*sa.incoming);
    KeyAgreement& keys = keys_of(agreeing.what);
    agreeing.job.reset();
    if (auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr) {
        keys.own_share = std::move(share->public_share);
        agreeing.job = core.request_crypto(
            sa, AgreeOnKey{keys.method, std::move(share->private_share), std::move(keys.peer_share)});
        return;
    }
    if (auto* encapsulated = outcome ? std::get_if<Encapsulated>(&*outcome) : nullptr) {
        keys.own_share = std::move(encapsulated->public_share);
        keys.secrets.push_back(std::move(encapsulated->secret));
        return go_on_when_ready(core, sa);
    }
    auto* secret = outcome ? std::get_if<SharedSecret>(&*outcome) : nullptr;
    // RFC 6989 §2.5: a share that fails its check ends the exchange.
    if (secret == nullptr) return abort_theirs(core, sa, make_notify(NotifyType::InvalidSyntax));
    keys.secrets.push_back(std::move(secret->secret));
    go_on_when_ready(core, sa);
}

void on_their_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    auto& agreeing = std::get<incoming::Agreeing>(*sa.incoming);
    agreeing.spi_request.reset();
    if (!result) return abort_theirs(core, sa, make_notify(NotifyType::NoProposalChosen));
    auto& theirs = std::get<ChildNegotiation>(agreeing.what);
    take_spi(theirs.offer, std::get<xfrm::EspSpi>(*result));
    agreeing.spi_request = child_part::reserve_next_spi(core, sa, theirs);
    go_on_when_ready(core, sa);
}

void announce_refusal(Core& core, const IkeSa& sa, const ChildRefusal& refusal) {
    ++core.statistics.failed_total;
    core.emit(NegotiationFailed{sa.connection, Role::Responder, sa.path.remote, refusal.why.reason,
                                refusal.why.detail, false, Duration{0}});
}

}  // namespace

// ---- ours ------------------------------------------------------------------------------------------------------

void create(Core& core, IkeSa& sa, const task::CreateChild& what) {
    const Child* wanted = child_part::wanted_child(core, sa, what.child);
    const bool exists = std::ranges::any_of(sa.children, [&](const ChildSa& child) {
        return child.name == what.child && child.is_in_use();
    });
    if (wanted == nullptr || exists || !sa.is_current() || lacks_inner(sa, *wanted)) return;
    ChildNegotiation ours;
    ours.child = what.child;
    ours.offer = ask_for(*wanted);
    ask_like_inner(sa, *wanted, ours.offer);
    ours.acquire_sequence = what.acquire_sequence;
    ours.keys.method = first_method(wanted->proposals);
    Negotiation what_is_made{std::move(ours)};
    if (crosses(what_is_made, sa.incoming)) return;
    if (auto fits = fits_path(sa, *wanted); !fits)
        return failed(core, sa, std::move(what_is_made), fits.error());
    prepare(core, sa, std::move(what_is_made));
}

void rekey_child(Core& core, IkeSa& sa, xfrm::EspSpi inbound) {
    ChildSa* old = find_child(sa, inbound);
    if (old == nullptr || old->phase != ChildPhase::Active || !sa.is_current()) return;
    const Child* wanted = child_part::wanted_child(core, sa, old->name);
    if (wanted == nullptr) return;
    ChildNegotiation ours;
    ours.child = old->name;
    ours.rekeys = inbound;
    ours.offer = ask_for(*wanted);
    ask_like_inner(sa, *wanted, ours.offer);
    // The group that was agreed on before is the one to be agreed on again.
    ours.keys.method = old->suite.method != KeyExchangeMethod::None ? old->suite.method : first_method(wanted->proposals);
    prepare(core, sa, std::move(ours));
}

void rekey_ike_sa(Core& core, IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr || !sa.is_current()) return;
    IkeSaNegotiation ours;
    ours.our_spi = core.fresh_ike_spi();
    core.announce_spi(sa, ours.our_spi);
    ours.keys.method = std::ranges::contains(key_exchange_methods(wanted->ike_proposals), sa.suite.method)
                           ? sa.suite.method
                           : first_method(wanted->ike_proposals);
    prepare(core, sa, std::move(ours));
}

void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto* sent = sa.outgoing ? std::get_if<outgoing::Sent>(&*sa.outgoing) : nullptr;
    if (sent == nullptr) return;
    Negotiation what = std::move(sent->what);
    auto response = std::move(payloads).and_then(CreateChildSaResponse::from_payloads);
    if (!response) return unusable(core, sa, std::move(what), failure_of(response.error()));
    if (!response->is_normal()) {
        const Notify* error = find_error(response->notifies);
        if (error != nullptr) return refused(core, sa, std::move(what), *error);
        return unusable(core, sa, std::move(what), {Reason::InvalidSyntax, "the peer's answer says nothing", false});
    }
    if (auto read = read_response(core, sa, what, *response); !read)
        return unusable(core, sa, std::move(what), read.error());
    KeyAgreement& keys = keys_of(what);
    if (keys.method == KeyExchangeMethod::None) return agreed(core, sa, std::move(what));
    const JobId job = core.request_crypto(
        sa, AgreeOnKey{keys.method, std::move(keys.private_share), std::move(keys.peer_share)});
    sa.outgoing = outgoing::Agreeing{std::move(what), job};
}

// ---- the peer's ------------------------------------------------------------------------------------------------

void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    followup_ke::abandon(core, sa);
    auto request = std::move(payloads).and_then(CreateChildSaRequest::from_payloads);
    if (!request) {
        // RFC 7296 §2.21.3
        const bool critical = request.error().fault == DecodeFault::UnsupportedCriticalPayload;
        return answer(core, sa, critical ? make_unsupported_critical_payload(request.error().payload)
                                         : make_notify(NotifyType::InvalidSyntax));
    }
    const auto subject = subject_of(children_holder(core, sa), *request);
    if (!subject) return answer(core, sa, subject.error());
    const Verdict verdict = judge(subject->asked, busy_with(core, sa, *subject));
    if (verdict == Verdict::TemporaryFailure) return answer(core, sa, make_notify(NotifyType::TemporaryFailure));
    auto what = read_request(core, sa, *subject, *request);
    if (!what) {
        // RFC 7296 §2.25: the peer asks again a little later, so nothing has failed.
        if (what.error().notify != NotifyType::TemporaryFailure) announce_refusal(core, sa, what.error());
        return answer(core, sa, make_notify(what.error().notify));
    }
    const KeyExchangeMethod method = keys_of(*what).method;
    if (method != KeyExchangeMethod::None && (!request->key_exchange || request->key_exchange->method != method))
        return answer(core, sa, make_invalid_ke_payload(method));
    begin_agreement(core, sa, *std::move(what), *std::move(request));
}

// ---- both ------------------------------------------------------------------------------------------------------

bool on_crypto(Core& core, IkeSa& sa, JobId id, CryptoOutcome& outcome) {
    if (sa.outgoing) {
        if (const auto* preparing = std::get_if<outgoing::Preparing>(&*sa.outgoing); preparing && preparing->job == id)
            return on_own_share(core, sa, outcome), true;
        if (const auto* making = std::get_if<outgoing::MakingFollowup>(&*sa.outgoing);
            making && making->job == id)
            return followup_ke::on_share(core, sa, outcome), true;
        if (const auto* agreeing = std::get_if<outgoing::Agreeing>(&*sa.outgoing); agreeing && agreeing->job == id)
            return on_own_secret(core, sa, outcome), true;
    }
    const auto* agreeing = sa.incoming ? std::get_if<incoming::Agreeing>(&*sa.incoming) : nullptr;
    if (agreeing == nullptr || agreeing->job != id) return false;
    on_their_key(core, sa, outcome);
    return true;
}

bool on_kernel(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    if (sa.outgoing) {
        if (const auto* preparing = std::get_if<outgoing::Preparing>(&*sa.outgoing); preparing && preparing->spi_request == id)
            return on_own_spi(core, sa, result), true;
        if (auto* installing = std::get_if<outgoing::Installing>(&*sa.outgoing); installing && installing->request == id)
            return child_part::on_installed(core, sa, std::move(*installing), result), true;
    }
    if (!sa.incoming) return false;
    if (const auto* agreeing = std::get_if<incoming::Agreeing>(&*sa.incoming); agreeing && agreeing->spi_request == id)
        return on_their_spi(core, sa, result), true;
    if (auto* installing = std::get_if<incoming::Installing>(&*sa.incoming); installing && installing->request == id) {
        child_part::on_installed(core, sa, std::move(*installing), result);
        finish_theirs(core, sa);
        return true;
    }
    return false;
}

void failed(Core& core, IkeSa& sa, Negotiation what, const WhyFailed& why) {
    std::visit(
        Overloaded{[&](ChildNegotiation& ours) {
                       release_spi(core, sa, ours.offer);
                       child_part::failed(core, sa, ours, why);
                   },
                   [&](IkeSaNegotiation& ours) { ike_sa_part::failed(core, sa, ours, why); }},
        what);
}

void unusable(Core& core, IkeSa& sa, Negotiation what, const WhyFailed& why) {
    sa.outgoing.reset();
    if (!sa.is_established()) return;
    if (const auto* child = std::get_if<ChildNegotiation>(&what)) {
        delete_first(sa, {child->offer.inbound_spi, child->offer.suite.protocol});
        return failed(core, sa, std::move(what), why);
    }
    close_gracefully(core, sa, why.reason, why.detail);
}

void finish_theirs(Core& core, IkeSa& sa) {
    sa.incoming.reset();
    auto* waiting = sa.outgoing ? std::get_if<outgoing::AwaitingPeers>(&*sa.outgoing) : nullptr;
    if (waiting != nullptr) return agreed(core, sa, std::move(waiting->what));
    begin_next_task(core, sa);
}

}  // namespace xfrmd::ike::create_child_sa
