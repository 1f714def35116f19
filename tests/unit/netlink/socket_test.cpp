// SPDX-License-Identifier: Apache-2.0
// The refusals that netlink sockets read. What the sockets do with a kernel is tested on the
// kernel.
#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <limits>

#include "netlink/socket.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

namespace {

std::optional<Refusal> decode(std::uint16_t type, std::uint16_t flags, View payload) {
    return decode_refusal({type, flags, 1, payload});
}

Bytes words(std::string_view text) {
    Bytes octets = to_bytes(as_view(text));
    octets.push_back(0);
    return attribute(NLMSGERR_ATTR_MSG, octets);
}

// An error about a request of `request_octets`, which is echoed unless the acknowledgement is
// capped.
Bytes error_message(int error, std::size_t request_octets, bool capped) {
    nlmsgerr body{};
    body.error = error;
    body.msg.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + request_octets);
    Bytes octets = to_bytes(octets_of(body));
    if (!capped) octets.resize(octets.size() + request_octets, 0xee);
    return octets;
}

}  // namespace

TEST_CASE("an acknowledgement is no refusal", "[netlink]") {
    CHECK_FALSE(decode(NLMSG_ERROR, NLM_F_CAPPED, error_message(0, 100, true)).has_value());
    CHECK_FALSE(decode(NLMSG_DONE, 0, octets_of(0)).has_value());
    CHECK_FALSE(decode(NLMSG_DONE, 0, {}).has_value());
}

TEST_CASE("a refusal carries errno and the kernel's words, capped or not", "[netlink]") {
    for (const bool capped : {false, true}) {
        Bytes octets = error_message(-EINVAL, 40, capped);
        append(octets, words("Invalid prefix length"));
        const auto flags = static_cast<std::uint16_t>(NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
        const auto refusal = decode(NLMSG_ERROR, flags, octets);
        REQUIRE(refusal.has_value());
        CHECK(refusal->error_number == EINVAL);
        CHECK(refusal->text == "Invalid prefix length");
        CHECK_FALSE(refusal->lost);
    }
}

TEST_CASE("a dump may end with a refusal", "[netlink]") {
    Bytes octets = to_bytes(octets_of(-EPERM));
    append(octets, words("no"));
    const auto refusal = decode(NLMSG_DONE, NLM_F_ACK_TLVS, octets);
    REQUIRE(refusal.has_value());
    CHECK(refusal->error_number == EPERM);
    CHECK(refusal->text == "no");
}

TEST_CASE("errors that are none read as damage", "[netlink]") {
    CHECK(decode(NLMSG_ERROR, 0, {})->error_number == EBADMSG);
    CHECK(decode(NLMSG_ERROR, 0, octets_of(-EINVAL))->error_number == EBADMSG);
    CHECK(decode(NLMSG_ERROR, 0, error_message(5, 0, true))->error_number == EBADMSG);
    CHECK(decode(NLMSG_ERROR, 0, error_message(std::numeric_limits<int>::min(), 0, true))
              ->error_number == EBADMSG);
}

TEST_CASE("decoding refusals survives damage at every place", "[netlink]") {
    Bytes octets = error_message(-EEXIST, 8, false);
    append(octets, words("File exists"));
    std::size_t whole = 0;
    damage_everywhere(octets, [&](View view) {
        if (const auto refusal = decode(NLMSG_ERROR, NLM_F_ACK_TLVS, view);
            refusal && refusal->text == "File exists")
            ++whole;
    });
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
