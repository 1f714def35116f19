// SPDX-License-Identifier: Apache-2.0
// The interface's words.
#include "daemon/api/encode_words.h"

#include <format>
#include <utility>

namespace xfrmd::api {

const char* word(xfrm::Mode mode) {
    switch (mode) {
        case xfrm::Mode::Transport:
            return "transport";
        case xfrm::Mode::Tunnel:
            return "tunnel";
        case xfrm::Mode::Beet:
            return "beet";
    }
    std::unreachable();
}

const char* word(ike::Role role) {
    return role == ike::Role::Initiator ? "initiator" : "responder";
}

const char* word(ike::Start start) {
    switch (start) {
        case ike::Start::OnTraffic:
            return "on_traffic";
        case ike::Start::Now:
            return "now";
        case ike::Start::Passive:
            return "passive";
    }
    std::unreachable();
}

const char* word(ike::WhenDown when_down) {
    return when_down == ike::WhenDown::Block ? "block" : "clear";
}

const char* word(xfrm::IpsecProtocol protocol) {
    switch (protocol) {
        case xfrm::IpsecProtocol::Esp:
            return "esp";
        case xfrm::IpsecProtocol::Ah:
            return "ah";
        case xfrm::IpsecProtocol::Ipcomp:
            return "ipcomp";
    }
    std::unreachable();
}

const char* word(xfrm::Direction direction) {
    switch (direction) {
        case xfrm::Direction::In:
            return "in";
        case xfrm::Direction::Out:
            return "out";
        case xfrm::Direction::Forward:
            return "forward";
    }
    std::unreachable();
}

const char* word(xfrm::PolicyAction action) {
    return action == xfrm::PolicyAction::Allow ? "allow" : "block";
}

std::string spi_text(ike::IkeSpi spi) {
    return std::format("{:#018x}", spi.value);
}
std::string spi_text(xfrm::EspSpi spi) {
    return std::format("{:#010x}", spi.value);
}

}  // namespace xfrmd::api
