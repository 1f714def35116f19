// SPDX-License-Identifier: Apache-2.0
// The Encrypted payload (RFC 7296 §3.14) and the Encrypted Fragment payload (RFC 7383 §2.5) as they
// are on the wire. Nothing here encrypts: IV, ciphertext and integrity check value are one body.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ike/wire/decode_error.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// SK
struct Encrypted {
    static constexpr PayloadType kType = PayloadType::Encrypted;

    PayloadType first_inner = PayloadType::None;
    Bytes body;

    static Decoded<Encrypted> parse(PayloadType first_inner, View body);
    void write(Writer& out) const;
    bool operator==(const Encrypted&) const = default;
};

// SKF
struct EncryptedFragment {
    static constexpr PayloadType kType = PayloadType::EncryptedFragment;

    PayloadType first_inner = PayloadType::None;  // meaningful in the first fragment only
    std::uint16_t number = 1;                     // from 1 to `total`
    std::uint16_t total = 1;
    Bytes body;

    static Decoded<EncryptedFragment> parse(PayloadType first_inner, View body);
    void write(Writer& out) const;
    bool operator==(const EncryptedFragment&) const = default;
};

}  // namespace xfrmd::ike
