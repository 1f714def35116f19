// SPDX-License-Identifier: Apache-2.0
// One generic walk for all messages: each names its members in the order of the wire, and payloads
// find their member by type.
#include "ike/wire/messages.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ike/wire/notify_data.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

// The members of each message in the order of RFC 7296 Appendix C; `others` always ends it.
template <class M>
constexpr auto kMembers = nullptr;

template <>
constexpr auto kMembers<IkeSaInitRequest> = std::tuple{
    &IkeSaInitRequest::security_association, &IkeSaInitRequest::key_exchange,
    &IkeSaInitRequest::nonce, &IkeSaInitRequest::notifies, &IkeSaInitRequest::vendor_ids};

template <>
constexpr auto kMembers<IkeSaInitResponse> =
    std::tuple{&IkeSaInitResponse::security_association, &IkeSaInitResponse::key_exchange,
               &IkeSaInitResponse::nonce,                &IkeSaInitResponse::certificate_requests,
               &IkeSaInitResponse::notifies,             &IkeSaInitResponse::vendor_ids};

template <>
constexpr auto kMembers<IkeAuthRequest> =
    std::tuple{&IkeAuthRequest::initiator_id,         &IkeAuthRequest::certificates,
               &IkeAuthRequest::certificate_requests, &IkeAuthRequest::responder_id,
               &IkeAuthRequest::authentication,       &IkeAuthRequest::eap,
               &IkeAuthRequest::configuration,        &IkeAuthRequest::security_association,
               &IkeAuthRequest::initiator_selectors,  &IkeAuthRequest::responder_selectors,
               &IkeAuthRequest::notifies,             &IkeAuthRequest::vendor_ids};

template <>
constexpr auto kMembers<IkeAuthResponse> =
    std::tuple{&IkeAuthResponse::responder_id,        &IkeAuthResponse::certificates,
               &IkeAuthResponse::authentication,      &IkeAuthResponse::eap,
               &IkeAuthResponse::configuration,       &IkeAuthResponse::security_association,
               &IkeAuthResponse::initiator_selectors, &IkeAuthResponse::responder_selectors,
               &IkeAuthResponse::notifies,            &IkeAuthResponse::vendor_ids};

template <class M>
constexpr auto kCreateChildMembers =
    std::tuple{&M::configuration,       &M::security_association, &M::nonce,    &M::key_exchange,
               &M::initiator_selectors, &M::responder_selectors,  &M::notifies, &M::vendor_ids};
template <>
constexpr auto kMembers<CreateChildSaRequest> = kCreateChildMembers<CreateChildSaRequest>;
template <>
constexpr auto kMembers<CreateChildSaResponse> = kCreateChildMembers<CreateChildSaResponse>;

template <>
constexpr auto kMembers<Informational> =
    std::tuple{&Informational::notifies, &Informational::deletes, &Informational::configuration,
               &Informational::vendor_ids};

template <>
constexpr auto kMembers<IkeIntermediate> = std::tuple{
    &IkeIntermediate::key_exchange, &IkeIntermediate::notifies, &IkeIntermediate::vendor_ids};

template <>
constexpr auto kMembers<IkeFollowupKe> =
    std::tuple{&IkeFollowupKe::key_exchange, &IkeFollowupKe::notifies, &IkeFollowupKe::vendor_ids};

// How many payloads there are of each type.
using Census = std::array<std::size_t, 256>;

Census take_census(std::span<const Payload> payloads) {
    Census census{};
    for (const Payload& payload : payloads) ++census[std::to_underlying(payload_type(payload))];
    return census;
}

// RFC 7296 §1.2, §1.3, §2.6, §2.21 and RFC 5685 §3: a response may consist of a notification that
// says why the payloads asked for are not there.
bool stands_for_refusal(ExchangeType exchange, const Notify& notify) {
    return is_error(notify.type) ||
           (exchange == ExchangeType::IkeSaInit &&
            (notify.type == NotifyType::Cookie || notify.type == NotifyType::Redirect));
}

bool holds_refusal(ExchangeType exchange, std::span<const Payload> payloads) {
    return std::ranges::any_of(payloads, [&](const Payload& payload) {
        const auto* notify = std::get_if<Notify>(&payload);
        return notify != nullptr && stands_for_refusal(exchange, *notify);
    });
}

