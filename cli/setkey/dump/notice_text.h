// SPDX-License-Identifier: Apache-2.0
// What the kernel tells of its tables, as `setkey -x` shows it: when, what, and the SA or policy
// that it is about as -D and -DP show them.
#pragma once

#include <chrono>
#include <string>

#include "cli/setkey/dump/scene.h"
#include "netlink/model/notice.h"
#include "netlink/model/octets.h"

namespace xfrmd::setkey::dump {

using EventTime = std::chrono::sys_time<std::chrono::microseconds>;

enum class Stamp { TimeOfDay, Seconds };  // -x, -xx

// "22:49:00.123456", or "1795387740.123456".
[[nodiscard]] std::string stamp_text(EventTime at, Stamp stamp, const Scene& scene);

// One line, and the block behind it. `scene.now` is the time of the notice.
[[nodiscard]] std::string notice_text(const xfrm::Notice& notice, const Options& options,
                                      const Scene& scene);

// {"event":{…}} on one line, with its newline.
[[nodiscard]] std::string notice_json_line(const xfrm::Notice& notice, EventTime at,
                                           bool with_keys);

// Octets as -H shows them, 16 on a line; "**" for each octet of the `hidden` parts of them.
[[nodiscard]] std::string hex_text(View octets, const std::vector<View>& hidden);

}  // namespace xfrmd::setkey::dump
