// SPDX-License-Identifier: Apache-2.0
// Keys in the words of Wireshark's table "esp_sa" (Preferences, Protocols, ESP).
#pragma once

#include <expected>
#include <string>

#include "netlink/model/stored_sa.h"

namespace xfrmd::cli::keys {

// The name of the file in Wireshark's folder.
inline constexpr const char* kEspFile = "esp_sa";

// One direction of an ESP SA as a line with its end, which holds keys: wipe_text() it. The addresses are wildcards: behind a
// NAT and after a move (RFC 4555) packets have others than the SA, and SPIs are told apart without them. The error says what
// Wireshark has no word for.
[[nodiscard]] std::expected<std::string, std::string> esp_line(const xfrm::StoredSa& sa);

}  // namespace xfrmd::cli::keys
