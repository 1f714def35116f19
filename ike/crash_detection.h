// SPDX-License-Identifier: Apache-2.0
// Quick crash detection, RFC 6290: whoever has lost an IKE SA proves it with the token that both sides agreed on while it
// lived.
#pragma once

#include <optional>
#include <span>

#include "ike/core.h"

namespace xfrmd::ike {

// Our token for the IKE SA with this SPI of ours, the same before and after a restart; nothing if tokens are not made here.
// It is never shown for an IKE SA that lives. RFC 6290 §5.1, but for the peer's SPI, which a rekey does not know in time.
[[nodiscard]] std::optional<Bytes> crash_token(const Core& core, IkeSpi ours);

// Adds our token to a message that makes or rekeys the IKE SA with this SPI of ours. RFC 6290 §4.1
void announce_crash_token(const Core& core, IkeSpi ours, std::vector<Notify>& notifies);
// The peer's in such a message; empty if there is none.
[[nodiscard]] Bytes find_crash_token(std::span<const Notify> notifies);

// True if `token` is the one that the peer announced. Compared in constant time.
[[nodiscard]] bool is_crash_token(const IkeSa& sa, View token);

}  // namespace xfrmd::ike
