// SPDX-License-Identifier: Apache-2.0
#include "ike/child_sa.h"

#include <algorithm>
#include <iterator>

#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kSelectorsMax = 256;

// One transform that the packets of `child` get, or must have had.
xfrm::Template make_template(const Connection& connection, const Child& child, xfrm::Direction direction) {
    const bool outwards = direction == xfrm::Direction::Out;
    return {.source = outwards ? connection.local : connection.remote,
            .destination = outwards ? connection.remote : connection.local,
            .protocol = child.protocol,
            .mode = child.outer_mode(),
            .reqid = child.reqid,
            .spi = {},
            .optional = connection.when_down == WhenDown::Clear};
}

// RFC 3173 §2: what does not become smaller is sent as it is, so that packets without IPComp come in, too.
xfrm::Template make_compression(const Connection& connection, const Child& child, xfrm::Direction direction) {
    xfrm::Template compression = make_template(connection, child, direction);
    compression.protocol = xfrm::IpsecProtocol::Ipcomp;
    compression.mode = child.mode;
    compression.optional |= direction != xfrm::Direction::Out;
    return compression;
}

// The innermost first.
std::vector<xfrm::Template> make_templates(const Connection& connection, const Child& child, xfrm::Direction direction) {
    std::vector<xfrm::Template> templates;
    if (child.compress) templates.push_back(make_compression(connection, child, direction));
    templates.push_back(make_template(connection, child, direction));
    if (const Child* outer = find_partner(connection, child)) {
        templates.push_back(make_template(connection, *outer, direction));
        templates.back().optional |= outer->bundle->inner_alone_will_do;
    }
    return templates;
}

xfrm::PolicySpec make_policy(const Connection& connection, const Child& child,
                             const xfrm::Selector& selector, xfrm::Direction direction) {
    return {.id = {.selector = selector, .direction = direction, .mark = {}, .if_id = {}},
            .action = xfrm::PolicyAction::Allow,
            .priority = child.policy_priority,
            .templates = make_templates(connection, child, direction)};
}

// Of one child, the SAs that the kernel is to have.
struct SaMaker {
    const ChildSa& child;
    const ChildKeys& keys;
    Role role;
    const Child& wanted;
    std::uint32_t acquire_sequence;
    std::optional<xfrm::Selector> outwards;

    xfrm::SaSpec protection(bool outbound) const {
        xfrm::SaSpec spec = common(outbound ? child.outbound : child.inbound, outbound, !child.compression);
        spec.mode = child.compression ? xfrm::Mode::Transport : child.mode;
        // RFC 7296 §2.17: the keys of the initiator's direction come first.
        const bool initiators = outbound == (role == Role::Initiator);
        fill_algorithms(child.suite, (initiators ? keys.initiator_encryption : keys.responder_encryption).view(),
                        (initiators ? keys.initiator_integrity : keys.responder_integrity).view(), spec);
        spec.extended_sequence_numbers = child.suite.extended_sequence_numbers;
        // The kernel checks replays on the way in only; it refuses ESN without a window in either direction.
        spec.replay_window = outbound && !spec.extended_sequence_numbers ? 0 : wanted.replay_window;
        // RFC 4302 §3.3.3.2.1: over IPv4 AH is padded to 32 bits, not to 64 as the kernel would by itself.
        spec.align4 = spec.id.protocol == xfrm::IpsecProtocol::Ah && spec.id.destination.is_v4();
        if (child.encapsulated) spec.encapsulation = encapsulation(child.path, outbound);
        spec.limits = kernel_limits(wanted.rekey, outbound, spec.extended_sequence_numbers);
        return spec;
    }

    xfrm::SaSpec compression(bool outbound) const {
        xfrm::SaSpec spec = common(outbound ? child.compression->outbound : child.compression->inbound, outbound, true);
        spec.mode = child.mode;
        spec.compression = xfrm::CompressionAlgorithm{"deflate"};
        return spec;
    }

