// SPDX-License-Identifier: Apache-2.0
// From a [connection] as written to a connection as the core wants it.
#pragma once

#include <optional>
#include <set>

#include "daemon/configuration/credentials_builder.h"
#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/load.h"
#include "daemon/configuration/sections.h"
#include "ike/policy/connection.h"
#include "netlink/model/ids.h"

namespace xfrmd::daemon {

// What one connection is built from, besides itself.
struct BuildContext {
    const Sections& sections;
    const LoadEnvironment& environment;
    CredentialsBuilder& credentials;
    Diagnostics& diagnostics;
    std::set<xfrm::ReqId> reqids;  // taken so far
};

// Nothing if it has mistakes, all of which are told.
[[nodiscard]] std::optional<ike::Connection> build_connection(const ConnectionSection& section,
                                                              BuildContext& context);

}  // namespace xfrmd::daemon
