// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/certificate.h"

#include <botan/asn1_obj.h>
#include <botan/ber_dec.h>
#include <botan/bigint.h>
#include <botan/der_enc.h>
#include <botan/pem.h>
#include <botan/pk_keys.h>
#include <botan/pkcs10.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/x509_ca.h>
#include <botan/x509_crl.h>
#include <botan/x509_ext.h>
#include <botan/x509_key.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <chrono>
#include <format>
#include <memory>
#include <utility>

#include "cli/pki/seam.h"
#include "ike/auth/certificate_names.h"
#include "ike/auth/pem.h"
#include "ike/auth/printable.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

namespace ext = Botan::Cert_Extension;
using Botan::ASN1_Class;
using Botan::ASN1_Type;
using ike::IdType;

std::unexpected<std::string> refuse(std::string what) {
    return std::unexpected{std::move(what)};
}

std::chrono::system_clock::time_point point(std::int64_t seconds) {
    return std::chrono::sys_seconds{std::chrono::seconds{seconds}};
}

Botan::X509_DN to_botan(const ike::DistinguishedName& name) {
    const Bytes der = name.to_der();
    Botan::X509_DN result;
    Botan::BER_Decoder decoder{der};
    result.decode_from(decoder);
    return result;
}

// The hash function that matches the strength of the key. Ed25519 has no choice (RFC 8032).
std::string_view hash_for(const Botan::Private_Key& key) {
    if (key.algo_name() == "Ed25519") return "SHA-512";
    if (key.algo_name() != "ECDSA" || key.key_length() <= 256) return "SHA-256";
    return key.key_length() <= 384 ? "SHA-384" : "SHA-512";
}

// RFC 5280 §4.1.2.2: positive, at most 20 octets; at random, so that nobody can foretell it.
Botan::BigInt random_serial(Botan::RandomNumberGenerator& random) {
    auto octets = random.random_vec<std::vector<std::uint8_t>>(20);
    octets[0] = static_cast<std::uint8_t>((octets[0] & 0x7f) | 0x40);
    return Botan::BigInt::from_bytes(octets);
}

// SubjectAltName as its octets: Botan writes no IPv6 addresses.
class AlternativeNames final : public Botan::Certificate_Extension {
  public:
    explicit AlternativeNames(Bytes der) : der_{std::move(der)} {}

    std::unique_ptr<Certificate_Extension> copy() const override {
        return std::make_unique<AlternativeNames>(der_);
    }
    Botan::OID oid_of() const override { return ext::Subject_Alternative_Name::static_oid(); }

  private:
    std::string oid_name() const override { return "X509v3.SubjectAlternativeName"; }
    std::vector<std::uint8_t> encode_inner() const override { return der_; }
    void decode_inner(const std::vector<std::uint8_t>& der) override { der_ = der; }

    Bytes der_;
};

// The GeneralName for an identity; of a key id there is none, as it is the SubjectKeyIdentifier.
std::optional<ike::NameForm> form_of(IdType type) {
    switch (type) {
        case IdType::Fqdn:
            return ike::NameForm::DnsName;
        case IdType::Rfc822Address:
            return ike::NameForm::Rfc822Name;
        case IdType::Ipv4Address:
        case IdType::Ipv6Address:
            return ike::NameForm::IpAddress;
        case IdType::DerAsn1Dn:
            return ike::NameForm::DirectoryName;
        case IdType::DerAsn1Gn:
        case IdType::KeyId:
        case IdType::Null:
            return std::nullopt;
    }
    return std::nullopt;
}

Made<Bytes> alternative_names(std::span<const ike::Identity> names) {
    Bytes der;
    Botan::DER_Encoder encoder{der};
    encoder.start_sequence();
    for (const ike::Identity& name : names) {
        const auto form = form_of(name.type);
        if (!form || std::ranges::contains(name.data, '*'))
            return refuse(std::format("\"{}\" cannot stand in a certificate as the name of a peer",
                                      ike::to_string(name)));
        const bool constructed = *form == ike::NameForm::DirectoryName;
        encoder.add_object(
            ASN1_Type{std::to_underlying(*form)},
            constructed ? ASN1_Class::ExplicitContextSpecific : ASN1_Class::ContextSpecific,
            name.data);
    }
    encoder.end_cons();
    return der;
}

