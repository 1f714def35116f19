// SPDX-License-Identifier: Apache-2.0
// A datagram that nobody with the keys has sent changes nothing but counters, and costs at most one small answer.
#pragma once

#include <optional>
#include <string>

#include "ike/io.h"
#include "netlink/model/octets.h"

namespace xfrmd::sim {

// Whether the rule holds for this datagram at all: IKE_SA_INIT is unauthenticated, so that anybody's opens half an SA.
[[nodiscard]] bool must_change_nothing(View octets);

// `before` and `after`: describe() of the host's snapshots around the step.
[[nodiscard]] std::optional<std::string> check_tampered(View octets, const std::string& before,
                                                        const std::string& after, const ike::Effects& effects);

}  // namespace xfrmd::sim
