// SPDX-License-Identifier: Apache-2.0
// Statements about security policies.
#include <format>

#include "cli/setkey/language/address_text.h"
#include "cli/setkey/language/parts.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

constexpr std::int64_t kPriorityUpMax = 0x40000000;
constexpr std::int64_t kPriorityDownMax = 0x3fffffff;
// More than the kernel ever looks at; what reads policies says so.
constexpr std::size_t kRequestsMax = 16;
constexpr std::size_t kNameMax = 64;

bool begins_with_digit(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

// ---- the selector --------------------

std::uint64_t width_of(const Host& host) {
    const auto* const literal = std::get_if<ScopedAddress>(&host);
    return literal == nullptr ? 128 : literal->address.bits();
}

Read<Side> read_side(Cursor& cursor) {
    Side side;
    side.host = TRY(read_host(cursor));
    if (cursor.take_if(Kind::Slash))
        side.prefix_length = TRY(read_number<std::uint8_t>(cursor, "the length of a prefix", 0,
                                                           width_of(side.host.value)));
    side.port = TRY(read_port(cursor));
    return side;
}

Read<Located<UpperProtocol>> read_upper_protocol(Cursor& cursor) {
    if (!cursor.at_plain_word())
        return std::unexpected{cursor.unexpected("a protocol", "tcp, udp, icmp, a number, or any")};
    const Span span = cursor.take().span;
    const std::string_view word = cursor.text(span);
    UpperProtocol protocol = AnyProtocol{};
    if (begins_with_digit(word))
        protocol = static_cast<std::uint8_t>(number_of(cursor, span, "a protocol", 0, 255));
    else if (word.size() > kNameMax)
        cursor.complain(span, "a protocol's name is not as long as this");
    else if (word != "any")
        protocol = ProtocolName{std::string{word}};
    return Located{std::move(protocol), span};
}

Located<UpperArgument> upper_argument(Cursor& cursor, Span span) {
    const std::string_view word = cursor.text(span);
    if (const auto dotted = parse_dotted_quad(word)) return {DottedKey{*dotted}, span};
    const std::size_t comma = word.find(',');
    if (comma == std::string_view::npos)
        return {static_cast<std::uint32_t>(number_of(cursor, span, "a type, or the key of GRE,", 0,
                                                     std::numeric_limits<std::uint32_t>::max())),
                span};
    const auto at = static_cast<std::uint32_t>(span.begin + comma);
    const auto type = number_of(cursor, {span.begin, at}, "a type", 0, 255);
    const auto code = number_of(cursor, {at + 1, span.end}, "a code", 0, 255);
    return {TypeAndCode{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)}, span};
}

Read<void> read_selector_extension(Cursor& cursor, PolicySelector& selector) {
    const Span flag = cursor.take().span;
    const std::string_view word = cursor.text(flag);
    if (word == "-ctx") {
        selector.context = TRY(read_context(cursor));
    } else if (word == "-mark") {
        selector.mark = TRY(read_mark(cursor));
    } else if (word == "-if_id") {
        selector.if_id = TRY(read_number<std::uint32_t>(cursor, "the number of an interface", 1));
    } else if (word == "-dev") {
        const Token device = TRY(cursor.take_word("the name of an interface"));
        selector.device = Located{std::string{cursor.text(device.span)}, device.span};
    } else {
        static const std::vector<std::string> known{"-P", "-ctx", "-mark", "-if_id", "-dev"};
        return std::unexpected{unknown_word(cursor, flag, "a part of a policy", known)};
    }
    return {};
}

Read<Tag> read_tag(Cursor& cursor) {
    if (!cursor.at(Kind::String)) return std::unexpected{cursor.unexpected("a tag in quotes")};
    const Span span = cursor.take().span;
    return Tag{{std::string{cursor.text({span.begin + 1, span.end - 1})}, span}};
}

// ---- the policy --------------------

Read<void> read_policy_flag(Cursor& cursor) {
    if (!cursor.take_if_word("-P"))
        return std::unexpected{
            cursor.unexpected("-P with the policy", "-P out ipsec esp/transport//require")};
    cursor.read_as(Lexer::Mode::Policy);
    return {};
}

Read<Located<xfrm::Direction>> read_direction(Cursor& cursor) {
    return read_word(cursor, kDirections, "a direction");
}

// ( priority | prio ) ( [-]N | BASE [ (+|-) N ] )
Read<Optional<Priority>> read_priority(Cursor& cursor) {
    const bool here = cursor.at_word("priority") || cursor.at_word("prio");
    if (!here) return std::nullopt;
    const Span begin = cursor.take().span;
    Priority priority;
    bool number_follows = true;
    if (cursor.at(Kind::Word) && !begins_with_digit(cursor.text())) {
        priority.base = TRY(read_word(cursor, kPriorityBases, "a priority")).value;
        number_follows = cursor.at(Kind::Plus) || cursor.at(Kind::Hyphen);
    }
    if (number_follows) {
        const bool down = cursor.take_if(Kind::Hyphen);
        if (!down) cursor.take_if(Kind::Plus);
        const auto most = static_cast<std::uint64_t>(down ? kPriorityDownMax : kPriorityUpMax);
        const auto number = TRY(read_number<std::uint32_t>(cursor, "a priority", 0, most));
        priority.offset = down ? -std::int64_t{number.value} : std::int64_t{number.value};
    }
    return Located{priority, cursor.since(begin)};
}

