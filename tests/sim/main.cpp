// SPDX-License-Identifier: Apache-2.0
// xfrmd_sim [--seeds N] [--from S] [--ladder] [--probes] [--on]: runs N simulations; stops at the first that fails and shows
// its ladder; with --on tells of each that fails in a line and goes on. --probes: tells which situations were reached, and
// fails if one is missing that must be.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "tests/sim/runner.h"

using namespace xfrmd;

namespace {

constexpr std::size_t kLinesMax = 200;
// Every so many seeds is run twice.
constexpr std::uint64_t kTwiceEvery = 20;

struct Arguments {
    std::uint64_t seeds = 300;
    std::uint64_t from = 1;
    bool ladder = false;
    bool probes = false;
    bool on = false;
};

std::uint64_t number(const char* text) {
    std::uint64_t value = 0;
    const char* end = text + std::strlen(text);
    if (const auto [at, error] = std::from_chars(text, end, value); error == std::errc{} && at == end) return value;
    std::fprintf(stderr, "xfrmd_sim: \"%s\" is not a number\n", text);
    std::exit(2);
}

Arguments parse(int count, char** words) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        const bool has_value = i + 1 < count;
        if (word == "--seeds" && has_value) {
            arguments.seeds = number(words[++i]);
        } else if (word == "--from" && has_value) {
            arguments.from = number(words[++i]);
        } else if (word == "--ladder") {
            arguments.ladder = true;
        } else if (word == "--on") {
            arguments.on = true;
        } else if (word == "--probes") {
            arguments.probes = true;
        } else {
            std::fprintf(stderr, "usage: xfrmd_sim [--seeds N] [--from S] [--ladder] [--probes] [--on]\n");
            std::exit(2);
        }
    }
    return arguments;
}

// One seed with all its lines, whether it fails or not.
bool show(std::uint64_t seed) {
    const sim::Outcome outcome = sim::run(seed);
    std::fputs(sim::report(seed, outcome, std::numeric_limits<std::size_t>::max()).c_str(), stdout);
    return !outcome.violation;
}

sim::Outcome run(std::uint64_t seed) {
    sim::Outcome outcome = sim::run(seed);
    if (!outcome.violation && seed % kTwiceEvery == 0) outcome.violation = sim::check_determinism(seed, outcome);
    return outcome;
}

void tell(std::uint64_t seed, const sim::Outcome& failed, bool in_a_line) {
    if (in_a_line)
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), failed.violation->substr(0, failed.violation->find('\n')).c_str());
    else
        std::fputs(sim::report(seed, failed, kLinesMax).c_str(), stdout);
    std::fflush(stdout);
}

// False if the search has not seen all that it must.
bool show(const sim::Probes& probes) {
    for (const std::string& situation : probes.all()) std::printf("  %s\n", situation.c_str());
    const auto missed = probes.missed();
    for (const std::string& situation : missed) std::printf("NEVER REACHED: %s\n", situation.c_str());
    return missed.empty();
}

}  // namespace

int main(int count, char** words) {
    const Arguments arguments = parse(count, words);
    const auto start = std::chrono::steady_clock::now();
    double virtual_seconds = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t violations = 0;
    sim::Probes probes;
    for (std::uint64_t seed = arguments.from; seed - arguments.from < arguments.seeds; ++seed) {
        if (arguments.ladder) {
            if (!show(seed)) return 1;
            continue;
        }
        const sim::Outcome outcome = run(seed);
        if (outcome.violation) {
            tell(seed, outcome, arguments.on);
            if (!arguments.on) return 1;
            ++violations;
        }
        virtual_seconds += outcome.virtual_seconds;
        deliveries += outcome.deliveries;
        probes.add(outcome.probes);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("%llu seeds from %llu: %llu violations; %.1f virtual hours, %llu protected packets, in %.1f s\n",
                static_cast<unsigned long long>(arguments.seeds), static_cast<unsigned long long>(arguments.from),
                static_cast<unsigned long long>(violations), virtual_seconds / 3600, static_cast<unsigned long long>(deliveries), taken.count());
    if (arguments.probes && !show(probes)) return 1;
    return violations == 0 ? 0 : 1;
}
