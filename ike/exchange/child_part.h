// SPDX-License-Identifier: Apache-2.0
// What is particular to a child in CREATE_CHILD_SA. RFC 7296 §1.3.1, §1.3.3, §2.8.1, §2.9.
#pragma once

#include <expected>
#include <optional>

#include "ike/child_offer.h"
#include "ike/core.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike::child_part {

// As it stands in the configuration; null if a reload took it away.
[[nodiscard]] const Child* wanted_child(Core& core, const IkeSa& sa, const std::string& name);

// See reserve_spi(). Nothing, too, if a reload took the child away: then the exchange does not get its SAs.
[[nodiscard]] std::optional<RequestId> reserve_next_spi(Core& core, const IkeSa& sa, const ChildNegotiation& what);

// ---- ours

[[nodiscard]] CreateChildSaRequest write_request(Core& core, const IkeSa& sa, const ChildNegotiation& ours);
// What the peer granted, checked, into `ours`.
[[nodiscard]] std::expected<void, WhyFailed> read_response(Core& core, const IkeSa& sa, ChildNegotiation& ours,
                                                           const CreateChildSaResponse& response);
// All is agreed: goes into the kernel, unless the peer's own exchange about the same child stays.
void conclude(Core& core, IkeSa& sa, ChildNegotiation ours);
void on_installed(Core& core, IkeSa& sa, outgoing::Installing installing, const xfrm::KernelResult& result);
// The peer refused, or its answer is of no use. The negotiation is over.
void refused(Core& core, IkeSa& sa, const ChildNegotiation& ours, const Notify& error);
void failed(Core& core, IkeSa& sa, const ChildNegotiation& ours, const WhyFailed& why);

// ---- the peer's

// What we grant of what the peer asks for. `rekeyed`: the child to be replaced, or null.
[[nodiscard]] std::expected<ChildNegotiation, ChildRefusal> read_request(Core& core, IkeSa& sa,
                                                                         const CreateChildSaRequest& request,
                                                                         const ChildSa* rekeyed);
// The grant, with our share, as CREATE_CHILD_SA says it.
[[nodiscard]] CreateChildSaResponse write_response(const ChildNegotiation& theirs);
// Hands the child to the kernel: the inbound SA alone if it replaces one, since the peer cannot receive yet.
void install(Core& core, IkeSa& sa, ChildNegotiation theirs);
// Answers the peer, and enters the child.
void on_installed(Core& core, IkeSa& sa, incoming::Installing installing, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike::child_part
