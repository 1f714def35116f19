// SPDX-License-Identifier: Apache-2.0
// Looks into what a host has sent: the simulator may, since it owns the hosts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ike/core.h"
#include "ike/wire/payload.h"

namespace xfrmd::sim {

// The IKE SA of this host that a message of its own belongs to; null if it has none (any more).
[[nodiscard]] ike::IkeSa* sender_of(ike::Core& core, const ike::Header& header);

struct OpenedMessage {
    ike::Header header;
    std::vector<ike::Payload> payloads;  // those that were inside, if it was sealed
    bool was_sealed = false;
};
// A message that the host with this core has just sent. Nothing if it cannot be read.
[[nodiscard]] std::optional<OpenedMessage> open_sent(ike::Core& core, View octets);

// "IKE_AUTH request 1  SK{IDi AUTH SA TSi TSr}"
[[nodiscard]] std::string describe(const OpenedMessage& message);

}  // namespace xfrmd::sim
