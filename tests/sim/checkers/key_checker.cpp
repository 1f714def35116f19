// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/key_checker.h"

namespace xfrmd::sim {

namespace {

std::optional<std::string> check(const ike::IkeSa& ours, const ike::IkeSa& theirs) {
    const std::string name = "the IKE SA of \"" + ours.connection + "\" ";
    if (ours.role == theirs.role) return name + "has the same role at both ends";
    if (!equal_in_constant_time(ours.sk_d.view(), theirs.sk_d.view())) return name + "has two keys";
    if (to_string(ours.suite) != to_string(theirs.suite)) return name + "has two suites";
    if (ours.local_id != theirs.peer_id || ours.peer_id != theirs.local_id)
        return name + "is between others than it says";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> check_same_ike_sas(ike::Core& left, ike::Core& right) {
    std::optional<std::string> wrong;
    left.ike_sas.for_each([&](const ike::IkeSa& ours) {
        if (wrong || !ours.is_established()) return;
        const auto at = right.by_local_spi.find(ours.role == ike::Role::Initiator ? ours.responder_spi
                                                                                  : ours.initiator_spi);
        if (at == right.by_local_spi.end()) return;
        const ike::IkeSa* theirs = right.ike_sas.find(at->second);
        if (theirs == nullptr || !theirs->is_established()) return;
        if (theirs->initiator_spi == ours.initiator_spi && theirs->responder_spi == ours.responder_spi)
            wrong = check(ours, *theirs);
    });
    return wrong;
}

}  // namespace xfrmd::sim
