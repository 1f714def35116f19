// SPDX-License-Identifier: Apache-2.0
// The whole outside world of the core on one page: what comes in, what goes out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/crypto/job.h"
#include "ike/event.h"
#include "ike/ids.h"
#include "ike/policy/connection.h"
#include "ike/time.h"
#include "netlink/model/kernel.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// Between which UDP end points a message travels.
struct Path {
    xfrm::Endpoint local;
    xfrm::Endpoint remote;
    // The socket with ESP-in-UDP: the driver puts the non-ESP marker before what it sends and takes it off what it
    // receives. RFC 3948 §2.2.
    bool encapsulated = false;
    auto operator<=>(const Path&) const = default;
};

// ---- Inputs ----------------------------------------------------------------------------------------------------

struct Datagram {
    Path path;
    Bytes octets;  // an IKE message, without non-ESP marker
    bool operator==(const Datagram&) const = default;
};

struct KernelReply {
    RequestId id;
    xfrm::KernelResult result;
};

struct KernelEvent {
    xfrm::KernelEvent event;
};

struct CryptoResult {
    JobId id;
    CryptoOutcome outcome;
};

// An SA of ours that a former run has left in the kernel.
struct FormerSa {
    xfrm::SaId id;
    xfrm::ReqId reqid;
    std::optional<xfrm::UdpEncapsulation> encapsulation = {};
};
// Replaces what is wanted, as a whole. Connections that did not change keep their SAs.
struct Configure {
    std::shared_ptr<const Configuration> configuration;
    // With the first one. They carry the traffic until it is negotiated anew; what serves no child any more is removed.
    std::vector<FormerSa> former = {};
};
// Brings a connection up (and lifts a former Down). Answered when it is up or has failed.
struct Up {
    std::string connection;
};
// Closes a connection's SAs and keeps it down until Up; its policies stay.
struct Down {
    std::string connection;
};
// New keys for what is up: for its IKE SA, for its children, or for both. Answered at once.
struct Rekey {
    std::string connection;
    bool ike_sa = true;
    bool children = true;
};
// Closes every IKE SA with a Delete to its peer, for a clean stop; policies stay, so nothing leaves in clear.
struct Shutdown {};

struct Command {
    CommandId id;
    std::variant<Configure, Up, Down, Rekey, Shutdown> what;
};

// Time has passed; the driver sends one when the deadline that next_deadline() told is reached.
struct Tick {};

using Input = std::variant<Datagram, KernelReply, KernelEvent, CryptoResult, Command, Tick>;

// ---- Effects ---------------------------------------------------------------------------------------------------

struct Transmit {
    Path path;
    Bytes octets;
};

// The one octet that keeps a NAT's mapping, without non-ESP marker. RFC 3948 §2.3
struct Keepalive {
    Path path;
};

struct KernelRequest {
    RequestId id;
    xfrm::KernelRequest request;
};

struct CryptoRequest {
    JobId id;
    CryptoJob job;
};

struct CommandFailure {
    enum class Code : std::uint8_t { UnknownConnection, Failed, Superseded, ShuttingDown } code = Code::Failed;
    std::string what;               // a sentence for people; may be empty for Failed
    Reason reason = Reason::None;   // of Failed
};
struct CommandReply {
    CommandId id;
    std::expected<std::monostate, CommandFailure> result;
};

using Effect = std::variant<Transmit, Keepalive, KernelRequest, CryptoRequest, CommandReply, Event>;
using Effects = std::vector<Effect>;

}  // namespace xfrmd::ike
