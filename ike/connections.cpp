// SPDX-License-Identifier: Apache-2.0
#include "ike/connections.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "ike/demand.h"
#include "ike/exchange/ike_sa_init.h"
#include "ike/former_sas.h"
#include "ike/held_traffic.h"
#include "ike/relocation.h"
#include "ike/resync.h"
#include "ike/serving.h"
#include "ike/tasks.h"
#include "ike/wanted_policies.h"

namespace xfrmd::ike {

namespace {

constexpr Duration kRetryFirst = std::chrono::seconds{1};
constexpr Duration kRetryMax = std::chrono::seconds{60};
constexpr Duration kReauthenticateAgain = std::chrono::minutes{1};

Duration retry_delay(std::uint32_t failures) {
    Duration delay = kRetryFirst;
    for (std::uint32_t i = 1; i < failures && delay < kRetryMax; ++i) delay *= 2;
    return std::min(delay, kRetryMax);
}

void unknown_connection(Core& core, CommandId id, const std::string& name) {
    core.answer(id, std::unexpected{CommandFailure{CommandFailure::Code::UnknownConnection,
                                                    "no connection is called \"" + name + "\""}});
}

// Besides the one that is configured.
std::set<xfrm::Address> other_remotes(const ManagedConnection& connection) {
    std::set<xfrm::Address> remotes{connection.last_remotes.begin(), connection.last_remotes.end()};
    remotes.insert(connection.remote);
    remotes.erase(connection.wanted->remote);
    return remotes;
}

void unindex(Core& core, const ManagedConnection& connection, const xfrm::Address& remote) {
    const auto names = core.by_remote.find(remote);
    if (names == core.by_remote.end()) return;
    std::erase(names->second, connection.wanted->name);
    if (names->second.empty()) core.by_remote.erase(names);
}

void index(Core& core, const ManagedConnection& connection, const xfrm::Address& remote) {
    std::vector<std::string>& names = core.by_remote[remote];
    if (!std::ranges::contains(names, connection.wanted->name)) names.push_back(connection.wanted->name);
}

Duration plan_retry(Core& core, ManagedConnection& connection) {
    if (connection.held_down || !is_demanded(core, connection) || is_satisfied(core, connection)) {
        forget_later(core, connection);
        return Duration{0};
    }
    const Duration delay = retry_delay(connection.failures);
    core.schedule(connection, core.now + delay);
    return delay;
}

// Half of a bundle is no success: the other half may be refused each time.
bool has_half_a_bundle(Core& core, const ManagedConnection& connection) {
    return std::ranges::any_of(connection.wanted->children, [&](const Child& child) {
        return child.bundle && has_child(core, connection, child.name) &&
               !has_child(core, connection, child.bundle->partner);
    });
}

// By itself, or by a packet that has come since it was up: what was there did not serve that one.
bool is_to_begin_again(const ManagedConnection& connection) {
    if (connection.wanted->start == Start::Now) return true;
    return std::ranges::any_of(connection.demands, [&](const auto& each) { return each.second.at > connection.since; });
}

bool makes_or_has_child(const IkeSa& sa) {
    return std::ranges::any_of(sa.children, &ChildSa::is_in_use) || !sa.tasks.empty() || sa.outgoing || sa.incoming;
}

}  // namespace

void close_all(Core& core, const std::string& name, const WhyFailed& why) {
    ManagedConnection* connection = core.find_connection(name);
    for (const SaHandle handle : std::vector{connection->ike_sas}) {
        IkeSa* sa = core.ike_sas.find(handle);
        if (sa == nullptr) continue;
        if (sa->is_established())
            close_gracefully(core, *sa, why.reason, why.detail);
        else if (!sa->was_established())
            abandon_handshake(core, *sa, why);
    }
}

void rebuild_indexes(Core& core) {
    core.by_reqid.clear();
    core.by_remote.clear();
    for (const Connection& connection : core.configuration->connections) {
        core.by_remote[connection.remote].push_back(connection.name);
        const ManagedConnection& managed = core.connections.at(connection.name);
        for (const xfrm::Address& remote : other_remotes(managed)) core.by_remote[remote].push_back(connection.name);
        for (const Child& child : connection.children)
            core.by_reqid[child.reqid] = {connection.name, child.name};
    }
    for (const auto& [name, connection] : core.connections)
        if (!connection.pattern.empty()) core.by_remote[connection.remote].insert(core.by_remote[connection.remote].begin(), name);
}

void index_remote(Core& core, const ManagedConnection& connection, const xfrm::Address& remote) {
    const bool is_remembered = std::ranges::contains(connection.last_remotes, connection.remote);
    if (connection.remote != connection.wanted->remote && !is_remembered) unindex(core, connection, connection.remote);
    index(core, connection, remote);
}

void remember_remotes(Core& core, ManagedConnection& connection, std::vector<xfrm::Address> remotes) {
    for (const xfrm::Address& remote : connection.last_remotes)
        if (remote != connection.wanted->remote && remote != connection.remote) unindex(core, connection, remote);
    connection.last_remotes = std::move(remotes);
    for (const xfrm::Address& remote : connection.last_remotes) index(core, connection, remote);
}

const xfrm::Address& remote_to_try(const ManagedConnection& connection) {
    const std::size_t turn = connection.failures % (connection.last_remotes.size() + 1);
    return turn == 0 ? connection.remote : connection.last_remotes[turn - 1];
}

void answer_waiting(Core& core, ManagedConnection& connection,
                    const std::expected<std::monostate, CommandFailure>& result) {
    for (const CommandId id : std::exchange(connection.waiting, {})) core.answer(id, result);
}

std::vector<std::string> connections_with(const Core& core, const xfrm::Address& remote) {
    std::vector<std::string> names;
    for (const xfrm::Address& end : {remote, xfrm::Address{}})  // the unspecified one is any of either family
        if (const auto found = core.by_remote.find(end); found != core.by_remote.end())
            std::ranges::copy(found->second, std::back_inserter(names));
    return names;
}

bool has_end(const ManagedConnection& connection, const xfrm::Address& local) {
    return connection.local == local || connection.next_local == local || connection.wanted->local == local ||
           connection.wanted->local.is_unspecified();
}

void command_up(Core& core, CommandId id, const std::string& name) {
    ManagedConnection* connection = core.find_connection(name);
    if (connection == nullptr) return unknown_connection(core, id, name);
    if (core.shutting_down)
        return core.answer(id, std::unexpected{CommandFailure{CommandFailure::Code::ShuttingDown,
                                                               "xfrmd is stopping"}});
    connection->held_down = false;
    if (connection->wanted->served)
        return core.answer(id, std::unexpected{CommandFailure{
                                    CommandFailure::Code::Failed,
                                    "\"" + name + "\" serves policies that others install: packets that match them bring SAs up",
                                    Reason::None}});
    if (waits_for_address(*connection->wanted))
        return core.answer(id, std::unexpected{CommandFailure{
                                    CommandFailure::Code::Failed,
                                    "no address of ours leads to " + connection->wanted->remote.to_string() + " yet",
                                    Reason::NoAddress}});
    demand_all(core, *connection);
    if (is_satisfied(core, *connection)) return core.answer(id, std::monostate{});
    connection->waiting.push_back(id);
    switch (connection->policies_state) {
        case ManagedConnection::Policies::Installing: return;
        case ManagedConnection::Policies::Refused: return install_wanted_policies(core, *connection, std::nullopt);
        case ManagedConnection::Policies::Installed: break;
    }
    serve_demands(core, *connection);
}

void command_down(Core& core, CommandId id, const std::string& name) {
    ManagedConnection* connection = core.find_connection(name);
    if (connection == nullptr) return unknown_connection(core, id, name);
    connection->held_down = true;
    forget_demands(*connection);
    core.schedule(*connection, std::nullopt);
    answer_waiting(core, *connection,
                   std::unexpected{CommandFailure{CommandFailure::Code::Superseded,
                                                  "the connection was taken down by command"}});
    close_all(core, name, {Reason::DeletedByCommand, "", false});
    remove_former(core, *connection);
    connection->since = core.now;
    core.answer(id, std::monostate{});
}

void command_rekey(Core& core, CommandId id, const Rekey& what) {
    ManagedConnection* connection = core.find_connection(what.connection);
    if (connection == nullptr) return unknown_connection(core, id, what.connection);
    IkeSa* sa = current_ike_sa(core, *connection);
    if (sa == nullptr)
        return core.answer(id, std::unexpected{CommandFailure{CommandFailure::Code::Failed,
                                                               "the connection is not up", Reason::None}});
    std::vector<xfrm::EspSpi> children;
    for (const ChildSa& child : sa->children)
        if (what.children && child.phase == ChildPhase::Active) children.push_back(child.inbound.spi);
    for (const xfrm::EspSpi inbound : children) enqueue(core, *sa, task::RekeyChild{inbound});
    if (what.ike_sa) enqueue(core, *sa, task::RekeyIkeSa{});
    core.answer(id, std::monostate{});
}

void command_shutdown(Core& core, CommandId id) {
    core.shutting_down = id;
    std::vector<std::string> names;
    for (auto& [name, connection] : core.connections) {
        connection.held_down = true;
        core.schedule(connection, std::nullopt);
        remove_former(core, connection);
        names.push_back(name);
    }
    for (const std::string& name : names) close_all(core, name, {Reason::DeletedByCommand, "", false});
    std::vector<SaHandle> unassigned;
    core.ike_sas.for_each([&](const IkeSa& sa) {
        if (!sa.was_established()) unassigned.push_back(sa.self);
    });
    for (const SaHandle handle : unassigned) {
        IkeSa* sa = core.ike_sas.find(handle);
        if (sa != nullptr) abort_handshake(core, *sa, {Reason::DeletedByCommand, "", false});
    }
    check_shutdown(core);
}

void check_shutdown(Core& core) {
    if (!core.shutting_down || !core.kernel_requests.empty()) return;
    // Each is looked at once, until there are none left but those that have come since.
    const auto is_open = [](const IkeSa& sa) { return !sa.is<state::Closed>(); };
    const IkeSa* open = core.ike_sas.find_from(core.shut_down_before, is_open);
    if (open == nullptr) open = core.ike_sas.find_from(0, is_open);
    core.shut_down_before = open != nullptr ? open->self.index : 0;
    if (open != nullptr) return;
    core.answer(*core.shutting_down, std::monostate{});
    core.shutting_down.reset();
}

void on_acquire(Core& core, const xfrm::Acquire& acquire) {
    for (const xfrm::Template& wanted : acquire.policy.templates) {
        const auto found = core.by_reqid.find(wanted.reqid);
        if (found == core.by_reqid.end()) continue;
        ManagedConnection& connection = core.connections.at(found->second.connection);
        if (connection.held_down || connection.wanted->start == Start::Passive) return;
        demand(core, connection, found->second.child, acquire.sequence);
        if (has_child(core, connection, found->second.child)) look_for_loss(core);
        // A failure plans its own next attempt; more packets do not hasten it.
        if (!connection.next_attempt) serve_demands(core, connection);
        return;
    }
    on_foreign_acquire(core, acquire);
}

void on_attempt_due(Core& core, ManagedConnection& connection) {
    connection.next_attempt.reset();
    if (forget_idle(core, connection)) return;
    serve_demands(core, connection);
    forget_later(core, connection);
}

Duration attempt_failed(Core& core, ManagedConnection& connection, const WhyFailed& why) {
    // What we ended ourselves says nothing about why a connection does not come up.
    if (why.reason != Reason::DeletedByCommand) {
        connection.last_failure = Failure{why.reason, why.detail, why.said_by_peer, core.now};
        ++connection.failures;
    }
    answer_waiting(core, connection,
                   std::unexpected{CommandFailure{CommandFailure::Code::Failed, why.detail, why.reason}});
    if (is_busy(core, connection)) return Duration{0};
    // An address that has come meanwhile: the peer may come to it before there is another attempt of ours.
    if (connection.next_local) return_to_configured_ends(core, connection);
    return plan_retry(core, connection);
}

void child_failed(Core& core, ManagedConnection& connection, const WhyFailed& why) {
    remove_former(core, connection);  // as when the IKE SA ends
    static_cast<void>(attempt_failed(core, connection, why));
    plan_retry(core, connection);
}

void connection_up(Core& core, const std::string& name) {
    ManagedConnection* connection = core.find_connection(name);
    if (connection == nullptr) return;
    if (!has_half_a_bundle(core, *connection)) {
        connection->failures = 0;
        connection->last_failure.reset();
    }
    connection->since = core.now;
    core.schedule(*connection, std::nullopt);
    if (is_satisfied(core, *connection)) answer_waiting(core, *connection, std::monostate{});
    serve_demands(core, *connection);
}

void child_gone(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    if (!sa.is_current()) return;
    if (!makes_or_has_child(sa)) return close_gracefully(core, sa, reason, detail);
    ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || connection->held_down || connection->next_attempt || !is_to_begin_again(*connection) ||
        is_satisfied(core, *connection))
        return;
    core.schedule(*connection, core.now + kRetryFirst);
}

