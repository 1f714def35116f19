// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/wish.h"

#include <algorithm>
#include <format>
#include <span>
#include <utility>

#include "netlink/model/address.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

using Names = std::vector<ike::Identity>;

std::expected<void, std::string> add_names(Names& to, std::span<const std::string> texts,
                                           std::string_view kind) {
    for (const std::string& text : texts) {
        if (text.contains('*'))
            return std::unexpected{
                std::format("\"{}\": a wildcard in a certificate stands for no peer in IKE; write "
                            "the name, and "
                            "the wildcard into the configuration of its peers",
                            text)};
        auto identity = ike::parse_identity(std::format("{}:{}", kind, text));
        if (!identity) return std::unexpected{std::format("\"{}\": {}", text, identity.error())};
        if (!std::ranges::contains(to, *identity)) to.push_back(*std::move(identity));
    }
    return {};
}

// Nothing if the text is a name of people only.
Wish guessed(const std::string& name) {
    Wish wish;
    if (xfrm::Address::parse(name))
        wish.addresses = {name};
    else if (name.contains('@'))
        wish.emails = {name};
    else if (name.contains('.'))
        wish.dns = {name};
    return wish;
}

}  // namespace

std::expected<ike::DistinguishedName, std::string> parse_subject(std::string_view text) {
    auto name = ike::DistinguishedName::parse(text);
    if (!name)
        return std::unexpected{
            std::format("the subject \"{}\" cannot be used: {}", text, name.error())};
    return name;
}

std::expected<Names, std::string> names_of(const Wish& wish) {
    Names names;
    TRY_VOID(add_names(names, wish.dns, "fqdn"));
    TRY_VOID(add_names(names, wish.addresses, "ip"));
    TRY_VOID(add_names(names, wish.emails, "email"));
    return names;
}

std::expected<Holder, std::string> holder_of(const Wish& wish, const std::string& name) {
    Names names = TRY(names_of(wish.has_names() ? wish : guessed(name)));
    auto subject = wish.subject.empty()
                       ? ike::DistinguishedName::parse(std::format("CN=\"{}\"", name))
                       : parse_subject(wish.subject);
    if (!subject) return std::unexpected{std::move(subject).error()};
    return Holder{*std::move(subject), std::move(names)};
}

std::expected<void, std::string> check_file_name(std::string_view name) {
    constexpr std::size_t kOctetsMax = 200;
    const bool good =
        !name.empty() && name.size() <= kOctetsMax && !name.starts_with('.') &&
        !name.starts_with('-') && std::ranges::none_of(name, [](char c) {
            return c == '/' || c == '"' || c == '\\' || (c >= 0 && c < 0x20) || c == 0x7f;
        });
    if (good) return {};
    return std::unexpected{std::format(
        "\"{}\" cannot be the name of files; name the host here, and where the files go with --out",
        name)};
}

}  // namespace xfrmd::cli::pki
