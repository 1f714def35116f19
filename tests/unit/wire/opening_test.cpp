// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/opening.h"

#include <catch2/catch_test_macros.hpp>

#include <array>

#include "ike/wire/notify_data.h"
#include "ike/wire/payload.h"

namespace xfrmd::ike {

namespace {

const Bytes kNonce(32, 7);

Bytes message(std::vector<Payload> payloads) {
    Header header;
    header.initiator_spi = {1};
    header.initiator = true;
    return write_message(header, payloads);
}

}  // namespace

TEST_CASE("nonce and cookie are found wherever they stand", "[wire]") {
    const Bytes cookie{1, 2, 3, 4};
    const Bytes first = message({make_cookie(cookie), Nonce{kNonce}, VendorId{{9}}});
    const Bytes last = message({VendorId{{9}}, Nonce{kNonce}, make_cookie(cookie)});
    const Bytes none = message({make_notify(NotifyType::InitialContact), Nonce{kNonce}});
    for (const Bytes& each : {first, last}) {
        const auto found = find_opening(each);
        REQUIRE(found);
        CHECK(equal(found->nonce, kNonce));
        CHECK(equal(found->cookie, cookie));
    }
    REQUIRE(find_opening(none));
    CHECK(find_opening(none)->cookie.empty());
}

TEST_CASE("what is no chain, or has no nonce of a permitted length, opens nothing", "[wire]") {
    CHECK_FALSE(find_opening(message({VendorId{{9}}})));
    CHECK_FALSE(find_opening({}));
    for (const std::size_t octets : {0U, 15U, 257U}) CHECK_FALSE(find_opening(message({VendorId{Bytes(octets)}})));
    const Bytes whole = message({make_cookie(Bytes{1}), Nonce{kNonce}});
    REQUIRE(find_opening(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Bytes cut = to_bytes(View{whole}.first(size));
        if (size >= kHeaderOctets) cut[27] = static_cast<std::uint8_t>(size);
        CHECK_FALSE(find_opening(cut));
    }
    // Payloads after the chain, and a length that leads nowhere.
    Bytes longer = whole;
    longer.push_back(0);
    longer[27] = static_cast<std::uint8_t>(longer.size());
    CHECK_FALSE(find_opening(longer));
    Bytes stuck = whole;
    stuck[kHeaderOctets + 3] = 0;
    CHECK_FALSE(find_opening(stuck));
}

TEST_CASE("an endless chain ends", "[wire]") {
    Bytes chain = message({Nonce{kNonce}});
    for (int i = 0; i < 500; ++i) append(chain, Bytes{40, 0, 0, 4});
    chain[kHeaderOctets] = 40;
    chain[26] = static_cast<std::uint8_t>(chain.size() >> 8);
    chain[27] = static_cast<std::uint8_t>(chain.size());
    CHECK_FALSE(find_opening(chain));
}

}  // namespace xfrmd::ike
