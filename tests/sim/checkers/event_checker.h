// SPDX-License-Identifier: Apache-2.0
// The events tell the whole story: whoever replays them from the beginning knows the same established IKE SAs and
// children as the snapshot shows.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ike/event.h"
#include "ike/snapshot.h"

namespace xfrmd::sim {

class EventChecker {
  public:
    void happened(const ike::Event& event);
    [[nodiscard]] std::optional<std::string> check(const ike::Snapshot& snapshot) const;

  private:
    using IkeSa = std::pair<ike::IkeSpi, ike::IkeSpi>;
    using Child = std::pair<xfrm::EspSpi, xfrm::EspSpi>;

    void change(const char* what, bool is_right);

    std::map<IkeSa, std::string> ike_sas_;   // with their connections
    std::map<Child, std::string> children_;  // with connection/name
    std::optional<std::string> contradiction_;
};

}  // namespace xfrmd::sim
