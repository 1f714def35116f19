// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/name_constraints.h"

#include <botan/ber_dec.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string_view>

#include "ike/auth/printable.h"
#include "netlink/model/address.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::string_view kEmailAddressOid = "1.2.840.113549.1.9.1";
constexpr std::size_t kSubtreesMax = 1024;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() &&
           equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

std::string_view text_of(const Bytes& octets) {
    return {static_cast<const char*>(static_cast<const void*>(octets.data())), octets.size()};
}

// RFC 5280 §4.2.1.10: labels may be added on the left. A leading dot, which the RFC does not define
// for DNS names but CAs write, asks for at least one more label.
bool domain_is_within(std::string_view name, std::string_view base) {
    if (base.empty()) return true;
    if (base.starts_with('.'))
        return ends_with_ignoring_case(name, base) && name.size() > base.size();
    if (equal_ignoring_case(name, base)) return true;
    return name.size() > base.size() && ends_with_ignoring_case(name, base) &&
           name[name.size() - base.size() - 1] == '.';
}

// RFC 5280 §4.2.1.10: one mailbox, all mailboxes of one host, or with a leading dot all hosts of a
// domain.
bool mailbox_is_within(std::string_view name, std::string_view base) {
    if (base.empty()) return true;
    const std::size_t name_at = name.rfind('@');
    if (name_at == std::string_view::npos) return false;
    const std::string_view host = name.substr(name_at + 1);
    if (const std::size_t base_at = base.rfind('@'); base_at != std::string_view::npos)
        return name.substr(0, name_at) == base.substr(0, base_at) &&
               equal_ignoring_case(host, base.substr(base_at + 1));
    if (base.starts_with('.'))
        return ends_with_ignoring_case(host, base) && host.size() > base.size();
    return equal_ignoring_case(host, base);
}

// The base is an address and a mask of the same length.
bool address_is_within(View address, View base) {
    if (base.size() != 2 * address.size()) return false;
    for (std::size_t i = 0; i < address.size(); ++i) {
        const std::uint8_t mask = base[address.size() + i];
        if ((address[i] & mask) != (base[i] & mask)) return false;
    }
    return true;
}

bool name_is_within(View name, View base) {
    const auto inner = DistinguishedName::from_der(name);
    const auto outer = DistinguishedName::from_der(base);
    return inner && outer && inner->is_within(*outer);
}

// Forms whose subtrees we can compare. RFC 5280 §4.2.1.10: a name of a form that is constrained and
// cannot be processed is a reason to refuse the certificate.
bool is_comparable(NameForm form) {
    return form == NameForm::Rfc822Name || form == NameForm::DnsName ||
           form == NameForm::DirectoryName || form == NameForm::IpAddress;
}

bool is_within(const GeneralName& name, const GeneralName& base) {
    switch (name.form) {
        case NameForm::Rfc822Name:
            return mailbox_is_within(text_of(name.value), text_of(base.value));
        case NameForm::DnsName:
            return domain_is_within(text_of(name.value), text_of(base.value));
        case NameForm::DirectoryName:
            return name_is_within(name.value, base.value);
        case NameForm::IpAddress:
            return address_is_within(name.value, base.value);
        case NameForm::OtherName:
        case NameForm::X400Address:
        case NameForm::EdiPartyName:
        case NameForm::Uri:
        case NameForm::RegisteredId:
            return false;
    }
    return false;
}

std::string text_of(const GeneralName& name) {
    switch (name.form) {
        case NameForm::Rfc822Name:
        case NameForm::DnsName:
        case NameForm::Uri:
            return "\"" + printable(text_of(name.value)) + "\"";
        case NameForm::DirectoryName: {
            const auto directory = DistinguishedName::from_der(name.value);
            return directory ? "\"" + directory->to_string() + "\"" : "of a directory";
        }
        case NameForm::IpAddress: {
            const auto address = xfrm::Address::from_octets(name.value);
            return address ? address->to_string() : "of an address";
        }
        case NameForm::OtherName:
        case NameForm::X400Address:
        case NameForm::EdiPartyName:
        case NameForm::RegisteredId:
            break;
    }
    return "of form " + std::to_string(static_cast<unsigned>(name.form));
}

