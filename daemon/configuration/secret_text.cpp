// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/secret_text.h"

#include <botan/base64.h>
#include <botan/exceptn.h>
#include <botan/hex.h>

#include <string_view>

namespace xfrmd::daemon {

namespace {

View without_newline(View text) {
    if (!text.empty() && text.back() == '\n') text = text.first(text.size() - 1);
    if (!text.empty() && text.back() == '\r') text = text.first(text.size() - 1);
    return text;
}

bool begins_with(View text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal(text.first(prefix.size()), as_view(prefix));
}

std::string_view as_text(View view) {
    const void* octets = view.data();
    return {static_cast<const char*>(octets), view.size()};
}

}  // namespace

std::expected<Secret, std::string> parse_secret(View text) {
    text = without_newline(text);
    const bool hex = begins_with(text, "0x");
    const bool base64 = begins_with(text, "0s");
    Secret secret;
    try {
        // Blanks inside are a slip more often than meant, so they are refused like any other
        // character.
        if (hex)
            secret = Secret{Botan::hex_decode_locked(as_text(text.subspan(2)), false)};
        else if (base64)
            secret = Secret{Botan::base64_decode(as_text(text.subspan(2)), false)};
        else
            secret = Secret{text};
    } catch (const Botan::Exception&) {
        return std::unexpected{
            std::string{hex ? "after 0x come hexadecimal digits, two for each octet"
                            : "after 0s comes base64"}};
    }
    if (secret.empty()) return std::unexpected{std::string{"the secret is empty"}};
    return secret;
}

}  // namespace xfrmd::daemon
