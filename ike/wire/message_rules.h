// SPDX-License-Identifier: Apache-2.0
// How often each payload may stand in each message. RFC 7296 §1.2 to §1.4 and Appendix C, RFC 6023,
// RFC 9242, RFC 9370. A payload without a row is not expected there: it is kept apart and not acted
// upon.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "ike/wire/header.h"
#include "ike/wire/limits.h"
#include "ike/wire/payload_type.h"

namespace xfrmd::ike {

enum class MessageKind : std::uint8_t { Request, Response };

struct PayloadRule {
    ExchangeType exchange;
    MessageKind kind;
    PayloadType payload;
    std::uint8_t min;
    std::uint8_t max;
};

inline constexpr std::uint8_t kMany = limits::kPayloadsMax;

// Minima hold for a message that does not consist of an error (or a cookie challenge) instead.
inline constexpr auto kPayloadRules = [] {
    using enum ExchangeType;
    using enum MessageKind;
    using P = PayloadType;
    return std::to_array<PayloadRule>({
        {IkeSaInit, Request, P::SecurityAssociation, 1, 1},
        {IkeSaInit, Request, P::KeyExchange, 1, 1},
        {IkeSaInit, Request, P::Nonce, 1, 1},
        {IkeSaInit, Request, P::Notify, 0, kMany},
        {IkeSaInit, Request, P::VendorId, 0, kMany},

        {IkeSaInit, Response, P::SecurityAssociation, 1, 1},
        {IkeSaInit, Response, P::KeyExchange, 1, 1},
        {IkeSaInit, Response, P::Nonce, 1, 1},
        {IkeSaInit, Response, P::CertificateRequest, 0, kMany},
        {IkeSaInit, Response, P::Notify, 0, kMany},
        {IkeSaInit, Response, P::VendorId, 0, kMany},

        // Nothing is required by itself: with EAP there are rounds of EAP alone and of AUTH alone,
        // and RFC 6023 leaves out SA, TSi and TSr. kTogetherRules and the state of the IKE SA say
        // the rest.
        {IkeAuth, Request, P::IdentificationInitiator, 0, 1},
        {IkeAuth, Request, P::Certificate, 0, kMany},
        {IkeAuth, Request, P::CertificateRequest, 0, kMany},
        {IkeAuth, Request, P::IdentificationResponder, 0, 1},
        {IkeAuth, Request, P::Authentication, 0, 1},
        {IkeAuth, Request, P::Eap, 0, 1},
        {IkeAuth, Request, P::Configuration, 0, 1},
        {IkeAuth, Request, P::SecurityAssociation, 0, 1},
        {IkeAuth, Request, P::TrafficSelectorsInitiator, 0, 1},
        {IkeAuth, Request, P::TrafficSelectorsResponder, 0, 1},
        {IkeAuth, Request, P::Notify, 0, kMany},
        {IkeAuth, Request, P::VendorId, 0, kMany},

        {IkeAuth, Response, P::IdentificationResponder, 0, 1},
        {IkeAuth, Response, P::Certificate, 0, kMany},
        {IkeAuth, Response, P::Authentication, 0, 1},
        {IkeAuth, Response, P::Eap, 0, 1},
        {IkeAuth, Response, P::Configuration, 0, 1},
        {IkeAuth, Response, P::SecurityAssociation, 0, 1},
        {IkeAuth, Response, P::TrafficSelectorsInitiator, 0, 1},
        {IkeAuth, Response, P::TrafficSelectorsResponder, 0, 1},
        {IkeAuth, Response, P::Notify, 0, kMany},
        {IkeAuth, Response, P::VendorId, 0, kMany},

        {CreateChildSa, Request, P::SecurityAssociation, 1, 1},
        {CreateChildSa, Request, P::Nonce, 1, 1},
        {CreateChildSa, Request, P::KeyExchange, 0, 1},
        {CreateChildSa, Request, P::Configuration, 0, 1},
        {CreateChildSa, Request, P::TrafficSelectorsInitiator, 0, 1},
        {CreateChildSa, Request, P::TrafficSelectorsResponder, 0, 1},
        {CreateChildSa, Request, P::Notify, 0, kMany},
        {CreateChildSa, Request, P::VendorId, 0, kMany},

        {CreateChildSa, Response, P::SecurityAssociation, 1, 1},
        {CreateChildSa, Response, P::Nonce, 1, 1},
        {CreateChildSa, Response, P::KeyExchange, 0, 1},
        {CreateChildSa, Response, P::Configuration, 0, 1},
        {CreateChildSa, Response, P::TrafficSelectorsInitiator, 0, 1},
        {CreateChildSa, Response, P::TrafficSelectorsResponder, 0, 1},
        {CreateChildSa, Response, P::Notify, 0, kMany},
        {CreateChildSa, Response, P::VendorId, 0, kMany},

        {Informational, Request, P::Notify, 0, kMany},
        {Informational, Request, P::Delete, 0, kMany},
        {Informational, Request, P::Configuration, 0, 1},
        {Informational, Request, P::VendorId, 0, kMany},

        {Informational, Response, P::Notify, 0, kMany},
        {Informational, Response, P::Delete, 0, kMany},
        {Informational, Response, P::Configuration, 0, 1},
        {Informational, Response, P::VendorId, 0, kMany},

        {IkeIntermediate, Request, P::KeyExchange, 0, 1},
        {IkeIntermediate, Request, P::Notify, 0, kMany},
        {IkeIntermediate, Request, P::VendorId, 0, kMany},

        {IkeIntermediate, Response, P::KeyExchange, 0, 1},
        {IkeIntermediate, Response, P::Notify, 0, kMany},
        {IkeIntermediate, Response, P::VendorId, 0, kMany},

        {IkeFollowupKe, Request, P::KeyExchange, 1, 1},
        {IkeFollowupKe, Request, P::Notify, 1, kMany},
        {IkeFollowupKe, Request, P::VendorId, 0, kMany},

        {IkeFollowupKe, Response, P::KeyExchange, 1, 1},
        {IkeFollowupKe, Response, P::Notify, 0, kMany},
        {IkeFollowupKe, Response, P::VendorId, 0, kMany},
    });
}();

// These stand together or not at all.
struct TogetherRule {
    ExchangeType exchange;
    PayloadType first;
    PayloadType second;
};

inline constexpr auto kTogetherRules = [] {
    using enum ExchangeType;
    using P = PayloadType;
    return std::to_array<TogetherRule>({
        {IkeAuth, P::SecurityAssociation, P::TrafficSelectorsInitiator},
        {IkeAuth, P::TrafficSelectorsInitiator, P::TrafficSelectorsResponder},
        {CreateChildSa, P::TrafficSelectorsInitiator, P::TrafficSelectorsResponder},
    });
}();

// The row for this payload; nothing if the payload is not expected there.
constexpr std::optional<PayloadRule> payload_rule(ExchangeType exchange, MessageKind kind,
                                                  PayloadType payload) {
    const auto row = std::ranges::find_if(kPayloadRules, [&](const PayloadRule& rule) {
        return rule.exchange == exchange && rule.kind == kind && rule.payload == payload;
    });
    if (row == kPayloadRules.end()) return std::nullopt;
    return *row;
}

}  // namespace xfrmd::ike
