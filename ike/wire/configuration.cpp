// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/configuration.h"

#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

// The top bit of the type is reserved: sent as zero, ignored on receipt.
constexpr std::uint16_t kTypeBits = 0x7fff;

// RFC 7296 §3.15.1
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |R|         Attribute Type      |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                             Value                             ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<ConfigurationAttribute> parse_attribute(Reader& in) {
    const auto head = TRY(in.fixed<4>());
    const auto type = static_cast<std::uint16_t>(head.at<std::uint16_t, 0>() & kTypeBits);
    return ConfigurationAttribute{.type = ConfigurationAttributeType{type},
                                  .value = to_bytes(TRY(in.take(head.at<std::uint16_t, 2>())))};
}

void write_attribute(Writer& out, const ConfigurationAttribute& attribute) {
    const auto type = std::to_underlying(attribute.type);
    if (type > kTypeBits) out.spoil();
    out.u16(type);
    out.count<std::uint16_t>(attribute.value.size());
    out.bytes(attribute.value);
}

}  // namespace

// RFC 7296 §3.15, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   CFG Type    |                    RESERVED                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                   Configuration Attributes                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<ConfigurationPayload> ConfigurationPayload::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    ConfigurationPayload payload{.type = ConfigurationType{head.at<std::uint8_t, 0>()},
                                 .attributes = {}};
    while (!in.done()) {
        if (payload.attributes.size() == limits::kConfigurationAttributesMax)
            return refuse(DecodeFault::TooMany);
        payload.attributes.push_back(TRY(parse_attribute(in)));
    }
    return payload;
}

void ConfigurationPayload::write(Writer& out) const {
    out.u8(std::to_underlying(type));
    out.zeros(3);
    for (const ConfigurationAttribute& attribute : attributes) write_attribute(out, attribute);
}

}  // namespace xfrmd::ike
