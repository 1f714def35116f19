// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/psk.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/auth/signed_octets.h"
#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrmd::ike::test::hex;

namespace {

Bytes counting(std::uint8_t from, std::size_t octets) {
    Bytes result(octets);
    for (std::uint8_t& octet : result) octet = from++;
    return result;
}

struct Vector {
    PrfId prf;
    std::string_view maced_identity;
    std::string_view auth;
};

}  // namespace

// The values come from Python's hmac module, which shares no code with Botan:
//   def prf(k, d): return hmac.new(k, d, hashlib.sha256).digest()
//   mac = prf(bytes(range(32)), bytes([2,0,0,0]) + b"db1.example.net")
//   octets = bytes(range(0xa0, 0xc8)) + bytes(range(0x10, 0x30)) + mac
//   auth = prf(prf(b"correct horse battery staple", b"Key Pad for IKEv2"), octets)
TEST_CASE("The AUTH of a shared secret is what RFC 7296 section 2.15 says", "[auth]") {
    const Vector vector =
        GENERATE(Vector{PrfId::HmacSha256,
                        "68be0fc4abc8e0cab06c91d7dab39c499eee8762532bc54ece48d38a9f7ebb33",
                        "76a91ea79407e837e6f5d7676a3aa83e17b95a81981598d8ab6e9d868dd48116"},
                 Vector{PrfId::HmacSha384,
                        "02dcd52ea503c66dfccc9cbb57c242d26b9129b3e1355356521fa040900b3016a3c6397016"
                        "c423395bd48e01be7c8c66",
                        "6358dcdd6cfeb327c961859855ec8424e5a20c9be6dbc551c5f2f8240e4922956c33d3c34f"
                        "4cf995ff3900f3794c55c3"},
                 Vector{PrfId::HmacSha512,
                        "ce6d9b31ebb71ce0376dade51bbb71cb5a618e543d2bbb0ac6f76cd553f569618a7c945e58"
                        "e76990f7315acea391857234"
                        "8c2595e12ebce849d1320a35a2a2c7",
                        "e59d9bb4381efcc926eb3ad735d76c0ca0820fe4dce9842419a43f0f4686a7b7869371c17f"
                        "95f79d1788c50253b535e39b"
                        "4355aed7caa39bbfcb6c3617eb5ce8"});
    const Identification identity{IdType::Fqdn, xfrmd::ike::test::file("db1.example.net")};
    const auto mac = maced_identity(vector.prf, counting(0, 32), identity);
    REQUIRE(mac.has_value());
    CHECK(to_hex(mac->view()) == vector.maced_identity);
    const Bytes octets = signed_octets(counting(0xa0, 40), counting(0x10, 32), mac->view(), {}, {});
    CHECK(octets.size() == 40 + 32 + mac->size());
    const auto auth = shared_key_mac(vector.prf, as_view("correct horse battery staple"), octets);
    REQUIRE(auth.has_value());
    CHECK(to_hex(auth->view()) == vector.auth);
}

TEST_CASE("A pseudorandom function that we do not implement is an error", "[auth]") {
    for (const PrfId prf : {PrfId::HmacMd5, PrfId{0}, PrfId{1024}}) {
        const auto auth = shared_key_mac(prf, as_view("secret"), as_view("octets"));
        REQUIRE_FALSE(auth.has_value());
        CHECK(auth.error().code == CryptoErrorCode::UnsupportedMethod);
        CHECK_FALSE(maced_identity(prf, as_view("key"), Identification{}).has_value());
    }
}
