// SPDX-License-Identifier: Apache-2.0
// Which SA serves a template on the way out, and why the others do not. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "netlink/lookup/flow.h"

namespace xfrmd::lookup {

// Why an SA towards the wanted destination does not serve.
enum class SaLost : std::uint8_t {
    Older,     // another one is younger
    Dying,     // past a soft limit, and another one is not
    Larval,    // no keys yet
    Selector,  // it is for other traffic
    Spi,
    IfId,
    Mark,
    Reqid,
    Mode,
    Source,
    Protocol,
    Offload,   // its work is the device's, and the policy's is not, or the reverse
    Receiver,  // made to receive only (XFRM_STATE_WILDRECV)
};

struct LosingSa {
    const xfrm::StoredSa* sa = nullptr;
    SaLost why = SaLost::Older;
};

// What a template asks for, with its ends as they are for this packet.
struct WantedSa {
    xfrm::Address source;
    xfrm::Address destination;
    const xfrm::StoredTemplate* wanted = nullptr;
    const xfrm::StoredPolicy* policy = nullptr;
};

struct SaChoice {
    const xfrm::StoredSa* winner = nullptr;
    // Somebody has been asked for it, and has not answered yet.
    bool under_way = false;
    // The template's SPI is that of an SA that does not serve: none is asked for.
    bool spi_taken = false;
    // Those with the wanted destination; who came closest stands first.
    std::vector<LosingSa> losers;
    // Another one that was added in the same second may win, since the kernel's table has grown
    // since, which turns their order.
    bool uncertain = false;
    // The kernel finds it by the destination alone, since its table happens to hold it in the place
    // of SAs without a source: its source is not the wanted one.
    bool foreign_source = false;
};

// Pointers lead into `tables`.
SaChoice choose_sa(const Flow& flow, const WantedSa& wanted, const Tables& tables);

// Past a hard limit when so many packets more have been counted: the next one will notice, and be
// dropped.
bool is_exhausted(const xfrm::StoredSa& sa, std::uint64_t more_packets);
// Reserved, or being negotiated: it has no algorithm yet.
bool is_larval(const xfrm::StoredSa& sa);

}  // namespace xfrmd::lookup
