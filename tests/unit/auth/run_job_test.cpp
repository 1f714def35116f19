// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/run_job.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <utility>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const std::vector<SignatureHash> kAllHashes{SignatureHash::Sha2_256, SignatureHash::Sha2_384,
                                            SignatureHash::Sha2_512, SignatureHash::Identity};

std::string outcome_text(const CryptoOutcome& outcome) {
    return outcome ? "ok" : code_name(outcome.error().code) + ": " + outcome.error().what;
}

// A host with a certificate that a trust "fleet" accepts.
struct World {
    explicit World(KeyKind kind = KeyKind::EcdsaP256) : World{kind, "db1.example.net"} {}
    World(KeyKind kind, std::string_view name) : host{pki.make_host(root, name, kind)} {
        REQUIRE(store.add_identity("host", host.private_key, host.certificate).has_value());
        REQUIRE(store.add_trust("fleet", root.certificate, {}, CrlMode::IfAvailable).has_value());
        REQUIRE(
            store.add_secret("psk", Secret{as_view("correct horse battery staple")}).has_value());
    }

    CryptoOutcome sign(std::vector<SignatureHash> hashes = kAllHashes) const {
        return run_job(SignWithIdentity{"host", std::move(hashes), file("octets"), seed(1)}, store,
                       kToday);
    }
    VerifyPeer verification() const {
        const CryptoOutcome signature = sign();
        REQUIRE(outcome_text(signature) == "ok");
        return VerifyPeer{"fleet", identity("db1.example.net"), chain({host}),
                          std::get<Authentication>(*signature), file("octets")};
    }
    std::string verify(const VerifyPeer& job, WallTime now = kToday) const {
        return outcome_text(run_job(job, store, now));
    }

    TestPki pki{1};
    Credential root = pki.make_root("Root");
    Credential host;
    CredentialStore store;
};

}  // namespace

TEST_CASE("What one identity signs, a peer that trusts its authority accepts", "[auth]") {
    const KeyKind kind = GENERATE(KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521,
                                  KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::Ed25519);
    const World world{kind};
    const VerifyPeer job = world.verification();
    CHECK(job.authentication.method == AuthMethod::DigitalSignature);
    const CryptoOutcome outcome = run_job(job, world.store, kToday);
    REQUIRE(outcome_text(outcome) == "ok");
    const Verified& verified = std::get<Verified>(*outcome);
    CHECK(verified.subject == "CN=db1.example.net,O=Test");
    CHECK(verified.not_after == kNow + 365 * kDay);
}

TEST_CASE("Without announced hashes ECDSA signs as RFC 4754 says and is accepted", "[auth]") {
    const auto [kind, method] = GENERATE(std::pair{KeyKind::EcdsaP256, AuthMethod::Ecdsa256},
                                         std::pair{KeyKind::EcdsaP384, AuthMethod::Ecdsa384},
                                         std::pair{KeyKind::EcdsaP521, AuthMethod::Ecdsa521});
    const World world{kind};
    const CryptoOutcome signature = world.sign({});
    REQUIRE(outcome_text(signature) == "ok");
    CHECK(std::get<Authentication>(*signature).method == method);
    VerifyPeer job = world.verification();
    job.authentication = std::get<Authentication>(*signature);
    CHECK(world.verify(job) == "ok");
}

TEST_CASE("Keys that need announced hashes do not sign without them", "[auth]") {
    const KeyKind kind = GENERATE(KeyKind::Rsa2048, KeyKind::Ed25519);
    const World world{kind};
    CHECK_THAT(outcome_text(world.sign({})), StartsWith("NoCommonSignature"));
    CHECK_THAT(outcome_text(world.sign({SignatureHash::Sha1})), StartsWith("NoCommonSignature"));
}

TEST_CASE("The same job gives the same signature", "[auth]") {
    const World world{GENERATE(KeyKind::EcdsaP256, KeyKind::Rsa2048)};
    CHECK(std::get<Authentication>(*world.sign()) == std::get<Authentication>(*world.sign()));
}

