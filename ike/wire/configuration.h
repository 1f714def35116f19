// SPDX-License-Identifier: Apache-2.0
// The Configuration payload. RFC 7296 §3.15.
#pragma once

#include <cstdint>
#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 7296 §3.15
enum class ConfigurationType : std::uint8_t { Request = 1, Reply = 2, Set = 3, Ack = 4 };

// RFC 7296 §3.15.1, RFC 5739, RFC 7651, RFC 8598, RFC 9464
enum class ConfigurationAttributeType : std::uint16_t {
    InternalIp4Address = 1,
    InternalIp4Netmask = 2,
    InternalIp4Dns = 3,
    InternalIp4Nbns = 4,
    InternalIp4Dhcp = 6,
    ApplicationVersion = 7,
    InternalIp6Address = 8,
    InternalIp6Dns = 10,
    InternalIp6Dhcp = 12,
    InternalIp4Subnet = 13,
    SupportedAttributes = 14,
    InternalIp6Subnet = 15,
    MipV6HomePrefix = 16,
    InternalIp6Link = 17,
    InternalIp6Prefix = 18,
    HomeAgentAddress = 19,
    PcscfIp4Address = 20,
    PcscfIp6Address = 21,
    InternalDnsDomain = 25,
    InternalDnssecTa = 26,
    EncDnsIp4 = 27,
    EncDnsIp6 = 28,
    EncDnsDigestInfo = 29,
};

struct ConfigurationAttribute {
    ConfigurationAttributeType type = ConfigurationAttributeType::InternalIp4Address;  // 15 bits
    Bytes value;  // as on the wire; empty asks for a value

    bool operator==(const ConfigurationAttribute&) const = default;
};

struct ConfigurationPayload {
    static constexpr PayloadType kType = PayloadType::Configuration;

    ConfigurationType type = ConfigurationType::Request;
    std::vector<ConfigurationAttribute> attributes;

    static Decoded<ConfigurationPayload> parse(View body);
    void write(Writer& out) const;
    bool operator==(const ConfigurationPayload&) const = default;
};

}  // namespace xfrmd::ike
