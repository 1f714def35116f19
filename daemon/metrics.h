// SPDX-License-Identifier: Apache-2.0
// What monitoring systems gather, in OpenMetrics' text form. Labels are names of the configuration and
// words of closed lists, never SPIs or what peers send, so that the number of series is bounded.
// What is configured is always there, up or not. Points in time are told as such, not as countdowns.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/api/encode_snapshot.h"
#include "ike/event.h"
#include "ike/snapshot.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::daemon {

// Counts what happens between two looks.
class EventCounters {
  public:
    void count(const ike::Event& event);

    struct Counts {
        std::uint64_t ike_rekeys = 0;
        std::uint64_t child_rekeys = 0;
        std::map<std::string_view, std::uint64_t> failures;  // of negotiations, by reason
        std::map<std::string_view, std::uint64_t> ike_sa_ends;
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }

  private:
    Counts counts_;
};

struct MetricsInput {
    std::string version;
    ike::Snapshot snapshot;
    std::vector<xfrm::SaInfo> sas;  // of the kernel, others' too
    EventCounters::Counts events;
    std::map<std::string, std::int64_t> certificate_ends;  // of our identities, seconds since 1970
    std::vector<std::pair<std::string, std::uint64_t>> xfrm_stat;
    api::WallOffset wall;
    std::uint64_t started = 0;  // seconds since 1970
    bool last_reload_succeeded = true;
    std::uint64_t kernel_resyncs = 0;
    std::uint64_t datagrams_received = 0;
    std::uint64_t datagrams_sent = 0;
    std::uint64_t send_errors = 0;
};

// Ends in "# EOF\n".
[[nodiscard]] std::string render_metrics(const MetricsInput& input);

// The counters of /proc/net/xfrm_stat, by name: "XfrmInNoStates".
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> parse_xfrm_stat(std::string_view text);

}  // namespace xfrmd::daemon
