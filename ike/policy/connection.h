// SPDX-License-Identifier: Apache-2.0
// What is wanted: connections, their children, their limits. Immutable once handed to the core; a reload hands over
// a new Configuration as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/identity.h"
#include "ike/policy/lifetimes.h"
#include "ike/policy/traffic_selector.h"
#include "ike/time.h"
#include "ike/wire/proposal.h"
#include "netlink/model/address.h"
#include "netlink/model/ids.h"

namespace xfrmd::ike {

// How we prove who we are. Names only: the driver holds the secrets.
struct LocalSecret {
    std::string secret;               // name of the pre-shared key in the driver's credentials

    bool operator==(const LocalSecret&) const = default;
};
struct LocalCertificate {
    std::string identity;             // name of the identity in the driver's credentials
    std::vector<Bytes> chain;         // DER, end certificate first, then intermediates

    bool operator==(const LocalCertificate&) const = default;
};
using LocalAuthentication = std::variant<LocalSecret, LocalCertificate>;

// How the peer must prove who it is.
struct PeerSecret {
    std::string secret;

    bool operator==(const PeerSecret&) const = default;
};
struct PeerCertificate {
    std::string trust;                // name of the trust in the driver's credentials
    std::vector<Bytes> authority_key_hashes;  // SHA-1 of each CA's SubjectPublicKeyInfo, for CERTREQ: RFC 7296 §3.7

    bool operator==(const PeerCertificate&) const = default;
};
using PeerAuthentication = std::variant<PeerSecret, PeerCertificate>;

enum class Start : std::uint8_t { OnTraffic, Now, Passive };
enum class WhenDown : std::uint8_t { Block, Clear };

// One of two children that protect the same packets, each packet with both: see ike/bundle.h
struct BundlePart {
    std::string partner;              // name of the other one
    bool outer = false;               // AH, around what the inner one has made; the policies stand with the inner one
    bool around_tunnel = false;       // the inner one is a tunnel: this one has its ends, not its traffic
    bool inner_alone_will_do = false; // if the peer refuses the outer one

    bool operator==(const BundlePart&) const = default;
};

struct Child {
    std::string name;
    xfrm::Mode mode = xfrm::Mode::Transport;
    TrafficSelectorList local;
    TrafficSelectorList remote;
    xfrm::ReqId reqid;                // stable, non-zero, this child's alone
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;  // or Ah
    std::vector<Proposal> proposals;  // of `protocol`, in order of preference; SPI empty
    std::uint32_t policy_priority = 0;
    std::uint32_t replay_window = 128;  // packets, 32 to 4096
    bool compress = false;            // by IPComp, inside ESP: RFC 7296 §2.22. A peer that does not is refused.
    RekeyLimits rekey;
    std::optional<BundlePart> bundle;

    bool operator==(const Child&) const = default;

    // The mode of the SA of `protocol`, as the kernel has it: compression is the inner transform, and makes the tunnel.
    [[nodiscard]] xfrm::Mode outer_mode() const { return compress ? xfrm::Mode::Transport : mode; }
};

// SAs for policies that somebody else has put into the kernel, which say what is protected and by which transforms; this says
// with which algorithms. Empty: policies that ask for that protocol are not served.
struct Served {
    std::vector<Proposal> esp;
    std::vector<Proposal> ah;
    std::uint32_t replay_window = 128;
    RekeyLimits rekey;

    bool operator==(const Served&) const = default;
};

struct Connection {
    std::string name;
    // Our end; unspecified until an address of ours leads to the peer.
    xfrm::Address local;
    xfrm::Address remote;
    std::optional<Served> served;     // a pattern, without children: see ike/serving.h. Ends may be unspecified, which is any.
    std::uint16_t remote_port = 500;
    Identity local_id;
    IdentityPattern peer_id = IdentityPattern::any();
    LocalAuthentication local_authentication;
    PeerAuthentication peer_authentication;
    std::vector<Proposal> ike_proposals;  // in order of preference; SPI empty
    // No IKE SA without an additional key exchange by a KEM. The proposals are already only such.
    bool require_pq = false;
    // No IKE SA unless both sides prove the whole IKE_SA_INIT (notification 16447), so that nobody
    // between them can have weakened what was negotiated.
    bool require_transcript_auth = false;
    // Initiator: the first child has an exchange of its own, with a key exchange of its own, if the peer knows RFC 6023.
    bool childless = false;
    // RFC 4555: an IKE SA goes on when an end gets another address. Only if every child is an ESP tunnel.
    bool mobike = false;
    // A NAT on the way is an attack: neither looked for nor put up with. RFC 4555 §3.9
    bool nat_traversal = true;
    bool local_fixed = true;          // `local` was written down: it does not follow the routes
    std::vector<xfrm::Address> additional_addresses;  // where else the peer may try to reach us
    Start start = Start::OnTraffic;
    WhenDown when_down = WhenDown::Block;
    Duration liveness_interval = std::chrono::seconds{30};  // zero: no liveness checks
    Duration ike_rekey = std::chrono::hours{4};   // soft, see hard_time(); zero: never
    Duration reauthenticate = Duration::zero();   // zero: never
    std::vector<Child> children;      // the first is negotiated in IKE_AUTH
    std::string origin;               // "file:line" of its table, for people

    bool operator==(const Connection&) const = default;
};

// Bounds of what peers can make us do or keep.
struct Limits {
    std::uint32_t half_open_before_cookie = 30;   // responder challenges from here on: RFC 7296 §2.6
    std::uint32_t half_open_max = 10'000;         // then the oldest of the network with most gives way
    // A network: IPv4 /24, IPv6 /56. From here on it is challenged, and beyond that its oldest give way to its newest.
    std::uint32_t half_open_per_network_before_cookie = 8;
    std::uint32_t half_open_per_network_max = 64;
    Duration half_open_lifetime = std::chrono::seconds{30};
    std::uint32_t ike_sas_max = 200'000;
    // IKE SAs that we begin, whatever traffic and configuration ask for at once: the others wait their turn.
    std::uint32_t initiations_per_second = 200;
    // Half a minute in all, then the peer counts as dead. The wait does not double for ever, so that also a network that
    // loses three datagrams in ten is overcome in that time.
    std::uint32_t retransmissions_max = 9;
    Duration retransmit_first = std::chrono::milliseconds{500};
    Duration retransmit_max = std::chrono::seconds{4};
    // RFC 7383: an IP datagram of ours has at most so many octets, if the peer understands fragments. 1280 passes
    // everywhere in IPv6.
    std::uint32_t fragment_size = 1280;
    std::uint32_t fragments_max = 128;            // of one message of a peer
    std::uint32_t reassembly_octets_max = 65'535; // the same, for each IKE SA and direction
    // Answers to messages that belong to no IKE SA: RFC 7296 §1.5, RFC 6290 §9.
    std::uint32_t stranger_answers_per_second = 100;
    std::uint32_t stranger_answers_per_network_per_second = 5;

    bool operator==(const Limits&) const = default;
};

// What holds for the whole host, whoever the peer is.
struct IkeOptions {
    bool refuse_ikev1 = false;           // answer IKEv1 with a notification; else with silence
    bool quick_crash_detection = true;   // RFC 6290
    // While we are behind a NAT, and nothing else was sent: RFC 3948 §4. Zero: never.
    Duration nat_keepalive = std::chrono::seconds{20};

    bool operator==(const IkeOptions&) const = default;
};

struct Configuration {
    std::uint64_t number = 0;         // counts loads, for people
    std::vector<Connection> connections;
    Limits limits;
    IkeOptions options;
};

}  // namespace xfrmd::ike
