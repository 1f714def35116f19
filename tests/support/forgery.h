// SPDX-License-Identifier: Apache-2.0
// Messages that a host takes for its peer's, since they are sealed with the keys that it opens
// with.
#pragma once

#include <span>

#include "ike/ike_sa.h"

namespace xfrmd::test {

// As the peer of this IKE SA writes it.
[[nodiscard]] ike::Header header_from_peer(const ike::IkeSa& sa, ike::ExchangeType exchange,
                                           bool response, ike::MessageId id);

// `chain` sealed under this header; `first` stands first in it. Empty if it has no encoding.
[[nodiscard]] Bytes forge(ike::MessageCipher& cipher, const ike::Header& header,
                          ike::PayloadType first, View chain);
// One fragment of it, whatever its number. RFC 7383 §2.5.
[[nodiscard]] Bytes forge_fragment(ike::MessageCipher& cipher, const ike::Header& header,
                                   ike::PayloadType first, View chain, std::uint16_t number,
                                   std::uint16_t total);
// With the keys that this IKE SA opens with; of the right form and without meaning as long as there
// are none.
[[nodiscard]] Bytes forge(ike::IkeSa& sa, const ike::Header& header,
                          std::span<const ike::Payload> payloads);

}  // namespace xfrmd::test
