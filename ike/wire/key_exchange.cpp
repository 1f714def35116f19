// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/key_exchange.h"

#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

// RFC 7296 §3.4, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Diffie-Hellman Group Num    |           RESERVED            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                       Key Exchange Data                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<KeyExchange> KeyExchange::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    if (in.done()) return refuse(DecodeFault::BadLength);
    return KeyExchange{.method = KeyExchangeMethod{head.at<std::uint16_t, 0>()},
                       .data = to_bytes(in.rest())};
}

void KeyExchange::write(Writer& out) const {
    out.u16(std::to_underlying(method));
    out.zeros(2);
    out.bytes(data);
}

// RFC 7296 §3.9, the body after the generic header
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                            Nonce Data                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Nonce> Nonce::parse(View body) {
    if (body.size() < limits::kNonceOctetsMin || body.size() > limits::kNonceOctetsMax)
        return refuse(DecodeFault::BadLength);
    return Nonce{.data = to_bytes(body)};
}

void Nonce::write(Writer& out) const { out.bytes(data); }

}  // namespace xfrmd::ike
