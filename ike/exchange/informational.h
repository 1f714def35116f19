// SPDX-License-Identifier: Apache-2.0
// INFORMATIONAL: deletes, errors after the fact, and whether the peer still lives. RFC 7296 §1.4, §2.4, §2.25.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike::informational {

// ---- ours

// The peer's answer says that it lives.
void ask(Core& core, IkeSa& sa);
// By the SPI that we receive on; also of a child that never came into use with us.
void delete_child(Core& core, IkeSa& sa, const task::DeleteChild& what);
// The peer's answer, and where it came from; it passed the integrity check.
void on_response(Core& core, IkeSa& sa, const Path& path, Decoded<std::vector<Payload>> payloads);

// The peer has been silent for a while: looks whether its packets still come, and asks it if not.
void check_liveness(Core& core, IkeSa& sa);

// Something says, and does not prove, that the peer has lost this IKE SA or is not where it was: it is asked. False if that was
// done just before: a hint costs the peer and us one exchange, and anybody may give hints.
bool follow_hint(Core& core, IkeSa& sa);

// ---- the peer's

void on_request(Core& core, IkeSa& sa, const Path& path, Decoded<std::vector<Payload>> payloads);

// ---- both. True if something of this IKE SA waited for it.
bool on_kernel(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike::informational
