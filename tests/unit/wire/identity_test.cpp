// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.5 to §3.8, RFC 7427 §3
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/identity.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

TEST_CASE("identities of each kind", "[wire]") {
    check_golden(IdentificationInitiator{{.type = IdType::Ipv4Address, .data = hex("c0000201")}},
                 "01 00 00 00  c0 00 02 01");
    check_golden(
        IdentificationResponder{{.type = IdType::Fqdn, .data = to_bytes(as_view("a.example"))}},
        "02 00 00 00  61 2e 65 78 61 6d 70 6c 65");
    check_golden(IdentificationInitiator{{.type = IdType::Ipv6Address,
                                          .data = hex("20010db8000000000000000000000001")}},
                 "05 00 00 00  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01");
    check_golden(IdentificationResponder{{.type = IdType::Null, .data = {}}}, "0d 00 00 00");
    check_golden(IdentificationInitiator{{.type = IdType{201}, .data = hex("0102")}},
                 "c9 00 00 00  01 02");
}

TEST_CASE("an address as identity has the length of its family", "[wire]") {
    check_refused<IdentificationInitiator>("01 00 00 00  c0 00 02", DecodeFault::BadLength);
    check_refused<IdentificationInitiator>("01 00 00 00  c0 00 02 01 00", DecodeFault::BadLength);
    check_refused<IdentificationResponder>("05 00 00 00  c0 00 02 01", DecodeFault::BadLength);
    check_refused<IdentificationResponder>("02 00 00", DecodeFault::Truncated);
}

TEST_CASE("reserved octets of ID and AUTH are ignored", "[wire]") {
    CHECK(IdentificationInitiator::parse(hex("02 ff ff ff 61")) ==
          IdentificationInitiator::parse(hex("02 00 00 00 61")));
    CHECK(Authentication::parse(hex("02 ff ff ff 61")) ==
          Authentication::parse(hex("02 00 00 00 61")));
}

TEST_CASE("the body of an ID payload is what authentication covers", "[wire]") {
    const Identification identification{.type = IdType::KeyId, .data = hex("0102")};
    CHECK(to_hex(write_identification_body(identification)) == "0b0000000102");
    CHECK(write_identification_body(identification) ==
          write_body(IdentificationResponder{identification}));
}

TEST_CASE("certificates of any encoding", "[wire]") {
    check_golden(Certificate{.encoding = CertificateEncoding::X509Signature, .data = hex("308201")},
                 "04 30 82 01");
    check_golden(Certificate{.encoding = CertificateEncoding{77}, .data = {}}, "4d");
    check_refused<Certificate>("", DecodeFault::Truncated);
}

TEST_CASE("a certificate request names authorities by whole hashes", "[wire]") {
    const Bytes hashes = counting(40);
    const CertificateRequest two{.encoding = CertificateEncoding::X509Signature,
                                 .authorities = hashes};
    check_golden(two, "04 " + to_hex(hashes));
    const auto each = two.authority_hashes();
    REQUIRE(each.size() == 2);
    CHECK(equal(each[0], View{hashes}.first(20)));
    CHECK(equal(each[1], View{hashes}.last(20)));

    const CertificateRequest any{.encoding = CertificateEncoding::X509Signature, .authorities = {}};
    check_golden(any, "04");
    CHECK(any.authority_hashes().empty());

    check_refused<CertificateRequest>("04 01 02 03", DecodeFault::BadLength);
    check_refused<CertificateRequest>("0c 01 02 03", DecodeFault::BadLength);
    // Other encodings may hold anything.
    const CertificateRequest raw{.encoding = CertificateEncoding::RawPublicKey,
                                 .authorities = hex("01")};
    check_golden(raw, "0f 01");
    CHECK(raw.authority_hashes().empty());
}

TEST_CASE("authentication data of any method", "[wire]") {
    check_golden(Authentication{.method = AuthMethod::SharedKey, .data = hex("0102030405")},
                 "02 00 00 00  01 02 03 04 05");
    check_golden(Authentication{.method = AuthMethod{250}, .data = {}}, "fa 00 00 00");
    check_refused<Authentication>("02 00 00", DecodeFault::Truncated);
}

TEST_CASE("a digital signature says which algorithm made it", "[wire]") {
    const DigitalSignature signature{.algorithm_identifier = hex("300506032b6570"),
                                     .signature = hex("aabb")};
    CHECK(to_hex(signature.write()) == "07300506032b6570aabb");
    CHECK(DigitalSignature::parse(signature.write()) == signature);

    CHECK(outcome(DigitalSignature::parse({})) == outcome(DecodeFault::Truncated));
    CHECK(outcome(DigitalSignature::parse(hex("05 01 02"))) == outcome(DecodeFault::Truncated));
    // No algorithm; no signature.
    CHECK(outcome(DigitalSignature::parse(hex("00 01 02"))) == outcome(DecodeFault::BadLength));
    CHECK(outcome(DigitalSignature::parse(hex("02 01 02"))) == outcome(DecodeFault::BadLength));
    CHECK(DigitalSignature{.algorithm_identifier = Bytes(256), .signature = hex("01")}
              .write()
              .empty());
}

}  // namespace xfrmd::ike::test
