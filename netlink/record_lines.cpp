// SPDX-License-Identifier: Apache-2.0
#include "netlink/record_lines.h"

#include <array>
#include <charconv>
#include <concepts>
#include <format>
#include <optional>
#include <utility>

namespace xfrmd::netlink {
namespace {

constexpr auto kDirections = std::to_array<std::pair<xfrm::Direction, std::string_view>>(
    {{xfrm::Direction::In, "in"}, {xfrm::Direction::Out, "out"}, {xfrm::Direction::Forward, "fwd"}});

// The words of a line, one after another; each is nothing if the line has no such word there.
class Words {
  public:
    explicit Words(std::string_view line) : rest_{line} {}

    std::string_view word() {
        const std::size_t end = rest_.find(' ');
        const std::string_view found = rest_.substr(0, end);
        rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
        return found;
    }
    template <std::unsigned_integral Number>
    std::optional<Number> number(int base = 10) {
        return number_in<Number>(word(), base);
    }
    // "VALUE/MASK"
    template <std::unsigned_integral Number>
    std::optional<std::pair<Number, Number>> pair() {
        const std::string_view both = word();
        const std::size_t slash = both.find('/');
        if (slash == both.npos) return std::nullopt;
        const auto value = number_in<Number>(both.substr(0, slash), 10);
        const auto mask = number_in<Number>(both.substr(slash + 1), 10);
        if (!value || !mask) return std::nullopt;
        return std::pair{*value, *mask};
    }
    bool ended() const { return rest_.empty(); }

  private:
    template <std::unsigned_integral Number>
    static std::optional<Number> number_in(std::string_view text, int base) {
        Number value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    }

    std::string_view rest_;
};

std::string_view direction_name(xfrm::Direction direction) {
    for (const auto& [value, name] : kDirections)
        if (value == direction) return name;
    std::unreachable();
}

std::optional<xfrm::Direction> read_direction(Words& words) {
    const std::string_view word = words.word();
    for (const auto& [value, name] : kDirections)
        if (name == word) return value;
    return std::nullopt;
}

std::optional<RecordedSa> read_sa(Words& words) {
    const auto protocol = words.number<std::uint8_t>();
    const auto spi = words.number<std::uint32_t>(16);
    const auto reqid = words.number<std::uint32_t>();
    if (!protocol || !spi || !reqid || !words.ended()) return std::nullopt;
    return RecordedSa{static_cast<xfrm::IpsecProtocol>(*protocol), {*spi}, {*reqid}};
}

std::optional<xfrm::Selector> read_selector(Words& words) {
    const auto source = xfrm::Prefix::parse(words.word());
    const auto destination = xfrm::Prefix::parse(words.word());
    const auto protocol = words.number<std::uint8_t>();
    const auto source_port = words.pair<std::uint16_t>();
    const auto destination_port = words.pair<std::uint16_t>();
    const auto interface = words.number<std::uint32_t>();
    if (!source || !destination || !protocol || !source_port || !destination_port || !interface)
        return std::nullopt;
    return xfrm::Selector{*source,
                          *destination,
                          *protocol,
                          {source_port->first, source_port->second},
                          {destination_port->first, destination_port->second},
                          *interface};
}

std::optional<std::pair<xfrm::PolicyId, PolicyMarks>> read_policy(Words& words) {
    const auto direction = read_direction(words);
    const auto selector = read_selector(words);
    const auto mark = words.pair<std::uint32_t>();
    const auto if_id = words.number<std::uint32_t>();
    const auto reqid = words.number<std::uint32_t>();
    const auto priority = words.number<std::uint32_t>();
    if (!direction || !selector || !mark || !if_id || !reqid || !priority || !words.ended())
        return std::nullopt;
    return std::pair{xfrm::PolicyId{.selector = *selector,
                                    .direction = *direction,
                                    .mark = {mark->first, mark->second},
                                    .if_id = {*if_id}},
                     PolicyMarks{{*reqid}, *priority}};
}

}  // namespace

std::string record_line(char sign, const RecordedSa& sa) {
    return std::format("{}sa {} {:08x} {}\n", sign, std::to_underlying(sa.protocol), sa.spi.value,
                       sa.reqid.value);
}

std::string record_line(char sign, const xfrm::PolicyId& policy, const PolicyMarks& marks) {
    const xfrm::Selector& selector = policy.selector;
    return std::format("{}policy {} {} {} {} {}/{} {}/{} {} {}/{} {} {} {}\n", sign,
                       direction_name(policy.direction), selector.source.to_string(),
                       selector.destination.to_string(), selector.protocol, selector.source_port.port,
                       selector.source_port.mask, selector.destination_port.port,
                       selector.destination_port.mask, selector.interface_index, policy.mark.value,
                       policy.mark.mask, policy.if_id.value, marks.reqid.value, marks.priority);
}

void read_record_line(std::string_view line, Holdings& holdings) {
    Words words{line};
    const std::string_view kind = words.word();
    if (kind == "+sa" || kind == "-sa") {
        const auto sa = read_sa(words);
        if (!sa) return;
        if (kind.front() == '+')
            holdings.sas.insert(*sa);
        else
            holdings.sas.erase(*sa);
    } else if (kind == "+policy" || kind == "-policy") {
        const auto policy = read_policy(words);
        if (!policy) return;
        if (kind.front() == '+')
            holdings.policies.insert_or_assign(policy->first, policy->second);
        else
            holdings.policies.erase(policy->first);
    }
}

}  // namespace xfrmd::netlink
