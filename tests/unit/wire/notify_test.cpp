// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.10 to §3.12
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/limits.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

TEST_CASE("a notification about a child names it by protocol and SPI", "[wire]") {
    const ChildSaReference child{.protocol = ProtocolId::Esp, .spi = {0xc0ffee01}};
    const Notify notify = make_child_sa(NotifyType::RekeySa, child);
    check_golden(notify, "03 04 40 09  c0 ff ee 01");
    CHECK(read_child_sa(notify) == child);
}

TEST_CASE("a notification with data and no SPI", "[wire]") {
    check_golden(make_invalid_ke_payload(KeyExchangeMethod::X25519), "00 00 00 11  00 1f");
    check_golden(make_notify(NotifyType::UseTransportMode), "00 00 40 07");
    check_golden(make_notify(NotifyType{65535}, hex("01")), "00 00 ff ff  01");
}

TEST_CASE("without an SPI the protocol is ignored on receipt and sent as zero", "[wire]") {
    const auto parsed = Notify::parse(hex("03 00 40 04 01"));
    REQUIRE(parsed);
    CHECK(parsed->protocol == ProtocolId::None);
    Notify notify = make_notify(NotifyType::InitialContact);
    notify.protocol = ProtocolId::Ike;
    CHECK(to_hex(write_body(notify)) == "00004000");
}

TEST_CASE("a notification whose SPI reaches past its end is refused", "[wire]") {
    check_refused<Notify>("03 04 40 09  c0 ff ee", DecodeFault::Truncated);
    check_refused<Notify>("03 04 40", DecodeFault::Truncated);
    Notify notify = make_notify(NotifyType::RekeySa);
    notify.spi = Bytes(256);
    CHECK(write_body(notify).empty());
}

TEST_CASE("deletes of the IKE SA and of children", "[wire]") {
    check_golden(Delete{.protocol = ProtocolId::Ike, .spis = {}}, "01 00 00 00");
    check_golden(Delete{.protocol = ProtocolId::Esp, .spis = {{0xc0ffee01}, {0x00000100}}},
                 "03 04 00 02  c0 ff ee 01  00 00 01 00");
    check_golden(Delete{.protocol = ProtocolId::Ah, .spis = {}}, "02 04 00 00");
}

TEST_CASE("a delete's sizes and counts must agree with its protocol and length", "[wire]") {
    using enum DecodeFault;
    check_refused<Delete>("01 04 00 01  c0 ff ee 01", BadLength);
    check_refused<Delete>("01 08 00 01  c0 ff ee 01 c0 ff ee 01", BadLength);
    check_refused<Delete>("01 00 00 01", BadCount);
    check_refused<Delete>("03 00 00 00", BadLength);
    check_refused<Delete>("03 08 00 01  c0 ff ee 01 c0 ff ee 01", BadLength);
    check_refused<Delete>("03 04 00 02  c0 ff ee 01", BadCount);
    check_refused<Delete>("03 04 00 01  c0 ff ee 01 00", BadCount);
    check_refused<Delete>("03 04 00", Truncated);
    CHECK(write_body(Delete{.protocol = ProtocolId::Ike, .spis = {{1}}}).empty());
}

TEST_CASE("a delete of more SPIs than the limit is refused", "[wire]") {
    Delete payload{.protocol = ProtocolId::Esp, .spis = {}};
    payload.spis.resize(limits::kDeletedSpisMax, {0x01020304});
    CHECK(Delete::parse(write_body(payload)) == payload);
    payload.spis.push_back({5});
    CHECK(outcome(Delete::parse(write_body(payload))) == outcome(DecodeFault::TooMany));
}

TEST_CASE("vendor ids are octets", "[wire]") {
    check_golden(VendorId{.data = to_bytes(as_view("xfrmd"))}, "78 66 72 6d 64");
    check_golden(VendorId{.data = {}}, "");
}

TEST_CASE("types below 16384 are errors, known or not", "[wire]") {
    CHECK(is_error(NotifyType::NoProposalChosen));
    CHECK(is_error(NotifyType{16383}));
    CHECK_FALSE(is_error(NotifyType::InitialContact));
    CHECK_FALSE(is_error(NotifyType{65535}));
}

TEST_CASE("notifications are found by type, and the first error among others", "[wire]") {
    const std::vector<Notify> notifies{make_notify(NotifyType::InitialContact),
                                       make_notify(NotifyType::TsUnacceptable),
                                       make_notify(NotifyType::InvalidSyntax)};
    CHECK(find_notify(notifies, NotifyType::InvalidSyntax) == &notifies[2]);
    CHECK(find_notify(notifies, NotifyType::Cookie) == nullptr);
    CHECK(find_error(notifies) == &notifies[1]);
    CHECK(find_error(std::span{notifies}.first(1)) == nullptr);
}

