// SPDX-License-Identifier: Apache-2.0
// Whether a selector takes a packet. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "netlink/lookup/flow.h"
#include "netlink/model/selector.h"

namespace xfrmd::lookup {

// The first part of a selector that does not fit.
enum class Mismatch : std::uint8_t {
    Family,
    Destination,
    Source,
    Protocol,
    DestinationPort,
    SourcePort,
    Interface,
};

// Nothing: the selector takes the packet. Ports are those that the kernel compares: zero unless the
// protocol is TCP, UDP, UDP-Lite, SCTP, ICMP, MH or GRE.
std::optional<Mismatch> mismatch(const xfrm::Selector& selector, const Flow& flow);

// One address alone; the families are the same.
bool takes_source(const xfrm::Selector& selector, const Flow& flow);
bool takes_destination(const xfrm::Selector& selector, const Flow& flow);

// The same for the selector of an SA, which may be for both address families.
bool takes(const xfrm::StoredSa& sa, const Flow& flow);

// (value & mask) == the mark's value, as the kernel compares it: a value with bits outside of its
// mask fits nothing.
bool fits(const xfrm::Mark& mark, std::uint32_t value);

}  // namespace xfrmd::lookup
