// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.15, §3.16
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/configuration.h"
#include "ike/wire/eap.h"
#include "ike/wire/limits.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

TEST_CASE("a configuration request and reply", "[wire]") {
    using enum ConfigurationAttributeType;
    check_golden(
        ConfigurationPayload{.type = ConfigurationType::Request,
                             .attributes = {{InternalIp4Address, {}}, {InternalIp6Dns, {}}}},
        "01 00 00 00  00 01 00 00  00 0a 00 00");
    check_golden(
        ConfigurationPayload{.type = ConfigurationType::Reply,
                             .attributes = {{InternalIp4Address, hex("c0000201")},
                                            {ConfigurationAttributeType{16384}, hex("ff")}}},
        "02 00 00 00  00 01 00 04 c0 00 02 01  40 00 00 01 ff");
    check_golden(ConfigurationPayload{.type = ConfigurationType{99}, .attributes = {}},
                 "63 00 00 00");
}

TEST_CASE("reserved bits of a configuration payload are ignored", "[wire]") {
    CHECK(ConfigurationPayload::parse(hex("01 ff ff ff  80 01 00 00")) ==
          ConfigurationPayload::parse(hex("01 00 00 00  00 01 00 00")));
}

TEST_CASE("a configuration attribute may not reach past the payload", "[wire]") {
    check_refused<ConfigurationPayload>("01 00 00", DecodeFault::Truncated);
    check_refused<ConfigurationPayload>("01 00 00 00  00 01 00", DecodeFault::Truncated);
    check_refused<ConfigurationPayload>("01 00 00 00  00 01 00 01", DecodeFault::Truncated);
}

TEST_CASE("the number of configuration attributes is bounded", "[wire]") {
    ConfigurationPayload payload;
    payload.attributes.resize(limits::kConfigurationAttributesMax);
    CHECK(ConfigurationPayload::parse(write_body(payload)) == payload);
    payload.attributes.emplace_back();
    CHECK(outcome(ConfigurationPayload::parse(write_body(payload))) ==
          outcome(DecodeFault::TooMany));
}

TEST_CASE("configuration attributes that have no encoding are not written", "[wire]") {
    ConfigurationPayload payload{.type = ConfigurationType::Reply,
                                 .attributes = {{ConfigurationAttributeType{0x8000}, {}}}};
    CHECK(write_body(payload).empty());
    payload.attributes = {{ConfigurationAttributeType::ApplicationVersion, Bytes(65536)}};
    CHECK(write_body(payload).empty());
}

TEST_CASE("an EAP message is as long as it says", "[wire]") {
    const Eap request{.message = hex("01 07 00 05 01")};
    check_golden(request, "01 07 00 05 01");
    CHECK(request.code() == EapCode::Request);
    check_golden(Eap{.message = hex("03 07 00 04")}, "03 07 00 04");
    check_refused<Eap>("", DecodeFault::Truncated);
    check_refused<Eap>("03 07 00", DecodeFault::Truncated);
    check_refused<Eap>("01 07 00 06 01", DecodeFault::BadLength);
    check_refused<Eap>("01 07 00 04 01", DecodeFault::BadLength);
    check_refused<Eap>("01 07 00 00", DecodeFault::BadLength);
    CHECK(Eap{}.code() == EapCode::Failure);
}

}  // namespace xfrmd::ike::test
