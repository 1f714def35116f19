// SPDX-License-Identifier: Apache-2.0
// The migrated configuration as text: TOML that `xfrmctl check` takes, with the reasons beside it.
#pragma once

#include <string>
#include <vector>

#include "cli/migrate/model.h"

namespace xfrmd::migrate {

// `sources`: the names of the files it was made from, for its first lines. Holds no secret.
[[nodiscard]] std::string to_toml(const Model& model, const std::vector<std::string>& sources);

// The setkey file with what stays there: may hold keys. Empty if nothing does.
[[nodiscard]] Secret to_setkey(const Model& model);

}  // namespace xfrmd::migrate
