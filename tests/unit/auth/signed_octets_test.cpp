// SPDX-License-Identifier: Apache-2.0
// No RFC has numbers for IntAuth: the values come from HMAC-SHA2 of another implementation.
#include "ike/auth/signed_octets.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrmd::ike::test::hex;

namespace {

Bytes counting_from(std::uint8_t first, std::size_t octets) {
    Bytes bytes(octets);
    for (std::uint8_t& octet : bytes) octet = first++;
    return bytes;
}

struct Vector {
    PrfId prf;
    std::string_view first;
    std::string_view second;
};

}  // namespace

TEST_CASE("each IKE_INTERMEDIATE adds to the IntAuth of the ones before", "[auth]") {
    const auto vector = GENERATE(
        Vector{PrfId::HmacSha256,
               "ae3ad63dc73ce1464011723de5ddf1ef1df1c7cbffa1c012559fa1c72ecd4c15",
               "9cd51e093674985a0fdd7e51d1c2c25bca8516e20b919baa3286a86f5611543d"},
        Vector{PrfId::HmacSha384,
               "12817263b0ba1693cbf2d0b1d074c3b992983a38f288a9da0a1d1ed96fc341e5188f0843d0f4c9d4"
               "d5c51aef3d9deaa6",
               "7f3c619b980bf4ffdc45d0149208a846067debdc1b6103312d1cfcabef6b0535524a50f09a515e81"
               "dba5f7f42e6fbdc8"},
        Vector{PrfId::HmacSha512,
               "5d951042d73c96d0f475c7f0c81efa77b94463b27f41644026f6e0fd13875efec513677cc49ba302"
               "8977a7c791e9a81e1488df574698149f05d66d6599d4a145",
               "37c4b3b5284549b2ee8cd451368a56a8d1e5c88f2af29c441c5447454a781d629fc950f52877afe4"
               "71dba69f9591f49844c33ddb8afb41d0883cea4fd0c023c1"});
    const auto first = next_intermediate_auth(vector.prf, counting_from(0, 32), {},
                                              counting_from(0x20, 32), counting_from(0x40, 50));
    REQUIRE(first);
    CHECK(*first == hex(vector.first));
    const auto second = next_intermediate_auth(vector.prf, counting_from(1, 32), *first,
                                               counting_from(0x60, 32), {});
    REQUIRE(second);
    CHECK(*second == hex(vector.second));
    CHECK_FALSE(next_intermediate_auth(PrfId::HmacMd5, {}, {}, {}, {}));
}

TEST_CASE("IntAuth and the message id of IKE_AUTH are signed after the identity", "[auth]") {
    const Bytes message{1, 2};
    const Bytes nonce{3};
    const Bytes identity{4, 5};
    CHECK(signed_octets(message, nonce, identity, {}, MessageId{1}) == hex("0102030405"));
    CHECK(signed_octets(message, nonce, identity, {{0xa1, 0xa2}, {0xb1}}, MessageId{3}) ==
          hex("0102030405a1a2b100000003"));
}

TEST_CASE("the full transcript is zeroes, what was received, what was sent", "[auth]") {
    CHECK(full_transcript(Bytes{1, 2}, Bytes{3}) == hex("0000000000000000010203"));
}