// RFC 5280 §4.2.1.6: critical where the subject is empty.
Made<void> add_names(Botan::Extensions& extensions, const Holder& holder) {
    if (holder.subject.empty() && holder.names.empty())
        return refuse("a certificate without subject and without names would be about nobody");
    if (holder.names.empty()) return {};
    Bytes names = TRY(alternative_names(holder.names));
    extensions.add(std::make_unique<AlternativeNames>(std::move(names)), holder.subject.empty());
    return {};
}

void add_key_identifiers(Botan::Extensions& extensions, const Botan::Public_Key& key,
                         const std::vector<std::uint8_t>& issuer_key_id) {
    // RFC 5280 §4.2.1.2 (1)
    extensions.add(std::make_unique<ext::Subject_Key_ID>(key.public_key_bits(), "SHA-1"));
    if (!issuer_key_id.empty())
        extensions.add(std::make_unique<ext::Authority_Key_ID>(issuer_key_id));
}

void add_authority_extensions(Botan::Extensions& extensions, std::size_t path_length) {
    using Botan::Key_Constraints;
    extensions.add(std::make_unique<ext::Basic_Constraints>(true, path_length), true);
    extensions.add(std::make_unique<ext::Key_Usage>(
                       Key_Constraints{Key_Constraints::KeyCertSign | Key_Constraints::CrlSign}),
                   true);
}

// Whoever signs, ready to do so.
struct Signer {
    Botan::X509_Certificate certificate;
    std::unique_ptr<Botan::Private_Key> key;
    std::string_view hash;
};

Made<Signer> signer_of(const Issuer& issuer) {
    auto certificate = ike::load_certificate(issuer.certificate);
    if (!certificate) return refuse("the authority's certificate " + certificate.error());
    if (const auto usable = ike::check_authority_usage(*certificate); !usable)
        return refuse(ike::describe(*certificate) + " " + usable.error());
    auto key = Botan::PKCS8::load_key(issuer.key.private_key.view());
    const auto certified = certificate->subject_public_key();
    if (!certified || !equal(certified->subject_public_key(), issuer.key.public_key_info))
        return refuse("the authority's private key does not belong to " +
                      ike::describe(*certificate));
    const std::string_view hash = hash_for(*key);
    return Signer{*std::move(certificate), std::move(key), hash};
}

// RFC 5280 §6.1.3 looks at every certificate's period by itself: whatever outlives its issuer is
// dead paper.
Made<void> check_period(const Signer& signer, Period period) {
    const auto end = ike::seconds_of(signer.certificate.not_after());
    if (period.until <= period.from) return refuse("the period of validity is empty");
    if (!end || period.until > *end)
        return refuse(std::format("{} ends {}, before the new certificate would",
                                  ike::describe(signer.certificate),
                                  end ? ike::time_text(*end) : "at an unknown time"));
    return {};
}

// RFC 5280 §4.2.1.9: how many authorities may follow in a path.
Made<void> check_path_length(const Signer& signer, std::uint32_t path_length) {
    const auto* const constraints =
        signer.certificate.v3_extensions().get_extension_object_as<ext::Basic_Constraints>();
    const std::size_t limit =
        constraints != nullptr ? constraints->get_path_limit() : ext::NO_CERT_PATH_LIMIT;
    if (limit == ext::NO_CERT_PATH_LIMIT || path_length < limit) return {};
    if (limit == 0)
        return refuse(ike::describe(signer.certificate) +
                      " allows no authority below it (its path length is 0)");
    return refuse(std::format(
        "{} allows {} authorit{} below it (its path length), and the new one with those below it "
        "would be {}",
        ike::describe(signer.certificate), limit, limit == 1 ? "y" : "ies", path_length + 1));
}

Made<Bytes> certify(const Signer& signer, const ike::DistinguishedName& subject, Period period,
                    View public_key_info, const Botan::Extensions& extensions,
                    Botan::RandomNumberGenerator& random) {
    TRY_VOID(check_period(signer, period));
    const auto operation =
        Botan::X509_Object::choose_sig_format(*signer.key, random, signer.hash, "");
    const auto certificate = Botan::X509_CA::make_cert(
        *operation, random, random_serial(random), operation->algorithm_identifier(),
        to_bytes(public_key_info), Botan::X509_Time{point(period.from)},
        Botan::X509_Time{point(period.until)}, signer.certificate.subject_dn(), to_botan(subject),
        extensions);
    return certificate.BER_encode();
}

