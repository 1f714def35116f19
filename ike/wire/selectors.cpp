// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/selectors.h"

#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

bool is_ordered(const TrafficSelector& selector) {
    return selector.start <= selector.end &&
           (selector.start_port <= selector.end_port || selector.has_opaque_ports());
}

// What follows the length in a selector of an address type: ports, and two addresses of `octets`
// octets.
Decoded<TrafficSelector> parse_range(TsType type, std::uint8_t ip_protocol, View body,
                                     std::size_t octets) {
    Reader in{body};
    if (body.size() != 4 + 2 * octets) return refuse(DecodeFault::BadLength);
    const auto ports = TRY(in.fixed<4>());
    const auto start = xfrm::Address::from_octets(TRY(in.take(octets)));
    const auto end = xfrm::Address::from_octets(TRY(in.take(octets)));
    if (!start || !end) return refuse(DecodeFault::BadLength);
    const TrafficSelector selector{.type = type,
                                   .ip_protocol = ip_protocol,
                                   .start_port = ports.at<std::uint16_t, 0>(),
                                   .end_port = ports.at<std::uint16_t, 2>(),
                                   .start = *start,
                                   .end = *end,
                                   .unknown = {}};
    if (!is_ordered(selector)) return refuse(DecodeFault::BadValue);
    return selector;
}

// RFC 7296 §3.13.1
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   TS Type     |IP Protocol ID*|       Selector Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Start Port*         |           End Port*           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                         Starting Address*                     ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                         Ending Address*                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// * the fields of the address types; the other types have their own.
Decoded<TrafficSelector> parse_selector(Reader& in) {
    constexpr std::size_t kHead = 4;
    const auto head = TRY(in.fixed<kHead>());
    const TsType type{head.at<std::uint8_t, 0>()};
    const auto ip_protocol = head.at<std::uint8_t, 1>();
    const auto length = head.at<std::uint16_t, 2>();
    if (length < kHead) return refuse(DecodeFault::BadLength);
    const View body = TRY(in.take(length - kHead));
    if (type == TsType::Ipv4AddressRange) return parse_range(type, ip_protocol, body, 4);
    if (type == TsType::Ipv6AddressRange) return parse_range(type, ip_protocol, body, 16);
    TrafficSelector selector;
    selector.type = type;
    selector.ip_protocol = ip_protocol;
    selector.unknown = to_bytes(body);
    return selector;
}

void write_selector(Writer& out, const TrafficSelector& selector) {
    const std::size_t position = out.size();
    out.u8(std::to_underlying(selector.type));
    out.u8(selector.ip_protocol);
    out.u16(0);  // patched
    if (selector.is_address_range()) {
        const bool v4 = selector.type == TsType::Ipv4AddressRange;
        if (selector.start.is_v4() != v4 || selector.end.is_v4() != v4) out.spoil();
        out.u16(selector.start_port);
        out.u16(selector.end_port);
        out.bytes(selector.start.octets());
        out.bytes(selector.end.octets());
    } else {
        out.bytes(selector.unknown);
    }
    out.patch<std::uint16_t>(position + 2, out.size() - position);
}

// RFC 7296 §3.13, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Number of TSs |                 RESERVED                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                       <Traffic Selectors>                     ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<std::vector<TrafficSelector>> parse_selectors(View body) {
    Reader in{body};
    const std::size_t count = TRY(in.fixed<4>()).at<std::uint8_t, 0>();
    if (count == 0) return refuse(DecodeFault::BadCount);
    std::vector<TrafficSelector> selectors;
    while (selectors.size() < count) selectors.push_back(TRY(parse_selector(in)));
    if (!in.done()) return refuse(DecodeFault::TrailingOctets);
    return selectors;
}

void write_selectors(Writer& out, const std::vector<TrafficSelector>& selectors) {
    out.count<std::uint8_t>(selectors.size());
    out.zeros(3);
    for (const TrafficSelector& selector : selectors) write_selector(out, selector);
}

}  // namespace

TrafficSelector make_selector(const xfrm::Address& start, const xfrm::Address& end,
                              std::uint8_t ip_protocol) {
    return {.type = start.is_v4() ? TsType::Ipv4AddressRange : TsType::Ipv6AddressRange,
            .ip_protocol = ip_protocol,
            .start_port = 0,
            .end_port = 65535,
            .start = start,
            .end = end,
            .unknown = {}};
}

Decoded<TrafficSelectorsInitiator> TrafficSelectorsInitiator::parse(View body) {
    return TrafficSelectorsInitiator{TRY(parse_selectors(body))};
}

void TrafficSelectorsInitiator::write(Writer& out) const { write_selectors(out, value); }

Decoded<TrafficSelectorsResponder> TrafficSelectorsResponder::parse(View body) {
    return TrafficSelectorsResponder{TRY(parse_selectors(body))};
}

void TrafficSelectorsResponder::write(Writer& out) const { write_selectors(out, value); }

}  // namespace xfrmd::ike
