// SPDX-License-Identifier: Apache-2.0
// What a statement asks of the kernel's tables, in the kernel's terms.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "netlink/model/kernel.h"

namespace xfrmd::setkey {

namespace action {

// `update` takes the place of what stands under the same id; `add` is refused if something does.
struct AddSa {
    xfrm::SaSpec spec;
    bool update = false;
};
struct ReserveSpi {
    xfrm::AllocateSpi request;
};
struct ShowSa {
    xfrm::SaId id;
};
struct RemoveSa {
    xfrm::SaId id;
};
// All of one protocol between two hosts, in this direction.
struct RemoveSasBetween {
    xfrm::Address source;
    xfrm::Address destination;
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
};
struct FlushSas {
    std::optional<xfrm::IpsecProtocol> protocol;  // none: all
};
struct ShowSas {
    std::optional<xfrm::IpsecProtocol> protocol;
};

struct AddPolicy {
    xfrm::PolicySpec spec;
    // `spdupdate` takes the place of what stands under the same id, or is the first there.
    bool update = false;
    // Templates, by position, of level `unique`: each gets a reqid that nothing else has.
    std::vector<std::size_t> unique_templates;
    // setkey's second policy of an `in` policy: the same for forwarded packets, with the same
    // reqids.
    bool copy_to_forward = false;
};
struct RemovePolicy {
    xfrm::PolicyId id;
    bool copy_to_forward = false;  // and the copy, if it is there
};
struct FlushPolicies {};
struct ShowPolicies {};

}  // namespace action

using Action =
    std::variant<action::AddSa, action::ReserveSpi, action::ShowSa, action::RemoveSa,
                 action::RemoveSasBetween, action::FlushSas, action::ShowSas, action::AddPolicy,
                 action::RemovePolicy, action::FlushPolicies, action::ShowPolicies>;

}  // namespace xfrmd::setkey