Made<Botan::Extensions> end_extensions(const Signer& signer, const Holder& holder,
                                       std::span<const std::string> usages,
                                       const Botan::Public_Key& key) {
    Botan::Extensions extensions;
    extensions.add(std::make_unique<ext::Basic_Constraints>(false, std::size_t{0}), true);
    extensions.add(std::make_unique<ext::Key_Usage>(
                       Botan::Key_Constraints{Botan::Key_Constraints::DigitalSignature}),
                   true);
    std::vector<Botan::OID> oids;
    for (const std::string& usage : usages) {
        const auto row = std::ranges::find(kUsages, usage, &UsageRow::word);
        if (row == kUsages.end()) return refuse("there is no usage \"" + usage + "\"");
        oids.emplace_back(row->oid);
    }
    if (!oids.empty()) extensions.add(std::make_unique<ext::Extended_Key_Usage>(oids));
    add_key_identifiers(extensions, key, signer.certificate.subject_key_id());
    TRY_VOID(add_names(extensions, holder));
    return extensions;
}

std::string form_name(ike::NameForm form) {
    using enum ike::NameForm;
    switch (form) {
        case Uri:
            return "URI";
        case OtherName:
            return "otherName";
        case RegisteredId:
            return "registeredID";
        case Rfc822Name:
        case DnsName:
        case X400Address:
        case DirectoryName:
        case EdiPartyName:
        case IpAddress:
            break;
    }
    return "name";
}

Made<Request> decode_request(const Botan::PKCS10_Request& request) {
    Request asked;
    asked.public_key_info = request.raw_public_key();
    if (const auto usable = ike::check_public_key(asked.public_key_info); !usable)
        return refuse("the request " + usable.error());
    const auto key = request.subject_public_key();
    if (!key || !request.check_signature(*key))
        return refuse("the request is not signed by the key that it is about");
    auto subject = ike::DistinguishedName::from_der(request.subject_dn().DER_encode());
    if (!subject) return refuse("the subject of the request cannot be used: " + subject.error());
    const auto oid = ext::Subject_Alternative_Name::static_oid();
    ike::CertificateNames names;
    if (request.extensions().extension_set(oid)) {
        auto alternatives = ike::alternative_names(request.extensions().get_extension_bits(oid));
        if (!alternatives) return refuse("the request cannot be used: " + alternatives.error());
        names.alternatives = *std::move(alternatives);
    }
    asked.holder = {*std::move(subject), names.identities()};
    for (const ike::GeneralName& name : names.alternatives) {
        const std::string_view text{
            static_cast<const char*>(static_cast<const void*>(name.value.data())),
            name.value.size()};
        const bool used =
            std::ranges::contains(asked.holder.names, name.value, &ike::Identity::data);
        if (!used) asked.left_out.push_back(form_name(name.form) + " " + ike::printable(text));
    }
    return asked;
}

}  // namespace

Made<Bytes> make_root(const ike::DistinguishedName& subject, Period period,
                      const ike::LoadedPrivateKey& key, Botan::RandomNumberGenerator& random) {
    return at_seam("make the certificate", [&]() -> Made<Bytes> {
        if (subject.empty()) return refuse("an authority needs a subject");
        const auto decoded = Botan::PKCS8::load_key(key.private_key.view());
        Botan::Extensions extensions;
        add_authority_extensions(extensions, Botan::Cert_Extension::NO_CERT_PATH_LIMIT);
        add_key_identifiers(extensions, *decoded, {});
        const auto operation =
            Botan::X509_Object::choose_sig_format(*decoded, random, hash_for(*decoded), "");
        const Botan::X509_DN name = to_botan(subject);
        return Botan::X509_CA::make_cert(
                   *operation, random, random_serial(random), operation->algorithm_identifier(),
                   key.public_key_info, Botan::X509_Time{point(period.from)},
                   Botan::X509_Time{point(period.until)}, name, name, extensions)
            .BER_encode();
    });
}

