// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/protection_builder.h"

#include <cstdint>
#include <format>

#include "daemon/configuration/lifetimes.h"
#include "daemon/configuration/proposals.h"

namespace xfrmd::daemon {

namespace {

// RFC 4303 §3.4.3: at least 32. The kernel's bitmap ends at 4096.
constexpr std::int64_t kReplayWindowMin = 32;
constexpr std::int64_t kReplayWindowMax = 4096;

template <class T>
const std::optional<T>& first(const std::optional<T>& own, const std::optional<T>& shared) {
    return own ? own : shared;
}

// Algorithms that stand beside the protocol they are not for would have no effect.
void check_algorithms(const ProtectionSection& own, xfrm::IpsecProtocol protocol,
                      Diagnostics& diagnostics) {
    if (protocol == xfrm::IpsecProtocol::Ah && own.esp)
        diagnostics.error(own.esp->place, "esp stands beside protocol = \"ah\"",
                          "AH has algorithms of its own: ah = [\"sha256\"]");
    if (protocol == xfrm::IpsecProtocol::Esp && own.ah)
        diagnostics.error(own.ah->place, "ah stands there, but the protocol is ESP",
                          "protocol = \"ah\", which does not encrypt; or remove it");
}

std::uint32_t replay_window(const Located<std::int64_t>& written, Diagnostics& diagnostics) {
    if (written.value < kReplayWindowMin || written.value > kReplayWindowMax)
        diagnostics.error(written.place,
                          std::format("{} is no size of a replay window", written.value),
                          std::format("from {} to {} packets", kReplayWindowMin, kReplayWindowMax));
    return static_cast<std::uint32_t>(written.value);
}

}  // namespace

void build_protection(const ProtectionSection& own, const ProtectionSection& shared,
                      ike::Child& child, Diagnostics& diagnostics) {
    if (const auto& protocol = first(own.protocol, shared.protocol))
        child.protocol = protocol->value;
    check_algorithms(own, child.protocol, diagnostics);
    child.proposals = child.protocol == xfrm::IpsecProtocol::Ah
                          ? ah_proposals_or_default(first(own.ah, shared.ah), diagnostics)
                          : esp_proposals_or_default(first(own.esp, shared.esp), diagnostics);
    if (const auto& window = first(own.replay_window, shared.replay_window))
        child.replay_window = replay_window(*window, diagnostics);
    if (const auto& compress = first(own.compress, shared.compress)) child.compress = compress->value;
    if (const auto& rekey = first(own.rekey, shared.rekey))
        child.rekey = rekey_limits(*rekey, diagnostics);
}

}  // namespace xfrmd::daemon
