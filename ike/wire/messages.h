// SPDX-License-Identifier: Apache-2.0
// Messages by exchange and direction, so that handlers never see a bag of payloads. RFC 7296 §1.2
// to §1.4, Appendix C.
//
// from_payloads() takes a parsed chain in any order (RFC 7296 §2.5) and checks it against
// message_rules.h: DuplicatePayload, MissingPayload or UnexpectedPayload, with the payload's type.
// Required payloads are missing without an error only if the message reports an error (or asks for
// a cookie) and holds none of them: then the optional members are empty, and `notifies` says why.
// What the rules do not name for the message, unknown payloads included, is kept in `others` and is
// not to be acted upon.
//
// to_payloads() gives the chain in the order of RFC 7296 Appendix C.
#pragma once

#include <optional>
#include <vector>

#include "ike/wire/message_rules.h"
#include "ike/wire/payload.h"

namespace xfrmd::ike {

// HDR, [N(COOKIE)], SA, KE, Ni, [N+], [V+]
struct IkeSaInitRequest {
    std::optional<SecurityAssociation> security_association;
    std::optional<KeyExchange> key_exchange;
    std::optional<Nonce> nonce;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    static Decoded<IkeSaInitRequest> from_payloads(std::vector<Payload> payloads);
    // A COOKIE notification comes first: RFC 7296 §2.6.
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeSaInitRequest&) const = default;
};

// HDR, SA, KE, Nr, [CERTREQ+], [N+], [V+], or HDR, N(error or COOKIE)
struct IkeSaInitResponse {
    std::optional<SecurityAssociation> security_association;
    std::optional<KeyExchange> key_exchange;
    std::optional<Nonce> nonce;
    std::vector<CertificateRequest> certificate_requests;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    // All three required payloads are there; otherwise none is, and a notification says why.
    bool is_normal() const { return security_association.has_value(); }

    static Decoded<IkeSaInitResponse> from_payloads(std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeSaInitResponse&) const = default;
};

// HDR, SK {IDi, [CERT+], [CERTREQ+], [IDr], AUTH, [CP], SA, TSi, TSr, [N+], [V+]}; with EAP also
// rounds of EAP alone and of AUTH alone.
struct IkeAuthRequest {
    std::optional<IdentificationInitiator> initiator_id;
    std::vector<Certificate> certificates;
    std::vector<CertificateRequest> certificate_requests;
    std::optional<IdentificationResponder> responder_id;
    std::optional<Authentication> authentication;
    std::optional<Eap> eap;
    std::optional<ConfigurationPayload> configuration;
    std::optional<SecurityAssociation> security_association;
    std::optional<TrafficSelectorsInitiator> initiator_selectors;
    std::optional<TrafficSelectorsResponder> responder_selectors;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    // SA, TSi and TSr are all there; otherwise none is (RFC 6023, or a later EAP round).
    bool asks_for_child() const { return security_association.has_value(); }

    static Decoded<IkeAuthRequest> from_payloads(std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeAuthRequest&) const = default;
};

// HDR, SK {IDr, [CERT+], AUTH, [CP], SA, TSi, TSr, [N+], [V+]}, or IDr, AUTH and an error about the
// child, or an error alone.
struct IkeAuthResponse {
    std::optional<IdentificationResponder> responder_id;
    std::vector<Certificate> certificates;
    std::optional<Authentication> authentication;
    std::optional<Eap> eap;
    std::optional<ConfigurationPayload> configuration;
    std::optional<SecurityAssociation> security_association;
    std::optional<TrafficSelectorsInitiator> initiator_selectors;
    std::optional<TrafficSelectorsResponder> responder_selectors;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    // SA, TSi and TSr are all there; otherwise none is.
    bool grants_child() const { return security_association.has_value(); }

    static Decoded<IkeAuthResponse> from_payloads(std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeAuthResponse&) const = default;
};

// HDR, SK {[N(REKEY_SA)], [CP], SA, Ni, [KEi], TSi, TSr, [N+], [V+]} makes or rekeys a child;
// HDR, SK {SA, Ni, KEi, [N+], [V+]} rekeys the IKE SA.
struct CreateChildSaRequest {
    std::optional<ConfigurationPayload> configuration;
    std::optional<SecurityAssociation> security_association;
    std::optional<Nonce> nonce;
    std::optional<KeyExchange> key_exchange;
    std::optional<TrafficSelectorsInitiator> initiator_selectors;
    std::optional<TrafficSelectorsResponder> responder_selectors;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    // Every proposal is for IKE; KE is there and TSi, TSr are not. Otherwise no proposal is for IKE
    // and TSi, TSr are there. A mixture is refused as UnexpectedPayload.
    bool rekeys_ike_sa() const;

    static Decoded<CreateChildSaRequest> from_payloads(std::vector<Payload> payloads);
    // A REKEY_SA notification comes first.
    std::vector<Payload> to_payloads() const;
    bool operator==(const CreateChildSaRequest&) const = default;
};

// HDR, SK {[CP], SA, Nr, [KEr], TSi, TSr, [N+], [V+]}, or SA, Nr, KEr for the IKE SA, or an error
// alone.
struct CreateChildSaResponse {
    std::optional<ConfigurationPayload> configuration;
    std::optional<SecurityAssociation> security_association;
    std::optional<Nonce> nonce;
    std::optional<KeyExchange> key_exchange;
    std::optional<TrafficSelectorsInitiator> initiator_selectors;
    std::optional<TrafficSelectorsResponder> responder_selectors;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    // SA and Nr are there; otherwise none of the required payloads is, and a notification says why.
    bool is_normal() const { return security_association.has_value(); }
    // As in the request.
    bool rekeys_ike_sa() const;

    static Decoded<CreateChildSaResponse> from_payloads(std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const CreateChildSaResponse&) const = default;
};

// HDR, SK {[N+], [D+], [CP]}, request and response alike. Empty: a liveness check, or its answer.
struct Informational {
    std::vector<Notify> notifies;
    std::vector<Delete> deletes;
    std::optional<ConfigurationPayload> configuration;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    static Decoded<Informational> from_payloads(std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const Informational&) const = default;
};

// HDR, SK {[KE], [N+]}, request and response alike. RFC 9242, RFC 9370 §2.2.2.
struct IkeIntermediate {
    std::optional<KeyExchange> key_exchange;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    static Decoded<IkeIntermediate> from_payloads(MessageKind kind, std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeIntermediate&) const = default;
};

// HDR, SK {KE, N(ADDITIONAL_KEY_EXCHANGE)}; the last response has no notification. RFC 9370 §2.2.4.
struct IkeFollowupKe {
    std::optional<KeyExchange> key_exchange;
    std::vector<Notify> notifies;
    std::vector<VendorId> vendor_ids;
    std::vector<Payload> others;

    static Decoded<IkeFollowupKe> from_payloads(MessageKind kind, std::vector<Payload> payloads);
    std::vector<Payload> to_payloads() const;
    bool operator==(const IkeFollowupKe&) const = default;
};

}  // namespace xfrmd::ike
