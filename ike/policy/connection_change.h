// SPDX-License-Identifier: Apache-2.0
// What another wish for a connection that is there already comes to.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "ike/policy/connection.h"

namespace xfrmd::ike {

enum class ConnectionChange : std::uint8_t {
    None,        // but perhaps another place in the files
    Lifetimes,   // what SAs live by from the next one on; those that are there stay
    Children,    // changed_children() are closed and made anew; the others and the IKE SA stay
    Everything,  // its SAs are closed and made anew
};

[[nodiscard]] ConnectionChange change_between(const Connection& former, const Connection& wanted);

// The names of those that come, go or differ in more than their lifetimes; with one of a bundle also the other.
[[nodiscard]] std::set<std::string> changed_children(const Connection& former, const Connection& wanted);

}  // namespace xfrmd::ike
