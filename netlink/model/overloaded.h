// SPDX-License-Identifier: Apache-2.0
// For std::visit: one handler for each alternative.
#pragma once

namespace xfrmd {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

}  // namespace xfrmd
