// SPDX-License-Identifier: Apache-2.0
// A payload and its octets, held against each other in both directions.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

#include "ike/wire/dump.h"
#include "ike/wire/payload.h"
#include "tests/unit/wire/hex.h"

namespace xfrmd::ike::test {

template <class T>
Bytes write_body(const T& payload) {
    Writer out;
    payload.write(out);
    return std::move(out).finish();
}

// A digest of a Decoded for messages and comparisons: "ok", or the fault's sentence.
template <class T>
std::string outcome(const Decoded<T>& decoded) {
    return decoded ? "ok" : std::string{explain(decoded.error().fault)};
}

inline std::string outcome(DecodeFault fault) { return std::string{explain(fault)}; }

// The body writes to exactly these octets and reads back from them. Cut anywhere it is an error or
// another payload that itself reads back.
template <class T>
void check_golden(const T& payload, std::string_view body) {
    const Bytes octets = hex(body);
    CHECK(to_hex(write_body(payload)) == to_hex(octets));
    const auto parsed = T::parse(octets);
    REQUIRE(outcome(parsed) == "ok");
    CHECK(*parsed == payload);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        INFO("cut to " << size << " octets");
        const Bytes cut{octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto shorter = T::parse(cut);
        if (!shorter) continue;
        const auto again = T::parse(write_body(*shorter));
        REQUIRE(outcome(again) == "ok");
        CHECK(*again == *shorter);
    }
}

// The body is refused for this reason.
template <class T>
void check_refused(std::string_view body, DecodeFault fault) {
    INFO(body);
    CHECK(outcome(T::parse(hex(body))) == outcome(fault));
}

}  // namespace xfrmd::ike::test
