// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/selector.h"

namespace xfrmd::xfrm {

namespace {

std::string port_suffix(const PortMask& port) {
    if (port.mask == 0) return "";
    if (port.mask == 0xffff) return "[" + std::to_string(port.port) + "]";
    return "[" + std::to_string(port.port) + "&" + std::to_string(port.mask) + "]";
}

}  // namespace

std::string Selector::to_string() const {
    return source.to_string() + port_suffix(source_port) + " -> " + destination.to_string() +
           port_suffix(destination_port) +
           (protocol == 0 ? "" : " proto " + std::to_string(protocol));
}

}  // namespace xfrmd::xfrm
