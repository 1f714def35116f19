// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/identity_match.h"

#include <algorithm>
#include <cstddef>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

namespace {

std::uint8_t lower(std::uint8_t octet) {
    return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet - 'A' + 'a') : octet;
}

bool equal_ignoring_case(View left, View right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

// RFC 4945 §3.1.2, RFC 9525 §6.3 without its wildcards: a certificate for *.example.net certifies
// no host's IKE.
bool same_domain(View left, View right) {
    return !left.empty() && !std::ranges::contains(left, '*') && equal_ignoring_case(left, right);
}

// RFC 5280 §7.5: the local part octet by octet, the domain without regard to case.
bool same_mailbox(View left, View right) {
    const auto at = std::ranges::find_last(left, '@');
    if (at.empty() || left.size() != right.size()) return false;
    const auto local = static_cast<std::size_t>(at.begin() - left.begin());
    return equal(left.first(local), right.first(local)) &&
           equal_ignoring_case(left.subspan(local), right.subspan(local));
}

bool same_name(View left, View right) {
    if (equal(left, right)) return true;
    const auto one = DistinguishedName::from_der(left);
    const auto other = DistinguishedName::from_der(right);
    return one && other && one->equals(*other);
}

template <class Same>
bool any_alternative(const CertificateNames& names, NameForm form, Same same) {
    return std::ranges::any_of(names.alternatives, [&](const GeneralName& name) {
        return name.form == form && same(View{name.value});
    });
}

}  // namespace

bool is_bound_to(const Identity& identity, const CertificateNames& names) {
    const View id{identity.data};
    switch (identity.type) {
        case IdType::Ipv4Address:
            return id.size() == 4 && any_alternative(names, NameForm::IpAddress,
                                                     [&](View a) { return equal(a, id); });
        case IdType::Ipv6Address:
            return id.size() == 16 && any_alternative(names, NameForm::IpAddress,
                                                      [&](View a) { return equal(a, id); });
        case IdType::Fqdn:
            return any_alternative(names, NameForm::DnsName,
                                   [&](View a) { return same_domain(a, id); });
        case IdType::Rfc822Address:
            return any_alternative(names, NameForm::Rfc822Name,
                                   [&](View a) { return same_mailbox(a, id); });
        case IdType::DerAsn1Dn:
            // RFC 4945 §3.1.5; the empty name is nobody's.
            return (!names.subject.empty() && same_name(names.subject_der, id)) ||
                   any_alternative(names, NameForm::DirectoryName,
                                   [&](View a) { return same_name(a, id); });
        case IdType::KeyId:
            return !id.empty() && equal(names.subject_key_id, id);
        case IdType::DerAsn1Gn:
        case IdType::Null:
            return false;
    }
    return false;
}

}  // namespace xfrmd::ike
