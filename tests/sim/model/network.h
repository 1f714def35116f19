// SPDX-License-Identifier: Apache-2.0
// What lies between the hosts: frames are delayed, and under faults lost, doubled, overtaken, altered or cut off.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/time.h"
#include "netlink/model/address.h"
#include "netlink/model/octets.h"
#include "tests/sim/model/packet.h"
#include "tests/sim/prng.h"

namespace xfrmd::sim {

// One UDP datagram with an IKE message (the non-ESP marker is shown by `encapsulated`).
struct IkeDatagram {
    xfrm::Endpoint source;
    xfrm::Endpoint destination;
    bool encapsulated = false;
    Bytes octets;
    std::string contents{};  // what was sealed in it, for the ladder
};

// RFC 3948 §2.3: it refreshes mappings of NATs, and the kernel of whoever gets it swallows it.
inline IkeDatagram keepalive_between(const xfrm::Endpoint& source, const xfrm::Endpoint& destination) {
    return {source, destination, true, {0xff}, {}};
}
inline bool is_keepalive(const IkeDatagram& datagram) {
    return datagram.encapsulated && datagram.octets.size() == 1 && datagram.octets.front() == 0xff;
}

struct Frame {
    std::variant<IkeDatagram, WirePacket> content;
    // Not what the sender sent: altered on the way, or made up by somebody else.
    bool tampered = false;
};

xfrm::Address source_of(const Frame& frame);
xfrm::Address destination_of(const Frame& frame);

// Probabilities, 0 to 1, for each frame.
struct LinkFaults {
    double loss = 0;
    double duplication = 0;
    double reordering = 0;
    double corruption = 0;
    ike::Duration delay_min = std::chrono::milliseconds{1};
    ike::Duration delay_max = std::chrono::milliseconds{1};
};

struct Arrival {
    ike::Time at;
    Frame frame;
};

class Network {
  public:
    explicit Network(Prng prng) : prng_{prng} {}

    void set_faults(const LinkFaults& faults) { faults_ = faults; }
    // Nothing passes from one address to another while cut. One direction only: a partition may be lopsided.
    void cut(const xfrm::Address& from, const xfrm::Address& to, bool is_cut);
    void mend() { cuts_.clear(); }

    // Where and when a frame that is sent now arrives; empty if it does not.
    std::vector<Arrival> send(ike::Time now, const Frame& frame);

    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t lost = 0;
        std::uint64_t duplicated = 0;
        std::uint64_t reordered = 0;
        std::uint64_t corrupted = 0;
        std::uint64_t cut = 0;
    };
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    using Link = std::pair<xfrm::Address, xfrm::Address>;

    ike::Duration delay();
    Arrival arrival(ike::Time now, const Frame& frame);

    Prng prng_;
    LinkFaults faults_;
    Counters counters_;
    std::map<Link, bool> cuts_;
    std::map<Link, ike::Time> last_arrival_;
};

// Alters a frame in one to three places, or cuts off its tail. What it returns differs from what came in.
Frame tamper(const Frame& frame, Prng& prng);

}  // namespace xfrmd::sim
