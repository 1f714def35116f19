// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/table_checker.h"

#include <algorithm>
#include <set>
#include <vector>

namespace xfrmd::sim {

namespace {

std::string text_of(const xfrm::SaId& id) {
    return "SA " + std::to_string(id.spi.value) + " from " + id.source.to_string() + " to " +
           id.destination.to_string();
}

std::vector<const ike::IkeSaSnapshot*> established(const ike::ConnectionSnapshot& connection) {
    std::vector<const ike::IkeSaSnapshot*> found;
    for (const ike::IkeSaSnapshot& sa : connection.ike_sas)
        if (sa.state == "established" && !sa.spare) found.push_back(&sa);
    return found;
}

// Those that carry the traffic, in the order of the SPIs for one direction.
std::vector<ike::ChildSnapshot> active(const ike::IkeSaSnapshot& sa, xfrm::EspSpi ike::ChildSnapshot::*direction) {
    std::vector<ike::ChildSnapshot> found;
    std::ranges::copy_if(sa.children, std::back_inserter(found),
                         [](const auto& child) { return child.phase == ike::ChildPhase::Active; });
    std::ranges::sort(found, {}, direction);
    return found;
}

// Of one end's traffic, as the two ends have it.
bool are_same(const ike::TrafficSelectorList& ours, const ike::TrafficSelectorList& theirs, bool is_translated) {
    if (!is_translated) return ours == theirs;
    // RFC 7296 §2.23.1: all but the addresses.
    return std::ranges::equal(ours, theirs, [](ike::AddressRange left, const ike::AddressRange& right) {
        left.first = right.first;
        left.last = right.last;
        return left == right;
    });
}

std::optional<std::string> check_pair(const ike::IkeSaSnapshot& left, const ike::IkeSaSnapshot& right,
                                      bool has_nat) {
    if (left.initiator_spi != right.initiator_spi || left.responder_spi != right.responder_spi)
        return "the two ends have different IKE SAs";
    if (left.role == right.role) return "both ends have the same role in one IKE SA";
    if (left.suite != right.suite) return "one IKE SA with two suites: " + left.suite + " and " + right.suite;
    if (!has_nat && (left.local != right.remote || left.remote != right.local)) return "the ends of the IKE SA do not meet";
    if (left.local_id != right.peer_id || left.peer_id != right.local_id) return "the ends disagree on who they are";
    const auto our_children = active(left, &ike::ChildSnapshot::inbound);
    const auto their_children = active(right, &ike::ChildSnapshot::outbound);
    if (our_children.size() != their_children.size()) return "the ends have different numbers of children";
    for (std::size_t i = 0; i < our_children.size(); ++i) {
        const ike::ChildSnapshot& ours = our_children[i];
        const ike::ChildSnapshot& theirs = their_children[i];
        if (ours.inbound != theirs.outbound || ours.outbound != theirs.inbound) return "a child's SPIs do not meet";
        if (ours.inbound_cpi != theirs.outbound_cpi || ours.outbound_cpi != theirs.inbound_cpi)
            return "a child's CPIs do not meet";
        const bool is_translated = has_nat && ours.mode == xfrm::Mode::Transport;
        if (!are_same(ours.local, theirs.remote, is_translated) || !are_same(ours.remote, theirs.local, is_translated))
            return "a child's selectors do not meet";
        if (ours.mode != theirs.mode) return "a child has two modes";
        if (ours.suite != theirs.suite) return "a child has two suites: " + ours.suite + " and " + theirs.suite;
    }
    return std::nullopt;
}

// Those of a former run: they may stay a while, and may go by themselves.
std::set<xfrm::SaId> kept_sas(const ike::Snapshot& snapshot) {
    std::set<xfrm::SaId> kept;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections)
        kept.insert(connection.kept_sas.begin(), connection.kept_sas.end());
    return kept;
}

}  // namespace

