// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/isakmp.h"

#include <utility>

#include "ike/wire/notify_types.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike {

namespace {

constexpr std::uint8_t kNotificationPayload = 11;
constexpr std::uint8_t kVersion = 0x10;
constexpr ExchangeType kInformational{5};
constexpr std::uint8_t kProtocolIsakmp = 1;
constexpr std::uint16_t kNotificationOctets = 12;

}  // namespace

// RFC 2408 §3.14, after the header, which is that of RFC 7296 §3.1 with cookies for SPIs
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ! Next Payload  !   RESERVED    !         Payload Length        !
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// !              Domain of Interpretation  (DOI): 0 = ISAKMP      !
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// !  Protocol-ID  !   SPI Size    !      Notify Message Type      !
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
std::optional<Bytes> refuse_isakmp(const Header& request, std::uint32_t message_id) {
    if (request.exchange == kInformational) return std::nullopt;
    Writer out;
    out.u64(request.initiator_spi.value);
    out.u64(request.responder_spi.value);
    out.u8(kNotificationPayload);
    out.u8(kVersion);
    out.u8(std::to_underlying(kInformational));
    out.u8(0);
    out.u32(message_id);
    out.u32(kHeaderOctets + kNotificationOctets);
    out.u8(0);
    out.u8(0);
    out.u16(kNotificationOctets);
    out.u32(0);
    out.u8(kProtocolIsakmp);
    out.u8(0);
    out.u16(std::to_underlying(NotifyType::InvalidMajorVersion));
    return std::move(out).finish();
}

}  // namespace xfrmd::ike
