// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/simulation.h"

#include <algorithm>
#include <array>

#include "tests/sim/checkers/table_checker.h"

namespace xfrmd::sim {

using namespace std::chrono_literals;

namespace {

// Long enough for liveness to find a dead peer, for retries at their longest distance, and for what is half-open to lapse.
constexpr Duration kConvergenceMax = 10min;
constexpr Duration kSettling = 100s;
constexpr Duration kPeace = 60s;
constexpr Duration kMoving = 60s;
constexpr Duration kQuiet = 75s;
constexpr Duration kPauseMax = 20s;
constexpr Duration kClosing = 60s;

std::size_t established(const ike::ConnectionSnapshot& connection) {
    return static_cast<std::size_t>(std::ranges::count_if(
        connection.ike_sas, [](const ike::IkeSaSnapshot& sa) { return sa.state == "established" && !sa.spare; }));
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
    : options_{options}, scene_{options, with_ladder}, stage_{scene_.stage()}, workload_{scene_, options} {}

Outcome Simulation::run() {
    misbehave();
    workload_.heal();
    if (options_.quarrel == Quarrel::None) {
        await_convergence();
        rekey_in_peace();
        move_in_peace();
    } else {
        await_refusal();
    }
    fall_quiet();
    close();
    Outcome outcome{.violation = stage_.violation,
                    .digest = stage_.digest,
                    .unseed = 0,
                    .deliveries = stage_.oracle.deliveries(),
                    .virtual_seconds = std::chrono::duration<double>(stage_.world.now().time_since_epoch()).count(),
                    .probes = stage_.probes,
                    .ladder = stage_.ladder.lines()};
    for (HostIndex host = 0; host < scene_.hosts(); ++host)
        outcome.unseed = outcome.unseed * 3 + machine(host).next_random();
    return outcome;
}

void Simulation::misbehave() {
    workload_.begin();
    const Time end = stage_.world.now() + options_.faulty_for;
    while (stage_.world.now() < end && !is_failed()) workload_.act_for_a_second();
}

// ---- The phase of healing

// Every two hosts have one IKE SA, and traffic passes both ways.
std::optional<std::string> Simulation::why_not_together(std::uint64_t mark) {
    for (HostIndex from = 0; from < scene_.hosts(); ++from) {
        const ike::Snapshot snapshot = machine(from).snapshot();
        for (HostIndex to = 0; to < scene_.hosts(); ++to) {
            if (from == to) continue;
            const std::string pair = std::string{host_name(from)} + " to " + host_name(to);
            if (!stage_.oracle.arrived_since(from, to, mark)) return "nothing arrives from " + pair;
            const std::size_t count = established(connection_of(snapshot, scene_.connection(to)));
            if (count != 1) return "there are " + std::to_string(count) + " IKE SAs from " + pair;
        }
    }
    return std::nullopt;
}

void Simulation::await_convergence() {
    const std::uint64_t mark = stage_.oracle.last_probe();
    const Time end = stage_.world.now() + kConvergenceMax;
    while (!is_failed()) {
        const auto why_not = why_not_together(mark);
        if (!why_not) return;
        if (stage_.world.now() >= end) {
            std::string text = "did not come together: " + *why_not + "\n";
            for (HostIndex host = 0; host < scene_.hosts(); ++host)
                text += machine(host).site().name + ":\n" + describe(machine(host).snapshot());
            stage_.fail("all", text);
        }
        run_for(1s);
    }
}

// On a network that loses nothing, rekeying loses nothing either, whoever begins, and if both do.
void Simulation::rekey_in_peace() {
    const std::uint64_t before = stage_.oracle.last_probe();
    run_for(kSettling);
    await_pause();  // of a reauthentication there are two IKE SAs
    if (is_failed()) return;
    if (const auto why_not = why_not_together(before)) return stage_.fail("all", "did not stay together: " + *why_not);
    stage_.note("net", "peace");
    scene_.network().set_faults({.delay_min = 1ms, .delay_max = 20ms});
    const std::uint64_t mark = stage_.oracle.last_probe();
    const Time end = stage_.world.now() + kPeace;
    while (stage_.world.now() < end && !is_failed()) {
        workload_.rekey();
        run_for(3s);
    }
    workload_.set_loud(false);
    run_for(1s);
    if (const auto lost = stage_.oracle.lost_since(mark))
        stage_.fail("all", "rekeying has lost probe " + std::to_string(*lost));
    workload_.set_loud(true);
}

// RFC 4555: who gets another address keeps its IKE SAs; nobody could make new ones with a host that is where no configuration
// has it.
void Simulation::move_in_peace() {
    if (is_failed() || !workload_.move_out()) return;
    run_for(kMoving);
    rekey_in_peace();
}

void Simulation::await_refusal() {
    run_for(kSettling);  // what the faults left behind ends
    Machine& east = machine(0);
    const std::array<std::size_t, 2> before{east.events().size(), machine(1).events().size()};
    east.up(scene_.connection(1));
    run_for(kSettling);
    if (is_failed()) return;
    if (!east.last_reply() || east.last_reply()->result)
        return stage_.fail("east", std::string{"up must fail: "} + quarrel_name(options_.quarrel));
    for (HostIndex host = 0; host < 2; ++host) {
        const Machine& end = machine(host);
        std::size_t failures = 0;
        for (std::size_t i = before[host]; i < end.events().size(); ++i) {
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
    workload_.set_loud(false);
    run_for(kQuiet);
    if (is_failed()) return;
    for (HostIndex host = 0; host < scene_.hosts(); ++host)
        for (const auto& [id, name] : machine(host).unanswered())
            stage_.fail(machine(host).site().name, "was never answered: " + name);
    await_pause();
    options_.quarrel == Quarrel::None ? scene_.check_together() : scene_.check_apart();
}

// Until no SA is being made or replaced: those with short lives are at any time, and the ends know of it at different times.
void Simulation::await_pause() {
    const auto is_changing = [](const ike::IkeSa& sa) {
        const bool gives_up = sa.timers[static_cast<std::size_t>(ike::Timer::GiveUp)].has_value();
        return sa.handshake || sa.outgoing || sa.incoming || sa.replaces || sa.is<ike::state::Closing>() ||
               (sa.is_established() && gives_up);
    };
    const auto is_anything_changing = [&] {
        bool found = false;
        for (HostIndex host = 0; host < scene_.hosts(); ++host)
            if (ike::Core* core = machine(host).core()) {
                found |= !core->kernel_requests.empty();
                core->ike_sas.for_each([&](const ike::IkeSa& sa) { found |= is_changing(sa); });
            }
        return found;
    };
    const Time end = stage_.world.now() + kPauseMax;
    while (is_anything_changing() && stage_.world.now() < end && !is_failed()) run_for(20ms);
}

// A clean stop takes the SAs of both ends away, and leaves the policies: traffic is blocked, not clear.
void Simulation::close() {
    if (is_failed()) return;
    for (HostIndex host = 0; host + 1 < scene_.hosts(); ++host) machine(host).shut_down();
    run_for(kClosing);
    if (is_failed()) return;
    for (HostIndex host = 0; host + 1 < scene_.hosts(); ++host)
        if (machine(host).unanswered_commands() != 0) stage_.fail(machine(host).site().name, "shutdown was not answered");
    scene_.check_apart();
    workload_.set_loud(true);
    run_for(5s);
}

}  // namespace xfrmd::sim
