// SPDX-License-Identifier: Apache-2.0
// What netlink/lookup says about a packet is what the kernel does with it: random tables, real
// packets, outbound, inbound and forwarded.
//
// The seed is Catch2's (--rng-seed N); every world has one of its own, which a failure names:
// with that seed it is the first. XFRMD_LAB_ROUNDS=10 tries ten times as many worlds.
#include <catch2/catch_get_random_seed.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <format>
#include <iostream>
#include <map>
#include <ranges>

#include "netlink/lookup/inbound.h"
#include "netlink/lookup/outbound.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/lookup/describe.h"
#include "tests/kernel/lookup/host.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using lookup::Cause;
using lookup::Flow;
using lookup::Inbound;
using lookup::Outbound;
using lookup::SecurityPath;
using lookup::Verdict;
using sim::Prng;

namespace {

constexpr std::uint64_t kWorlds = 100;
constexpr int kPacketsPerWorld = 110;
// The tables of a network namespace grow, and never shrink.
constexpr std::uint64_t kWorldsPerHost = 10;
constexpr std::uint32_t kLoopback = 1;  // interface index

std::uint64_t rounds() {
    const char* const text = std::getenv("XFRMD_LAB_ROUNDS");
    std::uint64_t count = 1;
    if (text != nullptr) std::from_chars(text, text + std::string_view{text}.size(), count);
    return std::max<std::uint64_t>(count, 1);
}

// How often each conclusion was tried.
struct Tally {
    std::map<std::string, int> conclusions;
    int cases = 0;
    int uncertain = 0;
    int otherwise = 0;  // of these
};

// One world: its packets one after the other.
class Trial {
  public:
    Trial(Host& host, std::uint64_t seed, Tally& tally)
        : host_{host}, seed_{seed}, prng_{seed}, tally_{tally} {
        world_ = draw_world(prng_, host.interfaces(), wall_seconds());
        host_.become(world_);
    }

    void run() {
        for (int i = 0; i < kPacketsPerWorld; ++i) {
            const std::uint64_t kind = prng_.below(20);
            host_.refresh();
            if (kind < 9)
                try_out();
            else if (kind < 10)
                try_loop();
            else
                try_arrival(kind < 16 ? Way::In : Way::Through);
        }
    }

  private:
    void try_out() {
        Flow flow = draw_sendable(Way::Out);
        const bool bound = prng_.chance(0.15);
        if (bound || flow.family() == Family::V4)
            flow.interface_index = interface_of(flow.destination);
        const Outbound expected = explain(flow, {.xfrm_disabled = is_xfrm_disabled(flow)});
        count(expected.uncertain, "out", expected.cause);
        const Observed observed = host_.send(flow, bound, is_silent(expected.cause));
        compare(flow, expected, observed, "out");
        settle(expected, observed);
    }

    // From the host to itself: out and in again, over an interface that is set not to care in IPv4.
    void try_loop() {
        Flow flow = draw_sendable(Way::Loop);
        if (flow.protocol == 6)
            flow.protocol = 17;  // nothing in TCP's first segment could be a tag
        const bool v4 = flow.family() == Family::V4;
        if (v4) flow.interface_index = kLoopback;
        const Outbound out = explain(flow, {.loopback = true, .xfrm_disabled = v4});
        if (out.verdict() == Verdict::Protected || out.uncertain) return;
        if (out.verdict() != Verdict::Clear) {
            count(false, "loop", out.cause);
            const Observed observed = host_.send(flow, false, is_silent(out.cause));
            compare(flow, out, observed, "loop");
            settle(out, observed);
            return;
        }
        flow.interface_index = kLoopback;
        const lookup::InboundFacts facts{v4 || is_policy_disabled(flow, Way::In)};
        const Inbound in = check_inbound(flow, Direction::In, {}, host_.tables(), facts);
        count(in.uncertain(), "loop", in.cause);
        const Observed observed = host_.send(flow, false, false);
        compare(flow, {}, in, observed, Way::Loop);
        settle(out, observed);
    }

    void try_arrival(Way way) {
        Flow flow = draw_flow(prng_, world_, way);
        flow.interface_index = way == Way::In ? kLoopback : interface_of(flow.destination);
        const Direction direction = way == Way::In ? Direction::In : Direction::Forward;
        const SecurityPath path = draw_path(flow, direction);
        const lookup::InboundFacts facts{is_policy_disabled(flow, way)};
        const Inbound expected = check_inbound(flow, direction, path, host_.tables(), facts);
        const bool passes = expected.verdict() != Verdict::Blocked;
        if (way == Way::In || !passes) {
            count(expected.uncertain(), "in", expected.cause);
            const Observed observed = host_.receive(flow, path, false);
            compare(flow, path, expected, observed, way);
            // The host's answer may have asked for an SA, or used one up.
            if (!observed.acquires.empty() || has_limits()) host_.touch();
            return;
        }
        const Outbound onwards =
            explain(flow, {.forwarded = true, .xfrm_disabled = is_xfrm_disabled(flow)});
        count(expected.uncertain() || onwards.uncertain, "through", onwards.cause);
        const Observed observed = host_.receive(flow, path, is_silent(onwards.cause));
        compare(flow, onwards, observed, "through");
        settle(onwards, observed);
    }

