// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/simulation.h"

#include <algorithm>

#include "tests/sim/checkers/table_checker.h"

namespace xfrmd::sim {

using namespace std::chrono_literals;

namespace {

// Long enough for liveness to find a dead peer, for retries at their longest distance, and for what is half-open to lapse.
constexpr Duration kConvergenceMax = 10min;
constexpr Duration kSettling = 100s;
constexpr Duration kQuiet = 75s;
constexpr Duration kClosing = 60s;

bool has_one_established(const ike::Snapshot& snapshot) {
    std::size_t count = 0;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections)
        count += static_cast<std::size_t>(std::ranges::count(connection.ike_sas, "established", &ike::IkeSaSnapshot::state));
    return count == 1;
}

}  // namespace

bool is_expected(Quarrel quarrel, ike::Reason reason) {
    using enum ike::Reason;
    switch (quarrel) {
        case Quarrel::None: return false;
        case Quarrel::WrongSecret: return reason == AuthenticationFailed;
        case Quarrel::WrongAuthority: return reason == NoTrustedCertificate || reason == AuthenticationFailed;
        case Quarrel::WrongIdentity: return reason == IdentityMismatch || reason == AuthenticationFailed;
        case Quarrel::NoCommonAlgorithm:
        case Quarrel::NoCommonChild: return reason == NoProposalChosen;
        case Quarrel::DisjointSelectors: return reason == TrafficSelectorsUnacceptable;
        case Quarrel::DifferentModes:
            return reason == TransportModeRefused || reason == TrafficSelectorsUnacceptable ||
                   reason == NoProposalChosen;
    }
    return false;
}

Simulation::Simulation(const Options& options, bool with_ladder)
    : options_{options},
      prng_{Prng{options.seed}.split("simulation")},
      stage_{Prng{options.seed}, with_ladder},
      east_{stage_, Side::East, make_site(options, Side::East), Prng{options.seed}.split("east")},
      west_{stage_, Side::West, make_site(options, Side::West), Prng{options.seed}.split("west")},
      adversary_{Prng{options.seed}.split("adversary"), east_.site(), west_.site()} {
    stage_.transmit = [this](const Frame& frame) { transmit(frame); };
}

Outcome Simulation::run() {
    misbehave();
    heal();
    if (options_.quarrel == Quarrel::None)
        await_convergence();
    else
        await_refusal();
    fall_quiet();
    close();
    return {.violation = stage_.violation,
            .digest = stage_.digest,
            .unseed = east_.next_random() ^ (west_.next_random() << 1),
            .deliveries = stage_.oracle.deliveries(),
            .virtual_seconds =
                std::chrono::duration<double>(stage_.world.now().time_since_epoch()).count(),
            .ladder = stage_.ladder.lines()};
}

void Simulation::run_for(Duration duration) {
    if (is_failed()) return;
    stage_.world.run_until(stage_.world.now() + duration);
    check_always();
}

void Simulation::check_always() { stage_.fail_if("both", check_same_keys(east_.kernel(), west_.kernel())); }

// ---- The phase of faults

void Simulation::misbehave() {
    stage_.network.set_faults(options_.faults);
    const Machine::Faults faults{.kernel_latency_max = options_.slow_kernel ? 200ms : 1ms,
                                 .crypto_latency_max = options_.slow_crypto ? 300ms : 2ms,
                                 .kernel_refusals = options_.kernel_refusals};
    east_.set_faults(faults);
    west_.set_faults(faults);
    east_.start();
    if (!options_.late_peer) west_.start();
    send_probes(Side::East);
    send_probes(Side::West);
    if (options_.attacks > 0) attack();
    const Time half = stage_.world.now() + options_.faulty_for / 2;
    const Time end = stage_.world.now() + options_.faulty_for;
    while (stage_.world.now() < end && !is_failed()) {
        if (stage_.world.now() >= half) west_.start();
        act_for_a_second();
    }
}

void Simulation::act_for_a_second() {
    if (prng_.chance(options_.crashes)) crash(any_machine());
    if (prng_.chance(options_.partitions)) partition();
    if (prng_.chance(options_.expiries)) any_machine().expire_an_sa();
    if (prng_.chance(options_.commands)) {
        Machine& commanded = any_machine();
        const bool down = prng_.chance(0.5);
        if (commanded.is_running()) held_down_[static_cast<std::size_t>(commanded.side())] = down;
        down ? commanded.down() : commanded.up();
    }
    run_for(1s);
}

void Simulation::crash(Machine& machine) {
    machine.crash();
    held_down_[static_cast<std::size_t>(machine.side())] = false;
    stage_.world.in(Duration{static_cast<std::int64_t>(prng_.between(2'000'000, 15'000'000))},
                    [&machine] { machine.start(); });
}

// One direction or both, for a while.
void Simulation::partition() {
    const xfrm::Address east = east_.site().address;
    const xfrm::Address west = west_.site().address;
    const std::uint64_t which = prng_.between(1, 3);
    stage_.note("net", "partition " + std::to_string(which));
    const auto set = [this, east, west, which](bool cut) {
        if ((which & 1) != 0) stage_.network.cut(east, west, cut);
        if ((which & 2) != 0) stage_.network.cut(west, east, cut);
    };
    set(true);
    stage_.world.in(Duration{static_cast<std::int64_t>(prng_.between(1'000'000, 20'000'000))}, [set] { set(false); });
}

