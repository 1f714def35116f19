// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.3
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/limits.h"
#include "ike/wire/proposal.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

namespace {

Transform transform(TransformType type, std::uint16_t id,
                    std::optional<std::uint16_t> key_length = std::nullopt) {
    return {.type = type, .id = id, .key_length = key_length, .unknown_attributes = {}};
}

SecurityAssociation parsed(std::string_view body) {
    const auto payload = SecurityAssociation::parse(hex(body));
    REQUIRE(outcome(payload) == "ok");
    return *payload;
}

}  // namespace

TEST_CASE("an IKE proposal with a key length", "[wire]") {
    check_golden(SecurityAssociation{{{.number = 1,
                                       .protocol = ProtocolId::Ike,
                                       .spi = {},
                                       .transforms = {transform(TransformType::Encryption, 20, 256),
                                                      transform(TransformType::Prf, 5),
                                                      transform(TransformType::KeyExchange, 31)}}}},
                 "00 00 00 24  01 01 00 03"
                 "03 00 00 0c  01 00 00 14  80 0e 01 00"
                 "03 00 00 08  02 00 00 05"
                 "00 00 00 08  04 00 00 1f");
}

TEST_CASE("two ESP proposals with SPIs in their order of preference", "[wire]") {
    check_golden(
        SecurityAssociation{
            {{.number = 1,
              .protocol = ProtocolId::Esp,
              .spi = hex("c0ffee01"),
              .transforms = {transform(TransformType::Encryption, 28),
                             transform(TransformType::SequenceNumbers, 1)}},
             {.number = 2,
              .protocol = ProtocolId::Ah,
              .spi = hex("c0ffee02"),
              .transforms = {transform(TransformType::Integrity, 12)}}}},
        "02 00 00 1c  01 03 04 02  c0 ff ee 01"
        "03 00 00 08  01 00 00 1c"
        "00 00 00 08  05 00 00 01"
        "00 00 00 14  02 02 04 01  c0 ff ee 02"
        "00 00 00 08  03 00 00 0c");
}

TEST_CASE("a proposal for a rekeyed IKE SA carries its SPI of eight octets", "[wire]") {
    check_golden(SecurityAssociation{{{.number = 1,
                                       .protocol = ProtocolId::Ike,
                                       .spi = hex("1122334455667788"),
                                       .transforms = {}}}},
                 "00 00 00 10  01 01 08 00  11 22 33 44 55 66 77 88");
}

TEST_CASE("numbers we do not know survive in a proposal", "[wire]") {
    check_golden(SecurityAssociation{{{.number = 9,
                                       .protocol = ProtocolId{200},
                                       .spi = hex("aa"),
                                       .transforms = {transform(TransformType{241}, 0xfeed)}}}},
                 "00 00 00 11  09 c8 01 01  aa"
                 "00 00 00 08  f1 00 fe ed");
}

TEST_CASE("attributes we do not know survive in both their forms", "[wire]") {
    Transform odd = transform(TransformType::Encryption, 12, 128);
    odd.unknown_attributes = {{.type = 15, .value = std::uint16_t{7}},
                              {.type = 16, .value = hex("010203")}};
    check_golden(
        SecurityAssociation{
            {{.number = 1, .protocol = ProtocolId::Ike, .spi = {}, .transforms = {odd}}}},
        "00 00 00 1f  01 01 00 01"
        "00 00 00 17  01 00 00 0c  80 0e 00 80  80 0f 00 07  00 10 00 03 01 02 03");
}

TEST_CASE("a key length in the long form, or a second one, is kept as an unknown attribute",
          "[wire]") {
    const auto long_form =
        parsed("00 00 00 16  01 01 00 01  00 00 00 0e  01 00 00 0c  00 0e 00 02 00 80");
    const Transform& first = long_form.proposals.at(0).transforms.at(0);
    CHECK_FALSE(first.key_length);
    CHECK(first.unknown_attributes == std::vector<TransformAttribute>{{14, hex("0080")}});

    const auto twice =
        parsed("00 00 00 18  01 01 00 01  00 00 00 10  01 00 00 0c  80 0e 00 80 80 0e 01 00");
    const Transform& second = twice.proposals.at(0).transforms.at(0);
    CHECK(second.key_length == 128);
    CHECK(second.unknown_attributes == std::vector<TransformAttribute>{{14, std::uint16_t{256}}});
}

TEST_CASE("reserved octets of proposals and transforms are ignored", "[wire]") {
    CHECK(parsed("00 ff 00 10  01 01 00 01  00 ff 00 08  02 ff 00 05") ==
          parsed("00 00 00 10  01 01 00 01  00 00 00 08  02 00 00 05"));
}

