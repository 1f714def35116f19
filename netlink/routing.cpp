// SPDX-License-Identifier: Apache-2.0
#include "netlink/routing.h"

#include <cerrno>
#include <chrono>

#include "netlink/conversation.h"
#include "netlink/rtnl.h"

namespace xfrmd::netlink {

using namespace xfrm;
using namespace std::chrono_literals;

namespace {

constexpr auto kRouteTimeout = 5s;

}  // namespace

std::expected<std::vector<OwnAddress>, KernelError> own_addresses() {
    std::vector<OwnAddress> addresses;
    std::optional<KernelError> broken;
    Message request = TRY(encode_dump_addresses());
    TRY_VOID(converse(
        Bus::Route, std::move(request), "dump of own addresses", kRouteTimeout,
        [&](const Reply& reply) {
            if (reply.kind == Reply::Kind::Again) {
                addresses.clear();
                return true;
            }
            const auto address = decode_own_address(reply.payload);
            if (!address)
                broken = address.error();
            else if (*address)
                addresses.push_back(**address);
            return true;
        }));
    if (broken) return std::unexpected{*broken};
    return addresses;
}

std::expected<Route, KernelError> route_to(const Address& destination,
                                           const std::optional<Address>& source) {
    const std::string object = "route to " + destination.to_string();
    Decoded<Route> route =
        std::unexpected{KernelError{EBADMSG, object + ": the kernel's answer holds no data"}};
    Message request = TRY(encode_route_lookup(destination, source));
    TRY_VOID(converse(Bus::Route, std::move(request), object, kRouteTimeout,
                      [&](const Reply& reply) {
                          route = decode_route(reply.payload);
                          return true;
                      }));
    if (!route)
        return std::unexpected{
            KernelError{route.error().error_number, object + ": " + route.error().what}};
    return route;
}

}  // namespace xfrmd::netlink
