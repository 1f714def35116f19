// SPDX-License-Identifier: Apache-2.0
// What was typed about the holder of a certificate, understood.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "cli/pki/certificate.h"
#include "cli/pki/commands.h"

namespace xfrmd::cli::pki {

// RFC 4514 text, "CN=db1, O=Example".
[[nodiscard]] std::expected<ike::DistinguishedName, std::string> parse_subject(
    std::string_view text);

// Where the wish names nothing, `name` itself is the name, if it is a domain name with a dot, an IP
// address or a mail address; where it has no subject, the subject is CN=name.
[[nodiscard]] std::expected<Holder, std::string> holder_of(const Wish& wish,
                                                           const std::string& name);
// The names of the wish alone.
[[nodiscard]] std::expected<std::vector<ike::Identity>, std::string> names_of(const Wish& wish);

// A name of a file without a folder: for NAME.key and NAME.pem.
[[nodiscard]] std::expected<void, std::string> check_file_name(std::string_view name);

}  // namespace xfrmd::cli::pki