// GeneralSubtrees. Throws what the decoder throws; nothing if the content is against the RFC.
bool decode_subtrees(Botan::BER_Object&& object, std::vector<GeneralName>& to) {
    Botan::BER_Decoder subtrees{std::move(object)};
    while (subtrees.more_items()) {
        Botan::BER_Decoder subtree = subtrees.start_sequence();
        const Botan::BER_Object base = subtree.get_next_object();
        const bool constructed = base.get_class() == Botan::ASN1_Class::ExplicitContextSpecific;
        if (!constructed && base.get_class() != Botan::ASN1_Class::ContextSpecific) return false;
        auto name = general_name(static_cast<std::uint32_t>(base.type()), constructed, base.data());
        if (!name || to.size() == kSubtreesMax) return false;
        if (name->form == NameForm::IpAddress && name->value.size() != 8 &&
            name->value.size() != 32)
            return false;
        to.push_back(*std::move(name));
        // RFC 5280 §4.2.1.10: minimum is 0, which DER leaves out, and there is no maximum.
        if (subtree.more_items()) return false;
        subtree.end_cons();
    }
    return true;
}

}  // namespace

std::expected<NameConstraints, std::string> NameConstraints::parse(View der) {
    const auto malformed = [] {
        return std::unexpected{std::string{"its name constraints are malformed"}};
    };
    try {
        NameConstraints constraints;
        Botan::BER_Decoder decoder{der};
        Botan::BER_Decoder sequence = decoder.start_sequence();
        int last = -1;
        while (sequence.more_items()) {
            Botan::BER_Object object = sequence.get_next_object();
            const int tag = static_cast<int>(object.type());
            if (object.get_class() != Botan::ASN1_Class::ExplicitContextSpecific || tag > 1 ||
                tag <= last)
                return malformed();
            last = tag;
            auto& to = tag == 0 ? constraints.permitted_ : constraints.excluded_;
            if (!decode_subtrees(std::move(object), to) || to.empty()) return malformed();
        }
        sequence.end_cons();
        decoder.verify_end();
        if (last < 0) return malformed();
        return constraints;
    } catch (const std::exception&) {
        return malformed();
    }
}

std::expected<void, std::string> NameConstraints::check(const CertificateNames& names) const {
    const auto refused = [](const GeneralName& name) {
        return std::unexpected{"the name " + text_of(name) +
                               " is outside what its authority may certify"};
    };
    for (const GeneralName& name : names.alternatives)
        if (!allows(name)) return refused(name);
    if (names.subject.empty()) return {};
    if (const GeneralName subject{NameForm::DirectoryName, names.subject_der}; !allows(subject))
        return refused(subject);
    // RFC 5280 §4.2.1.10: constraints on mail addresses also hold for the subject's emailAddress
    // attributes.
    for (const RelativeName& relative : names.subject.relative_names()) {
        for (const NameAttribute& attribute : relative) {
            if (attribute.oid != kEmailAddressOid) continue;
            const GeneralName mailbox{NameForm::Rfc822Name, to_bytes(as_view(attribute.value))};
            if (!allows(mailbox)) return refused(mailbox);
        }
    }
    return {};
}

bool NameConstraints::allows(const GeneralName& name) const {
    const auto covers = [&](const GeneralName& base) { return is_within(name, base); };
    const auto same_form = [&](const GeneralName& base) { return base.form == name.form; };
    const bool constrained =
        std::ranges::any_of(permitted_, same_form) || std::ranges::any_of(excluded_, same_form);
    if (!constrained) return true;
    if (!is_comparable(name.form)) return false;
    const auto in = [&](const std::vector<GeneralName>& subtrees) {
        return std::ranges::any_of(
            subtrees, [&](const GeneralName& base) { return same_form(base) && covers(base); });
    };
    return !in(excluded_) && (std::ranges::none_of(permitted_, same_form) || in(permitted_));
}

}  // namespace xfrmd::ike
