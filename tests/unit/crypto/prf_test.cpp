// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/prf.h"

#include <catch2/catch_test_macros.hpp>

#include <array>

#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

TEST_CASE("A PRF says how long its output is", "[crypto]") {
    CHECK(output_length(PrfId::HmacSha256) == 32);
    CHECK(output_length(PrfId::HmacSha384) == 48);
    CHECK(output_length(PrfId::HmacSha512) == 64);
    CHECK(output_length(PrfId::HmacSha1) == 0);
    CHECK(output_length(PrfId{77}) == 0);
}

TEST_CASE("Parts give what the whole gives", "[crypto]") {
    const Bytes key = counting(32);
    const Bytes data = counting(100);
    const View whole = data;
    const std::array parts{whole.first(1), whole.subspan(1, 0), whole.subspan(1, 63),
                           whole.subspan(64)};
    CHECK(equal(prf(PrfId::HmacSha384, key, whole).view(),
                prf(PrfId::HmacSha384, key, parts).view()));
}

TEST_CASE("A key may be empty or longer than Botan takes", "[crypto]") {
    // Python: hmac.new(bytes(i & 255 for i in range(5000)), b"data", "sha256")
    const Secret mac = prf(PrfId::HmacSha256, counting(5000), as_view("data"));
    CHECK(
        equal(mac.view(), hex("8437214249b3558463fdb29a2f2f08f921bb254b208812b0e238a97e958b4278")));
    // Python: hmac.new(b"", b"", "sha256")
    const Secret empty = prf(PrfId::HmacSha256, {}, View{});
    CHECK(equal(empty.view(),
                hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")));
}

TEST_CASE("A PRF that is not implemented gives nothing", "[crypto]") {
    CHECK(prf(PrfId::HmacSha1, counting(20), counting(5)).empty());
    const auto stream = prf_plus(PrfId::Aes128Xcbc, counting(16), counting(5), 10);
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code == CryptoErrorCode::UnsupportedMethod);
}

TEST_CASE("prf+ goes up to 255 blocks and not further", "[crypto]") {
    const Bytes key = counting(32);
    const auto all = prf_plus(PrfId::HmacSha256, key, as_view("seed"), 255 * 32);
    REQUIRE(all);
    CHECK(all->size() == 255 * 32);
    // RFC 7296 §2.13 in Python with hmac, the last block.
    CHECK(equal(all->view().last(32),
                hex("883cbb1908b727189b0db8d87ab1241b13eaf49ac77612cbf1c6a82765e53d69")));
    const auto more = prf_plus(PrfId::HmacSha256, key, as_view("seed"), 255 * 32 + 1);
    REQUIRE_FALSE(more);
    CHECK(more.error().code == CryptoErrorCode::Internal);
}

TEST_CASE("prf+ of fewer octets is the beginning of prf+ of more", "[crypto]") {
    const Bytes key = counting(64);
    const auto longer = prf_plus(PrfId::HmacSha512, key, counting(7), 200);
    REQUIRE(longer);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{199}}) {
        const auto shorter = prf_plus(PrfId::HmacSha512, key, counting(7), length);
        REQUIRE(shorter);
        CHECK(equal(shorter->view(), longer->view().first(length)));
    }
}
