// SPDX-License-Identifier: Apache-2.0
// What happened, as data. Journal lines, JSON streams and the simulator's ladders all render these.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "ike/ids.h"
#include "ike/time.h"
#include "netlink/model/address.h"
#include "netlink/model/ids.h"

namespace xfrmd::ike {

// Why something did not come about or ended. Closed; each has one stable name (reason_name) used in JSON and journal.
enum class Reason : std::uint8_t {
    None,
    PathRefused,              // the peer does not follow to our other address
    PeerUnresponsive,         // all retransmissions went unanswered
    NoProposalChosen,         // no common algorithms, ours or theirs to say
    InvalidKeyExchange,       // no common group, or an unacceptable share
    AuthenticationFailed,     // our check of the peer failed, or the peer's of us
    UnknownPeer,              // no connection for these identities and addresses
    HeldDown,                 // by command, until another one
    NoTrustedCertificate,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    CertificateUnusable,
    IdentityMismatch,         // authenticated as somebody this connection does not accept
    TrafficSelectorsUnacceptable,
    InvalidSyntax,
    UnsupportedCriticalPayload,
    UnsupportedVersion,
    KernelRefused,
    NoAddress,                // none of ours leads to the peer
    CredentialUnusable,       // our own key, secret or certificate
    TransportModeRefused,     // required mode was not granted
    CompressionRefused,       // required compression was not granted
    PolicyUnservable,         // a policy that others installed asks for what cannot be negotiated
    BundleRefused,            // one of two children that belong together was not granted, or is gone
    RefusedBehindNat,         // a child that no NAT lets through
    Deleted,                  // the peer deleted it
    DeletedByCommand,
    Replaced,                 // INITIAL_CONTACT or a newer SA with the same peer
    Expired,                  // hard lifetime in the kernel
    HalfOpenTimeout,
    ConfigurationChanged,
    Limit,
    PeerRestarted,            // it has proven that it lost the IKE SA: RFC 6290
    Unexpected,               // a message that this state does not allow
};
[[nodiscard]] const char* reason_name(Reason reason);

enum class Role : std::uint8_t { Initiator, Responder };

// A step of a negotiation, for `up` with milliseconds: "IKE_SA_INIT sent", "peer authenticated", …
struct Progress {
    std::string connection;
    std::string step;
};

struct IkeSaUp {
    std::string connection;
    Role role = Role::Initiator;
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    xfrm::Endpoint local;
    xfrm::Endpoint remote;
    std::string peer_id;
    std::string suite;
};

struct IkeSaDown {
    std::string connection;
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    Reason reason = Reason::None;
    std::string detail;
};

struct ChildUp {
    std::string connection;
    std::string child;
    xfrm::EspSpi inbound;
    xfrm::EspSpi outbound;
    std::string suite;
};

// A child took over from another; the traffic goes on.
struct ChildRekeyed {
    std::string connection;
    std::string child;
    xfrm::EspSpi replaced;          // inbound SPI of the one before
    xfrm::EspSpi inbound;
    xfrm::EspSpi outbound;
    std::string suite;
};

// An IKE SA took over from another, with all its children.
struct IkeSaRekeyed {
    std::string connection;
    IkeSpi replaced_initiator_spi;
    IkeSpi replaced_responder_spi;
    Role role = Role::Initiator;    // in the one that took over
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    std::string suite;
};

// Its messages, and those of its children, travel between other addresses or ports from here on.
struct IkeSaMoved {
    std::string connection;
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    xfrm::Endpoint local;
    xfrm::Endpoint remote;
};

struct ChildDown {
    std::string connection;
    std::string child;
    xfrm::EspSpi inbound;
    xfrm::EspSpi outbound;
    Reason reason = Reason::None;
};

// An attempt failed before there was an SA. `connection` is empty if none could be told.
struct NegotiationFailed {
    std::string connection;
    Role role = Role::Initiator;
    xfrm::Endpoint remote;
    Reason reason = Reason::None;
    std::string detail;               // a sentence for people, which names the peer if it is the peer's word
    bool said_by_peer = false;        // the peer told us by a notify; else it is our own finding
    Duration retry_in{0};             // zero: not before traffic or a command asks for it
};

// The kernel refused policies of a connection.
struct PolicyFailed {
    std::string connection;
    std::string detail;
};

struct PoliciesInstalled {
    std::string connection;
    std::size_t count = 0;
};

// Told once for each peer. `connection` is the first one configured with its address, if there is one.
struct Ikev1PeerSeen {
    std::string connection;
    xfrm::Endpoint remote;
};

using Event = std::variant<Progress, IkeSaUp, IkeSaRekeyed, IkeSaMoved, IkeSaDown, ChildUp, ChildRekeyed, ChildDown,
                           NegotiationFailed, PolicyFailed, PoliciesInstalled, Ikev1PeerSeen>;

// Datagrams that changed nothing, by why. Never logged one by one.
enum class Dropped : std::uint8_t {
    Malformed,
    UnknownSpi,
    OldVersion,              // IKEv1
    NewerVersion,
    StaleMessageId,
    OutsideWindow,
    StillComputing,
    IntegrityFailed,
    NotAllowedInState,
    CookieWrong,
    HalfOpenLimit,
    IkeSaLimit,
    NoConnection,
    UnsolicitedResponse,
    FragmentRepeated,        // or of a message that has since been cut smaller
    FragmentLimit,           // of a message too large to be put together
    StrangerLimit,           // so many are not answered, or not looked into
    AnswerTooLarge,          // an unproven address would get more octets than it sent
    UnprotectedHint,         // somebody says outside of any IKE SA that it does not have one of our SAs
    Count_,                  // number of the above
};
[[nodiscard]] const char* dropped_name(Dropped dropped);

}  // namespace xfrmd::ike
