// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/random.h"

#include <botan/exceptn.h>

#include <catch2/catch_test_macros.hpp>

#include "ike/crypto/key_exchange.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;

TEST_CASE("The same seed gives the same octets, another seed others", "[crypto]") {
    DeterministicRng one{counting(32)};
    DeterministicRng two{counting(32)};
    DeterministicRng other{counting(33)};
    const auto octets = one.random_vec(1000);
    CHECK(octets == two.random_vec(1000));
    CHECK(octets != other.random_vec(1000));
    CHECK(octets != one.random_vec(1000));
}

TEST_CASE("Nothing but the seed goes into the output", "[crypto]") {
    DeterministicRng one{counting(32)};
    DeterministicRng two{counting(32)};
    two.add_entropy(counting(50));
    CHECK_FALSE(two.accepts_input());
    CHECK(one.random_vec(40) == two.random_vec(40));
}

TEST_CASE("A seed that is too short gives an error, not bad randomness", "[crypto]") {
    DeterministicRng rng{counting(31)};
    CHECK_FALSE(rng.is_seeded());
    CHECK_THROWS_AS(rng.random_vec(1), Botan::Exception);
    const auto share = generate_key_share(KeyExchangeMethod::X25519, counting(31));
    REQUIRE_FALSE(share);
    CHECK(share.error().code == CryptoErrorCode::Internal);
}
