// SPDX-License-Identifier: Apache-2.0
// The lines of a record: "+sa …" and "-sa …", "+policy …" and "-policy …".
#pragma once

#include <string>
#include <string_view>

#include "netlink/record.h"

namespace xfrmd::netlink {

// Each ends in a newline. `sign`: '+' or '-'.
[[nodiscard]] std::string record_line(char sign, const RecordedSa& sa);
[[nodiscard]] std::string record_line(char sign, const xfrm::PolicyId& policy, const PolicyMarks& marks);

// Does to `holdings` what the line, without its newline, says; nothing if it is no such line.
void read_record_line(std::string_view line, Holdings& holdings);

}  // namespace xfrmd::netlink
