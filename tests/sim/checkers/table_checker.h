// SPDX-License-Identifier: Apache-2.0
// What the kernels hold, against each other and against what the hosts believe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ike/snapshot.h"
#include "tests/sim/model/kernel_model.h"

namespace xfrmd::sim {

// At any time: an SA that both kernels have is the same SA, with the same keys, algorithms and mode.
[[nodiscard]] std::optional<std::string> check_same_keys(const KernelModel& left, const KernelModel& right);
// In quiet times, since two kernels do not move it in the same moment: it is in UDP at both ends, or at none.
[[nodiscard]] std::optional<std::string> check_same_encapsulation(const KernelModel& left, const KernelModel& right);

// Once everything is quiet: the kernel's SAs are those of the host's children, and nothing larval is left.
[[nodiscard]] std::optional<std::string> check_belief(const KernelModel& kernel, const ike::Snapshot& snapshot);

// Once everything is quiet: the two ends of a connection have the same one established IKE SA, with the same children
// and mirrored roles. With a NAT in between they see different addresses.
[[nodiscard]] std::optional<std::string> check_agreement(const ike::ConnectionSnapshot& left,
                                                         const ike::ConnectionSnapshot& right, bool has_nat = false);
// The connection of this name, or the one that was made from it where it is a pattern; an empty one if there is none.
[[nodiscard]] ike::ConnectionSnapshot connection_of(const ike::Snapshot& snapshot, std::string_view name);

// Once everything is quiet between hosts that must not come together: nothing is left of any attempt.
[[nodiscard]] std::optional<std::string> check_nothing_left(const KernelModel& kernel, const ike::Snapshot& snapshot);

}  // namespace xfrmd::sim
