// SPDX-License-Identifier: Apache-2.0
// Keys in the words of Wireshark's tables "esp_sa" (Preferences, Protocols, ESP) and "ikev2_decryption_table" (ISAKMP).
#pragma once

#include <expected>
#include <string>

#include "netlink/model/stored_sa.h"

namespace xfrmd::cli::keys {

// The names of the files in Wireshark's folder.
inline constexpr const char* kEspFile = "esp_sa";
inline constexpr const char* kIkeFile = "ikev2_decryption_table";

// As the daemon tells them (io.xfrmd.ExportKeys).
struct IkeSaKeys {
    std::string initiator_spi;  // these and the keys: hexadecimal digits
    std::string responder_spi;
    std::string encryption;     // "aes256gcm16", "aes128"
    std::string integrity;      // "sha256"; empty with a combined mode
    std::string ei;
    std::string er;
    std::string ai;
    std::string ar;
};

// One direction of an ESP SA as a line with its end, which holds keys: wipe_text() it. The addresses are wildcards: behind a
// NAT and after a move (RFC 4555) packets have others than the SA, and SPIs are told apart without them. The error says what
// Wireshark has no word for.
[[nodiscard]] std::expected<std::string, std::string> esp_line(const xfrm::StoredSa& sa);
// The same of an IKE SA, in both directions.
[[nodiscard]] std::expected<std::string, std::string> ike_line(const IkeSaKeys& sa);

}  // namespace xfrmd::cli::keys
