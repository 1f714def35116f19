// SPDX-License-Identifier: Apache-2.0
// Nobody changes to an SA on which the peer cannot receive while there is one on which it can: so rekeying loses no
// packet. RFC 7296 §2.8. At the first set-up nothing could have passed before either.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/model/packet.h"

namespace xfrmd::sim {

// A packet leaves a host. `is_ready`: whether the destination's kernel has (had) the inbound SA with this SPI.
// `others`: the other outbound SAs that the sender's kernel could have taken.
[[nodiscard]] std::optional<std::string> check_switch(
    const IpsecPacket& packet, const std::vector<xfrm::EspSpi>& others,
    const std::function<bool(xfrm::IpsecProtocol protocol, xfrm::EspSpi spi)>& is_ready);

}  // namespace xfrmd::sim
