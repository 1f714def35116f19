// SPDX-License-Identifier: Apache-2.0
// A configured connection as the core lives with it: its policies in the kernel, its IKE SAs, its attempts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ike/ids.h"
#include "ike/policy/connection.h"
#include "ike/snapshot.h"
#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::ike {

// An SA of a former run, for the connection's traffic.
struct KeptSa {
    xfrm::SaId id;
    xfrm::ReqId reqid;
    std::optional<xfrm::UdpEncapsulation> encapsulation;
    Time until;
};

struct ManagedConnection {
    std::shared_ptr<const Configuration> configuration;  // keeps *wanted alive
    const Connection* wanted = nullptr;
    std::string pattern;                      // the connection that it was made from: see ike/serving.h
    std::optional<Time> policies_read;        // of such a one, when a peer has asked for what was not among them
    std::optional<Time> forget_at;            // it serves nobody
    std::optional<Time> told_unserved;        // of a pattern, when people were last told of a policy that cannot be served

    xfrm::Address local;                      // where the ends are now; an IKE SA may have taken them elsewhere
    xfrm::Address remote;
    std::optional<xfrm::Address> next_local;  // once nothing is up between the present ends
    std::vector<xfrm::Address> last_remotes;  // where else the peer of the last IKE SA was, or said that it could be reached
    bool finding_source = false;              // the kernel is asked which of our addresses leads to the peer
    bool look_again = false;                  // something has changed since
    std::vector<xfrm::PolicySpec> policies;   // what the kernel holds of it, or is asked to
    enum class Policies : std::uint8_t { Installing, Installed, Refused } policies_state = Policies::Installing;

    std::vector<KeptSa> kept;                 // see former_sas.h
    std::vector<SaHandle> ike_sas;            // all of them, oldest first
    bool held_down = false;
    std::optional<Failure> last_failure;
    std::uint32_t failures = 0;               // in a row
    std::optional<Time> next_attempt;
    // When a command or a packet last asked for a child, by its name.
    struct Demand {
        Time at;
        std::uint32_t acquire_sequence = 0;   // of a packet's acquire that is not served yet
    };
    std::map<std::string, Demand, std::less<>> demands;
    Time since;                               // of its present state, as far as people care: up or down
    std::vector<CommandId> waiting;           // Up commands to be answered
};

}  // namespace xfrmd::ike
