// SPDX-License-Identifier: Apache-2.0
// What a cookie challenge needs of an IKE_SA_INIT request, found without parsing or keeping anything. RFC 7296 §2.6.
#pragma once

#include <optional>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

struct Opening {
    View nonce;   // octets of the datagram
    View cookie;  // empty if there is none
};

// Nothing if the chain of payloads does not end with the datagram, or has no Nonce of a permitted length.
[[nodiscard]] std::optional<Opening> find_opening(View datagram);

}  // namespace xfrmd::ike
