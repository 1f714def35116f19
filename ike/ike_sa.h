// SPDX-License-Identifier: Apache-2.0
// One IKE SA as plain data: who, over which path, in which state, with which message windows.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/auth/signed_octets.h"
#include "ike/child_sa.h"
#include "ike/crypto/keymat.h"
#include "ike/crypto/message_cipher.h"
#include "ike/crypto/suite.h"
#include "ike/event.h"
#include "ike/fragments.h"
#include "ike/io.h"
#include "ike/message_window.h"
#include "ike/nat.h"
#include "ike/negotiation.h"
#include "ike/snapshot.h"
#include "ike/task.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike {

// What the two initial exchanges need and nothing after them does; gone once the IKE SA is established.
struct Handshake {
    Bytes init_request;     // as sent: RFC 7296 §2.15 signs both messages octet for octet
    Bytes init_response;
    Bytes initiator_nonce;
    Bytes responder_nonce;
    std::vector<Proposal> offered;  // initiator: what stood in our request
    KeyExchangeMethod method = KeyExchangeMethod::None;
    Secret private_share;
    Bytes peer_share;
    Proposal chosen;        // the responder's choice

    Bytes cookie;           // initiator: to be given back, RFC 7296 §2.6
    std::uint32_t restarts = 0;  // IKE_SA_INIT sent again for a cookie or a group
    std::vector<KeyExchangeMethod> methods_tried;
    std::optional<Failure> hint;  // an unauthenticated error: believed only if nothing better comes

    std::vector<SignatureHash> peer_hashes;  // RFC 7427 §4; empty if none were announced
    bool peer_knows_intermediate = false;    // RFC 9242 §3.1
    bool full_transcript = false;            // both sides prove both messages of IKE_SA_INIT
    bool looks_for_nats = true;              // an initiator that puts up with none does not ask: RFC 4555 §3.9
    bool passed_on = false;                  // responder: the last request came from where the peer cannot be
    std::size_t intermediates = 0;           // additional key exchanges that are done: RFC 9370 §2.2.2
    IntermediateAuth intermediate_auth;

    Secret sk_pi;           // RFC 7296 §2.14
    Secret sk_pr;
    Identity peer_id;
    // RFC 6023 §3: the responder says so. An initiator that wants it does too, to make room for that in the answer.
    bool announces_childless = false;
    bool peer_knows_childless = false;
    bool childless = false;                  // IKE_AUTH makes no child
    std::string child;      // of the configuration: the first
    std::uint32_t acquire_sequence = 0;
};

namespace state {

// Initiator
struct MakingInitShare { JobId job; };
struct InitSent {};
struct AgreeingAsInitiator { JobId job; };
struct MakingIntermediateShare { JobId job; };
struct IntermediateSent {};
struct AgreeingOnIntermediate { JobId job; };
struct PreparingAuthRequest {
    std::optional<RequestId> spi_request;    // empty once answered
    std::optional<JobId> auth_job;           // likewise
    ChildOffer child;                        // without SPI until answered
    std::optional<Authentication> authentication;
};
struct AuthSent { ChildOffer child; };
struct VerifyingResponder {
    JobId job;
    IkeAuthResponse response;
    ChildOffer child;
};
struct InstallingAsInitiator {
    RequestId request;
    ChildSa child;
};

// Responder
struct MakingResponseShare {
    JobId job;
    Bytes request;
};
struct InitAnswered {};                      // waits for the next exchange; no keys yet
struct AgreeingAsResponder {
    JobId job;
    std::vector<Datagram> waiting;           // a request, or its fragments; nobody has vouched for them yet
};
struct KeysReady {};                         // keys, but no request that opened with them yet
struct MakingIntermediateAnswer {
    JobId job;
    Bytes peer_share;
};
struct AnsweringIntermediate {
    JobId job;
    Bytes own_share;                         // empty with a KEM: it comes with the secret
};
struct VerifyingInitiator {
    JobId job;
    IkeAuthRequest request;
};
// What the peer may have depends on the kernel's policies: see ike/serving.h
struct ReadingPolicies {
    RequestId request;
    IkeAuthRequest auth_request;
};
struct PreparingAuthResponse {
    std::optional<RequestId> spi_request;    // empty once answered, or if there will be no child
    std::optional<JobId> auth_job;
    ChildOffer child;
    std::optional<NotifyType> refusal;       // why there will be no child
    bool initial_contact = false;            // RFC 7296 §2.4
    std::optional<Authentication> authentication;
};
struct InstallingAsResponder {
    RequestId request;
    ChildSa child;
    Proposal chosen;
    bool initial_contact = false;
    Authentication authentication;
};

// Both
struct Established {};
struct Closing {
    Reason reason = Reason::None;
    bool told = false;                       // our Delete (or rejection) is on its way
};
struct Closed {};                            // answers retransmissions for a while

}  // namespace state

using State =
    std::variant<state::MakingInitShare, state::InitSent, state::AgreeingAsInitiator,
                 state::MakingIntermediateShare, state::IntermediateSent, state::AgreeingOnIntermediate,
                 state::MakingIntermediateAnswer, state::AnsweringIntermediate,
                 state::PreparingAuthRequest, state::AuthSent, state::VerifyingResponder,
                 state::InstallingAsInitiator, state::MakingResponseShare, state::InitAnswered,
                 state::AgreeingAsResponder, state::KeysReady, state::VerifyingInitiator, state::ReadingPolicies,
                 state::PreparingAuthResponse, state::InstallingAsResponder, state::Established,
                 state::Closing, state::Closed>;

