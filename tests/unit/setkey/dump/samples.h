// SPDX-License-Identifier: Apache-2.0
// SAs, policies and notices of every form, and the scene in which they are shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/setkey/dump/scene.h"
#include "netlink/model/notice.h"

namespace xfrmd::setkey::dump::tests {

// 2026-11-23 12:00:00 UTC
inline constexpr std::uint64_t kNow = 1795435200;
// An hour before UTC, with the names of some protocols.
[[nodiscard]] Scene scene();

[[nodiscard]] xfrm::Address address(std::string_view text);
[[nodiscard]] xfrm::StoredAlgorithm algorithm(std::string_view name, std::size_t key_octets,
                                              std::uint32_t icv_bits = 0);

// ESP with AES-CBC and HMAC-SHA1, transport mode, ten minutes old, used.
[[nodiscard]] xfrm::StoredSa esp();
[[nodiscard]] xfrm::StoredSa ah();
[[nodiscard]] xfrm::StoredSa ipcomp();
[[nodiscard]] xfrm::StoredSa esp_in_udp();
[[nodiscard]] xfrm::StoredSa aead();
[[nodiscard]] xfrm::StoredSa larval();
// With everything that an SA can have.
[[nodiscard]] xfrm::StoredSa laden_sa();

// Between two networks, any protocol, ESP required, priority "def".
[[nodiscard]] xfrm::StoredPolicy out_policy();
[[nodiscard]] xfrm::StoredPolicy policy_for(std::uint8_t protocol, xfrm::PortMask source_port,
                                            xfrm::PortMask destination_port);
[[nodiscard]] xfrm::StoredTemplate transport(std::uint8_t protocol = 50);
[[nodiscard]] xfrm::StoredTemplate tunnel(std::uint8_t protocol = 50);
[[nodiscard]] xfrm::StoredPolicy socket_policy();
[[nodiscard]] xfrm::StoredPolicy laden_policy();

struct NamedNotice {
    std::string name;
    xfrm::Notice notice;
};
[[nodiscard]] std::vector<NamedNotice> notices();

}  // namespace xfrmd::setkey::dump::tests
