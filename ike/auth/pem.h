// SPDX-License-Identifier: Apache-2.0
// PEM files as operators have them: several blocks, text between them. RFC 7468.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

struct PemBlock {
    std::string label;       // "CERTIFICATE"
    bool encrypted = false;  // by a "Proc-Type: 4,ENCRYPTED" header; then `content` is empty
    Secret content;          // DER; wiped, since it may be a key
};

[[nodiscard]] bool is_pem(View text);

// All blocks in order. The error is a sentence for people.
[[nodiscard]] std::expected<std::vector<PemBlock>, std::string> decode_pem(View text);

// The DER of every block with this label; if the input is not PEM at all, the input itself. Other
// blocks are passed over.
[[nodiscard]] std::expected<std::vector<Bytes>, std::string> decode_bundle(View input,
                                                                           std::string_view label);

}  // namespace xfrmd::ike
