// SPDX-License-Identifier: Apache-2.0
// What xfrmctl explain is asked: the words of the command line, and the packet that they mean.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "netlink/model/address.h"

namespace xfrmd::explain {

// As they were typed; empty where there was nothing.
struct Words {
    std::string source;
    std::string destination;
    std::string protocol;
    std::string source_port;       // of ICMP: the type
    std::string destination_port;  // of ICMP: the code
    std::string mark;
    std::string if_id;
};

struct Question {
    std::optional<xfrm::Address> source;  // nothing: what the route says
    xfrm::Address destination;
    std::uint8_t protocol = 0;  // 0: one that only policies for any protocol are for
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t mark = 0;
    std::uint32_t if_id = 0;
    bool inbound = false;
    std::string interface;  // empty: what the route says
};

// "-" and "any" stand for nothing. Names of protocols and services are the host's (/etc/protocols,
// /etc/services); with IPv6 addresses "icmp" is ICMPv6. The error is a sentence.
[[nodiscard]] std::expected<Question, std::string> parse(const Words& words);

}  // namespace xfrmd::explain
