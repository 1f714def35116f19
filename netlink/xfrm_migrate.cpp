// SPDX-License-Identifier: Apache-2.0
#include "netlink/xfrm_migrate.h"

#include <linux/xfrm.h>

#include <cerrno>

#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

xfrm_userpolicy_id policy_id(const PolicyId& id) {
    xfrm_userpolicy_id result{};
    result.sel = to_kernel(id.selector);
    result.dir = to_kernel(id.direction);
    return result;
}

xfrm_user_migrate ends_of(const Migration& migration) {
    xfrm_user_migrate result{};
    result.old_daddr = to_kernel(migration.destination);
    result.old_saddr = to_kernel(migration.source);
    result.new_daddr = to_kernel(migration.new_destination);
    result.new_saddr = to_kernel(migration.new_source);
    result.proto = to_kernel(migration.protocol);
    result.mode = to_kernel(migration.mode);
    result.reqid = migration.reqid.value;
    result.old_family = to_kernel(migration.destination.family());
    result.new_family = to_kernel(migration.new_destination.family());
    return result;
}

}  // namespace

Encoded encode_migrate(const Migration& migration) {
    if (migration.source.family() != migration.destination.family() ||
        migration.new_source.family() != migration.new_destination.family())
        return std::unexpected{KernelError{EINVAL, "an SA's ends must be of one address family"}};
    MessageBuilder builder{XFRM_MSG_MIGRATE, NLM_F_ACK, kXfrmAttributes};
    builder.body(policy_id(migration.policy));
    builder.attribute(XFRMA_MIGRATE, ends_of(migration));
    if (migration.encapsulation)
        builder.attribute(XFRMA_ENCAP, to_kernel(*migration.encapsulation));
    put_if_id(builder, migration.policy.if_id);
    return builder.finish();
}

}  // namespace xfrmd::netlink
