// SPDX-License-Identifier: Apache-2.0
#include "netlink/undo_log.h"

#include "netlink/errors.h"
#include "netlink/model/overloaded.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

namespace {

}  // namespace

Encoded encode(const UndoStep& what) {
    return std::visit(
        Overloaded{[](const undo::RemoveSa& sa) { return encode_remove_sa(sa.id); },
                   [](const undo::PutBackSa& sa) { return encode_restore_sa(sa.payload.view()); },
                   [](const undo::RemovePolicy& policy) { return encode_remove_policy(policy.id); },
                   [](const undo::PutBackPolicy& policy) {
                       return encode_restore_policy(policy.payload);
                   }},
        what);
}

std::string name_of(const UndoStep& what) {
    return std::visit(
        Overloaded{[](const undo::RemoveSa& sa) { return name_of(sa.id); },
                   [](const undo::PutBackSa& sa) {
                       const auto read = decode_sa(sa.payload.view(), Keys::Skip);
                       return read ? name_of(read->spec.id) : std::string{"an SA"};
                   },
                   [](const undo::RemovePolicy& policy) { return name_of(policy.id); },
                   [](const undo::PutBackPolicy& policy) {
                       const auto read = decode_policy(policy.payload);
                       return read ? name_of(read->spec.id) : std::string{"a policy"};
                   }},
        what);
}

}  // namespace xfrmd::netlink
