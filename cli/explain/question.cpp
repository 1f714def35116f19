// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/question.h"

#include <netdb.h>
#include <netinet/in.h>

#include <charconv>
#include <format>
#include <string_view>

#include "cli/explain/protocols.h"
#include "netlink/model/result.h"

namespace xfrmd::explain {

using namespace xfrm;

namespace {

using Refused = std::unexpected<std::string>;

bool says_nothing(std::string_view word) {
    return word.empty() || word == "-" || word == "any";
}

// Decimal, or hexadecimal with 0x.
template <class Number>
std::optional<Number> number(std::string_view word) {
    const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
    if (hexadecimal) word.remove_prefix(2);
    Number value = 0;
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

std::expected<Address, std::string> address(std::string_view word) {
    if (const auto read = Address::parse(word)) return *read;
    return Refused{
        std::format("'{}' is no IP address: names and prefixes are not looked up", word)};
}

std::expected<std::uint8_t, std::string> protocol(const std::string& word, Family family) {
    if (says_nothing(word)) return 0;
    if (const auto value = number<std::uint8_t>(word)) return *value;
    if (word == "icmp" && family == Family::V6) return IPPROTO_ICMPV6;
    if (const auto known = protocol_number(word)) return *known;
    const protoent* const entry = getprotobyname(word.c_str());
    if (entry != nullptr && entry->p_proto > 0 && entry->p_proto <= 255)
        return static_cast<std::uint8_t>(entry->p_proto);
    return Refused{
        std::format("'{}' is no protocol: a name such as tcp, or a number to 255", word)};
}

bool is_icmp(std::uint8_t protocol) {
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

// The name of a service, of whichever transport protocol it has one.
std::optional<std::uint16_t> service(const std::string& word, std::uint8_t protocol) {
    for (const std::string& transport :
         {protocol_text(protocol), std::string{"tcp"}, std::string{"udp"}})
        if (const servent* const found = getservbyname(word.c_str(), transport.c_str()))
            return ntohs(static_cast<std::uint16_t>(found->s_port));
    return std::nullopt;
}

std::expected<std::uint16_t, std::string> port(const std::string& word, std::uint8_t protocol,
                                               std::string_view icmp_name) {
    if (says_nothing(word)) return 0;
    if (is_icmp(protocol)) {
        if (const auto value = number<std::uint8_t>(word)) return *value;
        return Refused{std::format("'{}' is no ICMP {}: a number to 255", word, icmp_name)};
    }
    if (const auto value = number<std::uint16_t>(word)) return *value;
    if (const auto value = service(word, protocol)) return *value;
    return Refused{
        std::format("'{}' is no port: a number to 65535, or the name of a service", word)};
}

std::expected<std::uint32_t, std::string> number_or_none(const std::string& word,
                                                         std::string_view what) {
    if (says_nothing(word)) return 0;
    if (const auto value = number<std::uint32_t>(word)) return *value;
    return Refused{std::format("'{}' is no {}: a number of 32 bits", word, what)};
}

}  // namespace

std::expected<Question, std::string> parse(const Words& words) {
    Question question;
    question.destination = TRY(address(words.destination));
    if (!says_nothing(words.source)) question.source = TRY(address(words.source));
    if (question.source && question.source->family() != question.destination.family())
        return Refused{std::format("{} and {} are addresses of different kinds", words.source,
                                   words.destination)};
    question.protocol = TRY(protocol(words.protocol, question.destination.family()));
    question.source_port = TRY(port(words.source_port, question.protocol, "type"));
    question.destination_port = TRY(port(words.destination_port, question.protocol, "code"));
    question.mark = TRY(number_or_none(words.mark, "mark"));
    question.if_id = TRY(number_or_none(words.if_id, "if_id"));
    return question;
}

}  // namespace xfrmd::explain
