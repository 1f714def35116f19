// SPDX-License-Identifier: Apache-2.0
// What the dumps print can be written down again: their words, put into statements of setkey's
// language and read by its parser, say what the SA or the policy was.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <netinet/in.h>

#include <array>
#include <format>
#include <map>
#include <ranges>

#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "cli/setkey/language/parser.h"
#include "tests/unit/setkey/dump/samples.h"

namespace xfrmd::setkey::dump::tests {

using namespace xfrm;

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (const auto part : std::views::split(text, '\n')) {
        const std::string_view line{part};
        lines.emplace_back(line.substr(line.starts_with('\t') ? 1 : 0));
    }
    return lines;
}

template <class Kind>
Kind parsed_as(const std::string& text) {
    INFO(text);
    const Source source{"dump", text};
    auto parsed = parse(source);
    REQUIRE(parsed.good);
    REQUIRE(parsed.statements.size() == 1);
    REQUIRE(std::holds_alternative<Kind>(parsed.statements[0].value));
    return std::get<Kind>(std::move(parsed.statements[0].value));
}

void replace(std::string& text, std::string_view from, std::string_view to) {
    if (const std::size_t at = text.find(from); at != std::string::npos)
        text.replace(at, from.size(), to);
}

// ---- policies

// Selector and direction stand on the first two lines, requests on those up to "created".
statement::SpdAdd written_again(const StoredPolicy& policy) {
    auto lines = lines_of(policy_text(policy, 1, {}, scene()));
    if (lines[0].ends_with(" 255")) lines[0].replace(lines[0].size() - 3, 3, "any");
    std::string statement = "spdadd " + lines[0] + " -P " + lines[1];
    for (std::size_t i = 2; !lines[i].starts_with("created"); ++i) {
        // What the kernel has numbered is told apart in a dump only.
        replace(lines[i], "#", ":");
        statement += ' ' + lines[i];
    }
    return parsed_as<statement::SpdAdd>(statement + " ;");
}

std::uint32_t number_of(const Optional<Priority>& priority) {
    if (!priority) return 0;
    static const std::map<Priority::Base, std::int64_t> bases{{Priority::Base::High, 0x40000000},
                                                              {Priority::Base::Default, 0x80000000},
                                                              {Priority::Base::Low, 0xc0000000}};
    return static_cast<std::uint32_t>(bases.at(priority->value.base) - priority->value.offset);
}

std::uint16_t port_of(const Side& side) {
    if (!side.port) return 0;
    const auto* const port = std::get_if<std::uint16_t>(&side.port->value);
    return port == nullptr ? 0 : *port;
}

Address address_of(const Located<Host>& host) {
    REQUIRE(std::holds_alternative<ScopedAddress>(host.value));
    return std::get<ScopedAddress>(host.value).address;
}

Prefix prefix_of(const Side& side) {
    const Address address = address_of(side.host);
    return {address, side.prefix_length ? side.prefix_length->value
                                        : static_cast<std::uint8_t>(address.bits())};
}

std::uint8_t protocol_of(const PolicySelector& selector) {
    if (std::holds_alternative<AnyProtocol>(selector.protocol.value)) return 0;
    if (const auto* const number = std::get_if<std::uint8_t>(&selector.protocol.value))
        return *number;
    const std::string& name = std::get<ProtocolName>(selector.protocol.value).name;
    const auto& names = *scene().protocol_names;
    const auto found = std::ranges::find(names, name);
    REQUIRE(found != names.end());
    return static_cast<std::uint8_t>(found - names.begin());
}

void check_argument(const StoredPolicy& policy, const PolicySelector& written) {
    const std::uint32_t first = policy.selector.source_port.port;
    const std::uint32_t second = policy.selector.destination_port.port;
    REQUIRE(written.argument.has_value() == (first != 0 || second != 0));
    if (!written.argument) return;
    if (const auto* const icmp = std::get_if<TypeAndCode>(&written.argument->value)) {
        CHECK(icmp->type == first);
        CHECK(icmp->code == second);
    } else {
        CHECK(std::get<std::uint32_t>(written.argument->value) == ((first << 16) | second));
    }
}

void check_selector(const StoredPolicy& policy, const PolicySelector& written) {
    CHECK(prefix_of(written.source) == policy.selector.source);
    CHECK(prefix_of(written.destination) == policy.selector.destination);
    CHECK(protocol_of(written) == policy.selector.protocol);
    if (policy.selector.protocol != 0 && policy.selector.protocol != 6)
        return check_argument(policy, written);
    CHECK(port_of(written.source) == policy.selector.source_port.port);
    CHECK(port_of(written.destination) == policy.selector.destination_port.port);
}

