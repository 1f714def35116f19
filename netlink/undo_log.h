// SPDX-License-Identifier: Apache-2.0
// How to take back what was changed: what was not there before is removed, what was there is put
// back octet for octet as the kernel told it, keys and sequence numbers included. Not a public
// header.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <variant>

#include "netlink/message.h"
#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::netlink {

namespace undo {
struct RemoveSa {
    xfrm::SaId id;
};
struct PutBackSa {
    Secret payload;  // of XFRM_MSG_NEWSA
};
struct RemovePolicy {
    xfrm::PolicyId id;
};
struct PutBackPolicy {
    Bytes payload;  // of XFRM_MSG_NEWPOLICY
};
}  // namespace undo

using UndoStep =
    std::variant<undo::RemoveSa, undo::PutBackSa, undo::RemovePolicy, undo::PutBackPolicy>;

// In the order of the changes; it is worked through from its end.
using UndoLog = std::deque<UndoStep>;

[[nodiscard]] Encoded encode(const UndoStep& step);
// What it is about, for people.
[[nodiscard]] std::string name_of(const UndoStep& step);

}  // namespace xfrmd::netlink
