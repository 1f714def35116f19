// SPDX-License-Identifier: Apache-2.0
// The statements of setkey files, sorted by what a migration does with them.
#pragma once

#include <span>
#include <vector>

#include "cli/migrate/facts.h"
#include "cli/migrate/findings.h"
#include "cli/migrate/model.h"
#include "cli/migrate/policy.h"

namespace xfrmd::migrate {

struct SetkeyStatements {
    std::vector<Policy> policies;  // those that ask for IPsec, inbound and outbound, in their order
    std::vector<Policy> exceptions;  // none and discard
    std::vector<ManualSa> sas;

    // True if there is an SA with a key for each of its layers.
    [[nodiscard]] bool has_manual_keys(const Policy& policy) const;
};

// What is no policy that asks for IPsec is settled here, with its finding.
[[nodiscard]] SetkeyStatements read_setkey(std::span<const SetkeyText> texts, const Facts& facts,
                                           Findings& findings, Model& model);

// Exceptions stay in a setkey file. Those that came before a policy of which a child was made get a
// priority before xfrmd's, since xfrmd's own policies would come first otherwise.
void order_exceptions(const SetkeyStatements& statements, Model& model, Findings& findings);

}  // namespace xfrmd::migrate
