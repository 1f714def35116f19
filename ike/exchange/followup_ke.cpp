// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/followup_ke.h"

#include <algorithm>

#include "ike/child_offer.h"
#include "ike/crypto/registry.h"
#include "ike/exchange/child_part.h"
#include "ike/exchange/create_child_sa.h"
#include "ike/exchange/ike_sa_part.h"
#include "ike/exchange/reasons.h"
#include "ike/sealed_message.h"
#include "ike/wire/messages.h"
#include "netlink/model/result.h"

namespace xfrmd::ike::followup_ke {

namespace {

// RFC 9370 §2.2.4 leaves it to the responder how long it remembers.
constexpr Duration kPatience = std::chrono::seconds{30};

Notify link_notify(const Bytes& link) {
    Notify notify = make_notify(NotifyType::AdditionalKeyExchange);
    notify.data = link;
    return notify;
}

// ---- ours

// The peer's share, and what to go on with, into `keys`.
std::expected<void, WhyFailed> read_response(const IkeFollowupKe& response, KeyAgreement& keys) {
    if (response.key_exchange->method != keys.method)
        return std::unexpected{WhyFailed{Reason::InvalidKeyExchange,
                                         "the peer sent a share of another method than was due",
                                         false}};
    keys.peer_share = response.key_exchange->data;
    const bool is_last = keys.secrets.size() == keys.additional.size();
    if (is_last) return {};
    return read_link(response.notifies, keys);
}

// ---- the peer's

// `response`: to CREATE_CHILD_SA, if that is what `keys` go with.
void answer_any(Core& core, IkeSa& sa, const KeyAgreement& keys, CreateChildSaResponse response) {
    const bool more = keys.due() != KeyExchangeMethod::None;
    if (keys.exchange == ExchangeType::CreateChildSa) {
        if (more) response.notifies.push_back(link_notify(keys.link));
        return send_response(core, sa, ExchangeType::CreateChildSa, response.to_payloads());
    }
    IkeFollowupKe next;
    next.key_exchange = KeyExchange{keys.method, keys.own_share};
    if (more) next.notifies.push_back(link_notify(keys.link));
    send_response(core, sa, ExchangeType::IkeFollowupKe, next.to_payloads());
}

CryptoJob agreement_job(Core& core, const KeyAgreement& keys) {
    const TransformRow* row = transform_row(keys.method);
    if (row != nullptr && row->is_kem)
        return EncapsulateKey{keys.method, keys.peer_share, core.fresh_seed()};
    return GenerateKeyShare{keys.method, core.fresh_seed()};
}

void refuse(Core& core, IkeSa& sa, const Notify& notify) {
    send_response(core, sa, ExchangeType::IkeFollowupKe, notify);
}

}  // namespace

// ---- ours
// ------------------------------------------------------------------------------------------------------

void begin(Core& core, IkeSa& sa, Negotiation what) {
    KeyAgreement& keys = keys_of(what);
    keys.method = keys.due();
    const JobId job = core.request_crypto(sa, GenerateKeyShare{keys.method, core.fresh_seed()});
    sa.outgoing = outgoing::MakingFollowup{std::move(what), job};
}

void on_share(Core& core, IkeSa& sa, CryptoOutcome& outcome) {
    Negotiation what = std::move(std::get<outgoing::MakingFollowup>(*sa.outgoing).what);
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr)
        return create_child_sa::failed(core, sa, std::move(what), failure_of(outcome));
    KeyAgreement& keys = keys_of(what);
    keys.private_share = std::move(share->private_share);
    IkeFollowupKe request;
    request.key_exchange = KeyExchange{keys.method, std::move(share->public_share)};
    request.notifies = {link_notify(keys.link)};
    sa.outgoing = outgoing::FollowupSent{std::move(what)};
    send_request(core, sa, ExchangeType::IkeFollowupKe, request.to_payloads());
}

