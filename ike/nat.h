// SPDX-License-Identifier: Apache-2.0
// NAT detection. RFC 7296 §2.23.
#pragma once

#include <span>

#include "ike/ids.h"
#include "ike/io.h"
#include "ike/wire/notify_data.h"

namespace xfrmd::ike {

struct NatSituation {
    bool local = false;   // we are behind a NAT
    bool remote = false;  // the peer is
    bool any() const { return local || remote; }
};

// SHA-1(SPIi | SPIr | address | port), the data of NAT_DETECTION_*_IP.
[[nodiscard]] NatDetectionHash nat_detection_hash(IkeSpi initiator, IkeSpi responder,
                                                  const xfrm::Endpoint& endpoint);

// What a message's notifications say about the path it came over. Without any of them: no NAT, since the peer
// cannot do NAT traversal then.
[[nodiscard]] NatSituation detect_nat(std::span<const Notify> notifies, IkeSpi initiator,
                                      IkeSpi responder, const Path& path);

// The two notifications for a message sent over `path`.
[[nodiscard]] std::vector<Notify> nat_detection_notifies(IkeSpi initiator, IkeSpi responder,
                                                         const Path& path);

// The same two hosts on the port that IKE shares with ESP in UDP; there is no NAT in front of the peer, or we began.
[[nodiscard]] Path beside_esp(const Path& path, std::uint16_t nat_port);

}  // namespace xfrmd::ike
