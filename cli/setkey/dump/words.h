// SPDX-License-Identifier: Apache-2.0
// The words of the dumps for the kernel's numbers and names. What has no word is shown as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::setkey::dump {

// The language's word for an algorithm ("aes-cbc"), or, made fit for a terminal, the kernel's name.
[[nodiscard]] std::string encryption_word(std::string_view kernel_name);
[[nodiscard]] std::string integrity_word(std::string_view kernel_name);
[[nodiscard]] std::string compression_word(std::string_view kernel_name);

// "esp", "ah", "ipcomp", "tcp"; otherwise the number.
[[nodiscard]] std::string protocol_word(std::uint8_t protocol);
// "transport", "tunnel", "beet", "ro", "in_trigger", "iptfs"; otherwise the number.
[[nodiscard]] std::string mode_word(std::uint8_t mode);
[[nodiscard]] std::string_view state_word(xfrm::SaState state);
// "udp" (RFC 3948), "udp_non_ike", "tcp" (RFC 8229); otherwise the number.
[[nodiscard]] std::string encapsulation_word(std::uint16_t type);
// "in", "out"; otherwise the number.
[[nodiscard]] std::string sa_direction_word(std::uint8_t direction);
// "any", "session", "user", "unique"; otherwise the number.
[[nodiscard]] std::string share_word(std::uint8_t share);

// "in", "out", "forward", those of sockets too; otherwise the number.
[[nodiscard]] std::string policy_direction_word(std::uint8_t direction);
// "main", "sub"; otherwise the number.
[[nodiscard]] std::string policy_type_word(std::uint8_t type);

// "0x00001000"
[[nodiscard]] std::string spi_text(xfrm::EspSpi spi);
// "0x5/0xff"
[[nodiscard]] std::string mark_text(const xfrm::Mark& mark);
[[nodiscard]] bool is_set(const xfrm::Mark& mark);
// Whether an SA with this selector is for some traffic only.
[[nodiscard]] bool restricts(const xfrm::Selector& selector);

// The bits that are set, by name; a bit without a name as a hexadecimal number.
[[nodiscard]] std::vector<std::string> flag_words(std::uint8_t sa_flags, std::uint32_t extra_flags);
[[nodiscard]] std::vector<std::string> policy_flag_words(std::uint8_t flags);
[[nodiscard]] std::vector<std::string> offload_words(std::uint8_t flags);

}  // namespace xfrmd::setkey::dump
