// SPDX-License-Identifier: Apache-2.0
// What a dump depends on besides the entry that it shows: options, and facts of the host that are
// handed in, so that the same facts give the same text.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace xfrmd::setkey::dump {

struct Options {
    bool with_ports = false;  // -p
    bool with_keys = false;   // otherwise "***" stands where a key would
    // Lines behind those of setkey for what PF_KEY cannot show.
    bool with_details = false;
};

// Local time of a point of time in seconds since 1970; nothing if there is none (a year too far).
using LocalTime = std::optional<std::tm> (*)(std::time_t);
[[nodiscard]] std::optional<std::tm> host_local_time(std::time_t seconds);
[[nodiscard]] std::optional<std::tm> utc(std::time_t seconds);

// The names of the IP protocols (/etc/protocols) by number, empty where there is none.
using ProtocolNames = std::array<std::string, 256>;
[[nodiscard]] ProtocolNames host_protocol_names();

struct Scene {
    std::uint64_t now = 0;  // seconds since 1970
    LocalTime local_time = host_local_time;
    const ProtocolNames* protocol_names = nullptr;  // none: numbers only
    std::uint32_t pid = 0;                          // PF_KEY's answers carried that of who asked
};

// "Nov 23 22:49:00 2026", 20 characters; 20 blanks for 0, 20 question marks for what has no date.
[[nodiscard]] std::string time_text(std::uint64_t seconds, const Scene& scene);

// The name of the protocol, or its number.
[[nodiscard]] std::string ip_protocol_text(std::uint8_t protocol, const Scene& scene);

}  // namespace xfrmd::setkey::dump
