// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ike/every_exchange.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"

namespace xfrmd::test {

using namespace std::chrono_literals;

HybridPair::HybridPair(std::string_view esp) {
    for (Peer* peer : {&alice, &bob}) {
        peer->connection.ike_proposals = {
            parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha256-x25519-ke1_mlkem512-ke2_ecp256")
                .value()};
        peer->connection.children.front().proposals = {
            parse_proposal(ProtocolId::Esp, esp).value()};
    }
    configure();
}

void renew(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        REQUIRE(pair.both_up());
        pair.input(*peer, rekey(false, true));
        pair.pass(10s);
        pair.input(*peer, rekey(true, false));
        pair.pass(70s);
    }
    REQUIRE(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
}

}  // namespace xfrmd::test
