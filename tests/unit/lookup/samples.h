// SPDX-License-Identifier: Apache-2.0
// The policies, SAs and packets that the tests of the lookup begin with.
#pragma once

#include <string_view>
#include <vector>

#include "netlink/lookup/flow.h"

namespace xfrmd::lookup::tests {

inline constexpr std::uint8_t kEsp = 50;
inline constexpr std::uint8_t kAh = 51;
inline constexpr std::uint8_t kTransport = 0;
inline constexpr std::uint8_t kTunnel = 1;

xfrm::Address address(std::string_view text);
xfrm::Prefix prefix(std::string_view text);

// UDP from 192.0.2.1 port 1024 to 192.0.2.2 port 53.
Flow flow();

// ESP in transport mode for reqid 1.
xfrm::StoredTemplate transport_template();
// The tables are kept as the kernel would dump them: what is added last stands first.
class Kernel {
  public:
    // Outbound, priority 100, allowing, between these prefixes; for more, change what is returned.
    xfrm::StoredPolicy& add_policy(std::string_view source, std::string_view destination);
    // From 192.0.2.1 to 192.0.2.2, with keys, and what transport_template() asks for.
    xfrm::StoredSa& add_sa(std::uint32_t spi);

    [[nodiscard]] Tables tables() const;
    std::vector<xfrm::StoredPolicy> policies;
    std::vector<xfrm::StoredSa> sas;
    xfrm::DefaultPolicies defaults;

  private:
    std::uint32_t next_index_ = 1;
};

}  // namespace xfrmd::lookup::tests
