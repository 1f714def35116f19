// SPDX-License-Identifier: Apache-2.0
// What a seed stands for: each enables some features and some faults at rates of its own (swarm testing).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ike/policy/connection.h"
#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "tests/sim/model/nat.h"
#include "tests/sim/model/network.h"

namespace xfrmd::sim {

// What is wrong between the two configurations, so that they must not come together.
enum class Quarrel : std::uint8_t {
    None,
    WrongSecret,
    WrongAuthority,      // certificates of an authority that the other does not trust
    WrongIdentity,       // each expects somebody else
    NoCommonAlgorithm,   // of the IKE SA
    NoCommonChild,       // algorithms of the child
    DisjointSelectors,
    DifferentModes,      // transport mode here, tunnel mode there
};
const char* quarrel_name(Quarrel quarrel);

enum class Selectors : std::uint8_t { Same, Narrower, Several };

struct Options {
    std::uint64_t seed = 0;

    std::size_t hosts = 2;  // each with a connection to each other one
    xfrm::Family family = xfrm::Family::V4;
    xfrm::Mode mode = xfrm::Mode::Transport;
    Selectors selectors = Selectors::Same;
    bool certificates = false;
    ike::Start start_east = ike::Start::OnTraffic;
    ike::Start start_west = ike::Start::Passive;
    std::string ike_east;   // words of parse_proposal()
    std::string ike_west;
    std::string esp_east;
    std::string esp_west;
    bool cookies = false;   // asked for from the first request on
    bool two_children = false;
    bool compresses = false;   // children, with IPComp
    bool bundles = false;      // AH around the ESP of each child
    bool served_east = false;  // this end's policies are somebody else's: the daemon serves them, as racoon did
    bool served_west = false;
    bool short_lives = false;  // SAs are made anew all the time
    bool reauthenticates = false;
    bool small_fragments = false;
    Quarrel quarrel = Quarrel::None;

    std::optional<NatBehaviour> nat;         // in front of east
    std::optional<std::size_t> hostile;      // this host has the keys and means harm

    LinkFaults faults;
    bool slow_kernel = false;       // replies take up to 200 ms instead of 1
    bool slow_crypto = false;
    bool reordered_replies = false; // of the kernel
    double kernel_refusals = 0;     // of reservations and installations
    double lost_events = 0;         // of the kernel; each time the event socket overruns
    // Each a second:
    double crashes = 0;             // of a daemon, with a restart soon after
    double reboots = 0;             // the kernel forgets too
    double sleeps = 0;              // of a whole machine
    double wall_jumps = 0;          // of a machine's wall clock
    double partitions = 0;
    double commands = 0;            // up and down
    double rekeys = 0;              // by command: of children, IKE SA, or both
    double reloads = 0;
    double storms = 0;              // of packets that want an SA
    double expiries = 0;            // the kernel warns of an SA's end, or ends it
    double nat_rebindings = 0;
    bool mobike = false;
    double roams = 0;               // of a host, to another address or home again
    double attacks = 0;             // datagrams of somebody who sees and spoofs everything
    bool late_peer = false;         // west's daemon starts later
    ike::Duration faulty_for = std::chrono::seconds{60};
};

Options draw_options(std::uint64_t seed);
// One line, for the report of a failure.
std::string describe(const Options& options);

}  // namespace xfrmd::sim
