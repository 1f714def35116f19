// SPDX-License-Identifier: Apache-2.0
// The one message of IKEv1 that we can say: that we do not speak it. RFC 2408 §3.1, §3.14.
#pragma once

#include <cstdint>
#include <optional>

#include "ike/wire/header.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// INVALID-MAJOR-VERSION for a message of IKEv1, 40 octets. Nothing for an Informational exchange, which nobody answers.
// `message_id`: a random one.
[[nodiscard]] std::optional<Bytes> refuse_isakmp(const Header& request, std::uint32_t message_id);

}  // namespace xfrmd::ike
