// SPDX-License-Identifier: Apache-2.0
// The host under test between two networks, and the far ends of the wires to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/model/octets.h"
#include "tests/kernel/lookup/packets.h"

namespace xfrmd::kernel_tests {

enum class Side : std::uint8_t { West, East };

// The networks of a side and the host's own addresses in them: 10.16.0.0/16 and fd10:16::/32 in the
// west, 10.24.0.0/16 and fd10:24::/32 in the east. Two subnets each; the host is number 1.
std::vector<xfrm::Address> own_addresses(Side side, xfrm::Family family);
std::vector<xfrm::Address> peer_addresses(Side side, xfrm::Family family);
// To which there is no route: 10.99.0.1, fd99::1.
xfrm::Address unreachable_address(xfrm::Family family);
std::optional<Side> side_of(const xfrm::Address& address);
bool is_own(const xfrm::Address& address);

// Enters a fresh network namespace and builds the host in it: interfaces west0 and east0, whose far
// ends west1 and east1 only this class uses. Nothing speaks but the tests.
class Wires {
  public:
    Wires();
    Wires(const Wires&) = delete;
    Wires& operator=(const Wires&) = delete;
    ~Wires();

    [[nodiscard]] std::uint32_t interface_of(Side side) const;
    // The packet comes to the host from this side, with this mark.
    void inject(Side side, const Bytes& packet, std::uint32_t mark) const;
    // One for each side, west first: readable when something has come out there.
    [[nodiscard]] std::array<int, 2> descriptors() const;
    // What has come out on this side since the last call.
    std::vector<SeenPacket> seen(std::size_t side);

  private:
    struct End {
        int fd = -1;
        std::uint32_t interface_index = 0;  // of the host's end
        std::array<std::uint8_t, 6> host_address{};
    };
    End open_end(const std::string& host, const std::string& far) const;
    std::array<End, 2> ends_;
};

// Sends the packet of a flow from the host itself by a socket, and names it by the tag. Only UDP,
// TCP, ICMP and protocols without a handler. `interface`: bound to that one, unless empty.
void send_locally(const lookup::Flow& flow, std::uint32_t tag, const std::string& interface);

// What is delivered to the host: raw sockets of both families for each protocol.
class Receivers {
  public:
    explicit Receivers(const std::vector<std::uint8_t>& protocols);
    Receivers(const Receivers&) = delete;
    Receivers& operator=(const Receivers&) = delete;
    ~Receivers();
    [[nodiscard]] const std::vector<int>& descriptors() const { return sockets_; }
    // The tags of the packets that came to one of them since the last call.
    static std::vector<std::uint32_t> tags(int descriptor);

  private:
    std::vector<int> sockets_;
};

}  // namespace xfrmd::kernel_tests