  private:
    // The kernel asks for the innermost SA first: that one answers the acquire.
    xfrm::SaSpec common(const xfrm::SaId& id, bool outbound, bool innermost) const {
        xfrm::SaSpec spec;
        spec.id = id;
        spec.reqid = child.reqid;
        // The kernel compares every SA with the inner packet, that around a tunnel in transport mode, too. IPComp may be left out
        // of a packet: in transport mode what is around it keeps to the selector itself.
        const bool around_tunnel = wanted.bundle && wanted.bundle->around_tunnel;
        const bool limited = (innermost || child.mode == xfrm::Mode::Transport) && !around_tunnel;
        if (limited && outwards) spec.selector = outbound ? *outwards : outwards->reversed();
        spec.af_unspec = (child.mode == xfrm::Mode::Tunnel || around_tunnel) && !spec.selector;
        if (innermost && outbound) spec.acquire_sequence = acquire_sequence;
        return spec;
    }
};

}  // namespace

std::vector<xfrm::SaId> ChildSa::inbound_sas() const {
    std::vector<xfrm::SaId> ids{inbound};
    if (compression) ids.push_back(compression->inbound);
    return ids;
}

std::vector<xfrm::SaId> ChildSa::outbound_sas() const {
    std::vector<xfrm::SaId> ids{outbound};
    if (compression) ids.push_back(compression->outbound);
    return ids;
}

std::vector<xfrm::SaId> ChildSa::all_sas() const {
    std::vector<xfrm::SaId> ids = outbound_sas();
    std::ranges::copy(inbound_sas(), std::back_inserter(ids));
    return ids;
}

xfrm::InstallSas install_request(const ChildSa& child, const ChildKeys& keys, Role role, const Child& wanted,
                                 std::uint32_t acquire_sequence) {
    const SaMaker maker{child, keys, role, wanted, acquire_sequence, narrowed_selector(child, wanted)};
    xfrm::InstallSas request;
    const auto add = [&](xfrm::SaSpec spec, bool reserved) {
        request.sas.push_back(std::move(spec));
        request.reserved.push_back(reserved);
    };
    for (const bool outbound : {false, true}) {
        if (child.compression) add(maker.compression(outbound), !outbound);
        add(maker.protection(outbound), !outbound);
    }
    return request;
}

const Child* find_partner(const Connection& connection, const Child& child) {
    if (!child.bundle) return nullptr;
    const auto found = std::ranges::find(connection.children, child.bundle->partner, &Child::name);
    return found == connection.children.end() ? nullptr : &*found;
}

xfrm::UdpEncapsulation encapsulation(const Path& path, bool outwards) {
    return {.source_port = outwards ? path.local.port : path.remote.port,
            .destination_port = outwards ? path.remote.port : path.local.port,
            .original = xfrm::Address::any(path.local.address.family())};
}

std::expected<std::vector<xfrm::PolicySpec>, std::string> policies_for(const Connection& connection,
                                                                       const Child& child) {
    if (child.bundle && child.bundle->outer) return std::vector<xfrm::PolicySpec>{};
    const auto selectors = TRY(to_selectors(child.local, child.remote, kSelectorsMax));
    std::vector<xfrm::PolicySpec> policies;
    for (const xfrm::Selector& selector : selectors) {
        const xfrm::Selector inwards = selector.reversed();
        policies.push_back(make_policy(connection, child, selector, xfrm::Direction::Out));
        policies.push_back(make_policy(connection, child, inwards, xfrm::Direction::In));
        if (child.mode == xfrm::Mode::Tunnel)
            policies.push_back(make_policy(connection, child, inwards, xfrm::Direction::Forward));
    }
    return policies;
}

std::optional<xfrm::Selector> narrowed_selector(const ChildSa& child, const Child& wanted) {
    // Without a reqid the kernel finds an SA by its ends alone: only its selector tells what else may not use it.
    if (wanted.reqid == xfrm::ReqId{} || !covers(child.local, wanted.local) || !covers(child.remote, wanted.remote)) {
        const auto selectors = to_selectors(child.local, child.remote, kSelectorsMax);
        if (selectors && selectors->size() == 1) return selectors->front();
    }
    if (child.mode != xfrm::Mode::Transport || !child.encapsulated) return std::nullopt;
    xfrm::Selector hosts;
    hosts.source = xfrm::Prefix::host(child.path.local.address);
    hosts.destination = xfrm::Prefix::host(child.path.remote.address);
    return hosts;
}

}  // namespace xfrmd::ike
