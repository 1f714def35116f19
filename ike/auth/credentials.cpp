// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/credentials.h"

#include <botan/pk_keys.h>
#include <botan/pkix_types.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "ike/auth/identity_match.h"
#include "ike/auth/pem.h"
#include "ike/auth/printable.h"
#include "ike/auth/private_key.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using Certificates = std::vector<Botan::X509_Certificate>;

std::unexpected<CredentialError> refuse(std::string what) {
    return std::unexpected{CredentialError{std::move(what)}};
}

std::string quoted(std::string_view name) {
    return "\"" + printable(name) + "\"";
}

std::expected<Certificates, CredentialError> load_certificates(std::span<const Bytes> ders) {
    if (ders.empty()) return refuse("there is no certificate");
    if (ders.size() > certificate_limits::kCertificatesMax)
        return refuse("there are " + std::to_string(ders.size()) + " certificates, at most " +
                      std::to_string(certificate_limits::kCertificatesMax) + " are accepted");
    Certificates certificates;
    for (const Bytes& der : ders) {
        auto certificate = load_certificate(der);
        if (!certificate)
            return refuse("certificate " + std::to_string(certificates.size() + 1) + " " +
                          certificate.error());
        certificates.push_back(*std::move(certificate));
    }
    return certificates;
}

// The subject public key in one canonical encoding: certificates may hold compressed points. Throws
// what the decoder throws.
bool holds_key(const Botan::X509_Certificate& certificate, View public_key_info) {
    const auto key = certificate.subject_public_key();
    return key && equal(key->subject_public_key(), public_key_info);
}

// Takes the issuer of `below` out of `from`, unless it is a root.
std::optional<Botan::X509_Certificate> take_issuer(const Botan::X509_Certificate& below,
                                                   Certificates& from) {
    const auto found = std::ranges::find_if(from, [&](const Botan::X509_Certificate& above) {
        return above.subject_dn() == below.issuer_dn() && !above.is_self_signed() &&
               (below.authority_key_id().empty() || above.subject_key_id().empty() ||
                below.authority_key_id() == above.subject_key_id());
    });
    if (found == from.end()) return std::nullopt;
    Botan::X509_Certificate issuer = *found;
    from.erase(found);
    return issuer;
}

// The end certificate, its issuers in order, then what is not part of that chain but may help a
// peer (a second way to its root). Roots are left out: who does not have one already has no reason
// to trust it. RFC 7296 §3.6.
std::vector<Bytes> ordered_chain(const Botan::X509_Certificate& end, Certificates others) {
    std::vector<Bytes> chain{end.BER_encode()};
    std::optional<Botan::X509_Certificate> last = end;
    while ((last = take_issuer(*last, others))) chain.push_back(last->BER_encode());
    for (const Botan::X509_Certificate& other : others)
        if (!other.is_self_signed()) chain.push_back(other.BER_encode());
    return chain;
}

// Throws what Botan throws.
std::expected<LocalIdentity, CredentialError> assemble(LoadedPrivateKey key,
                                                       Certificates certificates) {
    const auto end =
        std::ranges::find_if(certificates, [&](const Botan::X509_Certificate& certificate) {
            return holds_key(certificate, key.public_key_info);
        });
    if (end == certificates.end())
        return refuse("the private key and " + describe(certificates.front()) +
                      " do not belong together");
    const Botan::X509_Certificate own = *end;
    certificates.erase(end);
    if (const auto usable = check_end_usage(own); !usable)
        return refuse(describe(own) + " " + usable.error());
    auto names = CertificateNames::of(own);
    if (!names) return refuse(describe(own) + " is not usable: " + names.error());
    LocalIdentity identity;
    identity.private_key = std::move(key.private_key);
    identity.chain = ordered_chain(own, std::move(certificates));
    identity.names = *std::move(names);
    identity.not_before = seconds_of(own.not_before()).value_or(0);
    identity.not_after = seconds_of(own.not_after()).value_or(0);
    return identity;
}

bool is_same_name_in_any_order(const Identity& left, const Identity& right) {
    if (left.type != IdType::DerAsn1Dn || right.type != IdType::DerAsn1Dn) return false;
    const auto one = DistinguishedName::from_der(left.data);
    const auto other = DistinguishedName::from_der(right.data);
    return one && other && !one->empty() && one->has_same_attributes(*other, false);
}

std::optional<Identity> find_certified(const CertificateNames& names, const Identity& id) {
    for (const Identity& candidate : names.identities())
        if (is_same_name_in_any_order(candidate, id)) return candidate;
    if (is_bound_to(id, names)) return id;
    return std::nullopt;
}

std::unexpected<CredentialError> unknown_identity(std::string_view name) {
    return refuse("there is no identity " + quoted(name));
}

}  // namespace

