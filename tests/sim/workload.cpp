// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/workload.h"

namespace xfrmd::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kStormPackets = 60;

std::vector<Site const*> sites_of(Scene& scene) {
    std::vector<Site const*> sites;
    for (HostIndex host = 0; host < scene.hosts(); ++host) sites.push_back(&scene.machine(host).site());
    return sites;
}

}  // namespace

Workload::Workload(Scene& scene, const Options& options)
    : scene_{scene},
      options_{options},
      prng_{Prng{options.seed}.split("workload")},
      adversary_{Prng{options.seed}.split("adversary"), sites_of(scene)},
      insider_{Prng{options.seed}.split("insider")} {}

void Workload::begin() {
    set_faults();
    for (HostIndex host = 0; host < scene_.hosts(); ++host) homes_.push_back(scene_.machine(host).site().address);
    scene_.overheard = [this](const IkeDatagram& datagram) { adversary_.overhear(datagram); };
    for (HostIndex host = 0; host < scene_.hosts(); ++host) {
        const bool late = options_.late_peer && host == 1;
        late ? start_later(scene_.machine(host)) : scene_.machine(host).start();
    }
    for (HostIndex from = 0; from < scene_.hosts(); ++from)
        for (HostIndex to = 0; to < scene_.hosts(); ++to)
            if (from != to) send_probes(from, to);
    if (options_.attacks > 0) attack();
    if (options_.hostile) {
        probe("fault: hostile peer");
        scene_.distrust(*options_.hostile);
        scene_.machine(*options_.hostile).set_twist([this](ike::Core& core, Bytes sent) {
            return is_faulty_ ? insider_.twist(core, std::move(sent)) : sent;
        });
    }
}

void Workload::set_faults() {
    scene_.network().set_faults(options_.faults);
    const Machine::Faults faults{.kernel_latency_max = options_.slow_kernel ? 200ms : 1ms,
                                 .crypto_latency_max = options_.slow_crypto ? 300ms : 2ms,
                                 .kernel_refusals = options_.kernel_refusals,
                                 .lost_events = options_.lost_events,
                                 .reordered_replies = options_.reordered_replies};
    for (HostIndex host = 0; host < scene_.hosts(); ++host) scene_.machine(host).set_faults(faults);
}

