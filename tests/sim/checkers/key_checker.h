// SPDX-License-Identifier: Apache-2.0
// At any time: an IKE SA that both ends count as established is the same one for both, with the same keys, algorithms
// and identities, and with opposite roles.
#pragma once

#include <optional>
#include <string>

#include "ike/core.h"

namespace xfrmd::sim {

[[nodiscard]] std::optional<std::string> check_same_ike_sas(ike::Core& left, ike::Core& right);

}  // namespace xfrmd::sim
