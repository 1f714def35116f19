// SPDX-License-Identifier: Apache-2.0
// The stable words for states, timers, reasons and drops: JSON, journal and simulator use them.
#include "ike/event.h"

#include <utility>

#include "ike/ike_sa.h"

namespace xfrmd::ike {

const char* reason_name(Reason reason) {
    switch (reason) {
        case Reason::None: return "none";
        case Reason::PathRefused: return "path_refused";
        case Reason::PeerUnresponsive: return "peer_unresponsive";
        case Reason::NoProposalChosen: return "no_proposal_chosen";
        case Reason::InvalidKeyExchange: return "invalid_key_exchange";
        case Reason::AuthenticationFailed: return "authentication_failed";
        case Reason::UnknownPeer: return "unknown_peer";
        case Reason::HeldDown: return "held_down";
        case Reason::NoTrustedCertificate: return "no_trusted_certificate";
        case Reason::CertificateExpired: return "certificate_expired";
        case Reason::CertificateNotYetValid: return "certificate_not_yet_valid";
        case Reason::CertificateRevoked: return "certificate_revoked";
        case Reason::CertificateUnusable: return "certificate_unusable";
        case Reason::IdentityMismatch: return "identity_mismatch";
        case Reason::TrafficSelectorsUnacceptable: return "traffic_selectors_unacceptable";
        case Reason::InvalidSyntax: return "invalid_syntax";
        case Reason::UnsupportedCriticalPayload: return "unsupported_critical_payload";
        case Reason::UnsupportedVersion: return "unsupported_version";
        case Reason::KernelRefused: return "kernel_refused";
        case Reason::NoAddress: return "no_address";
        case Reason::CredentialUnusable: return "credential_unusable";
        case Reason::TransportModeRefused: return "transport_mode_refused";
        case Reason::CompressionRefused: return "compression_refused";
        case Reason::PolicyUnservable: return "policy_unservable";
        case Reason::BundleRefused: return "bundle_refused";
        case Reason::RefusedBehindNat: return "refused_behind_nat";
        case Reason::Deleted: return "deleted_by_peer";
        case Reason::DeletedByCommand: return "deleted_by_command";
        case Reason::Replaced: return "replaced";
        case Reason::Expired: return "expired";
        case Reason::HalfOpenTimeout: return "half_open_timeout";
        case Reason::ConfigurationChanged: return "configuration_changed";
        case Reason::Limit: return "limit";
        case Reason::PeerRestarted: return "peer_restarted";
        case Reason::Unexpected: return "unexpected";
    }
    std::unreachable();
}

const char* dropped_name(Dropped dropped) {
    switch (dropped) {
        case Dropped::Malformed: return "malformed";
        case Dropped::UnknownSpi: return "unknown_spi";
        case Dropped::OldVersion: return "old_version";
        case Dropped::NewerVersion: return "newer_version";
        case Dropped::StaleMessageId: return "stale_message_id";
        case Dropped::OutsideWindow: return "outside_window";
        case Dropped::StillComputing: return "still_computing";
        case Dropped::IntegrityFailed: return "integrity_failed";
        case Dropped::NotAllowedInState: return "not_allowed_in_state";
        case Dropped::CookieWrong: return "cookie_wrong";
        case Dropped::HalfOpenLimit: return "half_open_limit";
        case Dropped::IkeSaLimit: return "ike_sa_limit";
        case Dropped::NoConnection: return "no_connection";
        case Dropped::UnsolicitedResponse: return "unsolicited_response";
        case Dropped::FragmentRepeated: return "fragment_repeated";
        case Dropped::FragmentLimit: return "fragment_limit";
        case Dropped::StrangerLimit: return "stranger_limit";
        case Dropped::AnswerTooLarge: return "answer_too_large";
        case Dropped::UnprotectedHint: return "unprotected_hint";
        case Dropped::Count_: break;
    }
    std::unreachable();
}

const char* state_name(const State& state) {
    struct Name {
        const char* operator()(const state::MakingInitShare&) { return "making_key_share"; }
        const char* operator()(const state::InitSent&) { return "init_sent"; }
        const char* operator()(const state::AgreeingAsInitiator&) { return "agreeing_on_keys"; }
        const char* operator()(const state::MakingIntermediateShare&) { return "making_key_share"; }
        const char* operator()(const state::IntermediateSent&) { return "intermediate_sent"; }
        const char* operator()(const state::AgreeingOnIntermediate&) { return "agreeing_on_keys"; }
        const char* operator()(const state::PreparingAuthRequest&) { return "preparing_auth"; }
        const char* operator()(const state::AuthSent&) { return "auth_sent"; }
        const char* operator()(const state::VerifyingResponder&) { return "verifying_peer"; }
        const char* operator()(const state::InstallingAsInitiator&) { return "installing_child"; }
        const char* operator()(const state::MakingResponseShare&) { return "making_key_share"; }
        const char* operator()(const state::InitAnswered&) { return "init_answered"; }
        const char* operator()(const state::AgreeingAsResponder&) { return "agreeing_on_keys"; }
        const char* operator()(const state::KeysReady&) { return "keys_ready"; }
        const char* operator()(const state::MakingIntermediateAnswer&) {
            return "making_key_share";
        }
        const char* operator()(const state::AnsweringIntermediate&) { return "agreeing_on_keys"; }
        const char* operator()(const state::VerifyingInitiator&) { return "verifying_peer"; }
        const char* operator()(const state::ReadingPolicies&) { return "reading_policies"; }
        const char* operator()(const state::PreparingAuthResponse&) { return "preparing_auth"; }
        const char* operator()(const state::InstallingAsResponder&) { return "installing_child"; }
        const char* operator()(const state::Established&) { return "established"; }
        const char* operator()(const state::Closing&) { return "closing"; }
        const char* operator()(const state::Closed&) { return "closed"; }
    };
    return std::visit(Name{}, state);
}

const char* timer_name(Timer timer) {
    switch (timer) {
        case Timer::Retransmit: return "retransmit";
        case Timer::GiveUp: return "give_up";
        case Timer::Liveness: return "liveness";
        case Timer::Rekey: return "rekey";
        case Timer::Reauthenticate: return "reauthenticate";
        case Timer::Lifetime: return "lifetime";
        case Timer::Childless: return "childless";
        case Timer::Children: return "children";
        case Timer::Keepalive: return "keepalive";
        case Timer::Followup:
            return "followup";
        case Timer::Count_: break;
    }
    std::unreachable();
}

}  // namespace xfrmd::ike
