// SPDX-License-Identifier: Apache-2.0
// What can be made of a racoon.conf where no policies say what is protected: guesses, and templates
// to be filled in.
#pragma once

#include "cli/migrate/connections.h"
#include "cli/migrate/convert.h"
#include "cli/migrate/findings.h"

namespace xfrmd::migrate {

// A child of each sainfo that names both ends, if its remote is known.
void guess_from_sainfos(const racoon::Configuration& configuration, Connections& connections,
                        Findings& findings);

// For each remote of which no connection was made: a template as a comment, or why there is none.
// `policies`: there were some, for other peers.
void add_templates(const racoon::Configuration& configuration, bool policies,
                   Connections& connections, Findings& findings);

// racoon's role for the policies of others, from the anonymous block; nothing without one.
[[nodiscard]] std::optional<Connection> role_of(const Input& input, const Model& model);

}  // namespace xfrmd::migrate
