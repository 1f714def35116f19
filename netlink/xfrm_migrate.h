// SPDX-License-Identifier: Apache-2.0
// The message that moves an SA and the template of its policy to other ends. Pure.
#pragma once

#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// EINVAL if the former ends, or the new ones, are of different families. Whether the new ones can be anybody's is left to
// the kernel.
Encoded encode_migrate(const xfrm::Migration& migration);

}  // namespace xfrmd::netlink
