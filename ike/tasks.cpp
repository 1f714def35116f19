// SPDX-License-Identifier: Apache-2.0
#include "ike/tasks.h"

#include <algorithm>
#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/child_offer.h"
#include "ike/exchange/create_child_sa.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/mobike.h"
#include "ike/teardown.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::ike {

namespace {

bool is_same(const Task& left, const Task& right) {
    if (left.index() != right.index()) return false;
    return std::visit(Overloaded{[&](const task::CreateChild& l) { return l.child == std::get<task::CreateChild>(right).child; },
                                 [&](const task::RekeyChild& l) { return l.inbound == std::get<task::RekeyChild>(right).inbound; },
                                 [&](const task::DeleteChild& l) { return l.inbound == std::get<task::DeleteChild>(right).inbound; },
                                 [](const auto&) { return true; }},
                      left);
}

// What is not needed any more by the time its turn comes makes no request.
void begin(Core& core, IkeSa& sa, Task next) {
    std::visit(Overloaded{[&](task::CreateChild& what) { create_child_sa::create(core, sa, what); },
                          [&](task::RekeyChild& what) { create_child_sa::rekey_child(core, sa, what.inbound); },
                          [&](task::DeleteChild& what) { informational::delete_child(core, sa, what); },
                          [&](task::RekeyIkeSa&) { create_child_sa::rekey_ike_sa(core, sa); },
                          [&](task::Ask&) { informational::ask(core, sa); },
                          [&](task::TellPath&) { mobike::tell_path(core, sa); },
                          [&](task::CheckReturn&) { mobike::check_return(core, sa); },
                          [&](task::TellAddresses&) { mobike::tell_addresses(core, sa); }},
               next);
}

void release(Core& core, const IkeSa& sa, const Negotiation& negotiation) {
    if (const auto* child = std::get_if<ChildNegotiation>(&negotiation))
        release_spi(core, sa, child->offer);
}

const ChildNegotiation* child_negotiation(const IkeSa& sa) {
    if (!sa.outgoing) return nullptr;
    return std::visit(Overloaded{[](const outgoing::Installing& s) -> const ChildNegotiation* { return &s.what; },
                                 [](const outgoing::DeletingChild&) -> const ChildNegotiation* { return nullptr; },
                                 [](const outgoing::Asking&) -> const ChildNegotiation* { return nullptr; },
                                 [](const outgoing::TellingPath&) -> const ChildNegotiation* { return nullptr; },
                                 [](const outgoing::CheckingReturn&) -> const ChildNegotiation* { return nullptr; },
                                 [](const auto& s) { return std::get_if<ChildNegotiation>(&s.what); }},
                      *sa.outgoing);
}

bool may_begin(const IkeSa& sa) {
    // RFC 7296 §2.25.2: what is asked for while the peer rekeys the IKE SA would be refused. The new one goes on with it.
    return sa.is_established() && !sa.outgoing && !sa.predecessor && !sa.is_unproven && !rekeys_ike_sa(sa.incoming);
}

// Another IKE SA is being made in its place: it is closed then, and what a rekey would make of it with it.
bool is_being_reauthenticated(Core& core, const IkeSa& sa) {
    const ManagedConnection* connection = core.connection_of(sa);
    return connection != nullptr && std::ranges::any_of(connection->ike_sas, [&](SaHandle handle) {
        const IkeSa* other = core.ike_sas.find(handle);
        return other != nullptr && other->replaces == sa.self;
    });
}

// What the peer is doing just now need not be done twice. If it fails, ours comes after it.
bool may_begin(Core& core, const IkeSa& sa, const Task& task) {
    const ChildNegotiation* theirs = child_of(sa.incoming);
    if (const auto* create = std::get_if<task::CreateChild>(&task))
        return create->not_before <= core.now && (theirs == nullptr || theirs->child != create->child);
    if (std::holds_alternative<task::RekeyIkeSa>(task)) return !is_being_reauthenticated(core, sa);
    const auto* rekey = std::get_if<task::RekeyChild>(&task);
    return rekey == nullptr || theirs == nullptr || theirs->rekeys != rekey->inbound;
}

// Of two rekeys that crossed the peer's stays, and it has deleted the old IKE SA. What it has made of ours is to be closed by us
// (RFC 7296 §2.8.1), as soon as its answer tells us the SPI.
bool is_answered_too_late(IkeSa& sa) {
    const bool may_come = sa.outgoing && (std::holds_alternative<outgoing::Sent>(*sa.outgoing) ||
                                          std::holds_alternative<outgoing::Agreeing>(*sa.outgoing));
    const Negotiation* ours = may_come ? sent_negotiation(sa.outgoing) : nullptr;
    const auto* rekey = ours != nullptr ? std::get_if<IkeSaNegotiation>(ours) : nullptr;
    return rekey != nullptr && sa.successor && rekey->crossed && rekey->crossed->ike_sa == *sa.successor;
}

// It has all the children of the one it was made to replace.
void close_reauthenticated(Core& core, IkeSa& sa) {
    IkeSa* old = core.ike_sas.find(*std::exchange(sa.replaces, std::nullopt));
    if (old != nullptr && old->is_established() && old->self != sa.self)
        close_gracefully(core, *old, Reason::Replaced, "reauthenticated");
}

}  // namespace