TEST_CASE("lengths and counts of a proposal must agree", "[wire]") {
    using enum DecodeFault;
    check_refused<SecurityAssociation>("", Truncated);
    // Proposal length below its head, beyond the payload, and short of the transforms.
    check_refused<SecurityAssociation>("00 00 00 07  01 01 00 00", BadLength);
    check_refused<SecurityAssociation>("00 00 00 09  01 01 00 00", Truncated);
    check_refused<SecurityAssociation>("00 00 00 0c  01 01 00 01  00 00 00 08", Truncated);
    // An SPI longer than the proposal.
    check_refused<SecurityAssociation>("00 00 00 0a  01 01 04 00  11 22", Truncated);
    // One transform announced, none and two there.
    check_refused<SecurityAssociation>("00 00 00 08  01 01 00 01", BadCount);
    check_refused<SecurityAssociation>(
        "00 00 00 18  01 01 00 01  03 00 00 08  02 00 00 05  00 00 00 08  02 00 00 06", BadCount);
    // Last Substruc says more and there is none, or none and there is more.
    check_refused<SecurityAssociation>("02 00 00 08  01 01 00 00", BadCount);
    check_refused<SecurityAssociation>("00 00 00 08  01 01 00 00  00 00 00 08  02 01 00 00",
                                       BadCount);
    check_refused<SecurityAssociation>("00 00 00 10  01 01 00 01  03 00 00 08  02 00 00 05",
                                       BadCount);
    // Transform length below its head, and an attribute beyond its transform.
    check_refused<SecurityAssociation>("00 00 00 10  01 01 00 01  00 00 00 07  02 00 00 05",
                                       BadLength);
    check_refused<SecurityAssociation>("00 00 00 12  01 01 00 01  00 00 00 0a  01 00 00 0c  80 0e",
                                       Truncated);
    check_refused<SecurityAssociation>(
        "00 00 00 14  01 01 00 01  00 00 00 0c  01 00 00 0c  00 10 00 01", Truncated);
}

TEST_CASE("255 proposals and 255 transforms are accepted, and no more", "[wire]") {
    const Transform prf = transform(TransformType::Prf, 5);
    const Proposal empty{.number = 1, .protocol = ProtocolId::Ike, .spi = {}, .transforms = {}};
    Proposal full = empty;
    full.transforms.assign(limits::kTransformsMax, prf);
    const SecurityAssociation wide{{full}};
    CHECK(SecurityAssociation::parse(write_body(wide)) == wide);

    SecurityAssociation long_list{std::vector<Proposal>(limits::kProposalsMax, empty)};
    CHECK(SecurityAssociation::parse(write_body(long_list)) == long_list);
    long_list.proposals.push_back(empty);
    CHECK(outcome(SecurityAssociation::parse(write_body(long_list))) ==
          outcome(DecodeFault::TooMany));

    full.transforms.push_back(prf);
    CHECK(write_body(SecurityAssociation{{full}}).empty());
}

TEST_CASE("a transform with too many unknown attributes is refused", "[wire]") {
    Transform odd = transform(TransformType::Prf, 5);
    odd.unknown_attributes.assign(limits::kTransformAttributesMax,
                                  {.type = 20, .value = std::uint16_t{1}});
    const auto offer = [&] {
        return SecurityAssociation{
            {{.number = 1, .protocol = ProtocolId::Ike, .spi = {}, .transforms = {odd}}}};
    };
    CHECK(SecurityAssociation::parse(write_body(offer())) == offer());
    odd.unknown_attributes.push_back({.type = 20, .value = std::uint16_t{1}});
    CHECK(outcome(SecurityAssociation::parse(write_body(offer()))) ==
          outcome(DecodeFault::TooMany));
}

TEST_CASE("what does not fit its field is not written at all", "[wire]") {
    Proposal proposal{
        .number = 1, .protocol = ProtocolId::Esp, .spi = Bytes(256), .transforms = {}};
    CHECK(write_body(SecurityAssociation{{proposal}}).empty());
    proposal.spi.clear();
    proposal.transforms = {transform(TransformType::Prf, 5)};
    proposal.transforms[0].unknown_attributes = {{.type = 0x8001, .value = std::uint16_t{1}}};
    CHECK(write_body(SecurityAssociation{{proposal}}).empty());
    proposal.transforms[0].unknown_attributes = {{.type = 1, .value = Bytes(65536)}};
    CHECK(write_body(SecurityAssociation{{proposal}}).empty());
}

}  // namespace xfrmd::ike::test
