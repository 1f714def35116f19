// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.1
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       IKE SA Initiator's SPI                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       IKE SA Responder's SPI                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Payload | MjVer | MnVer | Exchange Type |X|X|R|V|I|X|X|X|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          Message ID                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Length                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ike/wire/header.h"

#include <utility>

#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::uint8_t kInitiatorFlag = 0x08;
constexpr std::uint8_t kVersionFlag = 0x10;
constexpr std::uint8_t kResponseFlag = 0x20;

}  // namespace

Decoded<Header> parse_header(View datagram) {
    Reader in{datagram};
    const auto octets = TRY(in.fixed<kHeaderOctets>());
    const auto version = octets.at<std::uint8_t, 17>();
    const auto flags = octets.at<std::uint8_t, 19>();
    return Header{
        .initiator_spi = {octets.at<std::uint64_t, 0>()},
        .responder_spi = {octets.at<std::uint64_t, 8>()},
        .next_payload = PayloadType{octets.at<std::uint8_t, 16>()},
        .major = static_cast<std::uint8_t>(version >> 4),
        .minor = static_cast<std::uint8_t>(version & 0x0f),
        .exchange = ExchangeType{octets.at<std::uint8_t, 18>()},
        .initiator = (flags & kInitiatorFlag) != 0,
        .version_flag = (flags & kVersionFlag) != 0,
        .response = (flags & kResponseFlag) != 0,
        .message_id = {octets.at<std::uint32_t, 20>()},
        .length = octets.at<std::uint32_t, 24>(),
    };
}

void write_header(Writer& out, const Header& header) {
    out.u64(header.initiator_spi.value);
    out.u64(header.responder_spi.value);
    out.u8(std::to_underlying(header.next_payload));
    out.u8(static_cast<std::uint8_t>(header.major << 4 | (header.minor & 0x0f)));
    out.u8(std::to_underlying(header.exchange));
    out.u8(static_cast<std::uint8_t>((header.initiator ? kInitiatorFlag : 0) |
                                     (header.version_flag ? kVersionFlag : 0) |
                                     (header.response ? kResponseFlag : 0)));
    out.u32(header.message_id.value);
    out.u32(header.length);
}

}  // namespace xfrmd::ike
