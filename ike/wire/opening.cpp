// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/opening.h"

#include "ike/wire/header.h"
#include "ike/wire/limits.h"
#include "ike/wire/notify_types.h"
#include "ike/wire/reader.h"

namespace xfrmd::ike {

namespace {

// RFC 7296 §3.10: protocol, SPI size, type; a cookie comes without SPI.
View cookie_in(View notify) {
    Reader in{notify};
    const auto head = in.fixed<4>();
    const bool cookie = head && head->at<std::uint8_t, 1>() == 0 &&
                        NotifyType{head->at<std::uint16_t, 2>()} == NotifyType::Cookie;
    return cookie ? in.rest() : View{};
}

}  // namespace

std::optional<Opening> find_opening(View datagram) {
    const auto header = parse_header(datagram);
    if (!header || header->length != datagram.size()) return std::nullopt;
    Reader in{datagram.subspan(kHeaderOctets)};
    Opening found;
    PayloadType type = header->next_payload;
    for (std::size_t i = 0; type != PayloadType::None && i < limits::kPayloadsMax; ++i) {
        const auto frame = in.fixed<4>();
        if (!frame || frame->at<std::uint16_t, 2>() < 4) return std::nullopt;
        const auto body = in.take(frame->at<std::uint16_t, 2>() - 4U);
        if (!body) return std::nullopt;
        if (type == PayloadType::Nonce) found.nonce = *body;
        if (type == PayloadType::Notify && found.cookie.empty()) found.cookie = cookie_in(*body);
        type = PayloadType{frame->at<std::uint8_t, 0>()};
    }
    const bool permitted = found.nonce.size() >= limits::kNonceOctetsMin &&
                           found.nonce.size() <= limits::kNonceOctetsMax;
    if (type != PayloadType::None || !in.done() || !permitted) return std::nullopt;
    return found;
}

}  // namespace xfrmd::ike
