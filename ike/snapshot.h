// SPDX-License-Identifier: Apache-2.0
// The state of a Host as plain data, for `status`, `list` and `show`. No secrets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ike/event.h"
#include "ike/policy/connection.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::ike {

// What happens next; what went wrong before is told by last_failure.
enum class ConnectionState : std::uint8_t {
    Up,
    Connecting,
    WaitingForTraffic,   // policies are in place, the first packet starts it
    WaitingForAddress,   // none of ours leads to the peer: its traffic is held back, unless it may pass in clear
    Passive,             // waits for the peer to start
    Retrying,            // failed, next attempt at a known time
    HeldDown,            // by command
    PoliciesRefused,     // the kernel did not take its policies
};
[[nodiscard]] const char* state_name(ConnectionState state);

enum class ChildPhase : std::uint8_t {
    Active,          // both SAs are in the kernel, and this child carries the traffic
    AwaitingSwitch,  // made by the peer's rekey: we send with the older child until the peer deletes that one
    Superseded,      // another child carries the traffic; this one is to be deleted by whoever made that one
    Deleting,        // our Delete is on its way; the kernel has nothing of it any more, or soon has not
    Retired,         // deleted: the inbound SA stays a little for packets that are late
};
// One stable word for each.
[[nodiscard]] const char* phase_name(ChildPhase phase);

struct ChildSnapshot {
    std::string connection;
    std::string name;
    xfrm::Mode mode = xfrm::Mode::Transport;
    xfrm::ReqId reqid;
    xfrm::EspSpi inbound;
    xfrm::EspSpi outbound;
    xfrm::EspSpi inbound_cpi;        // 0: it does not compress
    xfrm::EspSpi outbound_cpi;
    std::string suite;               // "aes128gcm16-x25519"-like words of the transform table
    TrafficSelectorList local;
    TrafficSelectorList remote;
    bool encapsulated = false;
    ChildPhase phase = ChildPhase::Active;
    bool announced = true;           // people were told that it is up, and not that it ended
    Time since;

    [[nodiscard]] bool is_in_use() const {
        return phase == ChildPhase::Active || phase == ChildPhase::AwaitingSwitch;
    }
    // What the kernel should have of it.
    [[nodiscard]] bool has_inbound() const { return phase != ChildPhase::Deleting; }
    [[nodiscard]] bool has_outbound() const {
        return phase == ChildPhase::Active || phase == ChildPhase::Superseded;
    }
};

struct IkeSaSnapshot {
    std::string connection;          // empty while a responder does not know it yet
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    Role role = Role::Initiator;
    std::string state;               // name of its state: "init_sent", "established", …
    xfrm::Endpoint local;
    xfrm::Endpoint remote;
    std::string local_id;
    std::string peer_id;
    std::string suite;
    bool spare = false;              // made or replaced by a rekey: another one has the children
    bool nat_local = false;
    bool nat_remote = false;
    bool mobike = false;             // it may go on between other addresses: RFC 4555
    std::vector<xfrm::Address> peer_addresses;  // where else the peer can be reached
    Time since;
    std::vector<ChildSnapshot> children;
};

struct Failure {
    Reason reason = Reason::None;
    std::string detail;
    bool said_by_peer = false;
    Time at;
};

struct ConnectionSnapshot {
    std::string name;
    ConnectionState state = ConnectionState::WaitingForTraffic;
    Time since;
    std::optional<Failure> last_failure;
    std::optional<Time> next_attempt;
    std::vector<IkeSaSnapshot> ike_sas;
    std::vector<xfrm::SaId> kept_sas;    // of a former run: they carry its traffic until it is negotiated anew
    std::shared_ptr<const Configuration> configuration;  // owner of *connection
    const Connection* connection = nullptr;
};

// Somebody who still speaks IKEv1.
struct Ikev1Peer {
    xfrm::Address address;
    Time first;
    Time last;
    std::uint64_t messages = 0;
};

struct Statistics {
    std::array<std::uint64_t, static_cast<std::size_t>(Dropped::Count_)> dropped{};
    std::uint64_t ike_sas = 0;
    std::uint64_t half_open = 0;
    std::uint64_t established_total = 0;
    std::uint64_t failed_total = 0;
    std::uint64_t cookies_sent = 0;
};

struct Snapshot {
    std::uint64_t configuration = 0;
    std::vector<ConnectionSnapshot> connections;
    std::vector<IkeSaSnapshot> unassigned;  // half-open responders
    // Rejected before it was known who it is, and not to be told of any one connection.
    std::optional<Failure> last_unassigned_failure;
    std::vector<Ikev1Peer> ikev1_peers;     // the latest of them, oldest first
    Statistics statistics;
};

}  // namespace xfrmd::ike
