// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/wiretap.h"

#include "ike/wire/dump.h"

namespace xfrmd::sim {

ike::IkeSa* sender_of(ike::Core& core, const ike::Header& header) {
    const auto found = core.by_local_spi.find(header.initiator ? header.initiator_spi : header.responder_spi);
    return found == core.by_local_spi.end() ? nullptr : core.ike_sas.find(found->second);
}

std::optional<OpenedMessage> open_sent(ike::Core& core, View octets) {
    auto message = ike::parse_message(octets);
    if (!message) return std::nullopt;
    const auto* sealed = message->payloads.size() == 1 ? std::get_if<ike::Encrypted>(&message->payloads[0]) : nullptr;
    if (sealed == nullptr) return OpenedMessage{message->header, std::move(message->payloads), false};
    const ike::IkeSa* sa = sender_of(core, message->header);
    const auto layout = ike::sealed_layout(*message);
    if (sa == nullptr || !sa->sealing || !layout) return std::nullopt;
    const auto chain = sa->sealing->open(layout->associated(octets), layout->body(octets));
    if (!chain) return std::nullopt;
    auto payloads = ike::parse_payloads(sealed->first_inner, chain->view());
    if (!payloads) return std::nullopt;
    return OpenedMessage{message->header, *std::move(payloads), true};
}

std::string describe(const OpenedMessage& message) {
    if (message.was_sealed) return ike::dump_opened(message.header, message.payloads);
    return ike::dump(ike::Message{message.header, message.payloads});
}

}  // namespace xfrmd::sim
