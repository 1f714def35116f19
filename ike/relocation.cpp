// SPDX-License-Identifier: Apache-2.0
#include "ike/relocation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/exchange/informational.h"
#include "ike/former_sas.h"
#include "ike/tasks.h"
#include "ike/wanted_policies.h"

namespace xfrmd::ike {

namespace {

// ---- where children are, and where they belong

// RFC 4555 §3.8: ESP may follow a NAT that IKE does not follow.
Path path_of_esp(const IkeSa& sa) {
    Path path = sa.path;
    if (sa.esp_remote) path.remote = *sa.esp_remote;
    return path;
}

bool needs_encapsulation(const IkeSa& sa) { return sa.nat.any() && sa.path.encapsulated; }

bool is_in_place(const IkeSa& sa, const ChildSa& child) {
    const Path there = path_of_esp(sa);
    const Path& here = child.path;
    if (here.local.address != there.local.address || here.remote.address != there.remote.address) return false;
    if (!child.encapsulated) return !needs_encapsulation(sa);
    return here.local.port == there.local.port && here.remote.port == there.remote.port;
}

// Of one direction.
struct Place {
    xfrm::Address source;
    xfrm::Address destination;
    std::optional<xfrm::UdpEncapsulation> encapsulation;
};

Place place_for(const IkeSa& sa, const ChildSa& child, bool outwards) {
    const Path path = path_of_esp(sa);
    const xfrm::Address& ours = path.local.address;
    const xfrm::Address& theirs = path.remote.address;
    Place place{outwards ? ours : theirs, outwards ? theirs : ours, std::nullopt};
    if (child.encapsulated || needs_encapsulation(sa)) place.encapsulation = encapsulation(path, outwards);
    return place;
}

void put_in_place(Core& core, const IkeSa& sa, ChildSa& child) {
    const auto put = [&](xfrm::SaId& id, bool outwards) {
        const Place place = place_for(sa, child, outwards);
        id.source = place.source;
        id.destination = place.destination;
    };
    put(child.inbound, false);
    put(child.outbound, true);
    if (child.compression) {
        put(child.compression->inbound, false);
        put(child.compression->outbound, true);
    }
    for (xfrm::SaSpec& spec : child.outbound_to_come) {
        put(spec.id, true);
        if (spec.id.protocol != xfrm::IpsecProtocol::Ipcomp) spec.encapsulation = place_for(sa, child, true).encapsulation;
    }
    child.encapsulated |= needs_encapsulation(sa);
    child.path = path_of_esp(sa);
    child.placed = core.now;
}

// ---- what the kernel is asked

// Of those of one child the youngest, which carries the traffic or soon will.
const ChildSa* youngest_of(const IkeSa& sa, xfrm::ReqId reqid) {
    const ChildSa* found = nullptr;
    for (const ChildSa& child : sa.children)
        if (child.reqid == reqid && child.phase != ChildPhase::Deleting) found = &child;
    return found;
}

// The same of those that are not where they should be.
const ChildSa* youngest_to_move(const IkeSa& sa, xfrm::ReqId reqid) {
    const ChildSa* found = nullptr;
    for (const ChildSa& child : sa.children)
        if (child.reqid == reqid && child.phase != ChildPhase::Deleting && !is_in_place(sa, child)) found = &child;
    return found;
}

// For each policy that asks for a child which is not in its place.
xfrm::Migrate migrations(const IkeSa& sa, const ManagedConnection& connection) {
    xfrm::Migrate request;
    for (const xfrm::PolicySpec& policy : connection.policies) {
        const ChildSa* child = youngest_to_move(sa, policy.templates.front().reqid);
        if (child == nullptr) continue;
        const bool outwards = policy.id.direction == xfrm::Direction::Out;
        const xfrm::SaId& here = outwards ? child->outbound : child->inbound;
        const Place there = place_for(sa, *child, outwards);
        request.migrations.push_back({.policy = policy.id,
                                      .protocol = here.protocol,
                                      .mode = child->mode,
                                      .reqid = child->reqid,
                                      .source = here.source,
                                      .destination = here.destination,
                                      .new_source = there.source,
                                      .new_destination = there.destination,
                                      .encapsulation = there.encapsulation});
    }
    return request;
}

// What only waits for packets that are late, and what another child sends in place of: they need not come along, and the
// kernel might take them for those that must.
void leave_behind(Core& core, const IkeSa& sa) {
    std::vector<xfrm::SaId> gone;
    for (const ChildSa& child : sa.children) {
        const ChildSa* youngest = youngest_of(sa, child.reqid);
        if (child.phase == ChildPhase::Retired) gone.push_back(child.inbound);
        if (child.phase == ChildPhase::Superseded && youngest->has_outbound() && youngest != &child)
            gone.push_back(child.outbound);
    }
    core.remove_sas(std::move(gone));
}

// The kernel moves one SA for each policy, whichever has its ends and reqid first: of another IKE SA with this peer, too, which is
// about to go, or has crossed this one. Its children go before, so that it takes the right ones.
void clear_the_way(Core& core, const IkeSa& sa, const ManagedConnection& connection, const xfrm::Migrate& request) {
    const auto is_taken_for = [&](const ChildSa& child) {
        return std::ranges::any_of(request.migrations, [&](const xfrm::Migration& migration) {
            const xfrm::SaId& id = migration.source == child.inbound.source ? child.inbound : child.outbound;
            return migration.reqid == child.reqid && migration.source == id.source && migration.destination == id.destination;
        });
    };
    for (const SaHandle handle : std::vector{connection.ike_sas}) {
        IkeSa* other = core.ike_sas.find(handle);
        if (other == nullptr || handle == sa.self) continue;
        std::vector<xfrm::SaId> gone;
        for (ChildSa& child : other->children) {
            if (child.phase == ChildPhase::Deleting || !is_taken_for(child)) continue;
            std::ranges::copy(child.all_sas(), std::back_inserter(gone));
            child.phase = ChildPhase::Deleting;
            child.outbound_to_come.clear();
            announce_gone(core, *other, child, Reason::Replaced);
            other->tasks.push_back(task::DeleteChild{child.inbound.spi, child.inbound.protocol});
        }
        core.remove_sas(std::move(gone));
        if (!other->tasks.empty()) begin_next_task(core, *other);
    }
}

// The ends that the policies of a connection name.
void set_ends(Core& core, ManagedConnection& connection, const xfrm::Address& local, const xfrm::Address& remote) {
    index_remote(core, connection, remote);
    connection.local = local;
    connection.remote = remote;
    connection.next_local.reset();
    point_policies_at_ends(connection);
}

// The selectors of transport mode are the addresses themselves.
bool is_bound_to_addresses(Core& core, const IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    return wanted != nullptr && std::ranges::contains(wanted->children, xfrm::Mode::Transport, &Child::mode);
}

bool is_between(const ManagedConnection& connection, const Path& path) {
    return connection.local == path.local.address && connection.remote == path.remote.address;
}

// The kernel looks for an SA by its destination: what is still at another one than it should be.
std::vector<xfrm::SaId> left_at_former_ends(const IkeSa& sa, const std::vector<xfrm::SaId>& former) {
    std::vector<xfrm::SaId> left;
    for (const xfrm::SaId& id : former) {
        const bool moved = id.destination != sa.path.local.address && id.destination != sa.path.remote.address;
        if (moved) left.push_back(id);
    }
    return left;
}

// The kernel did not move them: they get new SAs where the IKE SA is.
void remake_children(Core& core, IkeSa& sa, std::vector<xfrm::SaId> former, const std::string& why) {
    core.emit(NegotiationFailed{sa.connection, sa.role, sa.path.remote, Reason::KernelRefused,
                                why + "; the children are made again", false, Duration{0}});
    std::vector<xfrm::EspSpi> active;
    std::vector<ChildSa*> others;
    for (ChildSa& child : sa.children) {
        std::ranges::copy(child.all_sas(), std::back_inserter(former));
        if (child.phase == ChildPhase::Active) active.push_back(child.inbound.spi);
        if (child.phase == ChildPhase::AwaitingSwitch) others.push_back(&child);
    }
    core.remove_sas(std::move(former));
    if (ManagedConnection* connection = core.connection_of(sa)) reinstall_policies(core, *connection);
    for (ChildSa* child : others) {
        child->phase = ChildPhase::Deleting;
        child->outbound_to_come.clear();
        announce_gone(core, sa, *child, Reason::KernelRefused);
        sa.tasks.push_back(task::DeleteChild{child->inbound.spi, child->inbound.protocol});
    }
    for (const xfrm::EspSpi inbound : active) enqueue(core, sa, task::RekeyChild{inbound});
    begin_next_task(core, sa);
}

}  // namespace

void relocate(Core& core, IkeSa& sa, const Path& path) {
    if (path == sa.path && !sa.esp_remote) return;
    sa.path = path;
    sa.esp_remote.reset();
    sa.mobility.heard_from.reset();
    // Made from this one, and not yet known to stay: it has nothing of its own to learn the path from.
    if (IkeSa* made = core.undecided_successor(sa)) made->path = path;
    if (sa.is_current())
        core.emit(IkeSaMoved{sa.connection, sa.initiator_spi, sa.responder_spi, path.local, path.remote});
    bring_children_along(core, sa);
}

void bring_children_along(Core& core, IkeSa& sa) {
    ManagedConnection* connection = core.connection_of(sa);
    if (sa.relocating || sa.former_path || connection == nullptr || sa.children.empty()) return;
    xfrm::Migrate request = migrations(sa, *connection);
    if (!request.migrations.empty()) {
        leave_behind(core, sa);
        clear_the_way(core, sa, *connection, request);
        remove_former(core, *connection);
    }
    std::vector<xfrm::SaId> former;
    bool movable = true;
    for (ChildSa& child : sa.children) {
        if (child.phase == ChildPhase::Deleting || is_in_place(sa, child)) continue;
        movable &= !child.compression;
        std::ranges::copy(child.all_sas(), std::back_inserter(former));
        put_in_place(core, sa, child);
    }
    const bool elsewhere = !is_between(*connection, sa.path);
    if (elsewhere) set_ends(core, *connection, sa.path.local.address, sa.path.remote.address);
    // XFRM_MSG_MIGRATE takes one SA for each policy.
    if (!movable) return remake_children(core, sa, std::move(former), "compressed children cannot be moved");
    if (request.migrations.empty()) {
        // What no policy asks for any more stays where it is.
        core.remove_sas(left_at_former_ends(sa, former));
        if (elsewhere) reinstall_policies(core, *connection);
        return;
    }
    const RequestId id = core.request_kernel({sa.self, {}, false, {}}, std::move(request));
    sa.relocating = Relocating{id, std::move(former)};
}

bool on_relocated(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    if (!sa.relocating || sa.relocating->request != id) return false;
    std::vector<xfrm::SaId> former = std::move(sa.relocating->former);
    sa.relocating.reset();
    if (!result)
        remake_children(core, sa, std::move(former), result.error().what);
    else
        core.remove_sas(left_at_former_ends(sa, former));
    // The path may have changed again meanwhile.
    bring_children_along(core, sa);
    return true;
}

void follow_peer(Core& core, IkeSa& sa, const xfrm::Endpoint& remote) {
    Path path = sa.path;
    path.remote = remote;
    if (path == sa.path) return;
    if (remote.address == sa.path.remote.address || !is_bound_to_addresses(core, sa)) return relocate(core, sa, path);
    static_cast<void>(informational::follow_hint(core, sa));
}

void follow_mapping(Core& core, const xfrm::MappingChanged& changed) {
    const auto [sa, child] = find_by_kernel_id(core, changed.reqid, changed.id);
    if (sa == nullptr || !child->encapsulated || !sa->nat.remote || sa->nat.local) return;
    if (!sa->mobility.in_use) return follow_peer(core, *sa, changed.after);
    // RFC 4555 §3.8: messages go where the peer says, ESP may follow its NAT.
    if (changed.after.address != sa->path.remote.address) return;
    sa->esp_remote = changed.after;
    bring_children_along(core, *sa);
}

void set_local_end(Core& core, ManagedConnection& connection, const xfrm::Address& local) {
    connection.next_local = local;
    if (!is_busy(core, connection)) return_to_configured_ends(core, connection);
}

void return_to_configured_ends(Core& core, ManagedConnection& connection) {
    const xfrm::Address remote = connection.wanted->remote;
    const xfrm::Address local = std::exchange(connection.next_local, std::nullopt).value_or(connection.local);
    if (connection.remote == remote && connection.local == local) return;
    set_ends(core, connection, local, remote);
    reinstall_policies(core, connection);
}

}  // namespace xfrmd::ike