Made<Bytes> issue_authority(const Issuer& issuer, const ike::DistinguishedName& subject,
                            Period period, std::uint32_t path_length, View public_key_info,
                            Botan::RandomNumberGenerator& random) {
    return at_seam("make the certificate", [&]() -> Made<Bytes> {
        if (subject.empty()) return refuse("an authority needs a subject");
        const Signer signer = TRY(signer_of(issuer));
        TRY_VOID(check_path_length(signer, path_length));
        Botan::Extensions extensions;
        add_authority_extensions(extensions, path_length);
        add_key_identifiers(extensions, *Botan::X509::load_key(public_key_info),
                            signer.certificate.subject_key_id());
        return certify(signer, subject, period, public_key_info, extensions, random);
    });
}

Made<Bytes> issue(const Issuer& issuer, const Holder& holder, Period period,
                  std::span<const std::string> usages, View public_key_info,
                  Botan::RandomNumberGenerator& random) {
    return at_seam("make the certificate", [&]() -> Made<Bytes> {
        const Signer signer = TRY(signer_of(issuer));
        const auto key = Botan::X509::load_key(public_key_info);
        const Botan::Extensions extensions = TRY(end_extensions(signer, holder, usages, *key));
        return certify(signer, holder.subject, period, public_key_info, extensions, random);
    });
}

Made<Bytes> make_request(const Holder& holder, const ike::LoadedPrivateKey& key,
                         Botan::RandomNumberGenerator& random) {
    return at_seam("make the request", [&]() -> Made<Bytes> {
        const auto decoded = Botan::PKCS8::load_key(key.private_key.view());
        Botan::Extensions extensions;
        TRY_VOID(add_names(extensions, holder));
        return Botan::PKCS10_Request::create(*decoded, to_botan(holder.subject), extensions,
                                             hash_for(*decoded), random)
            .BER_encode();
    });
}

Made<Request> read_request(View file) {
    return at_seam("read the request", [&]() -> Made<Request> {
        const Bytes der = TRY(single(file, kRequestLabel));
        return decode_request(Botan::PKCS10_Request{der});
    });
}

Made<Bytes> make_crl(const Issuer& issuer, View previous, std::optional<Revocation> revocation,
                     Period period, Botan::RandomNumberGenerator& random) {
    return at_seam("make the revocation list", [&]() -> Made<Bytes> {
        const Signer signer = TRY(signer_of(issuer));
        const Botan::X509_CA authority{signer.certificate, *signer.key, signer.hash, "", random};
        const auto from = point(period.from);
        const std::chrono::seconds lasts{period.until - period.from};
        std::vector<Botan::CRL_Entry> added;
        if (revocation) {
            const Botan::X509_Certificate certificate{revocation->certificate};
            if (certificate.issuer_dn() != signer.certificate.subject_dn())
                return refuse(ike::describe(certificate) + " was not issued by " +
                              ike::describe(signer.certificate));
            added.emplace_back(certificate, Botan::CRL_Code{revocation->reason});
        }
        if (previous.empty()) {
            const auto first = authority.new_crl(random, from, lasts);
            if (added.empty()) return first.BER_encode();
            return authority.update_crl(first, added, random, from, lasts).BER_encode();
        }
        const Botan::X509_CRL before{to_bytes(previous)};
        if (before.issuer_dn() != signer.certificate.subject_dn() ||
            !before.check_signature(*signer.certificate.subject_public_key()))
            return refuse("the revocation list before is not one of " +
                          ike::describe(signer.certificate));
        return authority.update_crl(before, added, random, from, lasts).BER_encode();
    });
}

bool is_about_key(View certificate, View public_key_info) {
    const auto compared = at_seam("compare keys", [&]() -> Made<bool> {
        const Botan::X509_Certificate decoded{certificate.data(), certificate.size()};
        return equal(decoded.subject_public_key()->subject_public_key(), public_key_info);
    });
    return compared && *compared;
}

Made<Bytes> single(View file, std::string_view label) {
    auto found = TRY(ike::decode_bundle(file, label));
    if (found.empty()) return refuse(std::format("there is no \"{}\" in the PEM text", label));
    if (found.size() > 1) return refuse(std::format("there is more than one \"{}\"", label));
    return std::move(found.front());
}

std::string to_pem(View der, std::string_view label) {
    return Botan::PEM_Code::encode(der.data(), der.size(), label);
}

}  // namespace xfrmd::cli::pki
