// SPDX-License-Identifier: Apache-2.0
// What hosts say and do, in words that do not change with the numbers they draw: IKE SAs are A, B, …, and the SPIs that
// east receives on east1, east2, … in the order in which they appear.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ike/event.h"
#include "ike/snapshot.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/model/network.h"

namespace xfrmd::sim {

class Transcript {
  public:
    // "A CREATE_CHILD_SA request 2  N(REKEY_SA ESP east1) SA Ni TSi TSr"
    std::string message(const IkeDatagram& datagram);
    // "child net up: in east1, out west1". Empty for what nobody needs to read.
    std::string event(const ike::Event& event);
    // One line for each connection, one for each IKE SA, one for each child.
    std::vector<std::string> state(const ike::Snapshot& snapshot);
    // "in east1, out west1", oldest first.
    std::string kernel(const KernelModel& kernel);
    // SPIs that lead to this host get its name.
    void learn(const KernelModel& kernel, std::string_view host);

  private:
    std::string ike_sa(ike::IkeSpi initiator);
    std::string spi(xfrm::EspSpi spi);
    std::string with_names(std::string text);

    std::map<ike::IkeSpi, std::string> ike_sas_;
    std::map<xfrm::EspSpi, std::string> spis_;
    std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace xfrmd::sim
