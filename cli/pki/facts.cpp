// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/facts.h"

#include <botan/asn1_obj.h>
#include <botan/ber_dec.h>
#include <botan/hash.h>
#include <botan/pk_keys.h>
#include <botan/pkix_enums.h>
#include <botan/x509_crl.h>
#include <botan/x509_ext.h>
#include <botan/x509_key.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <array>
#include <format>
#include <string_view>
#include <utility>

#include "cli/pki/certificate.h"
#include "cli/pki/key.h"
#include "cli/pki/seam.h"
#include "ike/auth/certificate_names.h"
#include "ike/auth/pem.h"
#include "ike/auth/printable.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

using Botan::Key_Constraints;

struct BitName {
    Key_Constraints::Bits bit;
    std::string_view name;
};

// RFC 5280 §4.2.1.3
constexpr auto kBits = std::to_array<BitName>({
    {Key_Constraints::DigitalSignature, "digitalSignature"},
    {Key_Constraints::NonRepudiation, "nonRepudiation"},
    {Key_Constraints::KeyEncipherment, "keyEncipherment"},
    {Key_Constraints::DataEncipherment, "dataEncipherment"},
    {Key_Constraints::KeyAgreement, "keyAgreement"},
    {Key_Constraints::KeyCertSign, "keyCertSign"},
    {Key_Constraints::CrlSign, "cRLSign"},
    {Key_Constraints::EncipherOnly, "encipherOnly"},
    {Key_Constraints::DecipherOnly, "decipherOnly"},
});

constexpr std::string_view kCommonName = "2.5.4.3";

std::string sha256(View octets) {
    const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    hash->update(octets);
    return to_hex(hash->final_stdvec());
}

std::string name_text(View der) {
    const auto name = ike::DistinguishedName::from_der(der);
    return name ? name->to_string() : "(malformed)";
}

std::string common_name(const ike::DistinguishedName& name) {
    std::string found;
    for (const ike::RelativeName& relative : name.relative_names())
        for (const ike::NameAttribute& attribute : relative)
            if (attribute.oid == kCommonName) found = ike::printable(attribute.value);
    return found;
}

std::string key_text(const Botan::Public_Key& key) {
    const std::string name = key.algo_name();
    if (name == "ECDSA" && key.key_length() >= 256)
        return std::format("ECDSA P-{}", key.key_length());
    if (name == "RSA") return std::format("RSA {} bits", key.key_length());
    return name;
}

// Of keys that Botan does not know, the algorithm's number is all there is to say.
std::string key_text(View info) {
    try {
        return key_text(*Botan::X509::load_key(to_bytes(info)));
    } catch (const std::exception&) {
        return "of a kind that is not known here";
    }
}

std::string oid_text(const Botan::OID& oid) {
    const auto row = std::ranges::find(kUsages, oid.to_string(), &UsageRow::oid);
    if (row != kUsages.end()) return std::string{row->word};
    const std::string known = oid.human_name_or_empty();
    return known.empty() ? oid.to_string() : ike::printable(known);
}

// What load_certificate() and the check of a path would say about this certificate alone.
std::string complaint_about(View der) {
    const auto loaded = ike::load_certificate(der);
    if (!loaded) return loaded.error();
    const auto names = ike::CertificateNames::of(*loaded);
    if (!names) return names.error();
    // By whom a root is signed is of no consequence.
    if (!loaded->is_self_signed())
        if (const auto signature = ike::check_signature_algorithm(loaded->signature_algorithm());
            !signature)
            return signature.error();
    const auto usage =
        loaded->is_CA_cert() ? ike::check_authority_usage(*loaded) : ike::check_end_usage(*loaded);
    return usage ? std::string{} : usage.error();
}

void add_usages(CertificateFacts& facts, const Botan::X509_Certificate& certificate) {
    const Botan::Extensions& extensions = certificate.v3_extensions();
    if (extensions.extension_set(Botan::Cert_Extension::Key_Usage::static_oid()))
        for (const BitName& row : kBits)
            if (certificate.constraints().includes(row.bit)) facts.usages.emplace_back(row.name);
    for (const Botan::OID& oid : certificate.extended_key_usage())
        facts.extended_usages.push_back(oid_text(oid));
    facts.authority = certificate.is_CA_cert();
    const auto* constraints =
        extensions.get_extension_object_as<Botan::Cert_Extension::Basic_Constraints>();
    if (facts.authority && constraints != nullptr) {
        const std::size_t limit = constraints->get_path_limit();
        if (limit != Botan::Cert_Extension::NO_CERT_PATH_LIMIT) facts.path_length = limit;
    }
}

std::string reason_text(Botan::CRL_Code code) {
    const auto row =
        std::ranges::find(kReasons, static_cast<std::uint32_t>(code), &ReasonRow::code);
    return row == kReasons.end() ? std::format("reason {}", static_cast<std::uint32_t>(code))
                                 : std::string{row->word};
}

