// SPDX-License-Identifier: Apache-2.0
#include "ike/identity.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <utility>

#include "ike/auth/distinguished_name.h"
#include "ike/auth/printable.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using ParsedIdentity = std::expected<Identity, std::string>;

constexpr std::size_t kDomainOctetsMax = 253;  // RFC 1035 §2.3.4, as text
constexpr std::size_t kLabelOctetsMax = 63;
constexpr std::size_t kMailboxOctetsMax = 254;  // RFC 5321 §4.5.3.1.3, as text
constexpr std::size_t kKeyIdOctetsMax = 1024;

std::unexpected<std::string> refuse(std::string_view text, std::string_view why) {
    return std::unexpected{"\"" + printable(text) + "\" " + std::string{why}};
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view text_of(View octets) {
    return {static_cast<const char*>(static_cast<const void*>(octets.data())), octets.size()};
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Labels of letters, digits, hyphens and underscores, separated by single dots.
bool is_domain(std::string_view text) {
    if (text.empty() || text.size() > kDomainOctetsMax) return false;
    std::size_t label = 0;
    for (const char c : text) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        if (!is_letter_or_digit(c) && c != '-' && c != '_') return false;
        if (++label > kLabelOctetsMax) return false;
    }
    return label > 0;
}

// Printable ASCII before the '@', a domain after it.
bool is_mailbox(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || text.size() > kMailboxOctetsMax) return false;
    const std::string_view user = text.substr(0, at);
    const bool plain =
        std::ranges::all_of(user, [](char c) { return c > ' ' && c < 0x7f && c != '@'; });
    return plain && is_domain(text.substr(at + 1));
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.empty() || text.size() % 2 != 0) return std::nullopt;
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        const char small = lower(c);
        return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
    };
    Bytes octets;
    octets.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        octets.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return octets;
}

ParsedIdentity parse_address(std::string_view text) {
    const auto address = xfrm::Address::parse(text);
    if (!address) return refuse(text, "is not an IPv4 or IPv6 address");
    return identity_of(*address);
}

ParsedIdentity parse_domain(std::string_view text) {
    if (!is_domain(text))
        return refuse(
            text, "is not a domain name (letters, digits, hyphens and dots, at most 253 octets)");
    return Identity{IdType::Fqdn, to_bytes(as_view(text))};
}

ParsedIdentity parse_mailbox(std::string_view text) {
    if (!is_mailbox(text)) return refuse(text, "is not a mail address of the form user@domain");
    return Identity{IdType::Rfc822Address, to_bytes(as_view(text))};
}

ParsedIdentity parse_name(std::string_view text) {
    const auto name = DistinguishedName::parse(text);
    if (!name) return refuse(text, "is not a distinguished name: " + name.error());
    return Identity{IdType::DerAsn1Dn, name->to_der()};
}

ParsedIdentity parse_key_id(std::string_view text) {
    Bytes octets = from_hex(text).value_or(to_bytes(as_view(text)));
    if (octets.empty()) return refuse(text, "is an empty key id");
    if (octets.size() > kKeyIdOctetsMax) return refuse(text, "is longer than 1024 octets");
    return Identity{IdType::KeyId, std::move(octets)};
}

ParsedIdentity parse_hex_key_id(std::string_view text) {
    auto octets = from_hex(text);
    if (!octets)
        return refuse(text,
                      "is not a key id in hexadecimal: pairs of digits are needed after \"@#\"");
    if (octets->size() > kKeyIdOctetsMax) return refuse(text, "is longer than 1024 octets");
    return Identity{IdType::KeyId, *std::move(octets)};
}

struct Prefix {
    std::string_view text;
    ParsedIdentity (*parse)(std::string_view);
};

constexpr auto kPrefixes = std::to_array<Prefix>({
    {"ip:", parse_address},
    {"fqdn:", parse_domain},
    {"email:", parse_mailbox},
    {"dn:", parse_name},
    {"keyid:", parse_key_id},
    {"@#", parse_hex_key_id},
});

// "any text with '=' before a comma": a name has an '=' in what stands before its first comma.
bool looks_like_name(std::string_view text) {
    return text.substr(0, text.find(',')).contains('=') || text.starts_with('/');
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string without_prefix(std::string_view text, std::string_view prefix) {
    text = trimmed(text);
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    return std::string{trimmed(text)};
}

std::string name_text(View der) {
    const auto name = DistinguishedName::from_der(der);
    return name ? name->to_string() : "dn:" + to_hex(der);
}

std::string address_text(View octets) {
    const auto address = xfrm::Address::from_octets(octets);
    return address ? address->to_string() : "ip:" + to_hex(octets);
}

// One label in front of "." and the domain.
bool is_one_label_below(std::string_view name, std::string_view domain) {
    const std::size_t dot = name.find('.');
    return dot != std::string_view::npos && dot > 0 && is_domain(name) &&
           equal_ignoring_case(name.substr(dot + 1), domain);
}

bool same_mailbox(std::string_view left, std::string_view right) {
    const std::size_t at = left.rfind('@');
    // RFC 5280 §7.5: the local part as it is, the domain without regard to case.
    return at != std::string_view::npos && at == right.rfind('@') &&
           left.substr(0, at) == right.substr(0, at) &&
           equal_ignoring_case(left.substr(at), right.substr(at));
}

bool same_name(View wanted, View actual, bool wildcards) {
    const auto left = DistinguishedName::from_der(wanted);
    const auto right = DistinguishedName::from_der(actual);
    return left && right && left->has_same_attributes(*right, wildcards);
}

bool same_identity(const Identity& wanted, const Identity& actual) {
    if (wanted.type != actual.type) return false;
    switch (wanted.type) {
        case IdType::Fqdn:
            return equal_ignoring_case(text_of(wanted.data), text_of(actual.data));
        case IdType::Rfc822Address:
            return same_mailbox(text_of(wanted.data), text_of(actual.data));
        case IdType::DerAsn1Dn:
            return wanted.data == actual.data || same_name(wanted.data, actual.data, false);
        case IdType::Ipv4Address:
        case IdType::Ipv6Address:
        case IdType::DerAsn1Gn:
        case IdType::KeyId:
        case IdType::Null:
            return wanted.data == actual.data;
    }
    return wanted.data == actual.data;
}

bool has_wildcard_value(const DistinguishedName& name) {
    return std::ranges::any_of(name.relative_names(), [](const RelativeName& relative) {
        return std::ranges::contains(relative, "*", &NameAttribute::value);
    });
}

// "*" inside a longer value would be a literal star, which nobody means.
bool has_partial_wildcard(const DistinguishedName& name) {
    return std::ranges::any_of(name.relative_names(), [](const RelativeName& relative) {
        return std::ranges::any_of(relative, [](const NameAttribute& attribute) {
            return attribute.value != "*" && attribute.value.contains('*');
        });
    });
}

}  // namespace

