// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/sealed.h"

#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

// RFC 7296 §3.14, the body after the generic header, whose Next Payload is the type of the first
// inner payload
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Initialization Vector                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                    Encrypted IKE Payloads                     ~
// +               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               |             Padding (0-255 octets)            |
// +-+-+-+-+-+-+-+-+                               +-+-+-+-+-+-+-+-+
// |                                               |  Pad Length   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                    Integrity Checksum Data                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Encrypted> Encrypted::parse(PayloadType first_inner, View body) {
    return Encrypted{.first_inner = first_inner, .body = to_bytes(body)};
}

void Encrypted::write(Writer& out) const { out.bytes(body); }

// RFC 7383 §2.5, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Fragment Number        |        Total Fragments        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~     Initialization Vector, Encrypted content, Padding, ICV    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<EncryptedFragment> EncryptedFragment::parse(PayloadType first_inner, View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    EncryptedFragment fragment{.first_inner = first_inner,
                               .number = head.at<std::uint16_t, 0>(),
                               .total = head.at<std::uint16_t, 2>(),
                               .body = to_bytes(in.rest())};
    // RFC 7383 §2.6: a number of zero, or above the total, is a reason to discard the fragment.
    if (fragment.number == 0 || fragment.number > fragment.total)
        return refuse(DecodeFault::BadValue);
    return fragment;
}

void EncryptedFragment::write(Writer& out) const {
    out.u16(number);
    out.u16(total);
    out.bytes(body);
}

}  // namespace xfrmd::ike