void Simulation::attack() {
    if (!is_faulty_) return;
    const Frame frame = adversary_.attack();
    deliver(frame);
    const auto pause = static_cast<std::uint64_t>(2'000'000 / options_.attacks);
    stage_.world.in(Duration{static_cast<std::int64_t>(prng_.between(1, pause))}, [this] { attack(); });
}

// ---- Traffic

void Simulation::transmit(const Frame& frame) {
    if (const auto* datagram = std::get_if<IkeDatagram>(&frame.content)) adversary_.overhear(*datagram);
    for (Arrival& arrival : stage_.network.send(stage_.world.now(), frame))
        stage_.world.at(arrival.at, [this, frame = std::move(arrival.frame)] { deliver(frame); });
}

void Simulation::deliver(const Frame& frame) {
    if (is_failed()) return;
    const xfrm::Address destination = destination_of(frame);
    for (Machine* machine : {&east_, &west_})
        if (machine->kernel().owns(destination)) machine->receive(frame);
    check_always();
}

void Simulation::send_probes(Side side) {
    if (is_failed()) return;
    Machine& sender = machine(side);
    if (is_loud_) {
        const Packet probe{.source = sender.site().traffic,
                           .destination = machine(other(side)).site().traffic,
                           .protocol = 17,
                           .source_port = static_cast<std::uint16_t>(prng_.between(1024, 65535)),
                           .destination_port = 9,
                           .probe = stage_.oracle.next_probe(side)};
        // Before the first start there are no policies, and nothing is promised.
        if (sender.kernel().find_policy(probe, xfrm::Direction::Out) != nullptr) sender.send_probe(probe);
    }
    stage_.world.in(Duration{static_cast<std::int64_t>(prng_.between(200'000, 2'000'000))},
                    [this, side] { send_probes(side); });
}

// ---- The phase of healing

void Simulation::heal() {
    if (is_failed()) return;
    stage_.note("net", "heals");
    is_faulty_ = false;
    stage_.network.set_faults({});
    stage_.world.in(21s, [this] {  // the last partition has ended by then
        stage_.note("net", "is whole");
    });
    run_for(21s);
    for (Machine* machine : {&east_, &west_}) {
        machine->set_faults({});
        machine->start();
        if (held_down_[static_cast<std::size_t>(machine->side())]) machine->up();
    }
}

void Simulation::await_convergence() {
    const std::uint64_t mark = stage_.oracle.last_probe();
    const Time end = stage_.world.now() + kConvergenceMax;
    const auto converged = [&] {
        return stage_.oracle.arrived_since(Side::East, mark) && stage_.oracle.arrived_since(Side::West, mark) &&
               has_one_established(east_.snapshot()) && has_one_established(west_.snapshot());
    };
    while (!is_failed() && !converged()) {
        if (stage_.world.now() >= end)
            stage_.fail("both", "did not come together; east:\n" + describe(east_.snapshot()) + "west:\n" +
                                    describe(west_.snapshot()));
        run_for(1s);
    }
}

void Simulation::await_refusal() {
    run_for(kSettling);  // what the faults left behind ends
    std::array<std::size_t, 2> before{east_.events().size(), west_.events().size()};
    east_.up();
    run_for(kSettling);
    if (is_failed()) return;
    if (!east_.last_reply() || east_.last_reply()->result)
        return stage_.fail("east", std::string{"up must fail: "} + quarrel_name(options_.quarrel));
    for (const Side side : {Side::East, Side::West}) {
        const Machine& end = machine(side);
        std::size_t failures = 0;
        for (std::size_t i = before[static_cast<std::size_t>(side)]; i < end.events().size(); ++i) {
            const auto* failed = std::get_if<ike::NegotiationFailed>(&end.events()[i]);
            if (failed == nullptr) continue;
            ++failures;
            if (!is_expected(options_.quarrel, failed->reason))
                stage_.fail(end.site().name, std::string{"failed for another reason than "} +
                                                 quarrel_name(options_.quarrel) + ": " + reason_name(failed->reason) +
                                                 " " + failed->detail);
        }
        if (failures == 0) stage_.fail(end.site().name, "does not say why it did not come together");
    }
}

// Nothing is sent any more but what keeps the SAs alive; what is temporary in the kernels lapses.
void Simulation::fall_quiet() {
    is_loud_ = false;
    run_for(kQuiet);
    if (is_failed()) return;
    for (Machine* machine : {&east_, &west_}) {
        if (machine->unanswered_commands() != 0) stage_.fail(machine->site().name, "a command was never answered");
        if (options_.quarrel == Quarrel::None)
            stage_.fail_if(machine->site().name, check_belief(machine->kernel(), machine->snapshot()));
        else
            stage_.fail_if(machine->site().name, check_nothing_left(machine->kernel(), machine->snapshot()));
    }
    if (options_.quarrel == Quarrel::None)
        stage_.fail_if("both", check_agreement(east_.snapshot(), west_.snapshot()));
}

// A clean stop of one end takes the SAs of both away, and leaves the policies: traffic is blocked, not clear.
void Simulation::close() {
    if (is_failed()) return;
    east_.shut_down();
    run_for(kClosing);
    if (is_failed()) return;
    if (east_.unanswered_commands() != 0) return stage_.fail("east", "shutdown was not answered");
    for (Machine* machine : {&east_, &west_})
        stage_.fail_if(machine->site().name, check_nothing_left(machine->kernel(), machine->snapshot()));
    is_loud_ = true;
    run_for(5s);
}

}  // namespace xfrmd::sim
