// SPDX-License-Identifier: Apache-2.0
// What another wish for a connection that is there already comes to.
#pragma once

#include <cstdint>

#include "ike/policy/connection.h"

namespace xfrmd::ike {

enum class ConnectionChange : std::uint8_t {
    None,        // but perhaps another place in the files
    Lifetimes,   // what SAs live by from the next one on; those that are there stay
    Everything,  // its SAs are closed and made anew
};

[[nodiscard]] ConnectionChange change_between(const Connection& former, const Connection& wanted);

}  // namespace xfrmd::ike
