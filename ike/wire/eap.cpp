// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/eap.h"

#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

// RFC 7296 §3.16, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Code      | Identifier    |           Length              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      | Type_Data...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
Decoded<Eap> Eap::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    if (head.at<std::uint16_t, 2>() != body.size()) return refuse(DecodeFault::BadLength);
    return Eap{.message = to_bytes(body)};
}

void Eap::write(Writer& out) const { out.bytes(message); }

}  // namespace xfrmd::ike