void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto* sent = sa.outgoing ? std::get_if<outgoing::FollowupSent>(&*sa.outgoing) : nullptr;
    if (sent == nullptr) return;
    Negotiation what = std::move(sent->what);
    const auto response = std::move(payloads).and_then([](std::vector<Payload> parsed) {
        return IkeFollowupKe::from_payloads(MessageKind::Response, std::move(parsed));
    });
    if (!response)
        return create_child_sa::unusable(core, sa, std::move(what), failure_of(response.error()));
    // RFC 9370 §2.2.4: among them STATE_NOT_FOUND, from a peer that has waited too long.
    if (const Notify* error = find_error(response->notifies))
        return create_child_sa::failed(core, sa, std::move(what),
                                       {reason_of(error->type), answered(error->type), true});
    KeyAgreement& keys = keys_of(what);
    if (auto read = read_response(*response, keys); !read)
        return create_child_sa::unusable(core, sa, std::move(what), read.error());
    const JobId job = core.request_crypto(
        sa, AgreeOnKey{keys.method, std::move(keys.private_share), std::move(keys.peer_share)});
    sa.outgoing = outgoing::Agreeing{std::move(what), job};
}

std::expected<void, WhyFailed> read_link(std::span<const Notify> notifies, KeyAgreement& keys) {
    const Notify* link = find_notify(notifies, NotifyType::AdditionalKeyExchange);
    if (link == nullptr)
        return std::unexpected{
            WhyFailed{Reason::InvalidSyntax,
                      "the peer does not say how to go on with the key exchanges", false}};
    keys.link = link->data;
    return {};
}

// ---- the peer's
// ------------------------------------------------------------------------------------------------

void answer(Core& core, IkeSa& sa, const ChildNegotiation& theirs) {
    answer_any(core, sa, theirs.keys, child_part::write_response(theirs));
}

void answer(Core& core, IkeSa& sa, const IkeSaNegotiation& theirs) {
    answer_any(core, sa, theirs.keys, ike_sa_part::write_response(core, theirs));
}

void await(Core& core, IkeSa& sa, Negotiation what) {
    keys_of(what).link = core.fresh_nonce();
    std::visit([&](const auto& theirs) { answer(core, sa, theirs); }, what);
    sa.incoming = incoming::AwaitingFollowup{std::move(what)};
    core.arm_in(sa, Timer::Followup, kPatience);
}

void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto request = std::move(payloads).and_then([](std::vector<Payload> parsed) {
        return IkeFollowupKe::from_payloads(MessageKind::Request, std::move(parsed));
    });
    if (!request) return refuse(core, sa, notify_of(request.error()));
    auto* waiting = sa.incoming ? std::get_if<incoming::AwaitingFollowup>(&*sa.incoming) : nullptr;
    const Notify* link = find_notify(request->notifies, NotifyType::AdditionalKeyExchange);
    if (waiting == nullptr || link == nullptr ||
        !std::ranges::equal(link->data, keys_of(waiting->what).link))
        return refuse(core, sa, make_notify(NotifyType::StateNotFound));
    if (request->key_exchange->method != keys_of(waiting->what).due()) {
        refuse(core, sa, make_notify(NotifyType::InvalidSyntax));
        return on_overdue(core, sa);
    }
    core.arm(sa, Timer::Followup, std::nullopt);
    incoming::Agreeing agreeing{.what = std::move(waiting->what), .spi_request = {}, .job = {}};
    KeyAgreement& keys = keys_of(agreeing.what);
    keys.method = keys.due();
    keys.exchange = ExchangeType::IkeFollowupKe;
    keys.peer_share = std::move(request->key_exchange->data);
    agreeing.job = core.request_crypto(sa, agreement_job(core, keys));
    sa.incoming = std::move(agreeing);
}

void abandon(Core& core, IkeSa& sa) {
    const auto* waiting =
        sa.incoming ? std::get_if<incoming::AwaitingFollowup>(&*sa.incoming) : nullptr;
    if (waiting == nullptr) return;
    if (const auto* child = std::get_if<ChildNegotiation>(&waiting->what))
        release_spi(core, sa, child->offer);
    sa.incoming.reset();
    core.arm(sa, Timer::Followup, std::nullopt);
}

void on_overdue(Core& core, IkeSa& sa) {
    abandon(core, sa);
    if (!sa.incoming) create_child_sa::finish_theirs(core, sa);
}

}  // namespace xfrmd::ike::followup_ke
