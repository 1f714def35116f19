// SPDX-License-Identifier: Apache-2.0
// The octets of a pre-shared key from the text that people write.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::daemon {

// Below this a secret can be guessed from recorded messages: RFC 7296 §2.15 asks for as much
// randomness as the strongest key.
inline constexpr std::size_t kSecretOctetsRecommended = 20;

// "0x…" is hexadecimal, "0s…" base64, anything else stands for itself; one newline at the end does
// not count. The error is a sentence that does not repeat the text.
[[nodiscard]] std::expected<Secret, std::string> parse_secret(View text);

}  // namespace xfrmd::daemon
