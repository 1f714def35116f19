// SPDX-License-Identifier: Apache-2.0
// What openssl thinks of it: a second opinion, wherever there is an openssl.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "fixture.h"

namespace {

using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;

void need_openssl() {
    if (std::system("command -v openssl >/dev/null 2>&1") != 0) SKIP("there is no openssl here");
}

bool succeeds(const std::string& arguments) {
    return std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0;
}

// The certificates are of kNow: so is the check.
std::string verify(const Desk& desk, const std::string& options) {
    return "verify -x509_strict -attime " + std::to_string(kNow) + " -CAfile " +
           desk.at("ca/ca.pem").string() + " " + options;
}

}  // namespace

TEST_CASE("openssl accepts every kind of certificate, from every kind of authority", "[pki]") {
    need_openssl();
    for (const KeyType type : {KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::EcdsaP521,
                               KeyType::Ed25519, KeyType::Rsa3072}) {
        const Desk desk;
        command::Init init;
        init.ca = desk.at("ca");
        init.subject = "CN=Fleet CA, O=Test, C=DE";
        init.key.type = type;
        desk.done(init);
        command::Issue issue;
        issue.ca = desk.at("ca");
        issue.out = desk.at("");
        issue.name = "db1";
        issue.key.type = type;
        issue.usages = {"serverAuth", "clientAuth", "ipsecIKE"};
        issue.wish = {.subject = "CN=db1, O=Test, C=DE",
                      .dns = {"db1.example.net"},
                      .addresses = {"192.0.2.1", "2001:db8::1"},
                      .emails = {"dba@example.net"}};
        desk.done(issue);
        const std::string host = desk.at("db1.pem").string();
        INFO(kKeyTypes[static_cast<std::size_t>(type)].word);
        CHECK(
            succeeds(verify(desk, "-purpose sslserver -verify_hostname db1.example.net " + host)));
        CHECK(succeeds(verify(desk, "-purpose sslclient -verify_ip 2001:db8::1 " + host)));
        CHECK(succeeds(verify(desk, "-verify_email dba@example.net " + host)));
        CHECK_FALSE(succeeds(verify(desk, "-verify_hostname db2.example.net " + host)));
        command::Revoke revoke;
        revoke.ca = desk.at("ca");
        revoke.what = "db1.example.net";
        revoke.reason = "keyCompromise";
        const std::string with_crl =
            "-crl_check -CRLfile " + desk.at("ca/crl.pem").string() + " " + host;
        command::Crl crl;
        crl.ca = desk.at("ca");
        desk.done(crl);
        CHECK(succeeds(verify(desk, with_crl)));
        desk.done(revoke);
        CHECK_FALSE(succeeds(verify(desk, with_crl)));
    }
}

TEST_CASE("openssl accepts a chain, and no authority below one that may have none", "[pki]") {
    need_openssl();
    const Desk desk;
    desk.init();
    command::Init below;
    below.ca = desk.at("berlin");
    below.parent = desk.at("ca");
    below.subject = "CN=Berlin CA, O=Test";
    desk.done(below);
    command::Issue issue;
    issue.ca = desk.at("berlin");
    issue.out = desk.at("");
    issue.name = "gw.example.net";
    desk.done(issue);
    const std::string file = desk.at("gw.example.net.pem").string();
    CHECK(succeeds(verify(desk, "-untrusted " + file + " " + file)));
    CHECK_FALSE(succeeds(verify(desk, file)));
}

TEST_CASE("openssl reads keys, encrypted keys, requests and PKCS#12 files", "[pki]") {
    need_openssl();
    const Desk desk;
    desk.init();
    write_text(desk.at("pass"), "correct horse\n");
    const std::string pass = " -passin file:" + desk.at("pass").string();
    command::Request request;
    request.name = "db1.example.net";
    request.out = desk.at("");
    request.key.encrypt = true;
    request.key.passphrase_file = desk.at("pass");
    desk.done(request);
    const std::string key = desk.at("db1.example.net.key").string();
    CHECK(succeeds("pkey -noout -in " + key + pass));
    CHECK_FALSE(succeeds("pkey -noout -in " + key + " -passin pass:wrong"));
    CHECK(succeeds("req -verify -noout -in " + desk.at("db1.example.net.csr").string()));
    command::Sign sign;
    sign.ca = desk.at("ca");
    sign.request = desk.at("db1.example.net.csr");
    desk.done(sign);

    command::Export exported;
    exported.certificate = desk.at("db1.example.net.pem");
    exported.key = desk.at("db1.example.net.key");
    exported.key_passphrase_file = desk.at("pass");
    exported.passphrase_file = desk.at("pass");
    exported.chain = {desk.at("ca/ca.pem")};
    desk.done(exported);
    const std::string p12 = desk.at("db1.example.net.p12").string();
    // Reading it verifies the MAC, and thereby our derivation of its key.
    CHECK(succeeds("pkcs12 -noenc -in " + p12 + pass + " -out " + desk.at("all.pem").string()));
    CHECK_FALSE(succeeds("pkcs12 -noenc -in " + p12 + " -passin pass:wrong"));
    const std::string all = read_text(desk.at("all.pem"));
    CHECK(all.contains("friendlyName: db1.example.net"));
    CHECK(succeeds("pkey -in " + key + pass + " -out " + desk.at("plain.key").string()));
    CHECK(all.contains(read_text(desk.at("plain.key"))));
    CHECK(desk.run(exported).err.contains("exists"));

    // A key of somebody else makes no file.
    desk.issue("db2.example.net");
    exported.force = true;
    exported.key = desk.at("db2.example.net.key");
    CHECK(desk.run(exported).err.contains("does not belong to"));
    write_text(desk.at("umlaut"), "schl\xc3\xbcssel\n");
    exported.key = desk.at("db1.example.net.key");
    exported.passphrase_file = desk.at("umlaut");
    CHECK(desk.run(exported).err.contains("ASCII"));
}

TEST_CASE("requests and authorities made by openssl can be used", "[pki]") {
    need_openssl();
    const Desk desk;
    const std::string at = desk.at("").string();
    REQUIRE(
        succeeds("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout " + at +
                 "web.key -out " + at +
                 "web.csr -subj /O=Test/CN=web -addext "
                 "subjectAltName=DNS:web.example.net,IP:2001:db8::5,URI:https://web.example.net"));
    std::filesystem::create_directory(desk.at("ca"));
    std::filesystem::create_directory(desk.at("ca/issued"));
    REQUIRE(
        succeeds("req -x509 -new -newkey rsa:2048 -noenc -days 36500 -keyout " + at +
                 "ca/ca.key -out " + at +
                 "ca/ca.pem -subj /O=Test/CN=Old+OU=Two -multivalue-rdn -addext "
                 "basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign "
                 "-not_before 20250101000000Z -not_after 20400101000000Z"));
    std::filesystem::permissions(desk.at("ca/ca.key"), std::filesystem::perms{0600});
    command::Sign sign;
    sign.ca = desk.at("ca");
    sign.request = desk.at("web.csr");
    const std::string told = desk.done(sign);
    CHECK(told.contains("were left out: URI https://web.example.net"));
    CHECK(succeeds(verify(desk, "-verify_ip 2001:db8::5 " + at + "web.pem")));
}
