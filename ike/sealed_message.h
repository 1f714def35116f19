// SPDX-License-Identifier: Apache-2.0
// Messages inside an IKE SA: sealing ours, opening the peer's. RFC 7296 §3.14.
#pragma once

#include <span>

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/wire/payload.h"

namespace xfrmd::ike {

// The whole message, ready to be sent. The IKE SA must have its keys. Empty if the payloads have no encoding.
[[nodiscard]] Bytes seal(Core& core, IkeSa& sa, ExchangeType exchange, bool response, MessageId id,
                         std::span<const Payload> payloads);

// What was inside. The integrity check comes first: nothing is looked at before it passed.
struct Opened {
    PayloadType first = PayloadType::None;
    Secret chain;   // the inner payloads, still to be parsed
};
enum class OpenFault : std::uint8_t { NotSealed, IntegrityFailed };
[[nodiscard]] std::expected<Opened, OpenFault> open(const IkeSa& sa, const Message& message, View datagram);

// Sends a request and arms its retransmission.
void send_request(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads);
// Answers the request that is being worked on, and keeps the answer.
void send_response(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads);
// The same with one notification.
void send_response(Core& core, IkeSa& sa, ExchangeType exchange, const Notify& notify);

}  // namespace xfrmd::ike
