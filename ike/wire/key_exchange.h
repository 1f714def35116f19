// SPDX-License-Identifier: Apache-2.0
// The Key Exchange and Nonce payloads. RFC 7296 §3.4, §3.9.
#pragma once

#include "ike/wire/decode_error.h"
#include "ike/wire/transform_ids.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

struct KeyExchange {
    static constexpr PayloadType kType = PayloadType::KeyExchange;

    KeyExchangeMethod method = KeyExchangeMethod::None;
    Bytes data;  // the public value, key or ciphertext; never empty

    static Decoded<KeyExchange> parse(View body);
    void write(Writer& out) const;
    bool operator==(const KeyExchange&) const = default;
};

struct Nonce {
    static constexpr PayloadType kType = PayloadType::Nonce;

    Bytes data;  // 16 to 256 octets

    static Decoded<Nonce> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Nonce&) const = default;
};

}  // namespace xfrmd::ike
