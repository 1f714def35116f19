// SPDX-License-Identifier: Apache-2.0
// The host under test: its tables as they are installed and read back, its counters, and what
// becomes of one packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/kernel.h"
#include "netlink/lookup/flow.h"
#include "netlink/lookup/inbound.h"
#include "netlink/socket.h"
#include "tests/kernel/lookup/wire.h"
#include "tests/kernel/lookup/world.h"

namespace xfrmd::kernel_tests {

// What one packet did.
struct Observed {
    std::optional<SeenPacket> left;  // it came out on a wire
    bool delivered = false;          // to the host itself
    std::vector<xfrm::Acquire> acquires;
    std::vector<std::string> counters;  // those of /proc/net/xfrm_stat that moved
};

class Host {
  public:
    // `listens`: somebody hears the kernel's acquires.
    explicit Host(bool listens);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    [[nodiscard]] Interfaces interfaces() const;
    [[nodiscard]] bool listens() const { return listener_.has_value(); }
    // Empties the tables and fills them. What the kernel refuses fails the test.
    void become(const World& world);
    // Takes all SAs out.
    void flush_sas();
    // Reads the tables if they may have changed.
    void refresh();
    void touch() { stale_ = true; }

    // Valid until the next refresh().
    [[nodiscard]] lookup::Tables tables() const;
    [[nodiscard]] const std::vector<lookup::TunnelPath>& paths() const { return paths_; }

    // Each waits for what becomes of the packet; `silent`: nothing is expected to be seen of it.
    // `bound`: the socket is bound to the flow's interface.
    Observed send(const lookup::Flow& flow, bool bound, bool silent);
    Observed receive(const lookup::Flow& flow, const lookup::SecurityPath& path, bool silent);

  private:
    struct Counter {
        std::string name;
        std::uint64_t value = 0;
    };

    void ask(std::vector<netlink::Message> messages);
    void read_paths(const World& world);
    void read_path(const xfrm::Address& source, const xfrm::Address& destination);
    void apply(const Settings& settings);
    [[nodiscard]] std::vector<Counter> read_counters() const;
    void compare_counters(Observed& observed);
    void forget_earlier_packets();
    Observed watch(const lookup::Flow& flow, bool silent);
    bool collect(const lookup::Flow& flow, int timeout_ms, Observed& observed);

    Wires wires_;
    std::optional<netlink::Kernel> listener_;
    netlink::RequestSocket socket_;
    Receivers receivers_;
    int counters_fd_ = -1;
    std::vector<Counter> counters_;  // as they were read last
    std::uint32_t tag_ = 0;
    std::vector<xfrm::StoredPolicy> policies_;
    std::vector<xfrm::StoredSa> sas_;
    std::vector<lookup::TunnelPath> paths_;
    std::uint32_t buckets_ = 0;
    xfrm::DefaultPolicies defaults_;
    bool stale_ = true;
};

std::uint64_t wall_seconds();

}  // namespace xfrmd::kernel_tests
