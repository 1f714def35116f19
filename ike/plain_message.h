// SPDX-License-Identifier: Apache-2.0
// A message of an IKE SA without its protection, whole, whether it travels in one datagram or in fragments.
#pragma once

#include "ike/wire/payload.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

struct PlainMessage {
    Header header;       // its next_payload and length are not used
    PayloadType first_inner = PayloadType::None;
    Secret chain;        // the inner payloads

    // What stands before the inner payloads if neither encryption nor fragmentation adds anything: with `chain` after it
    // it is what RFC 9242 §3.3.2 authenticates.
    [[nodiscard]] Bytes prefix() const {
        return write_sealed_prefix(header, first_inner, chain.size());
    }
};

}  // namespace xfrmd::ike
