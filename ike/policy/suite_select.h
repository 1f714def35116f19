// SPDX-License-Identifier: Apache-2.0
// From a chosen proposal to the algorithms it stands for.
#pragma once

#include <optional>

#include "ike/crypto/suite.h"
#include "ike/wire/proposal.h"

namespace xfrmd::ike {

// Nothing if the proposal is of another protocol, leaves something open, or names what we do not accept: RFC 8247 and
// RFC 8221 MUST NOTs are refused here whatever was configured.
[[nodiscard]] std::optional<IkeSuite> ike_suite_of(const Proposal& chosen);
// Of a child: ESP or AH.
[[nodiscard]] std::optional<EspSuite> child_suite_of(const Proposal& chosen);

}  // namespace xfrmd::ike
