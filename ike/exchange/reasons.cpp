// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/reasons.h"

#include <utility>

#include "ike/policy/offer_text.h"
#include "ike/wire/names.h"
#include "ike/wire/notify_data.h"

namespace xfrmd::ike {

Reason reason_of(NotifyType error) {
    // Any other error notification ends the negotiation just as well: RFC 7296 §3.10.1.
    switch (std::to_underlying(error)) {
        case std::to_underlying(NotifyType::UnsupportedCriticalPayload):
            return Reason::UnsupportedCriticalPayload;
        case std::to_underlying(NotifyType::InvalidMajorVersion): return Reason::UnsupportedVersion;
        case std::to_underlying(NotifyType::InvalidSyntax): return Reason::InvalidSyntax;
        case std::to_underlying(NotifyType::NoProposalChosen): return Reason::NoProposalChosen;
        case std::to_underlying(NotifyType::InvalidKePayload): return Reason::InvalidKeyExchange;
        case std::to_underlying(NotifyType::AuthenticationFailed): return Reason::AuthenticationFailed;
        case std::to_underlying(NotifyType::SinglePairRequired):
        case std::to_underlying(NotifyType::TsUnacceptable): return Reason::TrafficSelectorsUnacceptable;
        case std::to_underlying(NotifyType::UnexpectedNatDetected): return Reason::RefusedBehindNat;
        case std::to_underlying(NotifyType::NoAdditionalSas):
        case std::to_underlying(NotifyType::TemporaryFailure): return Reason::Limit;
        default: return Reason::Unexpected;
    }
}

std::string answered(NotifyType error) { return "the peer answered " + name(error); }

WhyFailed child_refused(NotifyType error, const Child& child, std::span<const Proposal> proposals) {
    WhyFailed why{reason_of(error), answered(error), true};
    const std::string asked = "; for child \"" + child.name + "\" we ";
    if (why.reason == Reason::NoProposalChosen)
        why.detail += asked + "offered " + offer_text(proposals) +
                      (child.mode == xfrm::Mode::Transport ? " in transport mode" : " in tunnel mode");
    if (why.reason == Reason::TrafficSelectorsUnacceptable)
        why.detail += asked + "asked for " + traffic_text(child.local, child.remote);
    return why;
}

WhyFailed failure_of(const CryptoError& error) {
    const auto why = [&](Reason reason) { return WhyFailed{reason, error.what, false}; };
    switch (error.code) {
        case CryptoErrorCode::InvalidPeerShare: return why(Reason::InvalidKeyExchange);
        case CryptoErrorCode::UnknownSecret:
        case CryptoErrorCode::UnknownIdentity:
        case CryptoErrorCode::NoCommonSignature:
        case CryptoErrorCode::UnsupportedMethod:
        case CryptoErrorCode::Internal: return why(Reason::CredentialUnusable);
        case CryptoErrorCode::NoTrustedCertificate: return why(Reason::NoTrustedCertificate);
        case CryptoErrorCode::CertificateExpired: return why(Reason::CertificateExpired);
        case CryptoErrorCode::CertificateNotYetValid: return why(Reason::CertificateNotYetValid);
        case CryptoErrorCode::CertificateRevoked: return why(Reason::CertificateRevoked);
        case CryptoErrorCode::CertificateUnusable: return why(Reason::CertificateUnusable);
        case CryptoErrorCode::IdentityNotInCertificate: return why(Reason::IdentityMismatch);
        case CryptoErrorCode::SignatureInvalid: return why(Reason::AuthenticationFailed);
    }
    std::unreachable();
}

WhyFailed failure_of(const CryptoOutcome& outcome) {
    if (!outcome) return failure_of(outcome.error());
    return {Reason::CredentialUnusable, "a crypto job was answered with something else", false};
}

WhyFailed failure_of(const DecodeError& error) {
    const Reason reason = error.fault == DecodeFault::UnsupportedCriticalPayload
                              ? Reason::UnsupportedCriticalPayload
                              : Reason::InvalidSyntax;
    return {reason, to_string(error), false};
}

Notify notify_of(const DecodeError& error) {
    return error.fault == DecodeFault::UnsupportedCriticalPayload
               ? make_unsupported_critical_payload(error.payload)
               : make_notify(NotifyType::InvalidSyntax);
}

}  // namespace xfrmd::ike
