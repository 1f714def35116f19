// SPDX-License-Identifier: Apache-2.0
#include "ike/bundle.h"

#include <algorithm>
#include <array>

#include "ike/child_lifecycle.h"
#include "ike/establish.h"
#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

// The beginning of SHA-256 of "xfrmd: ESP and AH in a bundle, version 1".
constexpr std::array<std::uint8_t, 16> kVendorId{0xbc, 0xe1, 0x7f, 0xb5, 0x54, 0xa6, 0x9b, 0xa9,
                                                 0xb4, 0x33, 0xf8, 0x65, 0x84, 0xa2, 0xb8, 0x20};

// How long the peer may take to go on with the outer child of an inner one that it has made.
constexpr Duration kPeerFirst = std::chrono::seconds{3};

bool is_outer(const Child& child) { return child.bundle && child.bundle->outer; }

// The child of this name that is in use and not being replaced; null if there is none.
const ChildSa* in_use(const IkeSa& sa, std::string_view name) {
    const auto found = std::ranges::find_if(sa.children, [&](const ChildSa& child) {
        return child.name == name && child.is_in_use();
    });
    return found == sa.children.end() ? nullptr : &*found;
}

// Both, as they are configured.
struct Bundle {
    const Child* child = nullptr;
    const Child* partner = nullptr;
};

std::optional<Bundle> bundle_of(Core& core, const IkeSa& sa, std::string_view name) {
    const Connection* connection = core.wanted_of(sa);
    const Child* child = connection != nullptr ? find_child(*connection, name) : nullptr;
    const Child* partner = child != nullptr ? find_partner(*connection, *child) : nullptr;
    if (partner == nullptr) return std::nullopt;
    return Bundle{child, partner};
}

// Those of these children that have their outbound SAs still to come, and do not wait for a child that they replace.
std::vector<xfrm::EspSpi> waiting_for_each_other(const IkeSa& sa, const Bundle& bundle) {
    std::vector<xfrm::EspSpi> waiting;
    for (const ChildSa& child : sa.children) {
        const bool either = child.name == bundle.child->name || child.name == bundle.partner->name;
        if (either && child.is_in_use() && !child.replaces && !child.outbound_to_come.empty())
            waiting.push_back(child.inbound.spi);
    }
    return waiting;
}

}  // namespace

void announce_bundles(const Connection& connection, std::vector<VendorId>& vendor_ids) {
    if (std::ranges::any_of(connection.children, [](const Child& child) { return child.bundle.has_value(); }))
        vendor_ids.push_back(VendorId{Bytes{kVendorId.begin(), kVendorId.end()}});
}

bool knows_bundles(std::span<const VendorId> vendor_ids) {
    return std::ranges::any_of(vendor_ids, [](const VendorId& id) { return equal(id.data, kVendorId); });
}

void name_inner(const IkeSa& holder, const Child& child, std::vector<Notify>& notifies) {
    const ChildSa* inner = holder.peer_knows_bundles && is_outer(child) ? in_use(holder, child.bundle->partner) : nullptr;
    if (inner != nullptr) notifies.push_back(make_child_sa(NotifyType::BundleAround, {ProtocolId::Esp, inner->inbound.spi}));
}

std::expected<const Child*, ChildRefusal> choose_outer(IkeSa& holder, const Connection& connection,
                                                       std::span<const Notify> notifies) {
    const Notify* notify = find_notify(notifies, NotifyType::BundleAround);
    if (notify == nullptr || !holder.peer_knows_bundles) return nullptr;
    const auto refuse = [](NotifyType type, std::string why) {
        return std::unexpected{ChildRefusal{type, {Reason::BundleRefused, std::move(why), false}}};
    };
    const auto named = read_child_sa(*notify);
    const ChildSa* inner = named ? find_child_of_peer(holder, named->spi) : nullptr;
    // It may have been replaced a moment ago: the peer will see that, too.
    if (inner == nullptr) return refuse(NotifyType::TemporaryFailure, "the peer wants AH around a child that is not there");
    const Child* wanted = find_child(connection, inner->name);
    const Child* outer = wanted != nullptr ? find_partner(connection, *wanted) : nullptr;
    if (outer == nullptr || !is_outer(*outer))
        return refuse(NotifyType::NoProposalChosen,
                      "the peer wants AH around child \"" + inner->name + "\", which is not configured");
    return outer;
}

bool lacks_inner(const IkeSa& sa, const Child& child) {
    return is_outer(child) && in_use(sa, child.bundle->partner) == nullptr;
}

Time time_to_ask(const Core& core, const IkeSa& sa, const Child& child) {
    const ChildSa* inner = is_outer(child) ? in_use(sa, child.bundle->partner) : nullptr;
    return inner != nullptr && inner->role == Role::Responder ? inner->since + kPeerFirst : core.now;
}

void ask_like_inner(const IkeSa& sa, const Child& child, ChildOffer& offer) {
    const ChildSa* inner = is_outer(child) && !child.bundle->around_tunnel ? in_use(sa, child.bundle->partner) : nullptr;
    if (inner == nullptr) return;
    offer.local = inner->local;
    offer.remote = inner->remote;
}

std::expected<void, WhyFailed> check_like_inner(const Child& child, const ChildOffer& asked, const ChildOffer& granted) {
    if (!is_outer(child) || child.bundle->around_tunnel) return {};
    if (covers(granted.local, asked.local) && covers(granted.remote, asked.remote)) return {};
    return std::unexpected{WhyFailed{Reason::BundleRefused,
                                     "the peer grants child \"" + child.name + "\" less traffic than the child inside it", false}};
}

void complete_bundle(Core& core, IkeSa& sa, const std::string& child, Role role) {
    const auto bundle = bundle_of(core, sa, child);
    if (!bundle || in_use(sa, bundle->partner->name) == nullptr) return;
    if (role == Role::Responder && takes_over(core, sa, child, false)) return;
    const auto waiting = waiting_for_each_other(sa, *bundle);
    if (!waiting.empty()) static_cast<void>(switch_over(core, sa, waiting));
}

bool lacks_partner(Core& core, const IkeSa& sa, const ChildSa& child) {
    const auto bundle = bundle_of(core, sa, child.name);
    return bundle && in_use(sa, bundle->partner->name) == nullptr;
}

bool create_partner(Core& core, IkeSa& sa, const std::string& child) {
    const auto bundle = bundle_of(core, sa, child);
    if (!bundle || in_use(sa, bundle->partner->name) != nullptr) return false;
    enqueue(core, sa, task::CreateChild{bundle->partner->name});
    return true;
}

void bundle_failed(Core& core, IkeSa& sa, const std::string& child) {
    const auto bundle = bundle_of(core, sa, child);
    if (!bundle || !is_outer(*bundle->child)) return;
    if (!bundle->child->bundle->inner_alone_will_do) return end_partner(core, sa, child, Reason::BundleRefused);
    const auto waiting = waiting_for_each_other(sa, *bundle);
    if (!waiting.empty()) static_cast<void>(switch_over(core, sa, waiting));
}

void end_partner(Core& core, IkeSa& sa, const std::string& child, Reason reason) {
    const auto bundle = bundle_of(core, sa, child);
    if (!bundle || in_use(sa, child) != nullptr) return;
    if (is_outer(*bundle->child) && bundle->child->bundle->inner_alone_will_do) return;
    while (const ChildSa* other = in_use(sa, bundle->partner->name)) end_child(core, sa, other->inbound.spi, reason);
}

}  // namespace xfrmd::ike
