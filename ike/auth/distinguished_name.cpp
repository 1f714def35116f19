// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/distinguished_name.h"

#include <botan/asn1_obj.h>
#include <botan/ber_dec.h>
#include <botan/der_enc.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <ranges>

#include "ike/auth/printable.h"
#include "netlink/model/result.h"
#include "netlink/model/utf8.h"

namespace xfrmd::ike {

namespace {

enum class ValueType : std::uint8_t { Directory, Printable, Ia5 };

struct AttributeType {
    std::string_view keyword;
    std::string_view oid;
    ValueType type = ValueType::Directory;
};

// RFC 4514 §3 and what people use beside it; the first row of an OID is the keyword that we print.
constexpr auto kAttributeTypes = std::to_array<AttributeType>({
    {"CN", "2.5.4.3"},
    {"SN", "2.5.4.4"},
    {"serialNumber", "2.5.4.5", ValueType::Printable},
    {"C", "2.5.4.6", ValueType::Printable},
    {"L", "2.5.4.7"},
    {"ST", "2.5.4.8"},
    {"S", "2.5.4.8"},
    {"STREET", "2.5.4.9"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"title", "2.5.4.12"},
    {"T", "2.5.4.12"},
    {"description", "2.5.4.13"},
    {"postalCode", "2.5.4.17"},
    {"name", "2.5.4.41"},
    {"GN", "2.5.4.42"},
    {"givenName", "2.5.4.42"},
    {"initials", "2.5.4.43"},
    {"generationQualifier", "2.5.4.44"},
    {"dnQualifier", "2.5.4.46", ValueType::Printable},
    {"pseudonym", "2.5.4.65"},
    {"organizationIdentifier", "2.5.4.97"},
    {"UID", "0.9.2342.19200300.100.1.1"},
    {"DC", "0.9.2342.19200300.100.1.25", ValueType::Ia5},
    {"emailAddress", "1.2.840.113549.1.9.1", ValueType::Ia5},
    {"E", "1.2.840.113549.1.9.1", ValueType::Ia5},
});

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

bool is_space(char letter) {
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

// RFC 4514 text, taken apart from left to right.
class NameParser {
  public:
    explicit NameParser(std::string_view text) : rest_{text} {}

    std::expected<std::vector<RelativeName>, std::string> parse() {
        std::vector<RelativeName> names;
        std::size_t attributes = 0;
        bool joined = false;
        do {
            if (++attributes > DistinguishedName::kAttributesMax)
                return std::unexpected{std::string{"the name has more than 64 attributes"}};
            NameAttribute attribute = TRY(this->attribute());
            if (!joined) names.emplace_back();
            names.back().push_back(std::move(attribute));
            joined = separator_ == '+';
        } while (separator_ != '\0');
        std::ranges::reverse(names);  // RFC 4514 §2.1: text has the last relative name first
        return names;
    }

  private:
    std::expected<NameAttribute, std::string> attribute() {
        const std::size_t equals = rest_.find('=');
        if (equals == std::string_view::npos)
            return std::unexpected{"\"" + printable(rest_) + "\" is not of the form NAME=VALUE"};
        const std::string_view keyword = trimmed(rest_.substr(0, equals));
        rest_.remove_prefix(equals + 1);
        NameAttribute attribute;
        attribute.oid = TRY(oid_of(keyword));
        attribute.value = TRY(value(keyword));
        return attribute;
    }

    static std::string_view trimmed(std::string_view text) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        return text;
    }

    static std::expected<std::string, std::string> oid_of(std::string_view keyword) {
        for (const AttributeType& row : kAttributeTypes)
            if (equal_ignoring_case(row.keyword, keyword)) return std::string{row.oid};
        std::string_view dotted = keyword;
        if (dotted.size() > 4 && equal_ignoring_case(dotted.substr(0, 4), "OID."))
            dotted.remove_prefix(4);
        const bool looks_dotted =
            !dotted.empty() && dotted.contains('.') &&
            std::ranges::all_of(dotted, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
        if (looks_dotted) {
            try {
                return Botan::OID{dotted}.to_string();
            } catch (const std::exception&) {
                // Falls through to the sentence below.
            }
        }
        return std::unexpected{
            "\"" + printable(keyword) +
            "\" is not an attribute of names that is known here; write CN, O, OU, C, ST, L, DC, "
            "UID, E, serialNumber or a dotted OID"};
    }

    std::expected<std::string, std::string> value(std::string_view keyword) {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        const std::string for_whom = "the value of " + printable(keyword);
        if (rest_.starts_with('#'))
            return std::unexpected{
                for_whom +
                " begins with \"#\"; encoded values are not supported, write \"\\#\" for "
                "the character"};
        std::string value =
            rest_.starts_with('"') ? TRY(quoted(for_whom)) : TRY(unquoted(for_whom));
        if (value.empty()) return std::unexpected{for_whom + " is empty"};
        if (!is_utf8(value)) return std::unexpected{for_whom + " is not UTF-8"};
        return value;
    }

    std::expected<std::string, std::string> unquoted(const std::string& for_whom) {
        std::string value;
        std::size_t kept = 0;  // trailing spaces go unless they were escaped
        while (!rest_.empty() && !is_separator(rest_.front())) {
            const bool escaped = rest_.front() == '\\';
            const bool space = is_space(rest_.front());
            value += TRY(character(for_whom));
            if (escaped || !space) kept = value.size();
        }
        value.resize(kept);
        take_separator();
        return value;
    }

    std::expected<std::string, std::string> quoted(const std::string& for_whom) {
        rest_.remove_prefix(1);
        std::string value;
        while (!rest_.empty() && rest_.front() != '"') value += TRY(character(for_whom));
        if (rest_.empty()) return std::unexpected{for_whom + " lacks its closing quotation mark"};
        rest_.remove_prefix(1);
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        if (!rest_.empty() && !is_separator(rest_.front()))
            return std::unexpected{for_whom + " goes on after its closing quotation mark"};
        take_separator();
        return value;
    }

    // One character, or what an escape stands for: RFC 4514 §3, `pair`.
    std::expected<char, std::string> character(const std::string& for_whom) {
        const char first = rest_.front();
        rest_.remove_prefix(1);
        if (first != '\\') return first;
        if (rest_.size() >= 2) {
            const auto high = hex_digit(rest_[0]);
            const auto low = hex_digit(rest_[1]);
            if (high && low) {
                rest_.remove_prefix(2);
                return static_cast<char>(*high * 16 + *low);
            }
        }
        if (rest_.empty() || !std::string_view{" \"#+,;<=>\\"}.contains(rest_.front()))
            return std::unexpected{for_whom + " has a \"\\\" that escapes nothing"};
        const char second = rest_.front();
        rest_.remove_prefix(1);
        return second;
    }

    static std::optional<int> hex_digit(char digit) {
        if (digit >= '0' && digit <= '9') return digit - '0';
        const char small = lower(digit);
        if (small >= 'a' && small <= 'f') return small - 'a' + 10;
        return std::nullopt;
    }

    static bool is_separator(char letter) {
        return letter == ',' || letter == ';' || letter == '+';
    }

    void take_separator() {
        separator_ = rest_.empty() ? '\0' : rest_.front();
        if (!rest_.empty()) rest_.remove_prefix(1);
    }

    std::string_view rest_;
    char separator_ = '\0';
};

bool same_attribute(const NameAttribute& left, const NameAttribute& right) {
    return left.oid == right.oid && folded_name_value(left.value) == folded_name_value(right.value);
}

bool same_relative_name(const RelativeName& left, const RelativeName& right) {
    return std::ranges::is_permutation(left, right, same_attribute);
}

std::vector<NameAttribute> all_attributes(const std::vector<RelativeName>& names) {
    std::vector<NameAttribute> all;
    for (const RelativeName& name : names) all.insert(all.end(), name.begin(), name.end());
    return all;
}

Botan::ASN1_String encoded_value(const NameAttribute& attribute) {
    const auto row = std::ranges::find(kAttributeTypes, attribute.oid, &AttributeType::oid);
    const bool ascii = std::ranges::all_of(
        attribute.value, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (row != kAttributeTypes.end() && row->type == ValueType::Ia5 && ascii)
        return {attribute.value, Botan::ASN1_Type::Ia5String};
    return Botan::ASN1_String{
        attribute.value};  // PrintableString if it can be, else UTF8String: RFC 5280 §4.1.2.4
}

RelativeName decode_relative_name(Botan::BER_Decoder& sequence) {
    RelativeName name;
    Botan::BER_Decoder set = sequence.start_set();
    while (set.more_items() && name.size() <= DistinguishedName::kAttributesMax) {
        Botan::OID oid;
        Botan::ASN1_String value;
        set.start_sequence().decode(oid).decode(value).end_cons();
        name.push_back({oid.to_string(), value.value()});
    }
    set.end_cons();
    return name;
}

}  // namespace

std::string folded_name_value(std::string_view value) {
    std::string folded;
    folded.reserve(value.size());
    bool space_due = false;
    for (const char letter : value) {
        if (is_space(letter)) {
            space_due = !folded.empty();
            continue;
        }
        if (space_due) folded += ' ';
        space_due = false;
        folded += lower(letter);
    }
    return folded;
}

std::expected<DistinguishedName, std::string> DistinguishedName::from_der(View der) {
    const auto malformed = [] {
        return std::unexpected{std::string{"the name is not well-formed DER"}};
    };
    if (der.empty() || der.size() > kDerOctetsMax) return malformed();
    try {
        DistinguishedName name;
        std::size_t attributes = 0;
        Botan::BER_Decoder decoder{der};
        Botan::BER_Decoder sequence = decoder.start_sequence();
        while (sequence.more_items()) {
            name.relative_names_.push_back(decode_relative_name(sequence));
            const std::size_t count = name.relative_names_.back().size();
            attributes += count;
            if (count == 0) return malformed();
            if (attributes > kAttributesMax)
                return std::unexpected{std::string{"the name has more than 64 attributes"}};
        }
        sequence.end_cons();
        decoder.verify_end();
        return name;
    } catch (const std::exception&) {
        return malformed();
    }
}

std::expected<DistinguishedName, std::string> DistinguishedName::parse(std::string_view text) {
    if (text.starts_with('/'))
        return std::unexpected{
            std::string{"write names with commas, \"CN=db1, O=Example\", not with slashes"}};
    if (text.size() > kDerOctetsMax)
        return std::unexpected{std::string{"the name is longer than 8192 octets"}};
    DistinguishedName name;
    name.relative_names_ = TRY(NameParser{text}.parse());
    if (name.to_der().size() > kDerOctetsMax)
        return std::unexpected{std::string{"the name is longer than 8192 octets"}};
    return name;
}

Bytes DistinguishedName::to_der() const {
    Bytes der;
    Botan::DER_Encoder encoder{der};
    encoder.start_sequence();
    for (const RelativeName& name : relative_names_) {
        encoder.start_set();
        for (const NameAttribute& attribute : name)
            encoder.start_sequence()
                .encode(Botan::OID{attribute.oid})
                .encode(encoded_value(attribute))
                .end_cons();
        encoder.end_cons();
    }
    encoder.end_cons();
    return der;
}

std::string DistinguishedName::to_string() const {
    std::string text;
    for (const RelativeName& name : std::views::reverse(relative_names_)) {
        if (!text.empty()) text += ',';
        for (std::size_t i = 0; i < name.size(); ++i) {
            if (i > 0) text += '+';
            const auto row = std::ranges::find(kAttributeTypes, name[i].oid, &AttributeType::oid);
            text += row == kAttributeTypes.end() ? std::string_view{name[i].oid} : row->keyword;
            text += '=';
            std::string_view value = name[i].value;
            if (value.starts_with(' ') || value.starts_with('#')) text += '\\';  // RFC 4514 §2.4
            const bool ends_in_space = value.size() > 1 && value.ends_with(' ');
            if (ends_in_space) value.remove_suffix(1);
            append_printable(text, value, ",+\";<>");
            if (ends_in_space) text += "\\ ";
        }
    }
    return text;
}

bool DistinguishedName::equals(const DistinguishedName& other) const {
    return std::ranges::equal(relative_names_, other.relative_names_, same_relative_name);
}

bool DistinguishedName::has_same_attributes(const DistinguishedName& other, bool wildcards) const {
    std::vector<NameAttribute> left = all_attributes(other.relative_names_);
    std::vector<NameAttribute> open;
    for (const NameAttribute& wanted : all_attributes(relative_names_)) {
        if (wildcards && wanted.value == "*") {
            open.push_back(wanted);
            continue;
        }
        const auto found =
            std::ranges::find_if(left, [&](const auto& a) { return same_attribute(wanted, a); });
        if (found == left.end()) return false;
        left.erase(found);
    }
    // What the written values left over must be as many of each type as there are wildcards.
    return std::ranges::is_permutation(open, left, {}, &NameAttribute::oid, &NameAttribute::oid);
}

bool DistinguishedName::is_within(const DistinguishedName& base) const {
    return base.relative_names_.size() <= relative_names_.size() &&
           std::ranges::equal(base.relative_names_,
                              relative_names_ | std::views::take(base.relative_names_.size()),
                              same_relative_name);
}

}  // namespace xfrmd::ike