std::expected<void, CredentialError> CredentialStore::add_secret(std::string_view name,
                                                                 Secret secret) {
    if (secret.empty()) return refuse("the shared secret is empty");
    if (secret.size() > kSecretOctetsMax)
        return refuse("the shared secret has more than " + std::to_string(kSecretOctetsMax) +
                      " octets");
    if (!secrets_.try_emplace(std::string{name}, std::move(secret)).second)
        return refuse("there is already a shared secret " + quoted(name));
    return {};
}

std::expected<void, CredentialError> CredentialStore::add_identity(std::string_view name,
                                                                   View private_key,
                                                                   View certificates) {
    if (certificates.size() > certificate_limits::kBundleOctetsMax)
        return refuse("the file of certificates has more than 4 MiB");
    const auto ders = decode_bundle(certificates, "CERTIFICATE");
    if (!ders) return refuse(ders.error());
    if (ders->empty()) return refuse("there is no \"CERTIFICATE\" in the PEM text");
    return add_identity(name, private_key, *ders);
}

std::expected<void, CredentialError> CredentialStore::add_identity(
    std::string_view name, View private_key, std::span<const Bytes> certificates) {
    if (identities_.contains(name)) return refuse("there is already an identity " + quoted(name));
    if (private_key.size() > kPrivateKeyOctetsMax)
        return refuse("the file of the private key has more than 64 KiB");
    Certificates loaded = TRY(load_certificates(certificates));
    auto key = load_private_key(private_key);
    if (!key) return refuse(std::move(key).error());
    try {
        auto identity = TRY(assemble(*std::move(key), std::move(loaded)));
        identities_.emplace(std::string{name}, std::move(identity));
        return {};
    } catch (const std::exception&) {
        return refuse("the certificates cannot be processed");
    }
}

std::expected<void, CredentialError> CredentialStore::add_trust(std::string_view name,
                                                                View authorities,
                                                                std::span<const Bytes> crls,
                                                                CrlMode mode) {
    if (trusts_.contains(name)) return refuse("there is already a trust " + quoted(name));
    auto trust = Trust::load(std::string{name}, authorities, crls, mode);
    if (!trust) return refuse(std::move(trust).error());
    trusts_.emplace(std::string{name}, *std::move(trust));
    return {};
}

const Secret* CredentialStore::secret(std::string_view name) const {
    const auto found = secrets_.find(name);
    return found == secrets_.end() ? nullptr : &found->second;
}

const LocalIdentity* CredentialStore::identity(std::string_view name) const {
    const auto found = identities_.find(name);
    return found == identities_.end() ? nullptr : &found->second;
}

const Trust* CredentialStore::trust(std::string_view name) const {
    const auto found = trusts_.find(name);
    return found == trusts_.end() ? nullptr : &found->second;
}

std::expected<std::vector<Bytes>, CredentialError> CredentialStore::chain_of(
    std::string_view name) const {
    const LocalIdentity* found = identity(name);
    if (!found) return unknown_identity(name);
    return found->chain;
}

std::expected<std::vector<Identity>, CredentialError> CredentialStore::identities_in_certificate(
    std::string_view name) const {
    const LocalIdentity* found = identity(name);
    if (!found) return unknown_identity(name);
    return found->names.identities();
}

std::expected<Identity, CredentialError> CredentialStore::default_identity(
    std::string_view name) const {
    const LocalIdentity* found = identity(name);
    if (!found) return unknown_identity(name);
    std::vector<Identity> all = found->names.identities();
    if (all.empty())
        return refuse("the certificate of identity " + quoted(name) +
                      " has no name that IKE can use");
    return std::move(all.front());
}

bool CredentialStore::certifies(std::string_view name, const Identity& id) const {
    const LocalIdentity* found = identity(name);
    return found && find_certified(found->names, id).has_value();
}

std::expected<Identity, CredentialError> CredentialStore::as_certified(std::string_view name,
                                                                       const Identity& id) const {
    const LocalIdentity* found = identity(name);
    if (!found) return unknown_identity(name);
    if (auto certified = find_certified(found->names, id)) return *std::move(certified);
    std::string has;
    for (const Identity& other : found->names.identities())
        has += (has.empty() ? "" : ", ") + to_string(other);
    return refuse(to_string(id) + " is not in the certificate of identity " + quoted(name) +
                  ", which is for " + (has.empty() ? "nobody" : has));
}

std::expected<std::vector<Bytes>, CredentialError> CredentialStore::authority_key_hashes(
    std::string_view name) const {
    const Trust* found = trust(name);
    if (!found) return refuse("there is no trust " + quoted(name));
    return found->key_hashes();
}

}  // namespace xfrmd::ike
