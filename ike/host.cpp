// SPDX-License-Identifier: Apache-2.0
#include "ike/host.h"

#include <algorithm>
#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/configure.h"
#include "ike/connections.h"
#include "ike/core.h"
#include "ike/datagram.h"
#include "ike/exchange/create_child_sa.h"
#include "ike/exchange/ike_auth.h"
#include "ike/exchange/ike_intermediate.h"
#include "ike/exchange/ike_sa_init.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/mobike.h"
#include "ike/former_sas.h"
#include "ike/observe.h"
#include "ike/relocation.h"
#include "ike/resync.h"
#include "ike/serving.h"
#include "ike/timeout.h"
#include "ike/wanted_policies.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::ike {

namespace {

// ---- commands

void on_command(Core& core, Command command) {
    std::visit(Overloaded{[&](Configure& what) { configure(core, command.id, std::move(what)); },
                          [&](Up& what) { command_up(core, command.id, what.connection); },
                          [&](Down& what) { command_down(core, command.id, what.connection); },
                          [&](Rekey& what) { command_rekey(core, command.id, what); },
                          [&](Shutdown&) { command_shutdown(core, command.id); }},
               command.what);
}

// ---- crypto

// Whoever waits for this job, by its state; a result nobody waits for any more is dropped.
void on_crypto_result(Core& core, CryptoResult result) {
    const auto waiting = core.jobs.find(result.id);
    if (waiting == core.jobs.end()) return;
    IkeSa* sa = core.ike_sas.find(waiting->second);
    core.jobs.erase(waiting);
    if (sa == nullptr) return;
    CryptoOutcome& outcome = result.outcome;
    if (create_child_sa::on_crypto(core, *sa, result.id, outcome)) return;
    const auto is_awaited = [&](const std::optional<JobId>& job) { return job == result.id; };
    std::visit(
        Overloaded{
            [&](state::MakingInitShare&) { ike_sa_init::on_init_share(core, *sa, std::move(outcome)); },
            [&](state::AgreeingAsInitiator&) {
                ike_sa_init::on_initiator_secret(core, *sa, std::move(outcome));
            },
            [&](state::MakingIntermediateShare&) {
                ike_intermediate::on_request_share(core, *sa, std::move(outcome));
            },
            [&](state::AgreeingOnIntermediate&) {
                ike_intermediate::on_initiator_secret(core, *sa, std::move(outcome));
            },
            [&](state::MakingIntermediateAnswer&) {
                ike_intermediate::on_answer_share(core, *sa, std::move(outcome));
            },
            [&](state::AnsweringIntermediate&) {
                ike_intermediate::on_responder_secret(core, *sa, std::move(outcome));
            },
            [&](state::PreparingAuthRequest& s) {
                if (is_awaited(s.auth_job)) ike_auth::on_request_authentication(core, *sa, std::move(outcome));
            },
            [&](state::VerifyingResponder&) {
                ike_auth::on_responder_verified(core, *sa, std::move(outcome));
            },
            [&](state::MakingResponseShare&) {
                ike_sa_init::on_response_share(core, *sa, std::move(outcome));
            },
            [&](state::AgreeingAsResponder& s) {
                const std::vector<Datagram> requests = std::move(s.waiting);
                if (!ike_sa_init::on_responder_secret(core, *sa, std::move(outcome))) return;
                for (const Datagram& request : requests) on_datagram(core, request);
            },
            [&](state::VerifyingInitiator&) {
                ike_auth::on_initiator_verified(core, *sa, std::move(outcome));
            },
            [&](state::PreparingAuthResponse& s) {
                if (is_awaited(s.auth_job)) ike_auth::on_response_authentication(core, *sa, std::move(outcome));
            },
            // No other state waits for a job.
            [](auto&) {}},
        sa->state);
}

// ---- kernel

bool succeeded_with_leftovers(const KernelWaiter& waiter, const xfrm::KernelResult& result) {
    return result.has_value() && !waiter.leftovers.empty();
}

// The IKE SA that asked is gone, or has gone on without the answer: what it asked for is taken out again.
void clean_up(Core& core, KernelWaiter waiter, const xfrm::KernelResult& result) {
    if (!succeeded_with_leftovers(waiter, result)) return;
    if (waiter.allocates)
        waiter.leftovers.front().spi = std::get<xfrm::EspSpi>(*result);
    core.remove_sas(std::move(waiter.leftovers));
}

// True if the IKE SA's state waits for this very reply.
bool deliver(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    if (create_child_sa::on_kernel(core, sa, id, result) || informational::on_kernel(core, sa, id, result) ||
        on_kernel_child(core, sa, id, result) || on_relocated(core, sa, id, result))
        return true;
    return std::visit(
        Overloaded{
            [&](state::PreparingAuthRequest& s) {
                if (s.spi_request != id) return false;
                ike_auth::on_request_spi(core, sa, result);
                return true;
            },
            [&](state::InstallingAsInitiator& s) {
                if (s.request != id) return false;
                ike_auth::on_initiator_installed(core, sa, result);
                return true;
            },
            [&](state::ReadingPolicies& s) {
                if (s.request != id) return false;
                ike_auth::on_policies_read(core, sa, result);
                return true;
            },
            [&](state::PreparingAuthResponse& s) {
                if (s.spi_request != id) return false;
                ike_auth::on_response_spi(core, sa, result);
                return true;
            },
            [&](state::InstallingAsResponder& s) {
                if (s.request != id) return false;
                ike_auth::on_responder_installed(core, sa, result);
                return true;
            },
            [](auto&) { return false; }},
        sa.state);
}

void on_sa_expired(Core& core, const xfrm::SaExpired& expired) {
    const auto [sa, child] = find_by_kernel_id(core, expired.reqid, expired.id);
    if (sa != nullptr) return on_child_expired(core, *sa, child->inbound.spi, expired.hard);
    forget_former(core, expired);
}

void on_kernel_reply(Core& core, KernelReply reply) {
    const auto found = core.kernel_requests.find(reply.id);
    if (found == core.kernel_requests.end()) return;
    KernelWaiter waiter = std::move(found->second);
    core.kernel_requests.erase(found);
    const std::optional<CommandId> command = waiter.configure;
    if (const auto* connection = std::get_if<std::string>(&waiter.who)) {
        policies_answered(core, *connection, reply.result, command);
    } else if (const auto* source = std::get_if<SourceOf>(&waiter.who)) {
        mobike::on_source(core, source->connection, reply.result);
    } else if (const auto* policies = std::get_if<PoliciesFor>(&waiter.who)) {
        on_policies(core, policies->connection, reply.result);
    } else if (std::holds_alternative<NeighbourDiscovery>(waiter.who)) {
        neighbour_discovery_answered(core, reply.result);
    } else if (const auto* handle = std::get_if<SaHandle>(&waiter.who)) {
        IkeSa* sa = core.ike_sas.find(*handle);
        if (sa == nullptr || !deliver(core, *sa, reply.id, reply.result))
            clean_up(core, std::move(waiter), reply.result);
    } else {
        for (const auto& expired : lost_expiries(core, reply.id, reply.result)) on_sa_expired(core, expired);
    }
    if (command) configure_answered(core, *command);
    check_shutdown(core);
}

void on_kernel_event(Core& core, const KernelEvent& input) {
    if (const auto* acquire = std::get_if<xfrm::Acquire>(&input.event)) on_acquire(core, *acquire);
    if (const auto* expired = std::get_if<xfrm::SaExpired>(&input.event)) on_sa_expired(core, *expired);
    if (const auto* mapping = std::get_if<xfrm::MappingChanged>(&input.event)) follow_mapping(core, *mapping);
    const bool resync = std::holds_alternative<xfrm::Resync>(input.event);
    if (resync) begin_resync(core);
    if (resync || std::holds_alternative<xfrm::AddressChanged>(input.event) ||
        std::holds_alternative<xfrm::RouteChanged>(input.event))
        mobike::network_changed(core);
}

// ---- time

void on_time(Core& core) {
    while (const auto owner = core.deadlines.take_due(core.now)) {
        if (owner->sa.generation != 0) {
            if (IkeSa* sa = core.ike_sas.find(owner->sa)) on_timeout(core, *sa);
        } else if (ManagedConnection* connection = core.find_connection(owner->connection)) {
            owner->kept ? on_former_due(core, *connection) : on_attempt_due(core, *connection);
        }
    }
    check_shutdown(core);
}

}  // namespace

Host::Host(Botan::RandomNumberGenerator& rng, HostOptions options)
    : core_{std::make_unique<Core>(rng, std::move(options))} {}
Host::Host(Host&&) noexcept = default;
Host& Host::operator=(Host&&) noexcept = default;
Host::~Host() = default;

Effects Host::step(Time now, Input input) {
    Core& core = *core_;
    core.now = std::max(core.now, now);
    // What is due comes first, so that an input never meets a state that should be gone.
    on_time(core);
    std::visit(Overloaded{[&](Datagram& datagram) { on_datagram(core, datagram); },
                          [&](KernelReply& reply) { on_kernel_reply(core, std::move(reply)); },
                          [&](KernelEvent& event) { on_kernel_event(core, event); },
                          [&](CryptoResult& result) { on_crypto_result(core, std::move(result)); },
                          [&](Command& command) { on_command(core, std::move(command)); },
                          [](Tick&) {}},
               input);
    check_shutdown(core);
    return std::exchange(core.effects, {});
}

std::optional<Deadline> Host::next_deadline() const { return earliest_deadline(*core_); }

Snapshot Host::snapshot() const { return observe(*core_); }

Core& core_of(Host& host) { return *host.core_; }

}  // namespace xfrmd::ike
