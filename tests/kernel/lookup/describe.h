// SPDX-License-Identifier: Apache-2.0
// What a failing case is told with.
#pragma once

#include <string>

#include "netlink/lookup/inbound.h"
#include "netlink/lookup/outbound.h"
#include "tests/kernel/lookup/host.h"

namespace xfrmd::kernel_tests {

std::string describe(const lookup::Flow& flow);
std::string describe(const lookup::Tables& tables);
std::string describe(const lookup::Outbound& outbound);
std::string describe(const lookup::Inbound& inbound, const lookup::SecurityPath& path);
std::string describe(const Observed& observed);
std::string describe(const Settings& settings);

}  // namespace xfrmd::kernel_tests
