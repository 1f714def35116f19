// SPDX-License-Identifier: Apache-2.0
// What decides about packets beside the two tables. Pure: values to octets and back.
#pragma once

#include <cstdint>

#include "netlink/message.h"
#include "netlink/model/default_policies.h"

namespace xfrmd::netlink {

// XFRM_MSG_GETDEFAULT. Kernels before 5.15 refuse it with EINVAL: they accept what has no policy.
Encoded encode_query_defaults();
Decoded<xfrm::DefaultPolicies> decode_defaults(View payload);
// XFRM_MSG_SETDEFAULT.
Encoded encode_set_defaults(const xfrm::DefaultPolicies& defaults);

// XFRM_MSG_GETSADINFO; the answer tells the buckets of the table of SAs, a power of two.
Encoded encode_query_sa_table();
Decoded<std::uint32_t> decode_sa_buckets(View payload);

}  // namespace xfrmd::netlink
