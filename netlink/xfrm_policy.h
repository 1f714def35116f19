// SPDX-License-Identifier: Apache-2.0
// The messages of the security policy database. Pure: values to octets and back.
#pragma once

#include "netlink/message.h"
#include "netlink/model/kernel.h"
#include "netlink/model/stored_policy.h"

namespace xfrmd::netlink {

// How a policy enters the table: XFRM_MSG_NEWPOLICY, refused if its id is taken, or
// XFRM_MSG_UPDPOLICY, which overwrites it in one step or adds it.
enum class PolicyEntry : std::uint8_t { New, Overwrite };

// EINVAL if the ends of a selector or of a template are of different families. A transport template
// without addresses takes the family of the template before it, the first one that of the selector.
// How many templates are too many is left to
// the kernel.
Encoded encode_install_policy(const xfrm::PolicySpec& spec, PolicyEntry entry);
// Puts back a policy as decode_policy() was given it: the payload of an XFRM_MSG_NEWPOLICY,
// unchanged. Counters and times start anew.
Encoded encode_restore_policy(View payload);

Encoded encode_remove_policy(const xfrm::PolicyId& id);
Encoded encode_query_policy(const xfrm::PolicyId& id);
Encoded encode_dump_policies();

// The payload of XFRM_MSG_NEWPOLICY. EBADMSG if damaged; EOPNOTSUPP if our values cannot express it
// (a per-socket policy, a sub-policy, a template of another kind).
Decoded<xfrm::PolicyInfo> decode_policy(View payload);

// What our values can express of it; EOPNOTSUPP as above.
Decoded<xfrm::PolicyInfo> policy_from_stored(const xfrm::StoredPolicy& stored);

}  // namespace xfrmd::netlink
