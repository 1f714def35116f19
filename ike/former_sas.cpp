// SPDX-License-Identifier: Apache-2.0
#include "ike/former_sas.h"

#include <algorithm>
#include <utility>

#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

// The kernel ends them at their own limits. This is for those without, and an end to all waiting.
constexpr Duration kCarryOnMax = std::chrono::hours{1};
// A peer that answered sends with the new child when it has our next request, however often that has to be repeated.
constexpr Duration kPeerMayBeLate = std::chrono::seconds{20};

bool is_outbound(const ManagedConnection& connection, const KeptSa& sa) { return sa.id.destination == connection.remote; }

bool is_between_ends(const ManagedConnection& connection, const xfrm::SaId& id) {
    const bool outbound = id.destination == connection.remote;
    const xfrm::Address& theirs = outbound ? id.destination : id.source;
    const xfrm::Address& ours = outbound ? id.source : id.destination;
    return theirs == connection.remote && (connection.local.is_unspecified() || ours == connection.local);
}

const Child* child_of(const ManagedConnection& connection, xfrm::ReqId reqid) {
    const auto& children = connection.wanted->children;
    const auto found = std::ranges::find(children, reqid, &Child::reqid);
    return found == children.end() ? nullptr : &*found;
}

bool serves(const ManagedConnection& connection, const KeptSa& sa, std::string_view child) {
    const Child* wanted = child_of(connection, sa.reqid);
    return wanted != nullptr && wanted->name == child;
}

void schedule_end(Core& core, const ManagedConnection& connection) {
    const auto first = std::ranges::min_element(connection.kept, {}, &KeptSa::until);
    core.deadlines.set(DeadlineOwner{.connection = connection.wanted->name, .kept = true},
                       first == connection.kept.end() ? std::nullopt : std::optional{first->until});
}

// Takes those out of the connection and out of the kernel for which `is_meant` holds.
void remove_those(Core& core, ManagedConnection& connection, const auto& is_meant) {
    std::vector<xfrm::SaId> gone;
    std::erase_if(connection.kept, [&](const KeptSa& sa) {
        if (!is_meant(sa)) return false;
        gone.push_back(sa.id);
        return true;
    });
    schedule_end(core, connection);
    core.remove_sas(std::move(gone));
}

bool is_about_trust(Reason reason) {
    constexpr auto kAboutTrust = std::to_array(
        {Reason::AuthenticationFailed, Reason::NoTrustedCertificate, Reason::CertificateExpired,
         Reason::CertificateNotYetValid, Reason::CertificateRevoked, Reason::CertificateUnusable,
         Reason::IdentityMismatch});
    return std::ranges::contains(kAboutTrust, reason);
}

}  // namespace

void adopt_former(Core& core, const std::vector<FormerSa>& former) {
    std::vector<xfrm::SaId> unknown;
    for (const FormerSa& sa : former) {
        const auto owner = core.by_reqid.find(sa.reqid);
        ManagedConnection* connection =
            owner == core.by_reqid.end() ? nullptr : core.find_connection(owner->second.connection);
        if (connection == nullptr || !is_between_ends(*connection, sa.id)) {
            unknown.push_back(sa.id);
            continue;
        }
        connection->kept.push_back({sa.id, sa.reqid, sa.encapsulation, core.now + kCarryOnMax});
        schedule_end(core, *connection);
    }
    core.remove_sas(std::move(unknown));
}

bool carries_on(const ManagedConnection& connection, std::string_view child) {
    return std::ranges::any_of(connection.kept, [&](const KeptSa& sa) {
        return is_outbound(connection, sa) && serves(connection, sa, child);
    });
}

bool carries_on(const ManagedConnection& connection) {
    return std::ranges::any_of(connection.kept, [&](const KeptSa& sa) { return is_outbound(connection, sa); });
}

bool is_being_renewed(const Core& core, const xfrm::Address& remote) {
    const auto names = core.by_remote.find(remote);
    if (names == core.by_remote.end()) return false;
    return std::ranges::any_of(names->second, [&](const std::string& name) {
        const auto connection = core.connections.find(name);
        return connection != core.connections.end() && carries_on(connection->second) && connection->second.failures == 0;
    });
}

std::optional<std::uint16_t> port_through_nat(const ManagedConnection& connection) {
    const auto found = std::ranges::find_if(connection.kept, [&](const KeptSa& sa) {
        return is_outbound(connection, sa) && sa.encapsulation;
    });
    if (found == connection.kept.end()) return std::nullopt;
    return found->encapsulation->destination_port;
}

void hand_over_from_former(Core& core, IkeSa& sa, const ChildSa& child) {
    ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || !carries_on(*connection, child.name)) return;
    for (KeptSa& kept : connection->kept)
        if (serves(*connection, kept, child.name)) kept.until = core.now + kPeerMayBeLate;
    remove_those(core, *connection, [&](const KeptSa& kept) {
        return is_outbound(*connection, kept) && serves(*connection, kept, child.name);
    });
    // It shows the peer that we have its answer, so that it may send with the new child.
    if (sa.role == Role::Initiator) enqueue(core, sa, task::Ask{});
}

void distrust_former(Core& core, ManagedConnection& connection, Reason why) {
    if (is_about_trust(why)) remove_former(core, connection);
}

void forget_former(Core& core, const xfrm::SaExpired& expired) {
    const auto owner = core.by_reqid.find(expired.reqid);
    if (!expired.hard || owner == core.by_reqid.end()) return;
    ManagedConnection* connection = core.find_connection(owner->second.connection);
    if (connection == nullptr || connection->kept.empty()) return;
    std::erase_if(connection->kept, [&](const KeptSa& sa) {
        return sa.id.protocol == expired.id.protocol && sa.id.spi == expired.id.spi;
    });
    schedule_end(core, *connection);
}

void remove_former(Core& core, ManagedConnection& connection) {
    if (connection.kept.empty()) return;
    remove_those(core, connection, [](const KeptSa&) { return true; });
}

void remove_misplaced_former(Core& core, ManagedConnection& connection) {
    if (connection.kept.empty()) return;
    remove_those(core, connection, [&](const KeptSa& sa) {
        return child_of(connection, sa.reqid) == nullptr || !is_between_ends(connection, sa.id);
    });
}

void on_former_due(Core& core, ManagedConnection& connection) {
    remove_those(core, connection, [&](const KeptSa& sa) { return sa.until <= core.now; });
}

}  // namespace xfrmd::ike
