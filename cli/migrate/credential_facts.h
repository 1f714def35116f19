// SPDX-License-Identifier: Apache-2.0
// What is true of the certificates and folders that a racoon.conf names.
#pragma once

#include <filesystem>
#include <string>

#include "cli/migrate/facts.h"
#include "cli/racoon/configuration.h"

namespace xfrmd::migrate {

// Looks at everything that `configuration` names. `racoon_folder`: where relative names begin.
void add_credential_facts(const racoon::Configuration& configuration, Facts& facts);

}  // namespace xfrmd::migrate
