// SPDX-License-Identifier: Apache-2.0
// What can be made of a racoon.conf where no policies say what is protected: guesses, and templates
// to be filled in.
#pragma once

#include "cli/migrate/connections.h"
#include "cli/migrate/findings.h"
#include "cli/migrate/model.h"

namespace xfrmd::migrate {

// A child of each sainfo that names both ends, if its remote is known.
void guess_from_sainfos(const racoon::Configuration& configuration, Connections& connections,
                        const Model& model, Findings& findings);

// For each remote of which no connection was made: a template as a comment, or why there is none.
// `policies`: there were some, for other peers.
void add_templates(const racoon::Configuration& configuration, bool policies,
                   Connections& connections, Findings& findings);

// The block that can play racoon's role, for whatever peers policies name: the anonymous one, if it
// authenticates by certificates. Null: there is none.
[[nodiscard]] const racoon::Remote* role_player(const racoon::Configuration& configuration);

// Its connection: for policies that stay in the kernel and are to be negotiated for (`needed`), or
// as a comment for those who would rather keep their setkey file.
void add_role(const racoon::Remote& remote, bool needed, Connections& connections, Model& model);

}  // namespace xfrmd::migrate
