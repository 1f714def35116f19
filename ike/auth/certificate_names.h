// SPDX-License-Identifier: Apache-2.0
// The names a certificate carries: subject, SubjectAltName, SubjectKeyIdentifier. RFC 5280
// §4.2.1.2, §4.2.1.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "ike/auth/distinguished_name.h"
#include "ike/identity.h"
#include "netlink/model/octets.h"

namespace Botan {
class X509_Certificate;
}  // namespace Botan

namespace xfrmd::ike {

// The CHOICE of GeneralName, RFC 5280 §4.2.1.6; the values are the context tags.
enum class NameForm : std::uint8_t {
    OtherName = 0,
    Rfc822Name = 1,
    DnsName = 2,
    X400Address = 3,
    DirectoryName = 4,
    EdiPartyName = 5,
    Uri = 6,
    IpAddress = 7,
    RegisteredId = 8,
};

struct GeneralName {
    NameForm form = NameForm::OtherName;
    Bytes value;  // the content octets; of a directory name the whole Name in DER
};

struct CertificateNames {
    static constexpr std::size_t kAlternativesMax = 1024;

    DistinguishedName subject;
    Bytes subject_der;
    std::vector<GeneralName> alternatives;  // in the order of the certificate
    Bytes subject_key_id;                   // empty if there is none

    // The error is a sentence for people.
    static std::expected<CertificateNames, std::string> of(
        const Botan::X509_Certificate& certificate);
    // Of the first certificate in a file, PEM or DER.
    static std::expected<CertificateNames, std::string> of_file(View file);

    // As ID payloads: DNS names, mail addresses, IP addresses, directory names, and the subject
    // unless empty, in this order. Names with wildcards are no identities.
    [[nodiscard]] std::vector<Identity> identities() const;
};

// One GeneralName of a SEQUENCE OF GeneralName, or of a GeneralSubtree's base: its context tag,
// whether its encoding is constructed, and its content. The lengths of IP addresses are left to the
// caller.
[[nodiscard]] std::expected<GeneralName, std::string> general_name(std::uint32_t tag,
                                                                   bool constructed, View content);

// The content of a SubjectAltName extension, of a certificate or of a request for one. The error is a
// predicate: "its subject alternative name is malformed".
[[nodiscard]] std::expected<std::vector<GeneralName>, std::string> alternative_names(View der);

}  // namespace xfrmd::ike
