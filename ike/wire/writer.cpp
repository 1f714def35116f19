// SPDX-License-Identifier: Apache-2.0
// Out of line: inlined into loops, these make GCC 14 see overflows that are not there
// (-Wstringop-overflow).
#include "ike/wire/writer.h"

namespace xfrmd::ike {

void Writer::zeros(std::size_t count) { octets_.insert(octets_.end(), count, 0); }

void Writer::bytes(View view) { append(octets_, view); }

}  // namespace xfrmd::ike
