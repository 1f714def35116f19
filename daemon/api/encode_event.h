// SPDX-License-Identifier: Apache-2.0
// Events as the JSON of Monitor.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "daemon/api/timestamp.h"
#include "ike/event.h"

namespace xfrmd::api {

// The type Event of the interface.
[[nodiscard]] nlohmann::json encode_event(const ike::Event& event, WallTime at);
// The interface's word for the kind of event: "ike_sa_up".
[[nodiscard]] std::string_view event_type(const ike::Event& event);

}  // namespace xfrmd::api
