// SPDX-License-Identifier: Apache-2.0
// Algorithms as they are written: ike = ["aes256gcm16-prfsha384-ecp384"], esp = ["aes256gcm16"], ah = ["sha256"].
#pragma once

#include <optional>
#include <vector>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "ike/wire/proposal.h"

namespace xfrmd::daemon {

// The proposals that are written, or the default ones if none are. Mistakes are told.
[[nodiscard]] std::vector<ike::Proposal> ike_proposals_or_default(
    const std::optional<Texts>& written, Diagnostics& diagnostics);
[[nodiscard]] std::vector<ike::Proposal> esp_proposals_or_default(
    const std::optional<Texts>& written, Diagnostics& diagnostics);
[[nodiscard]] std::vector<ike::Proposal> ah_proposals_or_default(
    const std::optional<Texts>& written, Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
