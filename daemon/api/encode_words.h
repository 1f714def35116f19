// SPDX-License-Identifier: Apache-2.0
// The interface's words for small values. Each stands in interface.cpp.
#pragma once

#include <string>

#include "ike/event.h"
#include "ike/ids.h"
#include "ike/policy/connection.h"
#include "netlink/model/ids.h"
#include "netlink/model/policy_spec.h"

namespace xfrmd::api {

[[nodiscard]] const char* word(xfrm::Mode mode);
[[nodiscard]] const char* word(xfrm::IpsecProtocol protocol);
[[nodiscard]] const char* word(xfrm::Direction direction);
[[nodiscard]] const char* word(xfrm::PolicyAction action);
[[nodiscard]] const char* word(ike::Role role);
[[nodiscard]] const char* word(ike::Start start);
[[nodiscard]] const char* word(ike::WhenDown when_down);

// "0x" and all digits: 16 of an IKE SPI, 8 of an ESP SPI.
[[nodiscard]] std::string spi_text(ike::IkeSpi spi);
[[nodiscard]] std::string spi_text(xfrm::EspSpi spi);

}  // namespace xfrmd::api