void enqueue(Core& core, IkeSa& sa, Task task) {
    const auto* deletion = std::get_if<task::DeleteChild>(&task);
    if (deletion != nullptr && is_being_deleted(sa, deletion->inbound)) return;
    if (std::ranges::any_of(sa.tasks, [&](const Task& waiting) { return is_same(waiting, task); })) return;
    sa.tasks.push_back(std::move(task));
    arm_children(core, sa);  // one that is to wait
    begin_next_task(core, sa);
}

void delete_first(IkeSa& sa, task::DeleteChild child) {
    std::erase_if(sa.tasks, [&](const Task& waiting) { return is_same(waiting, child); });
    if (!is_being_deleted(sa, child.inbound)) sa.tasks.push_front(child);
}

void begin_next_task(Core& core, IkeSa& sa) {
    while (may_begin(sa)) {
        const auto next = std::ranges::find_if(sa.tasks, [&](const Task& task) { return may_begin(core, sa, task); });
        if (next == sa.tasks.end()) break;
        Task task = std::move(*next);
        sa.tasks.erase(next);
        begin(core, sa, std::move(task));
    }
    if (sa.replaces && sa.is_current() && !sa.outgoing && sa.tasks.empty()) close_reauthenticated(core, sa);
}

void proven(Core& core, IkeSa& sa) {
    if (std::exchange(sa.is_unproven, false)) begin_next_task(core, sa);
}

void abandon_exchanges(Core& core, IkeSa& sa) {
    const bool keep = is_answered_too_late(sa);
    if (sa.outgoing)
        std::visit(Overloaded{[](const outgoing::Installing&) {}, [](const outgoing::DeletingChild&) {},
                              [](const outgoing::Asking&) {}, [](const outgoing::TellingPath&) {},
                              [](const outgoing::CheckingReturn&) {},
                              [&](const auto& s) { release(core, sa, s.what); }},
                   *sa.outgoing);
    if (sa.incoming) {
        if (const auto* agreeing = std::get_if<incoming::Agreeing>(&*sa.incoming)) release(core, sa, agreeing->what);
        if (const auto* waiting = std::get_if<incoming::AwaitingFollowup>(&*sa.incoming))
            release(core, sa, waiting->what);
    }
    if (!keep) sa.outgoing.reset();
    sa.incoming.reset();
    sa.tasks.clear();
}

bool is_being_made(const IkeSa& sa, std::string_view child) {
    const ChildNegotiation* negotiation = child_negotiation(sa);
    if (negotiation != nullptr && negotiation->child == child) return true;
    return std::ranges::any_of(sa.tasks, [&](const Task& waiting) {
        const auto* create = std::get_if<task::CreateChild>(&waiting);
        return create != nullptr && create->child == child;
    });
}

bool is_being_deleted(const IkeSa& sa, xfrm::EspSpi inbound) {
    const auto* under_way = sa.outgoing ? std::get_if<outgoing::DeletingChild>(&*sa.outgoing) : nullptr;
    if (under_way != nullptr && under_way->inbound == inbound) return true;
    return std::ranges::any_of(sa.tasks, [&](const Task& waiting) {
        const auto* deleting = std::get_if<task::DeleteChild>(&waiting);
        return deleting != nullptr && deleting->inbound == inbound;
    });
}

}  // namespace xfrmd::ike
