// SPDX-License-Identifier: Apache-2.0
#include "test_certificates.h"

#include <botan/auto_rng.h>
#include <botan/ecdsa.h>
#include <botan/pkcs8.h>
#include <botan/x509_ca.h>
#include <botan/x509self.h>

#include "test_host.h"

namespace xfrmd::test {

namespace {

constexpr std::int64_t kYear = 365 * 24 * 60 * 60;

Botan::X509_Time time_at(std::int64_t seconds) {
    return Botan::X509_Time{
        std::chrono::system_clock::from_time_t(static_cast<std::time_t>(seconds))};
}

Certificates make() {
    Botan::AutoSeeded_RNG rng;
    const Botan::EC_Group group = Botan::EC_Group::from_name("secp256r1");
    const Botan::ECDSA_PrivateKey authority_key{rng, group};
    const Botan::ECDSA_PrivateKey host_key{rng, group};
    const Botan::ECDSA_PrivateKey other_key{rng, group};

    Botan::X509_Cert_Options options{"Fleet CA"};
    options.organization = "Example";
    options.CA_key(1);
    options.start = time_at(kNow - kYear);
    options.end = time_at(kNow + 10 * kYear);
    const auto authority =
        Botan::X509::create_self_signed_cert(options, authority_key, "SHA-256", rng);
    const Botan::X509_CA signer{authority, authority_key, "SHA-256", rng};

    Botan::X509_Cert_Options wanted{"web1"};
    wanted.organization = "Example";
    wanted.dns = "web1.clients.example.net";
    wanted.more_dns = {"web1.example.net"};
    wanted.constraints = Botan::Key_Constraints{Botan::Key_Constraints::DigitalSignature};
    const auto request = Botan::X509::create_cert_req(wanted, host_key, "SHA-256", rng);
    const auto host =
        signer.sign_request(request, rng, time_at(kNow - kYear), time_at(kNow + kYear));
    const auto expired =
        signer.sign_request(request, rng, time_at(kNow - 2 * kYear), time_at(kNow - kYear));

    return {
        .authority = authority.PEM_encode(),
        .revocations = signer.new_crl(rng).PEM_encode(),
        .host = host.PEM_encode(),
        .host_key = Botan::PKCS8::PEM_encode(host_key),
        .expired = expired.PEM_encode(),
        .other_key = Botan::PKCS8::PEM_encode(other_key),
    };
}

}  // namespace

const Certificates& test_certificates() {
    static const Certificates certificates = make();
    return certificates;
}

}  // namespace xfrmd::test
