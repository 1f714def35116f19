// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/notify.h"

#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

// RFC 7296 §3.10, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Protocol ID  |   SPI Size    |      Notify Message Type      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                Security Parameter Index (SPI)                 ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                       Notification Data                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Notify> Notify::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    Notify notify{.protocol = ProtocolId{head.at<std::uint8_t, 0>()},
                  .spi = to_bytes(TRY(in.take(head.at<std::uint8_t, 1>()))),
                  .type = NotifyType{head.at<std::uint16_t, 2>()},
                  .data = to_bytes(in.rest())};
    // RFC 7296 §3.10: without an SPI the protocol MUST be ignored on receipt.
    if (notify.spi.empty()) notify.protocol = ProtocolId::None;
    return notify;
}

void Notify::write(Writer& out) const {
    // RFC 7296 §3.10: without an SPI the protocol MUST be sent as zero.
    out.u8(spi.empty() ? 0 : std::to_underlying(protocol));
    out.count<std::uint8_t>(spi.size());
    out.u16(std::to_underlying(type));
    out.bytes(spi);
    out.bytes(data);
}

// RFC 7296 §3.11, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Protocol ID   |   SPI Size    |          Num of SPIs          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~               Security Parameter Index(es) (SPI)              ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Delete> Delete::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    Delete payload{.protocol = ProtocolId{head.at<std::uint8_t, 0>()}, .spis = {}};
    const std::size_t spi_size = head.at<std::uint8_t, 1>();
    const std::size_t count = head.at<std::uint16_t, 2>();
    // RFC 7296 §3.11: the SPI size is zero for IKE and four for ESP and AH.
    if (spi_size != (payload.protocol == ProtocolId::Ike ? 0 : 4))
        return refuse(DecodeFault::BadLength);
    if (count > limits::kDeletedSpisMax) return refuse(DecodeFault::TooMany);
    if (in.remaining() != count * spi_size || (spi_size == 0 && count != 0))
        return refuse(DecodeFault::BadCount);
    payload.spis.reserve(count);
    while (!in.done()) payload.spis.push_back({TRY(in.fixed<4>()).at<std::uint32_t, 0>()});
    return payload;
}

void Delete::write(Writer& out) const {
    const bool ike = protocol == ProtocolId::Ike;
    if (ike && !spis.empty()) out.spoil();
    out.u8(std::to_underlying(protocol));
    out.u8(ike ? 0 : 4);
    out.count<std::uint16_t>(spis.size());
    for (const xfrm::EspSpi spi : spis) out.u32(spi.value);
}

// RFC 7296 §3.12, the body after the generic header
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                        Vendor ID (VID)                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<VendorId> VendorId::parse(View body) { return VendorId{.data = to_bytes(body)}; }

void VendorId::write(Writer& out) const { out.bytes(data); }

}  // namespace xfrmd::ike
