// SPDX-License-Identifier: Apache-2.0
// Changes to the kernel's tables as statements in numbers, one each, as they travel to the daemon
// and are read there. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "netlink/change.h"

namespace xfrmd::setkey {

// Nothing for what no statement says exactly, and for every SA that is added: keys do not travel.
[[nodiscard]] std::optional<std::string> text_of(const netlink::Change& change);

// From a statement of the kind that text_of() makes: spdadd, spdupdate, spddelete, delete, each for
// what it names and nothing else. The error says what is wrong with it, for people.
[[nodiscard]] std::expected<netlink::Change, std::string> change_of(std::string_view text);

}  // namespace xfrmd::setkey
