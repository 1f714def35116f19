// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/event_checker.h"

#include <array>
#include <cinttypes>
#include <cstdio>

#include "netlink/model/overloaded.h"

namespace xfrmd::sim {

namespace {

std::string hex(std::uint64_t number) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%" PRIx64, number);
    return text.data();
}

// The first thing that only one of both knows.
template <class Things, class Name>
std::optional<std::string> differ(const Things& told, const Things& shown, Name name) {
    for (const auto& thing : told)
        if (!shown.contains(thing.first)) return name(thing) + " is known from the events, and the snapshot lacks it";
    for (const auto& thing : shown)
        if (!told.contains(thing.first)) return name(thing) + " is in the snapshot, and no event told of it";
    if (told != shown) return "the events and the snapshot do not agree on names";
    return std::nullopt;
}

}  // namespace

void EventChecker::change(const char* what, bool is_right) {
    if (!is_right && !contradiction_) contradiction_ = std::string{"the events contradict themselves: "} + what;
}

void EventChecker::happened(const ike::Event& event) {
    std::visit(
        Overloaded{
            [&](const ike::IkeSaUp& up) {
                change("an IKE SA comes up twice",
                       ike_sas_.try_emplace({up.initiator_spi, up.responder_spi}, up.connection).second);
            },
            [&](const ike::IkeSaDown& down) {
                change("an IKE SA goes down that was not up",
                       ike_sas_.erase({down.initiator_spi, down.responder_spi}) == 1);
            },
            [&](const ike::ChildUp& up) {
                change("a child comes up twice",
                       children_.try_emplace({up.inbound, up.outbound}, up.connection + "/" + up.child).second);
            },
            [&](const ike::ChildDown& down) {
                change("a child goes down that was not up", children_.erase({down.inbound, down.outbound}) == 1);
            },
            [&](const ike::IkeSaRekeyed& rekeyed) {
                change("an IKE SA is replaced that was not up",
                       ike_sas_.erase({rekeyed.replaced_initiator_spi, rekeyed.replaced_responder_spi}) == 1);
                change("an IKE SA takes over twice",
                       ike_sas_.try_emplace({rekeyed.initiator_spi, rekeyed.responder_spi}, rekeyed.connection).second);
            },
            [&](const ike::ChildRekeyed& rekeyed) {
                change("a child is replaced that was not up", std::erase_if(children_, [&](const auto& child) {
                                                                  return child.first.first == rekeyed.replaced;
                                                              }) == 1);
                change("a child takes over twice",
                       children_.try_emplace({rekeyed.inbound, rekeyed.outbound}, rekeyed.connection + "/" + rekeyed.child)
                           .second);
            },
            [](const auto&) {}},
        event);
}

std::optional<std::string> EventChecker::check(const ike::Snapshot& snapshot) const {
    if (contradiction_) return contradiction_;
    std::map<IkeSa, std::string> ike_sas;
    std::map<Child, std::string> children;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) {
            if (sa.state == "established" && !sa.spare) ike_sas.try_emplace({sa.initiator_spi, sa.responder_spi}, sa.connection);
            for (const ike::ChildSnapshot& child : sa.children)
                if (child.announced) children.try_emplace({child.inbound, child.outbound}, sa.connection + "/" + child.name);
        }
    }
    const auto name_child = [](const auto& child) {
        return "child " + child.second + " in " + hex(child.first.first.value) + " out " + hex(child.first.second.value);
    };
    const auto name_sa = [](const auto& sa) { return "IKE SA " + hex(sa.first.first.value) + " of " + sa.second; };
    if (auto wrong = differ(ike_sas_, ike_sas, name_sa)) return wrong;
    if (auto wrong = differ(children_, children, name_child)) return wrong;
    return std::nullopt;
}

}  // namespace xfrmd::sim