void Workload::act_for_a_second() {
    if (prng_.chance(options_.crashes)) crash(any_machine(), false);
    if (prng_.chance(options_.reboots)) crash(any_machine(), true);
    if (prng_.chance(options_.partitions)) partition();
    if (options_.roams > 0 && prng_.chance(options_.roams)) roam();
    if (prng_.chance(options_.expiries)) any_machine().expire_an_sa(prng_.chance(0.5));
    if (prng_.chance(options_.commands)) command();
    if (prng_.chance(options_.rekeys)) rekey();
    if (prng_.chance(options_.reloads)) reload();
    if (prng_.chance(options_.storms)) storm();
    if (prng_.chance(options_.sleeps)) {
        probe("fault: sleep");
        any_machine().sleep(between(2s, 60s));
    }
    if (prng_.chance(options_.wall_jumps)) {
        probe("fault: wall clock");
        const auto hours = static_cast<std::int64_t>(prng_.between(0, 200'000)) - 100'000;
        any_machine().jump_wall_clock(std::chrono::hours{hours});
    }
    if (scene_.nat() != nullptr && prng_.chance(options_.nat_rebindings)) {
        probe("fault: NAT rebinding");
        scene_.stage().note("nat", "forgets its mappings");
        scene_.nat()->rebind();
    }
    scene_.run_for(1s);
}

Duration Workload::between(Duration least, Duration most) {
    return Duration{static_cast<std::int64_t>(prng_.between(static_cast<std::uint64_t>(least.count()),
                                                            static_cast<std::uint64_t>(most.count())))};
}

void Workload::crash(Machine& machine, bool with_kernel) {
    probe(with_kernel ? "fault: power off" : "fault: crash");
    with_kernel ? machine.power_off() : machine.crash();
    std::erase_if(held_down_, [&](const auto& held) { return held.first == machine.host(); });
    start_later(machine);
}

void Workload::start_later(Machine& machine) {
    scene_.stage().world.in(between(2s, 15s), [&machine] { machine.start(); });
}

// Between two hosts one direction or both, or one host from all others; for a while.
void Workload::partition() {
    probe("fault: partition");
    const HostIndex from = any_host();
    const bool alone = prng_.chance(0.3);
    const HostIndex to = (from + 1 + static_cast<HostIndex>(prng_.below(scene_.hosts() - 1))) % scene_.hosts();
    const std::uint64_t which = prng_.between(1, 3);
    const auto set = [this, from, to, alone, which](bool cut) {
        const xfrm::Address here = scene_.machine(from).site().public_address;
        for (HostIndex other = 0; other < scene_.hosts(); ++other) {
            if (other == from || (!alone && other != to)) continue;
            const xfrm::Address there = scene_.machine(other).site().public_address;
            if ((which & 1) != 0) scene_.network().cut(here, there, cut);
            if ((which & 2) != 0) scene_.network().cut(there, here, cut);
        }
    };
    scene_.stage().note("net", "partition");
    set(true);
    scene_.stage().world.in(between(1s, 20s), [set] { set(false); });
}

xfrm::Address Workload::elsewhere(HostIndex host, std::uint64_t number) const {
    const std::string network = options_.family == xfrm::Family::V4 ? "198.51.100." : "2001:db8:77::";
    return xfrm::Address::parse(network + std::to_string(10 * (host + 1) + number)).value();
}

// To one of a few other addresses, or home, where its peers have it in their configuration.
void Workload::roam() {
    const HostIndex host = any_host();
    if (scene_.nat() != nullptr && host == 0) return;  // its NAT knows it by its address
    probe("fault: roaming");
    const std::uint64_t number = prng_.below(4);
    scene_.machine(host).roam(number == 0 ? homes_[host] : elsewhere(host, number));
}

// Whom a NAT that filters shields from the new address cannot be told of it.
bool Workload::move_out() {
    if (options_.roams == 0 || scene_.nat() != nullptr) return false;
    probe("a host moves out");
    const HostIndex host = any_host();
    scene_.machine(host).roam(elsewhere(host, 7));
    return true;
}

void Workload::command() {
    Machine& machine = any_machine();
    if (!machine.is_running() || machine.configuration().connections.empty()) return;
    const auto& connections = machine.configuration().connections;
    const std::string name = connections[static_cast<std::size_t>(prng_.below(connections.size()))].name;
    if (prng_.chance(0.5)) {
        held_down_.emplace(machine.host(), name);
        machine.down(name);
    } else {
        held_down_.erase({machine.host(), name});
        machine.up(name);
    }
}

void Workload::rekey() {
    probe("fault: rekey");
    const HostIndex from = any_host();
    const HostIndex to = (from + 1 + static_cast<HostIndex>(prng_.below(scene_.hosts() - 1))) % scene_.hosts();
    const auto rekey = [&](HostIndex host, HostIndex peer) {
        const std::uint64_t which = prng_.between(1, 3);
        scene_.machine(host).rekey(scene_.connection(peer), (which & 1) != 0, (which & 2) != 0);
    };
    rekey(from, to);
    if (prng_.chance(0.5)) rekey(to, from);
}

// The same again, or changed in something that the ends need not agree on.
void Workload::reload() {
    probe("fault: reload");
    Machine& machine = any_machine();
    const auto& now = machine.configuration();
    machine.configure(prng_.chance(0.5) ? changed(now) : std::make_shared<const ike::Configuration>(now));
}

// Packets for many hosts of a peer's network at once, as a scan makes them.
void Workload::storm() {
    probe("fault: acquire storm");
    const HostIndex from = any_host();
    const HostIndex to = (from + 1 + static_cast<HostIndex>(prng_.below(scene_.hosts() - 1))) % scene_.hosts();
    for (std::size_t i = 0; i < kStormPackets; ++i)
        scene_.send_probe(from, to, static_cast<std::uint16_t>(prng_.between(1024, 65535)));
}

void Workload::attack() {
    if (!is_faulty_) return;
    scene_.deliver(adversary_.attack());
    const auto pause = static_cast<std::uint64_t>(2'000'000 / options_.attacks);
    scene_.stage().world.in(between(1us, Duration{static_cast<std::int64_t>(pause)}), [this] { attack(); });
}

void Workload::send_probes(HostIndex from, HostIndex to) {
    if (scene_.is_failed()) return;
    const bool second = options_.two_children && prng_.chance(0.3);
    if (is_loud_) scene_.send_probe(from, to, static_cast<std::uint16_t>(prng_.between(1024, 65535)), second);
    const Duration most = scene_.hosts() > 2 ? Duration{6s} : Duration{2s};
    scene_.stage().world.in(between(200ms, most), [this, from, to] { send_probes(from, to); });
}

void Workload::heal() {
    if (scene_.is_failed()) return;
    scene_.stage().note("net", "heals");
    is_faulty_ = false;
    scene_.network().set_faults({});
    scene_.run_for(61s);  // the last partition and the last sleep have ended by then
    scene_.network().mend();
    if (options_.hostile) {
        // It starts anew as an honest one. What it has told its peer before goes with INITIAL_CONTACT.
        scene_.machine(*options_.hostile).crash();
        scene_.machine(*options_.hostile).set_twist({});
        scene_.run_for(1s);  // what it has asked of its kernel is carried out by then
    }
    for (HostIndex host = 0; host < scene_.hosts(); ++host) {
        Machine& machine = scene_.machine(host);
        machine.correct_wall_clock();
        machine.roam(homes_[host]);
        machine.set_faults({});
        machine.start();
    }
    for (const auto& [host, name] : held_down_) scene_.machine(host).up(name);
}

}  // namespace xfrmd::sim
