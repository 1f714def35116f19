// SPDX-License-Identifier: Apache-2.0
#include "ike/child_offer.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"

namespace xfrmd::ike {

namespace {

using xfrm::IpsecProtocol;
using xfrm::Mode;

AddressRange range(std::string_view prefix, std::uint8_t protocol = 0, std::uint16_t port_first = 0,
                   std::uint16_t port_last = 65535) {
    AddressRange result = AddressRange::of(*xfrm::Prefix::parse(prefix));
    result.protocol = protocol;
    result.port_first = port_first;
    result.port_last = port_last;
    return result;
}

Child child(std::string name, AddressRange local, AddressRange remote) {
    Child result;
    result.name = std::move(name);
    result.mode = Mode::Tunnel;
    result.local = {std::move(local)};
    result.remote = {std::move(remote)};
    return result;
}

// What a peer asks for, of tunnel mode with ESP unless it is changed.
struct Request {
    std::vector<Proposal> proposals = default_esp_proposals();
    std::vector<Notify> notifies;
    TrafficSelectorList initiator;
    TrafficSelectorList responder;

    ChildPayloads payloads() const { return child_payloads(IkeSa{}, proposals, notifies, {responder, initiator}); }
};

Request request(TrafficSelectorList initiator, TrafficSelectorList responder) {
    Request result;
    result.initiator = std::move(initiator);
    result.responder = std::move(responder);
    return result;
}

std::string chosen(const Request& asked, const std::vector<Child>& children) {
    const Child* found = choose_child(asked.payloads(), children);
    return found == nullptr ? "none" : found->name;
}

}  // namespace

TEST_CASE("a request is for the child with the same traffic, whatever else overlaps", "[ike]") {
    const std::vector<Child> children{child("wide", range("10.0.0.0/8"), range("10.0.0.0/8")),
                                      child("lan", range("10.1.0.0/16"), range("10.2.0.0/16")),
                                      child("dmz", range("10.3.0.0/16"), range("10.2.0.0/16"))};
    CHECK(chosen(request({range("10.2.0.0/16")}, {range("10.1.0.0/16")}), children) == "lan");
    CHECK(chosen(request({range("10.2.0.0/16")}, {range("10.3.0.0/16")}), children) == "dmz");
    CHECK(chosen(request({range("10.2.7.0/24")}, {range("10.9.0.0/16")}), children) == "wide");
}

TEST_CASE("ports and protocols tell children of the same hosts apart", "[ike]") {
    const std::vector<Child> children{
        child("database", range("192.0.2.1/32", 6), range("192.0.2.2/32", 6, 5432, 5432)),
        child("web", range("192.0.2.1/32", 6), range("192.0.2.2/32", 6, 443, 443)),
        child("rest", range("192.0.2.1/32"), range("192.0.2.2/32"))};
    const auto ask = [&](std::uint8_t protocol, std::uint16_t port_first, std::uint16_t port_last) {
        return chosen(request({range("192.0.2.2/32", protocol, port_first, port_last)},
                              {range("192.0.2.1/32", protocol)}),
                      children);
    };
    CHECK(ask(6, 443, 443) == "web");
    CHECK(ask(6, 5432, 5432) == "database");
    CHECK(ask(17, 53, 53) == "rest");
    CHECK(ask(0, 0, 65535) == "rest");
}

TEST_CASE("a peer that asks for everything gets the child that its first packet is for", "[ike]") {
    const std::vector<Child> children{child("lan", range("10.1.0.0/16"), range("10.2.0.0/16")),
                                      child("dmz", range("10.3.0.0/16"), range("10.2.0.0/16"))};
    const auto everything = range("0.0.0.0/0");
    CHECK(chosen(request({everything}, {everything}), children) == "lan");
    CHECK(chosen(request({range("10.2.0.9/32", 1), everything}, {range("10.3.0.1/32", 1), everything}),
                 children) == "dmz");
}

TEST_CASE("mode and protocol decide between children with the same traffic", "[ike]") {
    auto esp = child("esp", range("192.0.2.1/32"), range("192.0.2.2/32"));
    auto transport = esp;
    transport.name = "transport";
    transport.mode = Mode::Transport;
    auto ah = esp;
    ah.name = "ah";
    ah.protocol = IpsecProtocol::Ah;
    const std::vector<Child> children{esp, transport, ah};

    auto asked = request({range("192.0.2.2/32")}, {range("192.0.2.1/32")});
    CHECK(chosen(asked, children) == "esp");
    asked.notifies = {make_notify(NotifyType::UseTransportMode)};
    CHECK(chosen(asked, children) == "transport");
    for (Proposal& proposal : asked.proposals) proposal.protocol = ProtocolId::Ah;
    CHECK(chosen(asked, children) == "ah");
}

TEST_CASE("the mode does not lead to a child without the traffic", "[ike]") {
    auto transport = child("transport", range("192.0.2.1/32"), range("192.0.2.2/32"));
    transport.mode = Mode::Transport;
    const std::vector<Child> children{transport,
                                      child("lan", range("10.1.0.0/16"), range("10.2.0.0/16"))};
    auto asked = request({range("10.2.0.0/16")}, {range("10.1.0.0/16")});
    asked.notifies = {make_notify(NotifyType::UseTransportMode)};
    CHECK(chosen(asked, children) == "lan");
}

TEST_CASE("a request for nothing of ours still finds a child that can say why not", "[ike]") {
    const std::vector<Child> children{child("lan", range("10.1.0.0/16"), range("10.2.0.0/16")),
                                      child("dmz", range("10.3.0.0/16"), range("10.2.0.0/16"))};
    CHECK(chosen(request({range("2001:db8::/32")}, {range("2001:db8::/32")}), children) == "lan");
    CHECK(chosen(request({}, {}), children) == "lan");
    CHECK(chosen(request({}, {}), {}) == "none");
}

}  // namespace xfrmd::ike
