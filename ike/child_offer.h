// SPDX-License-Identifier: Apache-2.0
// What two peers say to each other about a child, in whichever exchange: what is asked for, what is granted of it, and
// the SAs that come of it. RFC 7296 §1.3.1, §2.7, §2.9.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/child_sa.h"
#include "ike/core.h"
#include "ike/policy/traffic_selector_wire.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike {

// What a message says of the traffic of both ends.
struct SelectorPair {
    TrafficSelectorList local;
    TrafficSelectorList remote;
};

// The payloads of a peer's message that speak of a child.
struct ChildPayloads {
    std::span<const Proposal> proposals;
    std::span<const Notify> notifies;
    SelectorPair tunnel;       // the selectors as they stand there
    SelectorPair transport;    // what they mean in transport mode, if a NAT is in between: RFC 7296 §2.23.1

    [[nodiscard]] const SelectorPair& selectors(xfrm::Mode mode) const {
        return mode == xfrm::Mode::Transport ? transport : tunnel;
    }
};
[[nodiscard]] ChildPayloads child_payloads(const IkeSa& sa, std::span<const Proposal> proposals,
                                           std::span<const Notify> notifies, SelectorPair selectors);
// Of a request of the peer for a child: SA, TSi and TSr are there.
template <class Request>
[[nodiscard]] ChildPayloads asked_of_us(const IkeSa& sa, const Request& request) {
    return child_payloads(sa, request.security_association->proposals, request.notifies,
                          {.local = from_wire(request.responder_selectors->value),
                           .remote = from_wire(request.initiator_selectors->value)});
}
// Of an answer that grants what we have asked for: likewise.
template <class Response>
[[nodiscard]] ChildPayloads granted_to_us(const IkeSa& sa, const Response& response) {
    return child_payloads(sa, response.security_association->proposals, response.notifies,
                          {.local = from_wire(response.initiator_selectors->value),
                           .remote = from_wire(response.responder_selectors->value)});
}

// Why a child is refused: what the peer is told, and what people are.
struct ChildRefusal {
    NotifyType notify = NotifyType::NoProposalChosen;
    WhyFailed why;
};

// Whether this child can work over the path of the IKE SA, as IKE_SA_INIT has found it.
[[nodiscard]] std::expected<void, WhyFailed> fits_path(const IkeSa& sa, const Child& child);

// Responder: whether this child can be told from those of other peers. In transport mode all hosts behind one NAT have one
// address here, and nobody could say to whom of them a packet goes: the child is one peer's alone. RFC 3948 §5.2
[[nodiscard]] std::expected<void, WhyFailed> is_free_for(Core& core, const IkeSa& sa, const Child& child);

// Initiator: what is asked for, before an SPI is reserved for it.
[[nodiscard]] ChildOffer ask_for(const Child& child);

// Reserves the next inbound SPI that `offer` needs in the kernel: that of `child`, then the CPI if it compresses. It is taken out
// again if nobody waits for it when it comes. Nothing if all are there.
[[nodiscard]] std::optional<RequestId> reserve_spi(Core& core, const IkeSa& sa, const Child& child, const ChildOffer& offer);
// Enters what reserve_spi() has brought.
void take_spi(ChildOffer& offer, xfrm::EspSpi spi);
// Gives the SPIs reserved for an offer back; none is fine.
void release_spi(Core& core, const IkeSa& sa, const ChildOffer& offer);

[[nodiscard]] Bytes spi_octets(xfrm::EspSpi spi);
// Nothing unless it is four octets of a usable SPI. RFC 4303 §2.1
[[nodiscard]] std::optional<xfrm::EspSpi> read_spi(View octets);

// The proposals of `wanted` as they stand in a message of ours.
[[nodiscard]] std::vector<Proposal> child_proposals(std::span<const Proposal> wanted, xfrm::EspSpi inbound);
// Mode, padding and compression, as request and answer say them alike. `inbound_cpi` 0: without IPComp.
[[nodiscard]] std::vector<Notify> child_notifies(xfrm::Mode mode, xfrm::EspSpi inbound_cpi);

// Responder: which of our children the request is for. Of those that have traffic in common with it, one of the same
// protocol and mode is preferred, then one that takes in the packet the peer is asked for first (RFC 7296 §2.9), then the
// one whose selectors are the most like those asked for, then the first. If none has traffic in common: any, so that
// grant_child() says why not. Null only if there are no children.
[[nodiscard]] const Child* choose_child(const ChildPayloads& asked, std::span<const Child> children);

// Whether all that is asked for is all that the child is for.
[[nodiscard]] bool is_for_same_traffic(const ChildPayloads& asked, const Child& child);

// The child of this name; null if a reload has taken it away.
[[nodiscard]] const Child* find_child(const Connection& connection, std::string_view name);

// Responder: what we grant of what is asked for. `proposals`: ours, with or without key exchanges as the exchange has them.
[[nodiscard]] std::expected<ChildOffer, ChildRefusal> grant_child(const IkeSa& sa,
                                                                  const ChildPayloads& asked,
                                                                  const Child& wanted,
                                                                  std::span<const Proposal> proposals);

// Initiator: checks what the peer grants against what we asked for, and completes `offer` with it.
[[nodiscard]] std::expected<void, WhyFailed> accept_grant(const ChildPayloads& granted,
                                                          const Child& wanted,
                                                          std::span<const Proposal> proposals,
                                                          ChildOffer& offer);

// The child of an offer both sides agree on. `role`: ours in the exchange.
[[nodiscard]] ChildSa make_child(const Core& core, const IkeSa& sa, const Child& wanted,
                                 const ChildOffer& offer, Role role);

}  // namespace xfrmd::ike
