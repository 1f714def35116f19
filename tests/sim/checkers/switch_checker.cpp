// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/switch_checker.h"

#include <algorithm>

namespace xfrmd::sim {

std::optional<std::string> check_switch(
    const IpsecPacket& packet, const std::vector<xfrm::EspSpi>& others,
    const std::function<bool(xfrm::IpsecProtocol protocol, xfrm::EspSpi spi)>& is_ready) {
    const IpsecHeader& outermost = packet.headers.front();
    if (is_ready(outermost.protocol, outermost.spi)) return std::nullopt;
    const bool had_better =
        std::ranges::any_of(others, [&](xfrm::EspSpi spi) { return is_ready(outermost.protocol, spi); });
    if (!had_better) return std::nullopt;
    return "SA " + std::to_string(outermost.spi.value) + " is used before the peer can receive on it";
}

}  // namespace xfrmd::sim