void reauthenticate(Core& core, IkeSa& sa) {
    ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || connection->held_down || core.shutting_down || !sa.is_current()) return;
    const Time begun = sa.origin.authenticated;
    const Time end = begun + hard_time(*sa.reauthenticate_at - begun);
    if (core.now >= end)
        return close_gracefully(core, sa, Reason::Expired, "the peer was not authenticated anew in time");
    // What comes of a rekey under way would outlive the IKE SA that is closed for it.
    const Negotiation* ours = sent_negotiation(sa.outgoing);
    const bool rekeys = ours != nullptr && std::holds_alternative<IkeSaNegotiation>(*ours);
    core.arm(sa, Timer::Reauthenticate, std::min(end, core.now + (rekeys ? kRetryFirst : kReauthenticateAgain)));
    if (rekeys) return;
    // By us, or by the peer, who closes this one then.
    const bool is_reauthenticated = std::ranges::any_of(connection->ike_sas, [&](SaHandle handle) {
        const IkeSa* other = core.ike_sas.find(handle);
        return other != nullptr && handle != sa.self && (other->is_current() || other->replaces == sa.self);
    });
    if (!is_reauthenticated) ike_sa_init::initiate(core, *connection, sa.self);
}

void connection_down(Core& core, const std::string& name, Reason reason, const std::string& detail,
                     bool had_child) {
    ManagedConnection* connection = core.find_connection(name);
    if (connection == nullptr || is_busy(core, *connection)) return;
    return_to_configured_ends(core, *connection);
    // The peer has known us as one that has restarted, and has none of them any more.
    remove_former(core, *connection);
    const bool begins_again = is_to_begin_again(*connection);
    connection->since = core.now;
    // Why there never was a child says more than who then ended an IKE SA that served nobody.
    const bool already_told = !had_child && connection->last_failure;
    if (reason != Reason::DeletedByCommand && reason != Reason::Replaced && !already_told)
        connection->last_failure = Failure{reason, detail, reason == Reason::Deleted, core.now};
    forget_later(core, *connection);
    if (connection->held_down || !begins_again || connection->next_attempt) return;
    core.schedule(*connection, core.now + kRetryFirst);
}

bool is_busy(Core& core, const ManagedConnection& connection) {
    return std::ranges::any_of(connection.ike_sas, [&](SaHandle handle) {
        const IkeSa* sa = core.ike_sas.find(handle);
        return sa != nullptr && (sa->is_current() || !sa->was_established());
    });
}

}  // namespace xfrmd::ike
