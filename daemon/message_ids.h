// SPDX-License-Identifier: Apache-2.0
// The kinds of lines that the journal and other programs know by a number: MESSAGE_ID. Each has an
// entry in systemd/xfrmd.catalog, which explains it. A number is never given to another kind.
#pragma once

#include <span>
#include <string_view>

namespace xfrmd::daemon {

struct MessageKind {
    std::string_view event;  // the field `event` of the line: "ike_sa_up"
    std::string_view id;     // 32 hexadecimal digits
};

[[nodiscard]] std::span<const MessageKind> message_kinds();
// Empty for an event without a number.
[[nodiscard]] std::string_view message_id(std::string_view event);

}  // namespace xfrmd::daemon