    // What sockets do not tell the lookup is not in the flow.
    Flow draw_sendable(Way way) {
        Flow flow = draw_flow(prng_, world_, way);
        constexpr std::array<std::uint8_t, 4> kTold{17, 6, 1, 58};
        if (!std::ranges::contains(kTold, flow.protocol))
            flow.source_port = flow.destination_port = 0;
        return flow;
    }

    void count(bool uncertain, std::string_view way, Cause cause) {
        uncertain_ = uncertain;
        if (uncertain)
            ++tally_.uncertain;
        else
            ++tally_.conclusions[std::format("{} {}", way, word_of(cause))];
        tally_.cases += uncertain ? 0 : 1;
    }

    Outbound explain(const Flow& flow, lookup::OutboundFacts facts) {
        facts.key_manager = host_.listens();
        facts.paths = host_.paths();
        return explain_outbound(flow, host_.tables(), facts);
    }

    bool is_xfrm_disabled(const Flow& flow) const {
        return world_.settings.disable_xfrm.at(std::to_underlying(*side_of(flow.destination)));
    }

    std::uint32_t interface_of(const Address& destination) const {
        const Interfaces all = host_.interfaces();
        return *side_of(destination) == Side::West ? all.west : all.east;
    }

    bool is_policy_disabled(const Flow& flow, Way way) const {
        const bool owner = flow.family() == Family::V6 && way == Way::In;
        const Side side = *side_of(owner ? flow.destination : flow.source);
        return world_.settings.disable_policy.at(std::to_underlying(side));
    }

    // Nothing moves when the default policy blocks on the way out.
    static bool is_silent(Cause cause) { return cause == Cause::DefaultBlocks; }

    // ---- the SAs a packet comes through ------------------------------------------------------

    SecurityPath draw_path(const Flow& flow, Direction direction) {
        SecurityPath path;
        const auto choice = choose_policy(flow, direction, host_.tables());
        if (choice.winner != nullptr && prng_.chance(0.85))
            path = expectations(flow, *choice.winner, host_.tables()).path();
        if (prng_.chance(0.1) && !path.empty()) path.erase(path.begin());
        if (prng_.chance(0.15)) add_any(path);
        return is_possible(flow, path) ? path : SecurityPath{};
    }

    void add_any(SecurityPath& path) {
        const auto sas = host_.tables().sas;
        if (sas.empty()) return;
        const auto at = static_cast<std::ptrdiff_t>(prng_.below(path.size() + 1));
        path.insert(path.begin() + at, &sas[prng_.below(sas.size())]);
    }

    // Whether a packet of this flow could come to this host through these SAs.
    static bool is_possible(const Flow& flow, const SecurityPath& path) {
        Address destination = flow.destination;
        for (const StoredSa* sa : path | std::views::reverse) {
            const bool tunnel = sa->mode == 1;
            const bool limited = sa->limits.hard_packets != LifetimeLimits::kUnlimited;
            const bool inner_fits = !sa->selector || sa->selector->family() == destination.family();
            if (lookup::is_larval(*sa) || limited || !is_own(sa->destination) || !inner_fits ||
                sa->source.is_unspecified() || is_own(sa->source) ||
                (flow.mark & sa->mark.mask) != sa->mark.value)
                return false;
            if (!tunnel && sa->destination != destination) return false;
            destination = sa->destination;
        }
        return path.size() < 6;
    }

    // ---- comparisons -------------------------------------------------------------------------

    void compare(const Flow& flow, const Outbound& expected, const Observed& observed,
                 std::string_view way) {
        std::vector<EspSpi> spis;
        for (const StoredSa* sa : expected.sas() | std::views::reverse) spis.push_back(sa->spi);
        const bool passes =
            expected.verdict() == Verdict::Protected || expected.verdict() == Verdict::Clear;
        const bool same_sas = !passes || (observed.left && observed.left->spis == spis);
        const bool same = observed.left.has_value() == passes && same_sas &&
                          are_as_expected(observed.counters, counters_of(expected.cause, true)) &&
                          are_as_expected(expected, observed.acquires);
        if (!same) fail(flow, way, describe(expected), observed);
    }

