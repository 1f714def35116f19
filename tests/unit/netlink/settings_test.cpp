// SPDX-License-Identifier: Apache-2.0
// What decides about packets beside the tables. That the kernel answers so is shown by
// lookup_tests.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>

#include <cerrno>

#include "netlink/xfrm_settings.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;

TEST_CASE("default policies read back as they were written", "[netlink]") {
    const DefaultPolicies defaults{PolicyAction::Block, PolicyAction::Allow, PolicyAction::Block};
    const auto message = encode_set_defaults(defaults);
    REQUIRE(message.has_value());
    CHECK(header_of(*message).nlmsg_type == XFRM_MSG_SETDEFAULT);
    CHECK(decode_defaults(payload_of(*message)).value() == defaults);
    CHECK(hex(payload_of(*message).first(3)) == "010102");  // in, fwd, out; 1 block, 2 accept
}

TEST_CASE("a direction whose default nobody has set accepts", "[netlink]") {
    CHECK(decode_defaults(from_hex("00 00 00")).value() == DefaultPolicies{});
    CHECK(decode_defaults(from_hex("00 00")).error().error_number == EBADMSG);
}

TEST_CASE("the buckets of the table of SAs are a power of two", "[netlink]") {
    const auto answer = [](std::uint32_t buckets) {
        Bytes octets = from_hex("00000000");  // flags
        append(octets, attribute_of(XFRMA_SAD_CNT, std::uint32_t{5}));
        append(octets, attribute_of(XFRMA_SAD_HINFO, xfrmu_sadhinfo{buckets, 1 << 20}));
        return decode_sa_buckets(octets);
    };
    CHECK(answer(64).value() == 64);
    CHECK(answer(63).error().error_number == EBADMSG);
    CHECK(answer(0).error().error_number == EBADMSG);
    CHECK(decode_sa_buckets(from_hex("00000000")).error().error_number == EBADMSG);
}

}  // namespace xfrmd::netlink::tests