TEST_CASE("a cookie has 1 to 64 octets", "[wire]") {
    for (const std::size_t octets : {1u, 64u})
        CHECK(read_cookie(make_cookie(counting(octets))) == counting(octets));
    for (const std::size_t octets : {0u, 65u})
        CHECK(outcome(read_cookie(make_cookie(counting(octets)))) ==
              outcome(DecodeFault::BadLength));
}

TEST_CASE("what notifications carry reads back as it was made", "[wire]") {
    NatDetectionHash hash{};
    std::ranges::copy(counting(20), hash.begin());
    CHECK(read_nat_detection(make_nat_detection(NotifyType::NatDetectionSourceIp, hash)) == hash);
    CHECK(read_invalid_ke_payload(make_invalid_ke_payload(KeyExchangeMethod::EcpP384)) ==
          KeyExchangeMethod::EcpP384);
    CHECK(read_unsupported_critical_payload(make_unsupported_critical_payload(PayloadType{200})) ==
          PayloadType{200});
    CHECK(read_window_size(make_window_size(7)) == 7u);
    CHECK(read_auth_lifetime(make_auth_lifetime(86400)) == 86400u);
    const IpcompSupported offer{.cpi = 0x1234, .transform = 2};
    CHECK(read_ipcomp_supported(make_ipcomp_supported(offer)) == offer);
    for (const char* text : {"192.0.2.1", "2001:db8::1"}) {
        const auto address = xfrm::Address::parse(text);
        REQUIRE(address);
        CHECK(read_additional_address(make_additional_address(*address)) == *address);
    }
}

TEST_CASE("signature hashes are a list of 16-bit numbers", "[wire]") {
    const std::vector<SignatureHash> hashes{SignatureHash::Sha2_256, SignatureHash::Identity,
                                            SignatureHash{99}};
    const Notify notify = make_signature_hashes(hashes);
    check_golden(notify, "00 00 40 2f  00 02 00 05 00 63");
    CHECK(read_signature_hashes(notify) == hashes);
    CHECK(read_signature_hashes(make_signature_hashes({})) == std::vector<SignatureHash>{});
    const auto odd = make_notify(NotifyType::SignatureHashAlgorithms, hex("00 02 00"));
    CHECK(outcome(read_signature_hashes(odd)) == outcome(DecodeFault::BadLength));
    const auto many = make_notify(NotifyType::SignatureHashAlgorithms,
                                  counting(2 * (limits::kSignatureHashesMax + 1)));
    CHECK(outcome(read_signature_hashes(many)) == outcome(DecodeFault::TooMany));
}

TEST_CASE("notification data of the wrong form is refused by its reader", "[wire]") {
    const auto data = [](std::size_t octets) {
        return make_notify(NotifyType::Cookie, counting(octets));
    };
    for (const std::size_t octets : {0u, 1u, 3u})
        CHECK_FALSE(read_invalid_ke_payload(data(octets)));
    for (const std::size_t octets : {0u, 19u, 21u}) CHECK_FALSE(read_nat_detection(data(octets)));
    for (const std::size_t octets : {0u, 2u})
        CHECK_FALSE(read_unsupported_critical_payload(data(octets)));
    for (const std::size_t octets : {0u, 3u, 5u}) {
        CHECK_FALSE(read_window_size(data(octets)));
        CHECK_FALSE(read_auth_lifetime(data(octets)));
    }
    CHECK_FALSE(read_window_size(make_window_size(0)));
    for (const std::size_t octets : {2u, 4u}) CHECK_FALSE(read_ipcomp_supported(data(octets)));

    Notify swapped = make_additional_address(xfrm::Address::v4(1));
    swapped.type = NotifyType::AdditionalIp6Address;
    CHECK_FALSE(read_additional_address(swapped));

    Notify child = make_child_sa(NotifyType::RekeySa, {ProtocolId::Esp, {1}});
    child.protocol = ProtocolId::Ike;
    CHECK(outcome(read_child_sa(child)) == outcome(DecodeFault::BadValue));
    child.protocol = ProtocolId::Ah;
    child.spi = Bytes(8);
    CHECK(outcome(read_child_sa(child)) == outcome(DecodeFault::BadLength));
}

}  // namespace xfrmd::ike::test
