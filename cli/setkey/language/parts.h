// SPDX-License-Identifier: Apache-2.0
// The parts that statements are made of. Part of the parser.
#pragma once

#include "cli/setkey/language/cursor.h"

namespace xfrmd::setkey {

FamilyOptions read_family_options(Cursor& cursor);
Read<Located<Host>> read_host(Cursor& cursor);
// [500], [http], [any], if there is one.
Read<Optional<Port>> read_port(Cursor& cursor);
Read<SaEnd> read_sa_end(Cursor& cursor);
// VALUE[/MASK]
Read<Located<xfrm::Mark>> read_mark(Cursor& cursor);
// DOI ALGORITHM "LABEL"
Read<Located<SecurityContext>> read_context(Cursor& cursor);

// SRC DST PROTOCOL, and the NAT-OA behind esp-udp.
Read<SaPair> read_sa_pair(Cursor& cursor);
Read<SaDefinition> read_sa_definition(Cursor& cursor);
Read<SaName> read_sa_name(Cursor& cursor);
// One of the protocols, if one stands here.
Read<Optional<SaProtocol>> read_optional_protocol(Cursor& cursor);
Read<Extensions> read_extensions(Cursor& cursor);
Read<Algorithms> read_algorithms(Cursor& cursor);

Read<std::variant<PolicySelector, Tag>> read_policy_selector(Cursor& cursor);
// -P and what follows.
Read<PolicyText> read_policy(Cursor& cursor);
// -P DIRECTION; what follows up to the end of the statement does not count.
Read<Located<xfrm::Direction>> read_policy_direction(Cursor& cursor);

}  // namespace xfrmd::setkey
