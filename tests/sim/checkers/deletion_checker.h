// SPDX-License-Identifier: Apache-2.0
// What a host asks its peer to delete, it asks once: each SPI stands in the Delete of one request at most, and after
// that of an IKE SA nothing more is asked under it. RFC 7296 §1.4.1, §2.8.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tests/sim/wiretap.h"

namespace xfrmd::sim {

class DeletionChecker {
  public:
    // A message leaves; a retransmission counts as the same.
    [[nodiscard]] std::optional<std::string> sent(const OpenedMessage& message);

  private:
    using IkeSa = std::pair<ike::IkeSpi, ike::IkeSpi>;

    std::set<std::pair<IkeSa, ike::MessageId>> requests_;
    std::set<IkeSa> closed_;
    std::set<std::pair<ike::ProtocolId, xfrm::EspSpi>> deleted_;
};

}  // namespace xfrmd::sim