void check_request(const StoredTemplate& wanted, const Request& written) {
    CHECK(static_cast<std::uint8_t>(written.protocol.value) == wanted.protocol);
    const bool is_tunnel = wanted.mode == XFRM_MODE_TUNNEL;
    CHECK((written.mode.value == Mode::Tunnel) == is_tunnel);
    CHECK(std::holds_alternative<TunnelEnds>(written.ends.value) == is_tunnel);
    if (const auto* const ends = std::get_if<TunnelEnds>(&written.ends.value)) {
        CHECK(address_of(ends->source.host) == wanted.source);
        CHECK(address_of(ends->destination.host) == wanted.destination);
    }
    const Level& level = written.level.value;
    CHECK((level.kind == Level::Kind::Use) == wanted.optional);
    CHECK(level.reqid.value_or(0) == wanted.reqid.value);
}

void check_written_again(const StoredPolicy& policy) {
    INFO(policy_text(policy, 1, {}, scene()));
    const statement::SpdAdd written = written_again(policy);
    check_selector(policy, std::get<PolicySelector>(written.selector));
    CHECK(number_of(written.policy.priority) == policy.priority);
    const std::array directions{Direction::In, Direction::Out, Direction::Forward};
    CHECK(written.policy.direction.value == directions.at(policy.direction));
    const PolicyVerdict verdict = policy.action == XFRM_POLICY_BLOCK ? PolicyVerdict::Discard
                                  : policy.templates.empty()         ? PolicyVerdict::None
                                                                     : PolicyVerdict::Ipsec;
    CHECK(written.policy.verdict.value == verdict);
    REQUIRE(written.policy.requests.size() == policy.templates.size());
    for (std::size_t i = 0; i < policy.templates.size(); ++i)
        check_request(policy.templates[i], written.policy.requests[i]);
}

// ---- SAs

// The value behind "name=", up to a blank or a bracket.
std::string value_behind(std::string_view line, std::string_view name) {
    const std::size_t begin = line.find(name) + name.size();
    return std::string{line.substr(begin, line.find_first_of(" (", begin) - begin)};
}

// "E: aes-cbc  00010203 …", and the lines of the key that follow, as "-E aes-cbc 0x00010203…".
std::string algorithm_words(const std::vector<std::string>& lines, std::string_view label,
                            std::string_view option) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].starts_with(label)) continue;
        std::string key = lines[i];
        for (std::size_t next = i + 1; lines[next].starts_with(' '); ++next) key += lines[next];
        key.erase(0, label.size());
        const std::size_t end_of_name = key.find(' ');
        const std::string name = key.substr(0, end_of_name);
        std::erase(key, ' ');
        return std::format(" {} {} 0x{}", option, name, key.substr(name.size()));
    }
    return "";
}

statement::Add written_again(const StoredSa& sa) {
    const auto lines = lines_of(sa_text(sa, 1, {.with_keys = true}, scene()));
    std::string statement = "add " + lines[0];
    statement += lines[1].substr(0, lines[1].find(' ')) + ' ' + value_behind(lines[1], "spi=");
    statement += " -m " + value_behind(lines[1], "mode=");
    statement += " -u " + value_behind(lines[1], "reqid=");
    for (const std::string& line : lines)
        if (line.starts_with("seq=")) statement += " -r " + value_behind(line, "replay=");
    statement += algorithm_words(lines, "E: ", "-E") + algorithm_words(lines, "A: ", "-A");
    return parsed_as<statement::Add>(statement + " ;");
}

void check_key(const std::optional<StoredAlgorithm>& algorithm,
               const std::optional<KeyedAlgorithm>& written) {
    const bool has_key = algorithm && algorithm->key_bits != 0;
    REQUIRE(written.has_value() == has_key);
    if (has_key) CHECK(equal(written->key.value().value.octets.view(), algorithm->key.view()));
}

}  // namespace