std::optional<std::string> check_same_keys(const KernelModel& left, const KernelModel& right) {
    for (const KernelModel::Sa& ours : left.sas()) {
        if (ours.larval) continue;
        for (const KernelModel::Sa& theirs : right.sas()) {
            if (theirs.larval || theirs.spec.id != ours.spec.id) continue;
            if (!equal(KernelModel::protection_of(ours.spec), KernelModel::protection_of(theirs.spec)))
                return text_of(ours.spec.id) + " has other keys or algorithms at the other end";
            if (ours.spec.mode != theirs.spec.mode) return text_of(ours.spec.id) + " has another mode at the other end";
        }
    }
    return std::nullopt;
}

std::optional<std::string> check_same_encapsulation(const KernelModel& left, const KernelModel& right) {
    for (const KernelModel::Sa& ours : left.sas())
        for (const KernelModel::Sa& theirs : right.sas())
            if (!ours.larval && !theirs.larval && theirs.spec.id == ours.spec.id &&
                ours.spec.encapsulation.has_value() != theirs.spec.encapsulation.has_value())
                return text_of(ours.spec.id) + " is in UDP at one end only";
    return std::nullopt;
}

std::optional<std::string> check_belief(const KernelModel& kernel, const ike::Snapshot& snapshot) {
    std::set<std::pair<xfrm::Address, xfrm::EspSpi>> believed;
    const std::set<xfrm::SaId> kept = kept_sas(snapshot);
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) {
            for (const ike::ChildSnapshot& child : sa.children) {
                if (child.has_inbound()) believed.emplace(sa.local.address, child.inbound);
                if (child.has_outbound()) believed.emplace(sa.remote.address, child.outbound);
                if (child.inbound_cpi.value == 0) continue;
                if (child.has_inbound()) believed.emplace(sa.local.address, child.inbound_cpi);
                if (child.has_outbound()) believed.emplace(sa.remote.address, child.outbound_cpi);
            }
        }
    }
    for (const KernelModel::Sa& sa : kernel.sas()) {
        if (sa.larval) return text_of(sa.spec.id) + " is left larval";
        if (kept.contains(sa.spec.id)) continue;
        if (believed.erase({sa.spec.id.destination, sa.spec.id.spi}) == 0)
            return text_of(sa.spec.id) + " is in the kernel, and the host knows nothing of it";
    }
    if (!believed.empty())
        return "SPI " + std::to_string(believed.begin()->second.value) + " is believed in, but not in the kernel";
    return std::nullopt;
}

std::optional<std::string> check_agreement(const ike::ConnectionSnapshot& left, const ike::ConnectionSnapshot& right,
                                           bool has_nat) {
    const auto ours = established(left);
    const auto theirs = established(right);
    if (ours.size() != 1 || theirs.size() != 1)
        return "one IKE SA is expected, there are " + std::to_string(ours.size()) + " and " +
               std::to_string(theirs.size());
    return check_pair(*ours[0], *theirs[0], has_nat);
}

ike::ConnectionSnapshot connection_of(const ike::Snapshot& snapshot, std::string_view name) {
    const auto made = std::ranges::find_if(snapshot.connections, [&](const ike::ConnectionSnapshot& connection) {
        return connection.name.starts_with(std::string{name} + ":");
    });
    if (made != snapshot.connections.end()) return *made;
    const auto at = std::ranges::find(snapshot.connections, name, &ike::ConnectionSnapshot::name);
    return at == snapshot.connections.end() ? ike::ConnectionSnapshot{} : *at;
}

std::optional<std::string> check_nothing_left(const KernelModel& kernel, const ike::Snapshot& snapshot) {
    for (const ike::ConnectionSnapshot& connection : snapshot.connections)
        if (!established(connection).empty()) return "there is an IKE SA between two that do not agree";
    const std::set<xfrm::SaId> kept = kept_sas(snapshot);
    for (const KernelModel::Sa& sa : kernel.sas())
        if (!sa.larval && !kept.contains(sa.spec.id)) return text_of(sa.spec.id) + " is left of a failed attempt";
    return std::nullopt;
}

}  // namespace xfrmd::sim