std::expected<Identity, std::string> parse_identity(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return std::unexpected{std::string{"the identity is empty"}};
    for (const Prefix& prefix : kPrefixes)
        if (text.starts_with(prefix.text))
            return prefix.parse(trimmed(text.substr(prefix.text.size())));
    if (xfrm::Address::parse(text)) return parse_address(text);
    if (looks_like_name(text)) return parse_name(text);
    if (text.starts_with('@'))
        return refuse(text, "is no identity; write a domain name without the \"@\"");
    if (text.contains('@')) return parse_mailbox(text);
    return parse_domain(text);
}

std::string to_string(const Identity& identity) {
    switch (identity.type) {
        case IdType::Ipv4Address:
        case IdType::Ipv6Address:
            return address_text(identity.data);
        case IdType::Fqdn:
        case IdType::Rfc822Address:
            return printable(text_of(identity.data));
        case IdType::DerAsn1Dn:
            return name_text(identity.data);
        case IdType::DerAsn1Gn:
            return "gn:" + to_hex(identity.data);
        case IdType::KeyId:
            return "keyid:" + to_hex(identity.data);
        case IdType::Null:
            return "null";
    }
    return "id type " + std::to_string(std::to_underlying(identity.type)) + ":" +
           to_hex(identity.data);
}

Identity identity_of(const xfrm::Address& address) {
    return {address.is_v4() ? IdType::Ipv4Address : IdType::Ipv6Address,
            to_bytes(address.octets())};
}

IdentityPattern IdentityPattern::exactly(Identity identity) {
    IdentityPattern pattern;
    pattern.kind_ = Kind::Exact;
    pattern.text_ = ike::to_string(identity);
    pattern.exact_ = std::move(identity);
    return pattern;
}

IdentityPattern IdentityPattern::any() {
    IdentityPattern pattern;
    pattern.kind_ = Kind::Any;
    pattern.text_ = "any_of_trust";
    return pattern;
}

std::expected<IdentityPattern, std::string> IdentityPattern::parse(std::string_view text) {
    text = trimmed(text);
    if (text == "any_of_trust") return any();
    if (text == "*" || text == "%any")
        return refuse(text, "would accept anybody; if that is meant, write \"any_of_trust\"");
    IdentityPattern pattern;
    pattern.text_ = std::string{text};
    if (const std::string domain = without_prefix(text, "fqdn:"); domain.starts_with("*.")) {
        if (!is_domain(std::string_view{domain}.substr(2)))
            return refuse(
                text, "is not of the form *.domain; a wildcard stands for the first label only");
        pattern.kind_ = Kind::DomainLabel;
        pattern.rest_ = to_bytes(as_view(std::string_view{domain}.substr(2)));
        return pattern;
    }
    if (const std::string mailbox = without_prefix(text, "email:"); mailbox.starts_with("*@")) {
        if (!is_domain(std::string_view{mailbox}.substr(2)))
            return refuse(text, "is not of the form *@domain");
        pattern.kind_ = Kind::MailDomain;
        pattern.rest_ = to_bytes(as_view(std::string_view{mailbox}.substr(2)));
        return pattern;
    }
    Identity identity = TRY(parse_identity(text));
    if (identity.type != IdType::DerAsn1Dn) return exactly(std::move(identity));
    const auto name = TRY(DistinguishedName::from_der(identity.data));
    if (has_partial_wildcard(name))
        return refuse(text, "has a \"*\" inside a value; it can only stand for a whole value");
    if (!has_wildcard_value(name)) return exactly(std::move(identity));
    pattern.kind_ = Kind::NameValues;
    pattern.rest_ = std::move(identity.data);
    return pattern;
}

bool IdentityPattern::matches(const Identity& identity) const {
    const std::string_view text = text_of(identity.data);
    switch (kind_) {
        case Kind::Nobody:
            return false;
        case Kind::Exact:
            return exact_ && same_identity(*exact_, identity);
        case Kind::DomainLabel:
            return identity.type == IdType::Fqdn && is_one_label_below(text, text_of(rest_));
        case Kind::MailDomain:
            return identity.type == IdType::Rfc822Address && is_mailbox(text) &&
                   equal_ignoring_case(text.substr(text.rfind('@') + 1), text_of(rest_));
        case Kind::NameValues:
            return identity.type == IdType::DerAsn1Dn && same_name(rest_, identity.data, true);
        case Kind::Any:
            return true;
    }
    return false;
}

}  // namespace xfrmd::ike
