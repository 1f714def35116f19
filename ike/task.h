// SPDX-License-Identifier: Apache-2.0
// What we want of the peer once an IKE SA is established; one after the other, since our window is one. RFC 7296 §2.3.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ike/time.h"
#include "netlink/model/ids.h"

namespace xfrmd::ike {

namespace task {

struct CreateChild {
    std::string child;                      // of the configuration
    std::uint32_t acquire_sequence = 0;     // of the acquire this answers, or 0
    Time not_before{};                      // the peer had something else to do: RFC 7296 §2.25
};
struct RekeyChild { xfrm::EspSpi inbound; };
struct DeleteChild {
    xfrm::EspSpi inbound;
    xfrm::IpsecProtocol protocol;
};
struct RekeyIkeSa {};
// Whether the peer still lives.
struct Ask {};
// MOBIKE: that it is to send over another path, and whether it can be reached over the one that it told us of.
struct TellPath {};
struct CheckReturn {};
// MOBIKE, of the one who does not decide: where it is now.
struct TellAddresses {};

}  // namespace task

using Task = std::variant<task::CreateChild, task::RekeyChild, task::DeleteChild, task::RekeyIkeSa, task::Ask,
                          task::TellPath, task::CheckReturn, task::TellAddresses>;

}  // namespace xfrmd::ike
