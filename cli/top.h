// SPDX-License-Identifier: Apache-2.0
// Who sends how much: `xfrmctl top`. Two looks at the kernel's counters make the rates; an SA that was not there before
// counts from zero, so that a rekey is no gap.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/render.h"

namespace xfrmd::cli {

struct Traffic {
    std::uint64_t octets = 0;
    std::uint64_t packets = 0;
};

// What one look found.
struct Look {
    std::chrono::steady_clock::time_point at;
    Fields status;                          // the reply of Status
    std::map<std::string, Traffic> by_spi;  // of the kernel's SAs, by what tells them apart
    std::vector<Fields> sas;                // the replies of ListSas
};

[[nodiscard]] Look make_look(std::chrono::steady_clock::time_point at, Fields status, std::vector<Fields> sas);

// One child, or a connection that has none.
struct TopRow {
    std::string connection;
    std::string child;
    std::string state;  // of the connection
    std::string peer;
    double in_octets = 0;  // a second
    double out_octets = 0;
    double in_packets = 0;
    double out_packets = 0;
    std::string used_at;  // when the last packet passed, RFC 3339; empty: none has
};

// The busiest first, then those that are not up, then the others by name.
[[nodiscard]] std::vector<TopRow> top_rows(const Look& before, const Look& now);

[[nodiscard]] std::string render_top(const Look& before, const Look& now, const Scene& scene);
// One object, in one line.
[[nodiscard]] std::string top_json(const Look& before, const Look& now);

}  // namespace xfrmd::cli
