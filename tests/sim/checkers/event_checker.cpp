// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/event_checker.h"

namespace xfrmd::sim {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

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
    if (ike_sas != ike_sas_)
        return "the events tell of " + std::to_string(ike_sas_.size()) + " IKE SAs, the snapshot shows " +
               std::to_string(ike_sas.size()) + " (or others)";
    if (children != children_)
        return "the events tell of " + std::to_string(children_.size()) + " children, the snapshot shows " +
               std::to_string(children.size()) + " (or others)";
    return std::nullopt;
}

}  // namespace xfrmd::sim
