// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/deletion_checker.h"

namespace xfrmd::sim {

std::optional<std::string> DeletionChecker::sent(const OpenedMessage& message) {
    if (!message.was_sealed || message.header.response) return std::nullopt;
    const IkeSa sa{message.header.initiator_spi, message.header.responder_spi};
    if (!requests_.insert({sa, message.header.message_id}).second) return std::nullopt;
    if (closed_.contains(sa)) return "a request follows the Delete of its IKE SA";
    for (const ike::Payload& payload : message.payloads) {
        const auto* deletion = std::get_if<ike::Delete>(&payload);
        if (deletion == nullptr) continue;
        if (deletion->protocol == ike::ProtocolId::Ike) closed_.insert(sa);
        for (const xfrm::EspSpi spi : deletion->spis)
            if (!deleted_.insert({deletion->protocol, spi}).second)
                return "SPI " + std::to_string(spi.value) + " is deleted by two requests";
    }
    return std::nullopt;
}

}  // namespace xfrmd::sim