Decoded<void> check_maxima(ExchangeType exchange, MessageKind kind, const Census& census) {
    for (const PayloadRule& rule : kPayloadRules) {
        if (rule.exchange != exchange || rule.kind != kind) continue;
        if (census[std::to_underlying(rule.payload)] > rule.max)
            return refuse(DecodeFault::DuplicatePayload, rule.payload);
    }
    return {};
}

Decoded<void> check_minima(ExchangeType exchange, MessageKind kind, const Census& census,
                           bool refusal) {
    bool any_present = false;
    PayloadType missing = PayloadType::None;
    for (const PayloadRule& rule : kPayloadRules) {
        if (rule.exchange != exchange || rule.kind != kind || rule.min == 0) continue;
        const bool present = census[std::to_underlying(rule.payload)] >= rule.min;
        any_present = any_present || present;
        if (!present && missing == PayloadType::None) missing = rule.payload;
    }
    if (missing == PayloadType::None || (refusal && !any_present)) return {};
    return refuse(DecodeFault::MissingPayload, missing);
}

Decoded<void> check_together(ExchangeType exchange, const Census& census) {
    for (const TogetherRule& rule : kTogetherRules) {
        if (rule.exchange != exchange) continue;
        const bool first = census[std::to_underlying(rule.first)] > 0;
        const bool second = census[std::to_underlying(rule.second)] > 0;
        if (first != second)
            return refuse(DecodeFault::MissingPayload, first ? rule.second : rule.first);
    }
    return {};
}

Decoded<void> check_rules(ExchangeType exchange, MessageKind kind,
                          std::span<const Payload> payloads) {
    const Census census = take_census(payloads);
    const bool refusal = kind == MessageKind::Response && holds_refusal(exchange, payloads);
    TRY_VOID(check_maxima(exchange, kind, census));
    TRY_VOID(check_minima(exchange, kind, census, refusal));
    return check_together(exchange, census);
}

// True if the member is for payloads of this type, and has taken this one.
template <class T>
bool offer(std::optional<T>& member, T& payload) {
    member = std::move(payload);
    return true;
}
template <class T>
bool offer(std::vector<T>& member, T& payload) {
    member.push_back(std::move(payload));
    return true;
}
template <class Member, class T>
bool offer(Member&, T&) {
    return false;
}

template <class M>
Decoded<M> sort_payloads(ExchangeType exchange, MessageKind kind, std::vector<Payload> payloads) {
    TRY_VOID(check_rules(exchange, kind, payloads));
    M message;
    for (Payload& payload : payloads) {
        const bool placed = std::visit(
            [&](auto& each) {
                return std::apply(
                    [&](auto... member) { return (offer(message.*member, each) || ...); },
                    kMembers<M>);
            },
            payload);
        if (!placed) message.others.push_back(std::move(payload));
    }
    return message;
}

// Appends what a member holds, but for notifications of the type that already went ahead.
template <class T>
void emit(std::vector<Payload>& out, const std::optional<T>& member, std::optional<NotifyType>) {
    if (member) out.emplace_back(*member);
}
template <class T>
void emit(std::vector<Payload>& out, const std::vector<T>& member,
          std::optional<NotifyType> ahead) {
    for (const T& payload : member) {
        if constexpr (std::is_same_v<T, Notify>) {
            if (payload.type == ahead) continue;
        }
        out.emplace_back(payload);
    }
}

template <class M>
std::vector<Payload> line_up(const M& message, std::optional<NotifyType> ahead = std::nullopt) {
    std::vector<Payload> out;
    for (const Notify& notify : message.notifies)
        if (notify.type == ahead) out.emplace_back(notify);
    std::apply([&](auto... member) { (emit(out, message.*member, ahead), ...); }, kMembers<M>);
    out.insert(out.end(), message.others.begin(), message.others.end());
    return out;
}

bool is_for_ike(const Proposal& proposal) { return proposal.protocol == ProtocolId::Ike; }

bool all_for_ike(const std::optional<SecurityAssociation>& payload) {
    return payload && std::ranges::all_of(payload->proposals, is_for_ike);
}