    void compare(const Flow& flow, const SecurityPath& path, const Inbound& expected,
                 const Observed& observed, Way way) {
        const bool passes = expected.verdict() != Verdict::Blocked;
        std::vector<std::string> inbound = observed.counters;
        // What the host answers to the packet is no matter here.
        std::erase_if(inbound, [](const std::string& name) { return name.starts_with("XfrmOut"); });
        if (way == Way::Loop && passes) inbound.clear();  // the answer comes in, too
        const bool arrived = way == Way::Through ? observed.left.has_value() : observed.delivered;
        if (arrived != passes || !are_as_expected(inbound, counters_of(expected.cause, false)))
            fail(flow, way == Way::Through ? "through" : "in", describe(expected, path), observed);
    }

    static bool are_as_expected(const std::vector<std::string>& moved,
                                std::vector<std::string_view> counters) {
        std::ranges::sort(counters);
        return std::ranges::equal(moved, counters);
    }

    static bool are_as_expected(const Outbound& expected, const std::vector<Acquire>& acquires) {
        std::size_t next = 0;
        for (const lookup::Resolution& one : expected.templates) {
            if (!one.asked_for) continue;
            if (next == acquires.size()) return false;
            const Acquire& acquire = acquires[next++];
            if (acquire.source != one.source || acquire.destination != one.destination ||
                std::to_underlying(acquire.protocol) != one.wanted->protocol ||
                acquire.policy_index != expected.policy.winner->index)
                return false;
        }
        return next == acquires.size();
    }

    bool has_limits() const {
        return std::ranges::any_of(world_.sas, [](const DrawnSa& sa) {
            return sa.spec.limits.soft_packets != LifetimeLimits::kUnlimited ||
                   sa.spec.limits.hard_packets != LifetimeLimits::kUnlimited;
        });
    }

    // What may have changed the tables is read again; larval SAs stay in worlds that have SAs.
    void settle(const Outbound& expected, const Observed& observed) {
        const bool used =
            expected.verdict() == Verdict::Protected || expected.verdict() == Verdict::Blocked;
        if (uncertain_ || (used && has_limits()) || !observed.acquires.empty()) host_.touch();
        if (!observed.acquires.empty() && world_.kind == WorldKind::Policies) host_.flush_sas();
    }

    // What is said to be uncertain may be otherwise.
    void fail(const Flow& flow, std::string_view way, const std::string& expected,
              const Observed& observed) {
        if (uncertain_) {
            ++tally_.otherwise;
            return;
        }
        FAIL("seed " << seed_ << ": " << way << " " << describe(flow) << "\n  expected: "
                     << expected << "\n  observed: " << describe(observed) << "\n"
                     << describe(host_.tables()) << describe(world_.settings));
    }

    Host& host_;
    std::uint64_t seed_;
    Prng prng_;
    Tally& tally_;
    World world_;
    bool uncertain_ = false;  // what is said of the packet under way
};

}  // namespace

TEST_CASE("the kernel does with a packet what the lookup says", "[kernel][lookup]") {
    LinuxKernel::require_esp();
    Tally tally;
    std::optional<Host> host;
    for (std::uint64_t i = 0; i < kWorlds * rounds(); ++i) {
        if (i % kWorldsPerHost == 0) {
            host.reset();
            host.emplace(i / kWorldsPerHost % 5 != 4);  // to one in five nobody listens
        }
        Trial{*host, Catch::getSeed() + i, tally}.run();
    }
    for (const auto& [what, count] : tally.conclusions)
        std::cout << std::format("{:7} {}\n", count, what);
    std::cout << std::format(
        "{} packets as said, {} more of which it is not certain; {} of these went otherwise\n",
        tally.cases, tally.uncertain, tally.otherwise);
    CHECK(tally.cases >= 10'000 * static_cast<int>(rounds()));
    // What the worlds are drawn for is reached.
    for (const char* const what : {"in ah_unreadable",
                                   "in default_blocks",
                                   "in policy_blocks",
                                   "in policy_disabled",
                                   "in sa_for_other_traffic",
                                   "in sas_found",
                                   "in sas_optional",
                                   "in too_many_templates",
                                   "in transforms_missing",
                                   "in transforms_unexpected",
                                   "in tunnel_without_policy",
                                   "in wrong_direction",
                                   "out default_blocks",
                                   "out negotiation_under_way",
                                   "out no_policy",
                                   "out nobody_negotiates",
                                   "out policy_allows",
                                   "out policy_blocks",
                                   "out sa_exhausted",
                                   "out sa_missing",
                                   "out sas_found",
                                   "out sas_optional",
                                   "out too_many_templates",
                                   "out tunnel_unreachable",
                                   "out wrong_direction",
                                   "out xfrm_disabled",
                                   "through sas_found",
                                   "through sa_missing",
                                   "loop policy_disabled"}) {
        INFO(what);
        CHECK(tally.conclusions[what] > 0);
    }
}

}  // namespace xfrmd::kernel_tests
