// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/bounds_checker.h"

namespace xfrmd::sim {

namespace {

// Far above what a handful of hosts needs, far below what a leak reaches.
constexpr std::size_t kEffectsMax = 200;
constexpr std::size_t kIkeSasMax = 300;
constexpr std::size_t kChildrenMax = 64;
constexpr std::size_t kOutstandingMax = 400;
constexpr std::size_t kMessageMax = 65'535;

std::optional<std::string> exceeds(const char* what, std::size_t count, std::size_t most) {
    if (count <= most) return std::nullopt;
    return std::to_string(count) + " " + what + ", " + std::to_string(most) + " are allowed";
}

std::optional<std::string> check(const ike::IkeSa& sa) {
    if (auto wrong = exceeds("children of one IKE SA", sa.children.size(), kChildrenMax)) return wrong;
    return exceeds("octets kept as an answer", sa.inbound.response().size(), kMessageMax);
}

}  // namespace

std::optional<std::string> check_bounds(ike::Core& core, const ike::Effects& effects, std::size_t outstanding) {
    const ike::Limits& limits = core.configuration->limits;
    if (auto wrong = exceeds("effects of one step", effects.size(), kEffectsMax)) return wrong;
    if (auto wrong = exceeds("IKE SAs", core.ike_sas.size(), kIkeSasMax)) return wrong;
    if (auto wrong = exceeds("half-open IKE SAs", core.half_open.total(), limits.half_open_max)) return wrong;
    if (auto wrong = exceeds("unanswered jobs and requests", outstanding, kOutstandingMax)) return wrong;
    if (core.by_local_spi.size() != core.ike_sas.size())
        return "there are " + std::to_string(core.ike_sas.size()) + " IKE SAs, and " +
               std::to_string(core.by_local_spi.size()) + " SPIs lead to one";
    std::optional<std::string> wrong;
    core.ike_sas.for_each([&](const ike::IkeSa& sa) {
        if (!wrong) wrong = check(sa);
    });
    return wrong;
}

}  // namespace xfrmd::sim
