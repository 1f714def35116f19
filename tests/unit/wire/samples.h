// SPDX-License-Identifier: Apache-2.0
// Messages rich enough that every payload type stands in one of them. The fuzz program starts from
// them too.
#pragma once

#include <vector>

#include "ike/wire/payload.h"

namespace xfrmd::ike::test {

SecurityAssociation sample_ike_proposals();
SecurityAssociation sample_esp_proposals();
TrafficSelector sample_selector_v4();
TrafficSelector sample_selector_v6();

// The header of a request by the original initiator.
Header sample_header(ExchangeType exchange, std::uint32_t message_id);

std::vector<Payload> sample_ike_sa_init();
// As inside of SK: every payload type that may stand there, and an unknown one.
std::vector<Payload> sample_inner();

// Whole datagrams: the two lists above in the clear, an SK and an SKF message.
std::vector<Bytes> sample_datagrams();

}  // namespace xfrmd::ike::test