Made<Facts> request_facts(View file) {
    Request request = TRY(read_request(file));
    RequestFacts facts;
    facts.subject = request.holder.subject.to_string();
    facts.key = key_text(request.public_key_info);
    for (const ike::Identity& name : request.holder.names)
        facts.identities.push_back(ike::to_string(name));
    facts.left_out = std::move(request.left_out);
    return facts;
}

Made<Facts> key_facts(View file) {
    if (is_encrypted_key(file))
        return KeyFacts{.encrypted = true, .key = {}, .public_key_hash = {}};
    const ike::LoadedPrivateKey key = TRY(read_key(file, nullptr));
    return KeyFacts{.encrypted = false,
                    .key = key_text(key.public_key_info),
                    .public_key_hash = sha256(key.public_key_info)};
}

Made<Facts> block_facts(const ike::PemBlock& block) {
    const View der = block.content.view();
    if (block.label == kCertificateLabel) return certificate_facts(der);
    if (block.label == kCrlLabel) return crl_facts(der);
    if (block.label == kRequestLabel || block.label == "NEW CERTIFICATE REQUEST")
        return request_facts(der);
    if (block.label == "ENCRYPTED PRIVATE KEY" || block.encrypted)
        return KeyFacts{.encrypted = true, .key = {}, .public_key_hash = {}};
    return std::unexpected{"a \"" + ike::printable(block.label) +
                           "\" is nothing that can be shown here"};
}

// DER says nothing of what it is: whatever it can be decoded as.
Made<Facts> der_facts(View der) {
    if (auto facts = certificate_facts(der)) return *std::move(facts);
    if (auto facts = crl_facts(der)) return *std::move(facts);
    if (auto facts = request_facts(der)) return facts;
    if (auto facts = key_facts(der)) return facts;
    return std::unexpected{
        std::string{"this is no certificate, revocation list, request or private key"}};
}

}  // namespace

Made<CertificateFacts> certificate_facts(View der) {
    return at_seam("decode the certificate", [&]() -> Made<CertificateFacts> {
        const Botan::X509_Certificate certificate{der.data(), der.size()};
        CertificateFacts facts;
        facts.subject = name_text(certificate.raw_subject_dn());
        facts.issuer = name_text(certificate.raw_issuer_dn());
        facts.self_issued = certificate.issuer_dn() == certificate.subject_dn();
        facts.serial = to_hex(certificate.serial_number());
        facts.from = ike::seconds_of(certificate.not_before()).value_or(0);
        facts.until = ike::seconds_of(certificate.not_after()).value_or(0);
        facts.key = key_text(certificate.subject_public_key_info());
        facts.signature = oid_text(certificate.signature_algorithm().oid());
        if (const auto names = ike::CertificateNames::of(certificate)) {
            facts.common_name = common_name(names->subject);
            for (const ike::Identity& identity : names->identities())
                facts.identities.push_back(ike::to_string(identity));
        }
        add_usages(facts, certificate);
        facts.fingerprint = sha256(der);
        facts.subject_key_id = to_hex(certificate.subject_key_id());
        facts.complaint = complaint_about(der);
        return facts;
    });
}

Made<CrlFacts> crl_facts(View der) {
    return at_seam("decode the revocation list", [&]() -> Made<CrlFacts> {
        const Botan::X509_CRL list{to_bytes(der)};
        CrlFacts facts;
        facts.issuer = name_text(list.issuer_dn().DER_encode());
        facts.number = list.crl_number();
        facts.this_update = ike::seconds_of(list.this_update()).value_or(0);
        facts.next_update = ike::seconds_of(list.next_update());
        for (const Botan::CRL_Entry& entry : list.get_revoked())
            facts.revoked.push_back({to_hex(entry.serial_number()),
                                     ike::seconds_of(entry.expire_time()).value_or(0),
                                     reason_text(entry.reason_code())});
        return facts;
    });
}

Made<std::vector<Facts>> file_facts(View file) {
    return at_seam("read the file", [&]() -> Made<std::vector<Facts>> {
        std::vector<Facts> all;
        if (!ike::is_pem(file)) {
            all.push_back(TRY(der_facts(file)));
            return all;
        }
        bool key_seen = false;
        for (const ike::PemBlock& block : TRY(ike::decode_pem(file))) {
            if (block.label == "EC PARAMETERS") continue;
            if (block.label.ends_with("PRIVATE KEY") && !block.encrypted &&
                block.label != "ENCRYPTED PRIVATE KEY") {
                if (!std::exchange(key_seen, true)) all.push_back(TRY(key_facts(file)));
                continue;
            }
            all.push_back(TRY(block_facts(block)));
        }
        return all;
    });
}

}  // namespace xfrmd::cli::pki
