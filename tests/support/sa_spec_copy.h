// SPDX-License-Identifier: Apache-2.0
// SAs are moved, never copied, since they hold keys; tests need them twice.
#pragma once

#include "netlink/model/sa_spec.h"

namespace xfrmd::test {

// A copy, keys included if wanted.
[[nodiscard]] xfrm::SaSpec copy(const xfrm::SaSpec& spec, bool with_keys);

}  // namespace xfrmd::test