// One stable word for each, as `status` shows it.
[[nodiscard]] const char* state_name(const State& state);

enum class Timer : std::uint8_t {
    Retransmit,
    GiveUp,     // half-open lifetime, end of waiting for something better than a hint, end of Closed
    Liveness,
    Rekey,
    Reauthenticate,
    Lifetime,   // the end, whatever else
    Childless,  // the end, if there is no child by then
    Children,   // the earliest of what its children wait for
    Keepalive,  // for the NAT that we are behind
    Followup,   // the peer should have gone on with IKE_FOLLOWUP_KE
    Count_,
};
[[nodiscard]] const char* timer_name(Timer timer);

// The kernel is asked whether packets have come in through this child.
struct LivenessQuery {
    RequestId request;
    xfrm::EspSpi inbound;
};

// RFC 4555
struct Mobility {
    bool in_use = false;                          // both sides have said that they speak it
    std::vector<xfrm::Address> peer_addresses;    // where else the peer can be reached, as it says
    std::optional<xfrm::Endpoint> heard_from;     // where the peer's last message came from; with a NAT it may be there
    Bytes seen_as;                                // a digest of the end that the peer last saw us at; empty: not known
    std::uint32_t nats_seen = 0;                  // how often in a row the peer has seen a NAT where none may be
};

// The kernel is asked to move the children to where the IKE SA is.
struct Relocating {
    RequestId request;
    std::vector<xfrm::SaId> former;  // as they were
};

// The initial exchanges that an IKE SA goes back to, through however many rekeys. Of two that crossed one is closed, whatever
// has become of both meanwhile.
struct Origin {
    Role role = Role::Initiator;
    Time begun;
    Time authenticated;
    Bytes lowest_nonce;             // decides which of the two stays: RFC 7296 §2.8.1
};

struct IkeSa {
    SaHandle self;
    Role role = Role::Initiator;
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    Path path;
    std::optional<xfrm::Endpoint> esp_remote;  // where the children's packets go, if not where the messages go
    std::optional<Relocating> relocating;
    Mobility mobility;
    std::optional<Path> former_path;      // where the children stay until the peer has answered from where `path` leads
    std::optional<Path> answer_path;      // where the request came from that is being answered
    xfrm::Endpoint init_remote;     // where IKE_SA_INIT came from; the path may move to another port
    std::string connection;         // a responder learns it in IKE_AUTH
    State state = state::Closed{};
    std::array<std::optional<Time>, static_cast<std::size_t>(Timer::Count_)> timers{};
    Origin origin;
    Time established;               // this one, by authentication or by a rekey
    std::optional<Time> reauthenticate_at;
    std::optional<Duration> peer_auth_lifetime;  // so long the peer lets our authentication count: RFC 4478

    IkeSuite suite;
    std::optional<MessageCipher> sealing;    // what we send
    std::optional<MessageCipher> opening;    // what we receive
    Secret sk_d;
    NatSituation nat;
    std::string local_id;           // for people
    std::string peer_id;

    OutboundWindow outbound;
    InboundWindow inbound;
    bool peer_knows_bundles = false;  // see ike/bundle.h
    bool fragmentation = false;     // both sides understand fragments: RFC 7383 §2.3
    Reassembly request_fragments;
    Reassembly response_fragments;
    Secret peer_crash_token;        // RFC 6290; empty if the peer gave none
    std::optional<Time> hinted;     // when somebody last said, unproven, that the peer has lost this IKE SA
    std::optional<Time> doubted;    // when the peer last said that it does not have one of our children
    Time heard;                     // the last authenticated message of the peer
    std::optional<LivenessQuery> liveness_query;

    std::optional<Handshake> handshake;
    std::vector<ChildSa> children;

    // Once established
    std::deque<Task> tasks;                     // what we want of the peer, in order
    std::optional<OutgoingExchange> outgoing;
    std::optional<IncomingExchange> incoming;
    std::optional<SaHandle> replaces;           // reauthentication: closed once this one has its children
    std::optional<SaHandle> successor;          // rekeyed: this one has the children
    // Made by the peer's rekey of that one, which we rekey too: it is not decided yet which of the two successors stays.
    std::optional<SaHandle> predecessor;
    std::optional<SaHandle> undecided;          // the same from the other side
    std::optional<IkeSpi> announced_spi;        // of what our rekey is to make; as the peer knows it before we do
    // Made by the peer's rekey, and nothing shows that the peer has our answer: without it the peer does not know this one.
    bool is_unproven = false;

    [[nodiscard]] IkeSpi local_spi() const {
        return role == Role::Initiator ? initiator_spi : responder_spi;
    }
    template <class S>
    [[nodiscard]] bool is() const { return std::holds_alternative<S>(state); }
    // Both peers are authenticated and nothing is being torn down.
    [[nodiscard]] bool is_established() const { return is<state::Established>(); }
    // Its children live in another one, or may come to: its own end is no event for anybody.
    [[nodiscard]] bool is_spare() const { return successor || predecessor; }
    // Established, and the one that makes and keeps children.
    [[nodiscard]] bool is_current() const { return is_established() && !is_spare(); }
    // Past establishment, whatever is happening now.
    [[nodiscard]] bool was_established() const {
        return is_established() || is<state::Closing>() || is<state::Closed>();
    }
};

// SK_d and the ciphers of both directions; role and suite must be set. False if the suite is not usable.
[[nodiscard]] bool take_keys(IkeSa& sa, IkeKeys keys);
// The same before authentication: also the keys that AUTH needs.
[[nodiscard]] bool take_handshake_keys(IkeSa& sa, IkeKeys keys);

}  // namespace xfrmd::ike
