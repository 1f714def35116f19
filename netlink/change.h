// SPDX-License-Identifier: Apache-2.0
// Changes to the kernel's tables as a list: they take effect in its order, and all of them or none.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

namespace change {

// Refused if its id is taken.
struct AddSa {
    xfrm::SaSpec spec;
};
// Refused if there is none under its id. A reserved SPI is completed. An SA with the same
// algorithms and keys gets the new limits, selector and UDP ports and goes on; any other is removed
// and added anew, so that for a moment there is none.
struct ReplaceSa {
    xfrm::SaSpec spec;
};
struct ReserveSpi {
    xfrm::AllocateSpi request;
};
struct RemoveSa {
    xfrm::SaId id;
};
// Refused if its id is taken.
struct AddPolicy {
    xfrm::PolicySpec spec;
};
// In one step, whether or not there is one under its id.
struct ReplacePolicy {
    xfrm::PolicySpec spec;
};
struct RemovePolicy {
    xfrm::PolicyId id;
};

}  // namespace change

using Change = std::variant<change::AddSa, change::ReplaceSa, change::ReserveSpi, change::RemoveSa,
                            change::AddPolicy, change::ReplacePolicy, change::RemovePolicy>;

// Why none took effect.
struct ChangeRefusal {
    std::size_t position = 0;  // which change was refused first
    xfrm::KernelError why;
    // What could not be put back as it was; empty if all was.
    std::string trouble;
};

}  // namespace xfrmd::netlink
