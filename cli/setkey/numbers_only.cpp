// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/numbers_only.h"

#include <charconv>
#include <format>

namespace xfrmd::setkey {

namespace {

std::unexpected<std::string> not_a_number(const std::string& name) {
    return std::unexpected{std::format("\"{}\" is no number, as all is here", name)};
}

}  // namespace

Looked<std::vector<xfrm::Address>> NumbersOnly::host(const std::string& name,
                                                     const FamilyOptions&) {
    return not_a_number(name);
}

Looked<std::uint16_t> NumbersOnly::service(const std::string& name, std::uint8_t) {
    return not_a_number(name);
}

Looked<std::uint8_t> NumbersOnly::protocol(const std::string& name) {
    return not_a_number(name);
}

Looked<std::uint32_t> NumbersOnly::interface(const std::string& name) {
    std::uint32_t index = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc{} || stop != name.data() + name.size()) return not_a_number(name);
    return index;
}

}  // namespace xfrmd::setkey
