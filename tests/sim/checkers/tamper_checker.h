// SPDX-License-Identifier: Apache-2.0
// A datagram that nobody with the keys has sent changes nothing but counters, and costs at most one small answer.
#pragma once

#include <optional>
#include <string>

#include "ike/core.h"
#include "ike/io.h"
#include "netlink/model/octets.h"

namespace xfrmd::sim {

// Whether the rule holds for this datagram at all: IKE_SA_INIT is unauthenticated, so that anybody's opens half an SA; and
// the peer's whole crash token proves itself, whatever else of the datagram was changed (RFC 6290 §4.3).
[[nodiscard]] bool must_change_nothing(const ike::Core& core, View octets);

// `before` and `after`: describe() of the host's snapshots around the step.
[[nodiscard]] std::optional<std::string> check_tampered(View octets, const std::string& before,
                                                        const std::string& after, const ike::Effects& effects);

}  // namespace xfrmd::sim
