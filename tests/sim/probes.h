// SPDX-License-Identifier: Apache-2.0
// Which situations a search has reached. All are seen from outside: in events, in messages, in the states an IKE SA
// passes through, in what became of datagrams and packets. So the core needs no marks for it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ike/event.h"
#include "ike/snapshot.h"
#include "tests/sim/wiretap.h"

namespace xfrmd::sim {

class Probes {
  public:
    void hit(std::string_view situation) { hit_.emplace(situation); }
    void happened(const ike::Event& event);
    void sent(const OpenedMessage& message);
    void passed(const ike::IkeSa& sa);
    void counted(const ike::Statistics& statistics);
    void add(const Probes& other) { hit_.insert(other.hit_.begin(), other.hit_.end()); }

    [[nodiscard]] const std::set<std::string, std::less<>>& all() const { return hit_; }
    // What a search worth its name must have reached and this one has not.
    [[nodiscard]] std::vector<std::string> missed() const;

  private:
    std::set<std::string, std::less<>> hit_;
};

}  // namespace xfrmd::sim