Read<SaEnd> read_tunnel_end(Cursor& cursor) {
    auto host = TRY(read_host(cursor));
    if (std::holds_alternative<HostName>(host.value))
        cursor.complain(host.span, std::format("{} is no address", cursor.quoted(host.span)),
                        "the ends of a tunnel are addresses: names may hold hyphens themselves");
    auto port = TRY(read_port(cursor));
    return SaEnd{std::move(host), std::move(port)};
}

Read<Located<Ends>> read_ends(Cursor& cursor) {
    const Span begin = cursor.peek().span;
    if (!cursor.at(Kind::Word)) return Located<Ends>{NoEnds{}, cursor.end_of_last()};
    if (find_word(kLevels, cursor.text())) {
        cursor.complain(
            begin, "a level stands where the ends of a tunnel should",
            std::format("without ends there are two slashes: esp/transport//{}", cursor.text()));
        cursor.take();
        return Located<Ends>{NoEnds{}, begin};
    }
    const bool any_first = cursor.at_word("any");
    if (any_first || cursor.at_word("me")) {
        cursor.take();
        const std::string_view other = any_first ? "me" : "any";
        if (!cursor.take_if(Kind::Hyphen) || !cursor.take_if_word(other))
            return std::unexpected{
                cursor.unexpected("the other end", "me-any, any-me, or two addresses")};
        return Located{any_first ? Ends{AnyToMe{}} : Ends{MeToAny{}}, cursor.since(begin)};
    }
    auto source = TRY(read_tunnel_end(cursor));
    if (!cursor.take_if(Kind::Hyphen))
        return std::unexpected{
            cursor.unexpected("the hyphen between the ends of a tunnel", "192.0.2.1-192.0.2.2")};
    auto destination = TRY(read_tunnel_end(cursor));
    return Located{Ends{TunnelEnds{std::move(source), std::move(destination)}},
                   cursor.since(begin)};
}

// default, use, require, unique, unique:N; nothing is the default.
Read<Located<Level>> read_level(Cursor& cursor) {
    if (!cursor.at_plain_word()) return Located{Level{}, cursor.end_of_last()};
    const Span span = cursor.take().span;
    const std::string_view word = cursor.text(span);
    const std::size_t colon = word.find(':');
    const auto kind = find_word(kLevels, word.substr(0, colon));
    const bool numbered = colon != std::string_view::npos;
    if (!kind || (numbered && kind != Level::Kind::Unique))
        return std::unexpected{unknown_word(cursor, span, "a level", texts_of(kLevels))};
    Level level{*kind, {}};
    if (numbered) {
        const Span digits{static_cast<std::uint32_t>(span.begin + colon + 1), span.end};
        level.reqid =
            static_cast<std::uint32_t>(number_of(cursor, digits, "the number behind unique:", 1,
                                                 std::numeric_limits<std::uint32_t>::max()));
    }
    return Located{level, span};
}

Read<Request> read_request(Cursor& cursor) {
    Request request;
    request.protocol = TRY(read_word(cursor, kRequestProtocols, "a protocol"));
    if (!cursor.take_if(Kind::Slash))
        return std::unexpected{
            cursor.unexpected("the mode behind a slash", "esp/transport//require")};
    request.mode = TRY(read_word(cursor, kRequestModes, "a mode"));
    request.ends.span = request.level.span = cursor.end_of_last();
    if (!cursor.take_if(Kind::Slash)) return request;
    request.ends = TRY(read_ends(cursor));
    if (!cursor.take_if(Kind::Slash)) return request;
    request.level = TRY(read_level(cursor));
    return request;
}

Read<void> read_requests(Cursor& cursor, std::vector<Request>& requests) {
    while (cursor.at_plain_word()) {
        const Span begin = cursor.peek().span;
        auto request = TRY(read_request(cursor));
        if (requests.size() == kRequestsMax)
            return std::unexpected{
                Mistake{begin, std::format("a policy has at most {} requests", kRequestsMax), {}}};
        requests.push_back(std::move(request));
    }
    return {};
}

}  // namespace

Read<std::variant<PolicySelector, Tag>> read_policy_selector(Cursor& cursor) {
    if (cursor.take_if_word("tagged")) return TRY(read_tag(cursor));
    PolicySelector selector;
    selector.families = read_family_options(cursor);
    selector.source = TRY(read_side(cursor));
    selector.destination = TRY(read_side(cursor));
    selector.protocol = TRY(read_upper_protocol(cursor));
    if (cursor.at_plain_word()) selector.argument = upper_argument(cursor, cursor.take().span);
    while (cursor.at(Kind::Word) && cursor.text().starts_with('-') && !cursor.at_word("-P"))
        TRY_VOID(read_selector_extension(cursor, selector));
    return selector;
}

Read<PolicyText> read_policy(Cursor& cursor) {
    TRY_VOID(read_policy_flag(cursor));
    PolicyText policy;
    policy.direction = TRY(read_direction(cursor));
    policy.priority = TRY(read_priority(cursor));
    policy.verdict = TRY(read_word(cursor, kVerdicts, "what to do with the packets"));
    TRY_VOID(read_requests(cursor, policy.requests));
    return policy;
}

Read<Located<xfrm::Direction>> read_policy_direction(Cursor& cursor) {
    TRY_VOID(read_policy_flag(cursor));
    const auto direction = TRY(read_direction(cursor));
    while (!cursor.at_end_of_statement()) cursor.take();
    return direction;
}

}  // namespace xfrmd::setkey