TEST_CASE("policies of every selector can be written again", "[setkey]") {
    const auto exactly = PortMask::exactly;
    check_written_again(out_policy());
    for (const std::uint8_t protocol : std::to_array<std::uint8_t>({0, 6}))
        for (const PortMask port : {PortMask::any(), exactly(1), exactly(65535)}) {
            check_written_again(policy_for(protocol, port, PortMask::any()));
            check_written_again(policy_for(protocol, PortMask::any(), port));
        }
    for (const std::uint8_t protocol : std::to_array<std::uint8_t>({1, 58, 135}))
        for (const std::uint16_t type : std::to_array<std::uint16_t>({0, 8, 255}))
            for (const std::uint16_t code : std::to_array<std::uint16_t>({0, 255}))
                check_written_again(policy_for(protocol, {type, 0xffff}, {code, 0xffff}));
    for (const std::uint16_t half : std::to_array<std::uint16_t>({0, 1, 65535}))
        check_written_again(policy_for(47, {half, 0xffff}, {1, 0xffff}));
    StoredPolicy v6 = out_policy();
    v6.selector.source = Prefix::parse("2001:db8::1").value();
    v6.selector.destination = Prefix::any(Family::V6);
    check_written_again(v6);
}

TEST_CASE("policies of every direction, action and priority can be written again", "[setkey]") {
    for (const std::uint8_t direction : std::to_array<std::uint8_t>({0, 1, 2}))
        for (const std::uint8_t action : std::to_array<std::uint8_t>({0, 1})) {
            StoredPolicy policy = out_policy();
            policy.direction = direction;
            policy.action = action;
            policy.templates.clear();
            check_written_again(policy);
        }
    for (const std::uint32_t priority :
         {0U, 1U, 0x3fffffffU, 0x40000000U, 0x40000001U, 0x5fffffffU, 0x60000000U, 0x7fffffffU,
          0x80000000U, 0x80000001U, 0x9fffffffU, 0xa0000000U, 0xc0000000U, 0xffffffffU}) {
        StoredPolicy policy = out_policy();
        policy.priority = priority;
        check_written_again(policy);
    }
}

TEST_CASE("requests of every kind can be written again", "[setkey]") {
    StoredPolicy policy = out_policy();
    policy.templates.clear();
    for (const std::uint8_t protocol : std::to_array<std::uint8_t>({50, 51, 108}))
        for (const std::uint32_t reqid : {0U, 1U, 0x3fffU, 0x4000U}) {
            policy.templates = {tunnel(protocol), transport(protocol)};
            for (StoredTemplate& wanted : policy.templates) wanted.reqid = ReqId{reqid};
            check_written_again(policy);
        }
    policy.templates = {tunnel(), transport(51)};
    for (StoredTemplate& wanted : policy.templates) wanted.optional = true;
    check_written_again(policy);
    policy.templates[0].source = address("2001:db8::1");
    policy.templates[0].destination = address("2001:db8::2");
    check_written_again(policy);
}

TEST_CASE("SAs can be written again with their keys", "[setkey]") {
    StoredSa camellia = esp();
    camellia.mode = XFRM_MODE_TUNNEL;
    camellia.reqid = ReqId{0xffffffff};
    camellia.spi = EspSpi{0xffffffff};
    camellia.encryption = algorithm("cbc(camellia)", 32);
    camellia.integrity = algorithm("hmac(sha512)", 64, 256);
    StoredSa alone = esp();
    alone.integrity.reset();
    for (const StoredSa* const sa : {&camellia, &alone}) {
        const statement::Add written = written_again(*sa);
        CHECK(address_of(written.pair.source.host) == sa->source);
        CHECK(address_of(written.pair.destination.host) == sa->destination);
        CHECK(written.pair.protocol.value == SaProtocol::Esp);
        CHECK(written.spi.value == sa->spi.value);
        CHECK(written.extensions.mode.value().value ==
              (sa->mode == XFRM_MODE_TUNNEL ? SaMode::Tunnel : SaMode::Transport));
        CHECK(written.extensions.reqid.value().value == sa->reqid.value);
        CHECK(written.extensions.replay_window.value().value == sa->replay_window());
        check_key(sa->encryption, written.algorithms.encryption);
        check_key(sa->integrity, written.algorithms.authentication);
    }
    const StoredSa other = ah();
    const statement::Add written = written_again(other);
    CHECK(written.pair.protocol.value == SaProtocol::Ah);
    check_key(other.integrity, written.algorithms.authentication);
    const StoredSa encapsulated = esp_in_udp();
    const statement::Add in_udp = written_again(encapsulated);
    CHECK(in_udp.pair.protocol.value == SaProtocol::EspUdp);
    CHECK(std::get<std::uint16_t>(in_udp.pair.source.port.value().value) == 4500);
    CHECK(std::get<std::uint16_t>(in_udp.pair.destination.port.value().value) == 34500);
}

}  // namespace xfrmd::setkey::dump::tests