TEST_CASE("A changed signature, other octets or another key is refused", "[auth]") {
    const World world{GENERATE(KeyKind::EcdsaP256, KeyKind::Rsa2048, KeyKind::Ed25519)};
    const VerifyPeer good = world.verification();
    REQUIRE(world.verify(good) == "ok");
    VerifyPeer bad = good;
    bad.octets = file("other octets");
    CHECK_THAT(world.verify(bad), StartsWith("SignatureInvalid"));
    bad = good;
    bad.octets.clear();
    CHECK_THAT(world.verify(bad), StartsWith("SignatureInvalid"));
    for (std::size_t i = good.authentication.data.size() - 40; i < good.authentication.data.size();
         ++i) {
        bad = good;
        bad.authentication.data[i] ^= 1;
        INFO("octet " << i);
        CHECK_FALSE(world.verify(bad) == "ok");
    }
    bad = good;
    TestPki pki{1};
    const Credential other = pki.make_host(world.root, "db2.example.net", world.host.kind);
    bad.certificates = chain({other});
    bad.peer = identity("db2.example.net");
    CHECK_THAT(world.verify(bad), StartsWith("SignatureInvalid"));
}

TEST_CASE("An AUTH payload that is cut short anywhere is refused", "[auth]") {
    const World world;
    VerifyPeer job = world.verification();
    const Bytes whole = job.authentication.data;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        job.authentication.data = to_bytes(View{whole}.first(length));
        INFO(length);
        CHECK_FALSE(world.verify(job) == "ok");
    }
}

TEST_CASE("Methods that we do not accept for certificates are refused", "[auth]") {
    const World world;
    for (const AuthMethod method :
         {AuthMethod::RsaPkcs1Sha1, AuthMethod::SharedKey, AuthMethod::DssSha1, AuthMethod::Null,
          AuthMethod::SecurePassword, AuthMethod{0}, AuthMethod{255}, AuthMethod::Ecdsa384}) {
        VerifyPeer job = world.verification();
        job.authentication.method = method;
        CHECK_FALSE(world.verify(job) == "ok");
    }
}

TEST_CASE("The identity of the peer must be in its certificate", "[auth]") {
    const World world;
    VerifyPeer job = world.verification();
    job.peer = identity("db2.example.net");
    CHECK(world.verify(job) ==
          "IdentityNotInCertificate: the peer says it is db2.example.net, but its certificate is "
          "for db1.example.net, "
          "CN=db1.example.net,O=Test");
    job.peer = identity("192.0.2.1");
    CHECK_THAT(world.verify(job), StartsWith("IdentityNotInCertificate"));
    job.peer = identity("CN=db2.example.net, O=Test");
    CHECK_THAT(world.verify(job), StartsWith("IdentityNotInCertificate"));
    job.peer = Identity{};
    CHECK_THAT(world.verify(job), StartsWith("IdentityNotInCertificate"));
    job.peer = identity("CN=db1.example.net, O=Test");
    CHECK(world.verify(job) == "ok");
}

TEST_CASE("A certificate that is expired, not yet valid or of another authority is refused",
          "[auth]") {
    const World world;
    const VerifyPeer job = world.verification();
    CHECK_THAT(world.verify(job, WallTime{kNow + 400 * kDay}), StartsWith("CertificateExpired"));
    CHECK_THAT(world.verify(job, WallTime{kNow - 400 * kDay}),
               StartsWith("CertificateNotYetValid"));
    TestPki stranger{9};
    VerifyPeer other = job;
    other.certificates = chain({stranger.make_host(stranger.make_root("Root"), "db1.example.net")});
    CHECK_THAT(world.verify(other), StartsWith("NoTrustedCertificate"));
    other.certificates.clear();
    CHECK_THAT(world.verify(other), StartsWith("NoTrustedCertificate"));
    other = job;
    other.trust = "other";
    CHECK_THAT(world.verify(other),
               StartsWith("NoTrustedCertificate") && ContainsSubstring("\"other\""));
}

TEST_CASE("A shared secret authenticates", "[auth]") {
    const World world;
    const CryptoOutcome outcome = run_job(
        AuthenticateWithSecret{"psk", PrfId::HmacSha256, file("octets")}, world.store, kToday);
    REQUIRE(outcome_text(outcome) == "ok");
    // Python: prf(prf(b"correct horse battery staple", b"Key Pad for IKEv2"), b"octets"), prf =
    // HMAC-SHA-256
    CHECK(to_hex(std::get<Mac>(*outcome).mac.view()) ==
          "f0f5ea66804c380e627c8d6589f3b67caf433952ba29f0bb023121f788d1fdd5");
    CHECK_THAT(outcome_text(run_job(AuthenticateWithSecret{"none", PrfId::HmacSha256, {}},
                                    world.store, kToday)),
               StartsWith("UnknownSecret"));
    CHECK_THAT(outcome_text(
                   run_job(AuthenticateWithSecret{"psk", PrfId::HmacMd5, {}}, world.store, kToday)),
               StartsWith("UnsupportedMethod"));
}

