// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.13
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/limits.h"
#include "ike/wire/selectors.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

namespace {

TrafficSelector range(std::string_view start, std::string_view end) {
    const auto first = xfrm::Address::parse(start);
    const auto last = xfrm::Address::parse(end);
    REQUIRE(first);
    REQUIRE(last);
    return make_selector(*first, *last);
}

}  // namespace

TEST_CASE("an IPv4 range with ports", "[wire]") {
    TrafficSelector selector = range("10.0.0.0", "10.0.0.255");
    selector.ip_protocol = 6;
    selector.start_port = 80;
    selector.end_port = 443;
    check_golden(TrafficSelectorsInitiator{{selector}},
                 "01 00 00 00"
                 "07 06 00 10  00 50 01 bb  0a 00 00 00  0a 00 00 ff");
}

TEST_CASE("an IPv6 range, all ports", "[wire]") {
    check_golden(TrafficSelectorsResponder{{range("2001:db8::", "2001:db8::ffff")}},
                 "01 00 00 00"
                 "08 00 00 28  00 00 ff ff"
                 "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00"
                 "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 ff ff");
}

TEST_CASE("several selectors, one of them of a type we do not know", "[wire]") {
    TrafficSelector label;
    label.type = TsType::SecurityLabel;
    label.unknown = to_bytes(as_view("abc"));
    check_golden(TrafficSelectorsInitiator{{range("192.0.2.1", "192.0.2.1"), label}},
                 "02 00 00 00"
                 "07 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01"
                 "0a 00 00 07  61 62 63");
}

TEST_CASE("opaque ports are the one range that may end before it starts", "[wire]") {
    TrafficSelector opaque = range("192.0.2.1", "192.0.2.1");
    opaque.start_port = 65535;
    opaque.end_port = 0;
    CHECK(opaque.has_opaque_ports());
    check_golden(TrafficSelectorsInitiator{{opaque}},
                 "01 00 00 00  07 00 00 10  ff ff 00 00  c0 00 02 01  c0 00 02 01");
    check_refused<TrafficSelectorsInitiator>(
        "01 00 00 00  07 00 00 10  00 02 00 01  c0 00 02 01  c0 00 02 01", DecodeFault::BadValue);
    check_refused<TrafficSelectorsInitiator>(
        "01 00 00 00  07 00 00 10  00 00 ff ff  c0 00 02 02  c0 00 02 01", DecodeFault::BadValue);
}

TEST_CASE("reserved octets of a selector payload are ignored", "[wire]") {
    CHECK(TrafficSelectorsInitiator::parse(
              hex("01 ff ff ff  07 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01")) ==
          TrafficSelectorsInitiator{{range("192.0.2.1", "192.0.2.1")}});
}

TEST_CASE("lengths and counts of selectors must agree", "[wire]") {
    using enum DecodeFault;
    using Ts = TrafficSelectorsResponder;
    check_refused<Ts>("01 00 00", Truncated);
    check_refused<Ts>("00 00 00 00", BadCount);
    check_refused<Ts>("00 00 00 00  07 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01", BadCount);
    check_refused<Ts>("02 00 00 00  07 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01", Truncated);
    check_refused<Ts>("01 00 00 00  07 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01  00",
                      TrailingOctets);
    check_refused<Ts>("01 00 00 00  07 00 00 0f  00 00 ff ff  c0 00 02 01  c0 00 02", BadLength);
    check_refused<Ts>("01 00 00 00  08 00 00 10  00 00 ff ff  c0 00 02 01  c0 00 02 01", BadLength);
    check_refused<Ts>("01 00 00 00  0a 00 00 03", BadLength);
}

TEST_CASE("255 selectors are accepted, and more cannot be written", "[wire]") {
    TrafficSelectorsInitiator payload;
    payload.value.assign(limits::kTrafficSelectorsMax, range("192.0.2.1", "192.0.2.9"));
    CHECK(TrafficSelectorsInitiator::parse(write_body(payload)) == payload);
    payload.value.push_back(payload.value.front());
    CHECK(write_body(payload).empty());
}

TEST_CASE("a selector whose addresses are not of its type is not written", "[wire]") {
    TrafficSelector selector = range("192.0.2.1", "192.0.2.1");
    selector.type = TsType::Ipv6AddressRange;
    CHECK(write_body(TrafficSelectorsInitiator{{selector}}).empty());
}

}  // namespace xfrmd::ike::test
