// SPDX-License-Identifier: Apache-2.0
// X.501 distinguished names as values: text (RFC 4514), DER, and comparison (RFC 5280 §7.1).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

// One attribute of a name. The value is UTF-8, whatever string type it had in DER.
struct NameAttribute {
    std::string oid;  // dotted decimal, "2.5.4.3"
    std::string value;
};

// A set of attributes; almost always one.
using RelativeName = std::vector<NameAttribute>;

// The relative names stand as in DER: from the least specific (country) to the most specific
// (common name).
class DistinguishedName {
  public:
    static constexpr std::size_t kDerOctetsMax = 8192;
    static constexpr std::size_t kAttributesMax = 64;

    // Exactly one DER Name and nothing after it. The error is a sentence for people.
    static std::expected<DistinguishedName, std::string> from_der(View der);
    // RFC 4514 text: the most specific relative name first, "CN=db1, O=Example". Spaces around the
    // separators are ignored, values may be quoted, '\' escapes. The error is a sentence for
    // people.
    static std::expected<DistinguishedName, std::string> parse(std::string_view text);

    [[nodiscard]] Bytes to_der() const;
    // RFC 4514 text, "CN=db1,O=Example", control characters and non-UTF-8 as "\hh".
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] bool empty() const { return relative_names_.empty(); }
    [[nodiscard]] const std::vector<RelativeName>& relative_names() const {
        return relative_names_;
    }

    // RFC 5280 §7.1: the same relative names in the same order; values without regard to ASCII case
    // and to the amount of white space. Other letters count octet by octet.
    [[nodiscard]] bool equals(const DistinguishedName& other) const;
    // The same relative names in any order: for what people write, who rarely know the order in the
    // certificate. With `wildcards`, a value that is "*" in *this stands for any one value.
    [[nodiscard]] bool has_same_attributes(const DistinguishedName& other, bool wildcards) const;
    // RFC 5280 §4.2.1.10: this name lies in the subtree whose top is `base`.
    [[nodiscard]] bool is_within(const DistinguishedName& base) const;

  private:
    std::vector<RelativeName> relative_names_;
};

// A value as RFC 5280 §7.1 compares it: ASCII letters in lower case, white space trimmed and
// folded.
[[nodiscard]] std::string folded_name_value(std::string_view value);

}  // namespace xfrmd::ike
