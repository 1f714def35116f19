// SPDX-License-Identifier: Apache-2.0
// The policies and SAs of a setkey file as a migration looks at them: numbers instead of names.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/migrate/facts.h"
#include "cli/setkey/language/ast.h"

namespace xfrmd::migrate {

// A setkey file: its text and its statements.
struct SetkeyText {
    const setkey::Source* source = nullptr;
    const std::vector<setkey::Statement>* statements = nullptr;
};

// A statement of a setkey file, and where it stands.
struct StatementAt {
    const setkey::Source* source = nullptr;
    const setkey::Statement* statement = nullptr;

    [[nodiscard]] std::uint32_t line() const;
    // On one line, without keys.
    [[nodiscard]] std::string text() const;
};

// esp/tunnel/A-B/require
struct Layer {
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    xfrm::Mode mode = xfrm::Mode::Transport;
    std::optional<std::pair<xfrm::Address, xfrm::Address>> ends = {};  // source, destination
    setkey::Level level;
};

struct Policy {
    StatementAt at;
    xfrm::Direction direction = xfrm::Direction::Out;
    setkey::PolicyVerdict verdict = setkey::PolicyVerdict::Ipsec;
    // As the kernel has it: the lower number counts first.
    std::uint32_t priority = 0x8000'0000;
    bool priority_written = false;
    xfrm::Prefix source;
    xfrm::Prefix destination;
    std::uint8_t protocol = 0;  // 0: any
    std::optional<std::uint16_t> source_port = {};
    std::optional<std::uint16_t> destination_port = {};
    std::optional<std::uint8_t> icmp_type = {};
    std::optional<std::uint8_t> icmp_code = {};
    std::vector<Layer> layers;  // the innermost first

    // The same traffic and the same layers, the other way.
    [[nodiscard]] bool mirrors(const Policy& other) const;
    [[nodiscard]] bool same_selector(const Policy& other) const;
    [[nodiscard]] bool overlaps(const Policy& other) const;
};

// What it says in numbers, or a sentence why a connection cannot be made of it.
[[nodiscard]] std::expected<Policy, std::string> policy_of(
    StatementAt at, const setkey::PolicyDefinition& definition, const Facts& facts);

// An SA with a key in the file.
struct ManualSa {
    StatementAt at;
    std::optional<xfrm::Address> source = {};  // nothing: a name
    std::optional<xfrm::Address> destination = {};
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
};

[[nodiscard]] ManualSa manual_sa(StatementAt at, const setkey::SaDefinition& definition);

}  // namespace xfrmd::migrate
