// SPDX-License-Identifier: Apache-2.0
#include "ike/nat.h"

#include "ike/crypto/digest.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike {

NatDetectionHash nat_detection_hash(IkeSpi initiator, IkeSpi responder,
                                    const xfrm::Endpoint& endpoint) {
    Writer out;
    out.u64(initiator.value);
    out.u64(responder.value);
    out.bytes(endpoint.address.octets());
    out.u16(endpoint.port);
    return sha1(std::move(out).finish());
}

NatSituation detect_nat(std::span<const Notify> notifies, IkeSpi initiator, IkeSpi responder,
                        const Path& path) {
    const NatDetectionHash sender = nat_detection_hash(initiator, responder, path.remote);
    const NatDetectionHash receiver = nat_detection_hash(initiator, responder, path.local);
    // A sender may give several source addresses: one match is enough.
    bool source_given = false;
    bool source_matches = false;
    NatSituation situation;
    for (const Notify& notify : notifies) {
        if (notify.type == NotifyType::NatDetectionSourceIp) {
            source_given = true;
            source_matches |= equal(notify.data, sender);
        } else if (notify.type == NotifyType::NatDetectionDestinationIp) {
            situation.local = !equal(notify.data, receiver);
        }
    }
    situation.remote = source_given && !source_matches;
    return situation;
}

std::vector<Notify> nat_detection_notifies(IkeSpi initiator, IkeSpi responder, const Path& path) {
    return {make_nat_detection(NotifyType::NatDetectionSourceIp,
                               nat_detection_hash(initiator, responder, path.local)),
            make_nat_detection(NotifyType::NatDetectionDestinationIp,
                               nat_detection_hash(initiator, responder, path.remote))};
}

Path beside_esp(const Path& path, std::uint16_t nat_port) {
    Path there = path;
    there.local.port = there.remote.port = nat_port;
    there.encapsulated = true;
    return there;
}

}  // namespace xfrmd::ike
