// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/run_job.h"

#include <botan/pk_keys.h>
#include <botan/pkcs8.h>
#include <botan/x509_key.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "ike/auth/identity_match.h"
#include "ike/auth/printable.h"
#include "ike/auth/psk.h"
#include "ike/crypto/guarded.h"
#include "ike/crypto/key_exchange.h"
#include "ike/crypto/signature.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

std::unexpected<CryptoError> refuse(CryptoErrorCode code, std::string what) {
    return std::unexpected{CryptoError{code, std::move(what)}};
}

std::string quoted(const std::string& name) {
    return "\"" + printable(name) + "\"";
}

// What the certificate is for, so that the operator sees what to write instead.
std::string names_text(const CertificateNames& names) {
    std::string text;
    for (const Identity& identity : names.identities())
        text += (text.empty() ? "" : ", ") + to_string(identity);
    return text.empty() ? "nobody that IKE could name" : text;
}

struct Runner {
    const CredentialStore& credentials;
    WallTime now;

    CryptoOutcome operator()(const GenerateKeyShare& job) const {
        return TRY(generate_key_share(job.method, job.seed.view()));
    }

    CryptoOutcome operator()(const AgreeOnKey& job) const {
        return SharedSecret{
            TRY(agree_on_key(job.method, job.private_share.view(), job.peer_share))};
    }

    CryptoOutcome operator()(const EncapsulateKey& job) const {
        return TRY(encapsulate_key(job.method, job.peer_share, job.seed.view()));
    }

    CryptoOutcome operator()(const AuthenticateWithSecret& job) const {
        const Secret* secret = credentials.secret(job.secret);
        if (!secret)
            return refuse(CryptoErrorCode::UnknownSecret,
                          "there is no shared secret " + quoted(job.secret));
        return Mac{TRY(shared_key_mac(job.prf, secret->view(), job.octets))};
    }

    CryptoOutcome operator()(const SignWithIdentity& job) const {
        const LocalIdentity* identity = credentials.identity(job.identity);
        if (!identity)
            return refuse(CryptoErrorCode::UnknownIdentity,
                          "there is no identity " + quoted(job.identity));
        const std::unique_ptr<Botan::Private_Key> key =
            Botan::PKCS8::load_key(identity->private_key.view());
        return TRY(sign(*key, job.octets, job.peer_hashes, job.seed.view()));
    }

    // The chain first, then the binding of the identity, and only then the signature: a message
    // says what is wrong with the certificate before it says that a signature by it is wrong.
    CryptoOutcome operator()(const VerifyPeer& job) const {
        const Trust* trust = credentials.trust(job.trust);
        if (!trust)
            return refuse(CryptoErrorCode::NoTrustedCertificate,
                          "there is no trust " + quoted(job.trust));
        VerifiedPath path = TRY(trust->verify(job.certificates, now));
        if (!is_bound_to(job.peer, path.names))
            return refuse(CryptoErrorCode::IdentityNotInCertificate,
                          "the peer says it is " + to_string(job.peer) +
                              ", but its certificate is for " + names_text(path.names));
        const std::unique_ptr<Botan::Public_Key> key = Botan::X509::load_key(path.public_key_info);
        TRY_VOID(verify(*key, job.authentication, job.octets));
        return Verified{std::move(path.subject), path.not_after};
    }
};

}  // namespace

CryptoOutcome run_job(const CryptoJob& job, const CredentialStore& credentials, WallTime now) {
    return guarded(CryptoErrorCode::Internal, [&] {
        return std::visit(Runner{credentials, now}, job);
    });
}

}  // namespace xfrmd::ike
