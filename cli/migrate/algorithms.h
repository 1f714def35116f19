// SPDX-License-Identifier: Apache-2.0
// racoon's algorithms as proposals of xfrmd: what is recommended, and what of the old lists
// remains.
#pragma once

#include "cli/migrate/model.h"
#include "cli/racoon/configuration.h"

namespace xfrmd::migrate {

[[nodiscard]] Algorithms ike_algorithms(const racoon::Remote& remote);
// `sainfo` may be null: racoon would have had nothing to offer.
[[nodiscard]] Algorithms child_algorithms(const racoon::Sainfo* sainfo,
                                          xfrm::IpsecProtocol protocol);

}  // namespace xfrmd::migrate
