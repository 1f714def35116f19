// SPDX-License-Identifier: Apache-2.0
// Messages as one line of text, for ladders and logs. What a peer supplied is escaped and cut to a
// bound. Nothing secret is shown: of key exchange data, nonces, authentication data and vendor ids
// only the sizes or public numbers.
#pragma once

#include <span>
#include <string>

#include "ike/wire/payload.h"

namespace xfrmd::ike {

// "IKE_SA_INIT request 0  SA KE Ni N(NAT_DETECTION_SOURCE_IP)"; "IKE_AUTH response 1  SK".
std::string dump(const Message& message);
// The same with the payloads that were inside: "IKE_AUTH request 1  SK{IDi AUTH SA TSi TSr}".
std::string dump_opened(const Header& header, std::span<const Payload> inner);

// One payload in detail: "IDi FQDN \"east.example\"", "TSi 10.0.0.0-10.0.0.255", "D ESP c0ffee01".
std::string describe(const Payload& payload);

// A peer's octets as text: printable ASCII stays, everything else (and quote and backslash) becomes
// \xNN.
std::string escape(View octets);

}  // namespace xfrmd::ike
