// SPDX-License-Identifier: Apache-2.0
// What happens to the hosts while faults are on: a transition now and then, at the rates of the seed.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "tests/sim/adversary.h"
#include "tests/sim/insider.h"
#include "tests/sim/scene.h"

namespace xfrmd::sim {

class Workload {
  public:
    Workload(Scene& scene, const Options& options);

    void begin();
    void act_for_a_second();
    // Everything that is temporary ends: hosts are awake, daemons run, what was taken down comes up.
    void heal();

    // Probes between every two hosts, at their own pace, until they are told to be quiet.
    void set_loud(bool loud) { is_loud_ = loud; }
    // New keys for something, somewhere; sometimes at both ends at once.
    void rekey();
    // Where hosts roam, one of them leaves home for good now. False: nobody does.
    bool move_out();

  private:
    void set_faults();
    void crash(Machine& machine, bool with_kernel);
    void partition();
    void roam();
    [[nodiscard]] xfrm::Address elsewhere(HostIndex host, std::uint64_t number) const;
    void command();
    void reload();
    void storm();
    void attack();
    void send_probes(HostIndex from, HostIndex to);
    void start_later(Machine& machine);
    Duration between(Duration least, Duration most);
    HostIndex any_host() { return static_cast<HostIndex>(prng_.below(scene_.hosts())); }
    Machine& any_machine() { return scene_.machine(any_host()); }
    void probe(std::string_view situation) { scene_.stage().probes.hit(situation); }

    Scene& scene_;
    Options options_;
    Prng prng_;
    Adversary adversary_;
    Insider insider_;
    std::set<std::pair<HostIndex, std::string>> held_down_;
    std::vector<xfrm::Address> homes_;
    bool is_faulty_ = true;
    bool is_loud_ = true;
};

}  // namespace xfrmd::sim
