// SPDX-License-Identifier: Apache-2.0
// What it would come to if a configuration took another's place: which connections come, go, or are
// changed, by which of their settings, and what that does to their SAs. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ike/policy/connection.h"

namespace xfrmd::daemon {

enum class Impact : std::uint8_t {
    Added,
    Removed,      // its SAs are closed, its policies taken out
    KeepsSas,     // only what the next SAs live by
    ReplacesChildren,  // the children that differ are closed and made anew; its IKE SA and the others stay
    ReplacesSas,  // its SAs are closed and made anew; its policies stay in place meanwhile
};
[[nodiscard]] std::string_view word_for(Impact impact);  // "replaces_sas"

struct PlannedChange {
    std::string connection;
    Impact impact = Impact::Added;
    // Which settings differ, by their words in the configuration: "remote", "child lan: esp".
    std::vector<std::string> settings;
    std::string origin;  // where it stands, or stood: "FILE:LINE"
};

struct ConfigurationPlan {
    std::vector<PlannedChange> changes;  // by name
    std::size_t unchanged = 0;           // connections
    bool limits_differ = false;
};

// The names of the connections of one kind, in their order, but not more than so many.
enum class ChangeKind : std::uint8_t { Added, Changed, Removed };
[[nodiscard]] std::vector<std::string> names_of(const ConfigurationPlan& plan, ChangeKind kind, std::size_t names_max);

// For people: "added a, b; changed c; removed d, e, f and 3 more; 40 unchanged".
[[nodiscard]] std::string summary_of(const ConfigurationPlan& plan);

[[nodiscard]] ConfigurationPlan plan_of(const ike::Configuration& in_force,
                                        const ike::Configuration& wanted);

}  // namespace xfrmd::daemon
