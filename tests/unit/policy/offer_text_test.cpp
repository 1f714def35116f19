// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/offer_text.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"

using namespace xfrmd;
using namespace xfrmd::ike;

TEST_CASE("proposals are told in the words of the configuration", "[policy]") {
    const Proposal first = *parse_proposal(ProtocolId::Esp, "aes256gcm16-x25519-esn");
    const Proposal second = *parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519");
    CHECK(proposal_text(first) == "aes256gcm16-x25519-esn");
    CHECK(offer_text(std::vector{first, second}) == "aes256gcm16-x25519-esn or aes128gcm16-prfsha256-x25519");
    CHECK(offer_text({}) == "nothing");
}

TEST_CASE("a transform that is not known here is told by its number", "[policy]") {
    Proposal strange;
    strange.transforms = {{.type = TransformType::Encryption, .id = 60000, .key_length = {}, .unknown_attributes = {}}};
    CHECK(proposal_text(strange).contains("60000"));
}

TEST_CASE("whatever a peer offers, the text of it stays short", "[policy]") {
    Proposal long_one;
    long_one.transforms.assign(255, {.type = TransformType::Encryption, .id = 60000, .key_length = {}, .unknown_attributes = {}});
    const std::string text = offer_text(std::vector<Proposal>(255, long_one));
    CHECK(text.ends_with(" and 252 more"));
    CHECK(text.contains(" and 231 more or "));
    CHECK(text.size() < 2500);
}

TEST_CASE("traffic is told as from where to where, of many the first", "[policy]") {
    const auto range = [](const char* text) { return AddressRange::of(*xfrm::Prefix::parse(text)); };
    CHECK(traffic_text({range("10.1.0.0/16"), range("10.3.0.0/16")}, {range("10.2.0.0/16")}) ==
          "10.1.0.0/16, 10.3.0.0/16 to 10.2.0.0/16");
    CHECK(traffic_text(TrafficSelectorList(64, range("10.1.0.0/16")), {}) ==
          "10.1.0.0/16, 10.1.0.0/16, 10.1.0.0/16, 10.1.0.0/16 and 60 more to nothing");
}
