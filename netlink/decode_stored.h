// SPDX-License-Identifier: Apache-2.0
// What the kernel's messages say about SAs and policies, all of it. Pure. `xfrm_sa` and
// `xfrm_policy` narrow it to what our own values can express.
#pragma once

#include <linux/xfrm.h>

#include <utility>
#include <vector>

#include "netlink/message.h"
#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

// The payload of XFRM_MSG_NEWSA. EBADMSG if damaged, EOPNOTSUPP if of an unknown address family:
// nothing in it could be shown.
Decoded<xfrm::StoredSa> decode_stored_sa(View payload, Keys keys);
// The payload of XFRM_MSG_NEWPOLICY; the same errors.
Decoded<xfrm::StoredPolicy> decode_stored_policy(View payload);

// From the two parts that several messages of the kernel carry.
Decoded<xfrm::StoredSa> stored_sa_from_kernel(const xfrm_usersa_info& info,
                                              const Attributes& attributes, Keys keys);
Decoded<xfrm::StoredPolicy> stored_policy_from_kernel(const xfrm_userpolicy_info& info,
                                                      const Attributes& attributes);

// Parts of the above that other messages carry by themselves.
std::optional<xfrm::ReplayState> replay_from_kernel(const Attributes& attributes,
                                                    std::uint32_t header_window);
std::optional<xfrm::StoredEncapsulation> encapsulation_from_kernel(const Attributes& attributes,
                                                                   xfrm::Family family);
std::optional<xfrm::SecurityContext> security_context_from_kernel(const Attributes& attributes);
std::optional<xfrm::Offload> offload_from_kernel(const Attributes& attributes);
std::vector<xfrm::OtherAttribute> other_attributes(const Attributes& attributes,
                                                   std::span<const std::uint16_t> read, Keys keys);

// Where a message about an SA holds key octets: views into `payload`, whatever kind of message it
// is. Who shows a message as it is leaves them out.
std::vector<View> key_octets(const MessageView& message);

}  // namespace xfrmd::netlink