// RFC 7296 §1.3.1, §1.3.2: with proposals for IKE there are KE and no selectors, otherwise there
// are selectors.
template <class M>
Decoded<M> check_what_is_created(M message) {
    if (!message.security_association) return message;
    if (message.rekeys_ike_sa()) {
        if (!message.key_exchange)
            return refuse(DecodeFault::MissingPayload, PayloadType::KeyExchange);
        if (message.initiator_selectors)
            return refuse(DecodeFault::UnexpectedPayload, PayloadType::TrafficSelectorsInitiator);
        return message;
    }
    if (std::ranges::any_of(message.security_association->proposals, is_for_ike))
        return refuse(DecodeFault::UnexpectedPayload, PayloadType::SecurityAssociation);
    if (!message.initiator_selectors)
        return refuse(DecodeFault::MissingPayload, PayloadType::TrafficSelectorsInitiator);
    return message;
}

}  // namespace

Decoded<IkeSaInitRequest> IkeSaInitRequest::from_payloads(std::vector<Payload> payloads) {
    return sort_payloads<IkeSaInitRequest>(ExchangeType::IkeSaInit, MessageKind::Request,
                                           std::move(payloads));
}

std::vector<Payload> IkeSaInitRequest::to_payloads() const {
    return line_up(*this, NotifyType::Cookie);
}

Decoded<IkeSaInitResponse> IkeSaInitResponse::from_payloads(std::vector<Payload> payloads) {
    return sort_payloads<IkeSaInitResponse>(ExchangeType::IkeSaInit, MessageKind::Response,
                                            std::move(payloads));
}

std::vector<Payload> IkeSaInitResponse::to_payloads() const { return line_up(*this); }

Decoded<IkeAuthRequest> IkeAuthRequest::from_payloads(std::vector<Payload> payloads) {
    return sort_payloads<IkeAuthRequest>(ExchangeType::IkeAuth, MessageKind::Request,
                                         std::move(payloads));
}

std::vector<Payload> IkeAuthRequest::to_payloads() const { return line_up(*this); }

Decoded<IkeAuthResponse> IkeAuthResponse::from_payloads(std::vector<Payload> payloads) {
    return sort_payloads<IkeAuthResponse>(ExchangeType::IkeAuth, MessageKind::Response,
                                          std::move(payloads));
}

std::vector<Payload> IkeAuthResponse::to_payloads() const { return line_up(*this); }

bool CreateChildSaRequest::rekeys_ike_sa() const { return all_for_ike(security_association); }

Decoded<CreateChildSaRequest> CreateChildSaRequest::from_payloads(std::vector<Payload> payloads) {
    return check_what_is_created(TRY(sort_payloads<CreateChildSaRequest>(
        ExchangeType::CreateChildSa, MessageKind::Request, std::move(payloads))));
}

std::vector<Payload> CreateChildSaRequest::to_payloads() const {
    return line_up(*this, NotifyType::RekeySa);
}

bool CreateChildSaResponse::rekeys_ike_sa() const { return all_for_ike(security_association); }

Decoded<CreateChildSaResponse> CreateChildSaResponse::from_payloads(std::vector<Payload> payloads) {
    return check_what_is_created(TRY(sort_payloads<CreateChildSaResponse>(
        ExchangeType::CreateChildSa, MessageKind::Response, std::move(payloads))));
}

std::vector<Payload> CreateChildSaResponse::to_payloads() const { return line_up(*this); }

Decoded<Informational> Informational::from_payloads(std::vector<Payload> payloads) {
    return sort_payloads<Informational>(ExchangeType::Informational, MessageKind::Request,
                                        std::move(payloads));
}

std::vector<Payload> Informational::to_payloads() const { return line_up(*this); }

Decoded<IkeIntermediate> IkeIntermediate::from_payloads(MessageKind kind,
                                                        std::vector<Payload> payloads) {
    return sort_payloads<IkeIntermediate>(ExchangeType::IkeIntermediate, kind, std::move(payloads));
}

std::vector<Payload> IkeIntermediate::to_payloads() const { return line_up(*this); }

Decoded<IkeFollowupKe> IkeFollowupKe::from_payloads(MessageKind kind,
                                                    std::vector<Payload> payloads) {
    return sort_payloads<IkeFollowupKe>(ExchangeType::IkeFollowupKe, kind, std::move(payloads));
}

std::vector<Payload> IkeFollowupKe::to_payloads() const { return line_up(*this); }

}  // namespace xfrmd::ike
