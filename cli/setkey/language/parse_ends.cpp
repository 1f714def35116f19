// SPDX-License-Identifier: Apache-2.0
// Addresses, ports, marks and labels.
#include <format>

#include "cli/setkey/language/address_text.h"
#include "cli/setkey/language/parts.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

constexpr std::size_t kServiceNameMax = 64;
constexpr std::string_view kNoRanges = "there are no ranges of ports: one number, or any";

bool is_number(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

bool is_family_option(std::string_view word) {
    return word.size() >= 2 && word.front() == '-' &&
           word.find_first_not_of("46n", 1) == std::string_view::npos;
}

}  // namespace

FamilyOptions read_family_options(Cursor& cursor) {
    FamilyOptions options;
    while (cursor.at(Kind::Word) && is_family_option(cursor.text())) {
        const std::string_view letters = cursor.text(cursor.take().span).substr(1);
        options.v4 |= letters.contains('4');
        options.v6 |= letters.contains('6');
        options.numeric |= letters.contains('n');
    }
    return options;
}

Read<Located<Host>> read_host(Cursor& cursor) {
    if (!cursor.at_plain_word()) return std::unexpected{cursor.unexpected("an address")};
    const Token token = cursor.take();
    auto host = parse_host(cursor.text(token.span));
    if (!host) {
        cursor.complain(token.span, std::move(host.error().text), std::move(host.error().hint));
        return Located<Host>{{}, token.span};
    }
    return Located<Host>{std::move(*host), token.span};
}

Read<Optional<Port>> read_port(Cursor& cursor) {
    if (!cursor.take_if(Kind::Open)) return std::nullopt;
    const Token token = TRY(cursor.take_word("a port", "a number, a service's name, or any"));
    const std::string_view word = cursor.text(token.span);
    Port port = AnyPort{};
    if (is_number(word) && word.contains('-'))
        cursor.complain(token.span, std::format("{} is no port", cursor.quoted(token.span)),
                        std::string{kNoRanges});
    else if (is_number(word))
        port = static_cast<std::uint16_t>(number_of(cursor, token.span, "a port", 0, 65535));
    else if (word.size() > kServiceNameMax)
        cursor.complain(token.span, "a service's name is not as long as this");
    else if (word != "any")
        port = ServiceName{std::string{word}};
    if (!cursor.take_if(Kind::Close))
        return std::unexpected{
            cursor.unexpected("the \"]\" behind the port", std::string{kNoRanges})};
    return Located<Port>{std::move(port), token.span};
}

Read<SaEnd> read_sa_end(Cursor& cursor) {
    auto host = TRY(read_host(cursor));
    if (cursor.at(Kind::Slash)) {
        const Span slash = cursor.take().span;
        cursor.complain(slash, "an SA is between two hosts, not between networks",
                        "networks stand in policies: spdadd");
        if (cursor.at_plain_word()) cursor.take();
    }
    auto port = TRY(read_port(cursor));
    return SaEnd{std::move(host), std::move(port)};
}

Read<Located<xfrm::Mark>> read_mark(Cursor& cursor) {
    const auto value = TRY(read_number<std::uint32_t>(cursor, "a mark"));
    if (!cursor.take_if(Kind::Slash))
        return Located{xfrm::Mark{value.value, 0xffffffff}, value.span};
    const auto mask = TRY(read_number<std::uint32_t>(cursor, "the mask of a mark", 1));
    return Located{xfrm::Mark{value.value, mask.value}, cursor.since(value.span)};
}

Read<Located<SecurityContext>> read_context(Cursor& cursor) {
    const auto doi = TRY(read_number<std::uint8_t>(cursor, "the domain of a security context"));
    const auto algorithm =
        TRY(read_number<std::uint8_t>(cursor, "the algorithm of a security context"));
    if (!cursor.at(Kind::String))
        return std::unexpected{cursor.unexpected("a label in quotes",
                                                 "-ctx 1 1 \"system_u:object_r:ipsec_spd_t:s0\"")};
    const Span quoted = cursor.take().span;
    std::string label{cursor.text({quoted.begin + 1, quoted.end - 1})};
    return Located{SecurityContext{doi.value, algorithm.value, std::move(label)},
                   cursor.since(doi.span)};
}

}  // namespace xfrmd::setkey
