// SPDX-License-Identifier: Apache-2.0
// Messages inside an IKE SA: sealing ours, opening the peer's, in one datagram or in fragments. RFC 7296 §3.14, RFC 7383.
#pragma once

#include <optional>
#include <span>

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/plain_message.h"
#include "ike/wire/payload.h"

namespace xfrmd::ike {

// ---- ours

// Our next request, and our answer to the request that is being worked on, before they are sealed.
[[nodiscard]] PlainMessage plain_request(const IkeSa& sa, ExchangeType exchange,
                                         std::span<const Payload> payloads);
[[nodiscard]] PlainMessage plain_response(const IkeSa& sa, ExchangeType exchange,
                                          std::span<const Payload> payloads);

// Sends a request and arms its retransmission. The IKE SA must have its keys.
void send_request(Core& core, IkeSa& sa, const PlainMessage& message);
void send_request(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads);
// Answers the request that is being worked on, and keeps the answer.
void send_response(Core& core, IkeSa& sa, const PlainMessage& message);
void send_response(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads);
// The same with one notification.
void send_response(Core& core, IkeSa& sa, ExchangeType exchange, const Notify& notify);

// ---- the peer's

// A whole message. The integrity check comes first: nothing inside is looked at before it passed.
struct Received {
    PlainMessage message;
    Bytes datagram;  // what a repetition is recognised by: the datagram, or the first fragment
};

// Opens a datagram. Nothing if it is dropped, or if other fragments of its message are still to come.
[[nodiscard]] std::optional<Received> receive(Core& core, IkeSa& sa, View datagram);

// True for an authentic first fragment of any message.
[[nodiscard]] bool is_first_fragment(const IkeSa& sa, View datagram);

}  // namespace xfrmd::ike
