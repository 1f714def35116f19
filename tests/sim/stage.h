// SPDX-License-Identifier: Apache-2.0
// What all actors of one simulation share: time, the ladder, the probes, and the first thing that went wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/sim/checkers/traffic_oracle.h"
#include "tests/sim/ladder.h"
#include "tests/sim/model/network.h"
#include "tests/sim/probes.h"
#include "tests/sim/world.h"

namespace xfrmd::sim {

struct Stage {
    Stage(Prng prng, bool with_ladder) : world{prng.split("world")}, ladder{with_ladder}, is_read{with_ladder} {}

    World world;
    Ladder ladder;
    Probes probes;
    TrafficOracle oracle;
    // Puts a frame of this host on the network; whoever owns its destination gets it.
    std::function<void(HostIndex, const Frame&)> transmit;
    // Whether datagrams carry what is sealed in them, for somebody to read.
    bool is_read = false;
    // Hears each event of a host, for whoever writes it down.
    std::function<void(HostIndex, const ike::Event&)> told;

    std::optional<std::string> violation;  // the first one; the simulation stops there
    std::uint64_t digest = 0xcbf29ce484222325;  // of everything the hosts did

    void note(std::string_view who, std::string_view text) { ladder.note(world.now(), who, text); }
    void fail(std::string_view who, const std::string& what) {
        if (violation) return;
        violation = std::string{who} + ": " + what;
        note(who, "VIOLATION " + what);
        world.stop();
    }
    void fail_if(std::string_view who, const std::optional<std::string>& what) {
        if (what) fail(who, *what);
    }
    // FNV-1a
    void digest_octets(View octets) {
        for (const std::uint8_t octet : octets) digest = (digest ^ octet) * 0x100000001b3;
    }
};

}  // namespace xfrmd::sim
