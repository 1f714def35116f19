// SPDX-License-Identifier: Apache-2.0
// Who a peer says it is, and which identities a connection accepts. RFC 7296 §3.5.
#pragma once

#include <compare>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "ike/wire/identity.h"
#include "ike/wire/notify_data.h"  // before the alias below: it has an enumerator of that name
#include "netlink/model/address.h"

namespace xfrmd::ike {

// The content of an ID payload.
using Identity = Identification;

// From configuration text. An IP address, "user@host", a DN ("CN=db1, O=Example" or any text with
// '=' before a comma), "@#hex" or "keyid:hex"/"keyid:text" for a key id (hexadecimal if it can be
// read so), otherwise a domain name; a type may be forced with a prefix "ip:", "fqdn:", "email:",
// "dn:", "keyid:". A DN is written most specific attribute first (RFC 4514) and matched in any
// order. The error is a sentence for people.
[[nodiscard]] std::expected<Identity, std::string> parse_identity(std::string_view text);

// For people, with control characters escaped: "db1.example.net", "CN=db1,O=Example", "keyid:0a0b".
[[nodiscard]] std::string to_string(const Identity& identity);

[[nodiscard]] Identity identity_of(const xfrm::Address& address);

// What a connection accepts as its peer's identity. Wildcards only where written.
class IdentityPattern {
  public:
    // Exactly this identity.
    static IdentityPattern exactly(Identity identity);
    // "*.example.net" (one label), "*@example.net", "CN=*, O=Example" (whole attribute values), or
    // no wildcard at all.
    [[nodiscard]] static std::expected<IdentityPattern, std::string> parse(std::string_view text);
    // Anybody the trust vouches for: `id = "any_of_trust"`, said in words.
    static IdentityPattern any();

    [[nodiscard]] bool matches(const Identity& identity) const;
    // The one identity this stands for, if it has no wildcard.
    [[nodiscard]] const std::optional<Identity>& exact() const { return exact_; }
    [[nodiscard]] const std::string& to_string() const { return text_; }

    bool operator==(const IdentityPattern&) const = default;

  private:
    enum class Kind { Nobody, Exact, DomainLabel, MailDomain, NameValues, Any };

    Kind kind_ = Kind::Nobody;
    std::optional<Identity> exact_;
    // With a wildcard: the domain after "*." or "*@", or the DN in DER with "*" as a value.
    Bytes rest_;
    std::string text_;
};

}  // namespace xfrmd::ike