TEST_CASE("An identity that is not there cannot sign", "[auth]") {
    const World world;
    CHECK_THAT(outcome_text(
                   run_job(SignWithIdentity{"none", kAllHashes, {}, seed(1)}, world.store, kToday)),
               StartsWith("UnknownIdentity"));
}

TEST_CASE("Two sides agree on a key, by every method", "[auth]") {
    const CredentialStore nothing;
    const auto run = [&](CryptoJob job) {
        CryptoOutcome outcome = run_job(job, nothing, kToday);
        REQUIRE(outcome_text(outcome) == "ok");
        return *std::move(outcome);
    };
    const auto method =
        GENERATE(KeyExchangeMethod::X25519, KeyExchangeMethod::EcpP256, KeyExchangeMethod::EcpP384,
                 KeyExchangeMethod::EcpP521, KeyExchangeMethod::Modp2048);
    const CryptoAnswer one = run(GenerateKeyShare{method, seed(1)});
    const CryptoAnswer two = run(GenerateKeyShare{method, seed(2)});
    const auto agree = [&](const CryptoAnswer& own, const CryptoAnswer& peer) {
        const CryptoAnswer answer =
            run(AgreeOnKey{method, std::get<KeyShare>(own).private_share.clone(),
                           std::get<KeyShare>(peer).public_share});
        return to_hex(std::get<SharedSecret>(answer).secret.view());
    };
    CHECK(agree(one, two) == agree(two, one));
    CHECK_FALSE(agree(one, two) == agree(one, one));
    CHECK(outcome_text(run_job(AgreeOnKey{method, std::get<KeyShare>(one).private_share.clone(),
                                          file("short")},
                               nothing, kToday))
              .starts_with("InvalidPeerShare"));
}

TEST_CASE("Two sides agree on a key by encapsulation", "[auth]") {
    const CredentialStore nothing;
    const CryptoOutcome initiator =
        run_job(GenerateKeyShare{KeyExchangeMethod::MlKem768, seed(1)}, nothing, kToday);
    REQUIRE(outcome_text(initiator) == "ok");
    const KeyShare& share = std::get<KeyShare>(*initiator);
    const CryptoOutcome responder = run_job(
        EncapsulateKey{KeyExchangeMethod::MlKem768, share.public_share, seed(2)}, nothing, kToday);
    REQUIRE(outcome_text(responder) == "ok");
    const Encapsulated& answer = std::get<Encapsulated>(*responder);
    const CryptoOutcome secret = run_job(
        AgreeOnKey{KeyExchangeMethod::MlKem768, share.private_share.clone(), answer.public_share},
        nothing, kToday);
    REQUIRE(outcome_text(secret) == "ok");
    CHECK(equal(std::get<SharedSecret>(*secret).secret.view(), answer.secret.view()));
}

TEST_CASE("Jobs with nonsense in them end in an error, never in an exception", "[auth]") {
    const World world;
    std::vector<CryptoJob> jobs;
    jobs.emplace_back(GenerateKeyShare{});
    jobs.emplace_back(GenerateKeyShare{KeyExchangeMethod::Modp768, seed(1)});
    jobs.emplace_back(GenerateKeyShare{KeyExchangeMethod::X25519, Secret{}});
    jobs.emplace_back(GenerateKeyShare{KeyExchangeMethod{65535}, seed(1)});
    jobs.emplace_back(AgreeOnKey{KeyExchangeMethod::X25519, Secret{}, Bytes(32, 0)});
    jobs.emplace_back(
        AgreeOnKey{KeyExchangeMethod::EcpP256, Secret{as_view("x")}, Bytes(64, 0xff)});
    jobs.emplace_back(EncapsulateKey{KeyExchangeMethod::X25519, Bytes(32, 9), seed(1)});
    jobs.emplace_back(EncapsulateKey{KeyExchangeMethod::MlKem768, Bytes(3, 9), seed(1)});
    jobs.emplace_back(SignWithIdentity{"host", kAllHashes, {}, Secret{}});
    jobs.emplace_back(VerifyPeer{});
    jobs.emplace_back(VerifyPeer{"fleet", {}, {Bytes{}}, {}, {}});
    jobs.emplace_back(VerifyPeer{"fleet", {}, {Bytes(70'000, 0x30)}, {}, {}});
    for (const CryptoJob& job : jobs) {
        INFO(job.index());
        CHECK_FALSE(run_job(job, world.store, kToday).has_value());
    }
}
