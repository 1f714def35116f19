// SPDX-License-Identifier: Apache-2.0
#include "ike/key_export.h"

#include "ike/core.h"

namespace xfrmd::ike {

std::vector<ExportedKeys> export_keys(Host& host, const std::set<SpiPair>& known) {
    std::vector<ExportedKeys> all;
    const Core& core = core_of(host);
    core.ike_sas.for_each([&](const IkeSa& sa) {
        const SpiPair spis{sa.initiator_spi, sa.responder_spi};
        if (!sa.was_established() || !sa.sealing || !sa.opening || known.contains(spis)) return;
        const bool is_initiator = sa.role == Role::Initiator;
        const MessageCipher& initiator = is_initiator ? *sa.sealing : *sa.opening;
        const MessageCipher& responder = is_initiator ? *sa.opening : *sa.sealing;
        all.push_back({.connection = sa.connection,
                       .spis = spis,
                       .suite = sa.suite,
                       .ei = initiator.encryption_key().clone(),
                       .er = responder.encryption_key().clone(),
                       .ai = initiator.integrity_key().clone(),
                       .ar = responder.integrity_key().clone()});
    });
    return all;
}

}  // namespace xfrmd::ike
