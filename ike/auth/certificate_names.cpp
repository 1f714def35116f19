// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/certificate_names.h"

#include <botan/ber_dec.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "ike/auth/pem.h"
#include "ike/auth/x509.h"
#include "netlink/model/address.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

std::unexpected<std::string> malformed(std::string_view what) {
    return std::unexpected{"its " + std::string{what} + " is malformed"};
}

bool is_ascii(View octets) {
    return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet < 0x80; });
}

bool is_constructed_form(NameForm form) {
    return form == NameForm::OtherName || form == NameForm::X400Address ||
           form == NameForm::DirectoryName || form == NameForm::EdiPartyName;
}

std::expected<CertificateNames, std::string> decode_names(
    const Botan::X509_Certificate& certificate) {
    CertificateNames names;
    names.subject_der = certificate.raw_subject_dn();
    auto subject = DistinguishedName::from_der(names.subject_der);
    if (!subject) return malformed("subject");
    names.subject = *std::move(subject);
    names.subject_key_id = certificate.subject_key_id();
    const Botan::Extensions& extensions = certificate.v3_extensions();
    const Botan::OID oid = Botan::Cert_Extension::Subject_Alternative_Name::static_oid();
    if (extensions.extension_set(oid))
        names.alternatives = TRY(alternative_names(extensions.get_extension_bits(oid)));
    return names;
}

void append_identities(std::vector<Identity>& to, const CertificateNames& names, NameForm form,
                       IdType type) {
    for (const GeneralName& name : names.alternatives)
        if (name.form == form && !std::ranges::contains(name.value, '*'))
            to.push_back({type, name.value});
}

}  // namespace

std::expected<GeneralName, std::string> general_name(std::uint32_t tag, bool constructed,
                                                     View content) {
    if (tag > std::to_underlying(NameForm::RegisteredId)) return malformed("general name");
    GeneralName name{static_cast<NameForm>(tag), to_bytes(content)};
    if (constructed != is_constructed_form(name.form)) return malformed("general name");
    const bool text = name.form == NameForm::Rfc822Name || name.form == NameForm::DnsName ||
                      name.form == NameForm::Uri;
    if (text && !is_ascii(name.value)) return malformed("general name");
    if (name.form == NameForm::DirectoryName && !DistinguishedName::from_der(name.value))
        return malformed("general name");
    return name;
}

std::expected<std::vector<GeneralName>, std::string> alternative_names(View der) {
    constexpr std::string_view kExtension = "subject alternative name";
    std::vector<GeneralName> names;
    try {
        Botan::BER_Decoder decoder{der};
        Botan::BER_Decoder sequence = decoder.start_sequence();
        while (sequence.more_items()) {
            const Botan::BER_Object object = sequence.get_next_object();
            const bool constructed =
                object.get_class() == Botan::ASN1_Class::ExplicitContextSpecific;
            if (!constructed && object.get_class() != Botan::ASN1_Class::ContextSpecific)
                return malformed(kExtension);
            auto name =
                general_name(static_cast<std::uint32_t>(object.type()), constructed, object.data());
            if (!name) return malformed(kExtension);
            if (name->form == NameForm::IpAddress && !xfrm::Address::from_octets(name->value))
                return malformed(kExtension);
            if (names.size() == CertificateNames::kAlternativesMax)
                return std::unexpected{std::string{"it has more than 1024 alternative names"}};
            names.push_back(*std::move(name));
        }
        sequence.end_cons();
        decoder.verify_end();
    } catch (const std::exception&) {
        return malformed(kExtension);
    }
    return names;
}

std::expected<CertificateNames, std::string> CertificateNames::of(
    const Botan::X509_Certificate& certificate) {
    try {
        return decode_names(certificate);
    } catch (const std::exception&) {
        return malformed("encoding");
    }
}

std::expected<CertificateNames, std::string> CertificateNames::of_file(View file) {
    const std::vector<Bytes> certificates = TRY(decode_bundle(file, "CERTIFICATE"));
    if (certificates.empty()) return std::unexpected{std::string{"holds no certificate"}};
    const auto certificate = load_certificate(certificates.front());
    if (!certificate) return std::unexpected{certificate.error()};
    return of(*certificate);
}

std::vector<Identity> CertificateNames::identities() const {
    std::vector<Identity> all;
    append_identities(all, *this, NameForm::DnsName, IdType::Fqdn);
    append_identities(all, *this, NameForm::Rfc822Name, IdType::Rfc822Address);
    for (const GeneralName& name : alternatives) {
        if (name.form != NameForm::IpAddress) continue;
        if (const auto address = xfrm::Address::from_octets(name.value))
            all.push_back(identity_of(*address));
    }
    for (const GeneralName& name : alternatives)
        if (name.form == NameForm::DirectoryName) all.push_back({IdType::DerAsn1Dn, name.value});
    if (!subject.empty()) all.push_back({IdType::DerAsn1Dn, subject_der});
    return all;
}

}  // namespace xfrmd::ike
