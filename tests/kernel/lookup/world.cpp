// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/lookup/world.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>

#include "tests/kernel/lookup/packets.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using lookup::Flow;
using sim::Prng;

namespace {

template <class Range>
auto one_of(Prng& prng, const Range& range) {
    return range[prng.below(std::size(range))];
}

constexpr std::array<std::uint16_t, 8> kPorts{53, 80, 1024, 1025, 5000, 5001, 40000, 65535};
constexpr std::array<std::uint16_t, 6> kMasks{0xffff, 0xffff, 0xfffe, 0xfff0, 0xff00, 0x0001};
constexpr std::array<std::uint8_t, 4> kIcmpTypes{8, 0, 13, 42};
constexpr std::array<std::uint8_t, 3> kIcmpCodes{0, 1, 9};
constexpr std::uint32_t kFirstSpi = 0x1000;
constexpr std::array<Family, 2> kFamilies{Family::V4, Family::V6};
constexpr std::array<Side, 2> kSides{Side::West, Side::East};

Side other(Side side) {
    return side == Side::West ? Side::East : Side::West;
}

Address own(Prng& prng, Side side, Family family) {
    return one_of(prng, own_addresses(side, family));
}
Address peer(Prng& prng, Side side, Family family) {
    return one_of(prng, peer_addresses(side, family));
}

struct Ends {
    Address source;
    Address destination;
};

Ends draw_ends(Prng& prng, Way way, Family family) {
    const Side side = one_of(prng, kSides);
    const Address here = own(prng, prng.chance(0.8) ? side : other(side), family);
    switch (way) {
        case Way::Out:
            return {here, peer(prng, side, family)};
        case Way::In:
            return {peer(prng, side, family), here};
        case Way::Through:
            return {peer(prng, side, family), peer(prng, other(side), family)};
        case Way::Loop:
            return {here, own(prng, side, family)};
    }
    return {};
}

Way way_of(Prng& prng, Direction direction) {
    switch (direction) {
        case Direction::In:
            return Way::In;
        case Direction::Forward:
            return Way::Through;
        case Direction::Out:
            return prng.chance(0.6) ? Way::Out : Way::Through;
    }
    return Way::Out;
}

Prefix draw_prefix(Prng& prng, const Address& address) {
    constexpr std::array<std::uint8_t, 12> kV4{32, 32, 32, 31, 30, 29, 28, 24, 23, 16, 15, 0};
    constexpr std::array<std::uint8_t, 12> kV6{128, 128, 128, 127, 126, 125,
                                               124, 64,  63,  48,  47,  0};
    return *Prefix::make(address, one_of(prng, address.is_v4() ? kV4 : kV6));
}

bool is_icmp(std::uint8_t protocol) {
    return protocol == 1 || protocol == 58;
}

std::uint8_t draw_protocol(Prng& prng, Family family) {
    const std::uint8_t icmp = family == Family::V4 ? 1 : 58;
    const std::array<std::uint8_t, 10> all{17, 17, 17, 6, icmp, icmp, 132, 47, 99, 136};
    return one_of(prng, all);
}

PortMask draw_port(Prng& prng, std::span<const std::uint8_t> small) {
    if (prng.chance(0.5)) return {};
    const std::uint16_t mask = one_of(prng, kMasks);
    const std::uint16_t port =
        small.empty() || prng.chance(0.1) ? one_of(prng, kPorts) : one_of(prng, small);
    // A value outside of its mask is told to be under it, as the tools do; some are not.
    return {prng.chance(0.95) ? static_cast<std::uint16_t>(port & mask) : port, mask};
}

Mark draw_mark(Prng& prng) {
    constexpr std::array<Mark, 6> kMarks{Mark{1, 0xff}, Mark{2, 0xff}, Mark{0x10, 0xf0},
                                         Mark{0, 1},    Mark{5, 1},    Mark{3, 0xffffffff}};
    return prng.chance(0.8) ? Mark{} : one_of(prng, kMarks);
}

std::uint32_t draw_mark_value(Prng& prng) {
    constexpr std::array<std::uint32_t, 5> kValues{1, 2, 3, 0x11, 0x12};
    return prng.chance(0.7) ? 0 : one_of(prng, kValues);
}

Selector draw_selector(Prng& prng, const Ends& ends, const Interfaces& interfaces) {
    Selector selector;
    selector.source = draw_prefix(prng, ends.source);
    selector.destination = draw_prefix(prng, ends.destination);
    if (prng.chance(0.4)) selector.protocol = draw_protocol(prng, ends.source.family());
    if (prng.chance(0.3)) {
        const bool icmp = is_icmp(selector.protocol);
        selector.source_port =
            draw_port(prng, icmp ? std::span{kIcmpTypes} : std::span<const std::uint8_t>{});
        selector.destination_port =
            draw_port(prng, icmp ? std::span{kIcmpCodes} : std::span<const std::uint8_t>{});
    }
    const std::array<std::uint32_t, 3> all{interfaces.west, interfaces.east, 1};
    if (prng.chance(0.08)) selector.interface_index = one_of(prng, all);
    return selector;
}

Template draw_template(Prng& prng, Direction direction, Family family, bool first) {
    Template wanted;
    wanted.protocol = prng.chance(0.7) ? IpsecProtocol::Esp : IpsecProtocol::Ah;
    wanted.reqid = ReqId{static_cast<std::uint32_t>(prng.below(4))};
    if (prng.chance(0.03))
        wanted.spi = EspSpi{static_cast<std::uint32_t>(prng.between(kFirstSpi, kFirstSpi + 7))};
    wanted.optional = prng.chance(0.2);
    const bool tunnel = prng.chance(0.4);
    if (!tunnel) {
        wanted.source = wanted.destination = Address::any(family);
        return wanted;
    }
    wanted.mode = Mode::Tunnel;
    if (direction == Direction::Out) wanted.optional = false;  // the kernel refuses that
    const Family outer = first && prng.chance(0.25) ? one_of(prng, kFamilies) : family;
    const Side side = one_of(prng, kSides);
    const Address here = own(prng, side, outer);
    const Address there = prng.chance(0.95) ? peer(prng, side, outer) : unreachable_address(outer);
    const Address near = prng.chance(0.85)  ? here
                         : prng.chance(0.7) ? Address::any(outer)
                                            : peer(prng, side, outer);
    wanted.source = direction == Direction::Out ? near : there;
    wanted.destination = direction == Direction::Out ? there : here;
    return wanted;
}

void draw_templates(Prng& prng, PolicySpec& policy) {
    if (prng.chance(0.15)) {
        policy.action = PolicyAction::Block;
        return;
    }
    if (prng.chance(0.15)) return;
    std::size_t count = prng.chance(0.6) ? 1 : prng.between(2, 3);
    if (prng.chance(0.04)) count = prng.between(4, 6);
    Family family = policy.id.selector.family();
    for (std::size_t i = 0; i < count; ++i) {
        policy.templates.push_back(draw_template(prng, policy.id.direction, family, i == 0));
        family = policy.templates.back().destination.family();
    }
}

PolicySpec draw_policy(Prng& prng, WorldKind kind, const Interfaces& interfaces) {
    constexpr std::array<std::uint32_t, 6> kPriorities{0, 100, 100, 100, 101, 0x80000000};
    constexpr std::array<Direction, 4> kDirections{Direction::Out, Direction::Out, Direction::In,
                                                   Direction::Forward};
    PolicySpec policy;
    policy.id.direction = one_of(prng, kDirections);
    const Family family = one_of(prng, kFamilies);
    const Ends ends = draw_ends(prng, way_of(prng, policy.id.direction), family);
    policy.id.selector = draw_selector(prng, ends, interfaces);
    policy.id.mark = draw_mark(prng);
    if (prng.chance(0.06)) policy.id.if_id = IfId{7};
    policy.priority = one_of(prng, kPriorities);
    if (kind == WorldKind::Everything) {
        draw_templates(prng, policy);
    } else {
        Template own_one;
        own_one.source = own_one.destination = Address::any(family);
        policy.templates = {own_one};
    }
    return policy;
}

// ---- SAs -------------------------------------------------------------------------------------

class SaDrawer {
  public:
    SaDrawer(Prng& prng, World& world, const Interfaces& interfaces, std::uint64_t now)
        : prng_{prng}, world_{world}, interfaces_{interfaces}, now_{now} {}

    // Some for each template: what it asks for, or nearly.
    void run() {
        for (const PolicySpec& policy : world_.policies)
            for (std::size_t repeat = prng_.below(4); repeat > 0; --repeat) draw_for(policy);
    }

  private:
    void draw_for(const PolicySpec& policy) {
        const Selector& selector = policy.id.selector;
        Ends ends = draw_ends(prng_, way_of(prng_, policy.id.direction), selector.family());
        if (prng_.chance(0.8)) ends = within(ends, selector);
        const Ends inner = ends;
        for (const Template& wanted : policy.templates) {
            if (wanted.mode == Mode::Tunnel)
                ends = {wanted.source.is_unspecified()
                            ? own(prng_, one_of(prng_, kSides), wanted.source.family())
                            : wanted.source,
                        wanted.destination};
            if (prng_.chance(0.1)) continue;
            add(policy, wanted, ends, inner);
        }
    }

    // Takes the addresses that the selector names.
    static Ends within(Ends ends, const Selector& selector) {
        const auto fit = [](Address& address, const Prefix& prefix) {
            if (!prefix.contains(address) && !prefix.address.is_unspecified() && prefix.length > 24)
                address = prefix.address;
        };
        fit(ends.source, selector.source);
        fit(ends.destination, selector.destination);
        return ends;
    }

    void add(const PolicySpec& policy, const Template& wanted, const Ends& ends,
             const Ends& inner) {
        DrawnSa drawn;
        SaSpec& spec = drawn.spec;
        spec.id = {ends.source, ends.destination, wanted.protocol, EspSpi{next_spi_++}};
        spec.mode = wanted.mode;
        spec.reqid = wanted.reqid;
        if (policy.id.mark.mask != 0 && prng_.chance(0.7)) spec.id.mark = policy.id.mark;
        spec.if_id = policy.id.if_id;
        spoil(spec);
        const bool other_family = inner.source.family() != ends.source.family();
        spec.af_unspec = spec.mode == Mode::Tunnel && prng_.chance(other_family ? 0.7 : 0.3);
        if (prng_.chance(0.15)) restrict(spec, inner);
        if (spec.id.protocol == IpsecProtocol::Esp)
            spec.encryption = EncryptionAlgorithm{"ecb(cipher_null)", {}};
        else
            spec.integrity = IntegrityAlgorithm{"hmac(sha1)", Secret{View{ah_key()}}, 96};
        drawn.add_time = now_ - prng_.below(4);
        if (prng_.chance(0.1))
            drawn.direction = prng_.chance(0.7) == is_own(spec.id.source) ? 2 : 1;
        world_.sas.push_back(std::move(drawn));
    }

    // One field or another that is not what the template asks for.
    void spoil(SaSpec& spec) {
        if (prng_.chance(0.06)) spec.reqid = ReqId{static_cast<std::uint32_t>(prng_.below(4))};
        if (prng_.chance(0.05)) spec.id.mark = draw_mark(prng_);
        if (prng_.chance(0.03)) spec.if_id = IfId{prng_.chance(0.5) ? 0U : 7U};
        if (prng_.chance(0.04))
            spec.mode = spec.mode == Mode::Tunnel ? Mode::Transport : Mode::Tunnel;
        if (prng_.chance(0.05)) spec.id.source = Address::any(spec.id.source.family());
        if (prng_.chance(0.06))
            spec.id.source = own(prng_, one_of(prng_, kSides), spec.id.source.family());
        if (prng_.chance(0.08)) spec.limits.soft_packets = prng_.between(1, 3);
        if (prng_.chance(0.06)) spec.limits.hard_packets = prng_.between(1, 3);
    }

    void restrict(SaSpec& spec, const Ends& inner) {
        const Ends ends =
            spec.mode == Mode::Transport ? Ends{spec.id.source, spec.id.destination} : inner;
        if (ends.source.family() != ends.destination.family()) return;
        Selector selector = draw_selector(prng_, ends, interfaces_);
        if (spec.mode == Mode::Transport && selector.family() != spec.id.source.family()) return;
        spec.selector = selector;
        spec.af_unspec = false;
    }

    Prng& prng_;
    World& world_;
    const Interfaces& interfaces_;
    std::uint64_t now_;
    std::uint32_t next_spi_ = kFirstSpi;
};

// ---- flows -----------------------------------------------------------------------------------

std::uint16_t port_under(Prng& prng, const PortMask& mask) {
    const auto random = one_of(prng, kPorts);
    return static_cast<std::uint16_t>((random & ~mask.mask) | (mask.port & mask.mask));
}

std::vector<Address> everybody_in(const Prefix& prefix) {
    std::vector<Address> found;
    for (const Side side : kSides)
        for (const auto& all : {own_addresses(side, prefix.address.family()),
                                peer_addresses(side, prefix.address.family())})
            std::ranges::copy_if(all, std::back_inserter(found),
                                 [&](const Address& one) { return prefix.contains(one); });
    return found;
}

bool is_of(const Ends& ends, Way way) {
    const auto from = side_of(ends.source);
    const auto to = side_of(ends.destination);
    if (!from || !to) return false;
    const bool own_source = is_own(ends.source);
    const bool own_destination = is_own(ends.destination);
    switch (way) {
        case Way::Out:
            return own_source && !own_destination;
        case Way::In:
            return !own_source && own_destination;
        case Way::Through:
            return !own_source && !own_destination && *from != *to;
        case Way::Loop:
            return own_source && own_destination;
    }
    return false;
}

// Ends that the selector takes, if there are any of this way.
Ends draw_ends_in(Prng& prng, Way way, const Selector& selector) {
    const auto sources = everybody_in(selector.source);
    const auto destinations = everybody_in(selector.destination);
    for (int attempt = 0; attempt < 16 && !sources.empty() && !destinations.empty(); ++attempt) {
        const Ends ends{one_of(prng, sources), one_of(prng, destinations)};
        if (is_of(ends, way)) return ends;
    }
    return draw_ends(prng, way, selector.family());
}

void take_from(Prng& prng, const Selector& selector, Flow& flow) {
    if (selector.protocol != 0) flow.protocol = selector.protocol;
    flow.source_port = port_under(prng, selector.source_port);
    flow.destination_port = port_under(prng, selector.destination_port);
}

void draw_ports(Prng& prng, Flow& flow) {
    const bool icmp = is_icmp(flow.protocol);
    flow.source_port = icmp ? one_of(prng, kIcmpTypes) : one_of(prng, kPorts);
    flow.destination_port = icmp ? one_of(prng, kIcmpCodes) : one_of(prng, kPorts);
}

// Transport mode protects between the ends of the SA, so the flow must have them.
void take_ends_of_an_sa(Prng& prng, const World& world, Way way, const PolicySpec& policy,
                        Flow& flow) {
    std::vector<Ends> possible;
    for (const DrawnSa& sa : world.sas) {
        const Ends ends{sa.spec.id.source, sa.spec.id.destination};
        if (policy.id.selector.source.contains(ends.source) &&
            policy.id.selector.destination.contains(ends.destination) && is_of(ends, way))
            possible.push_back(ends);
    }
    if (possible.empty()) return;
    const Ends ends = one_of(prng, possible);
    flow.source = ends.source;
    flow.destination = ends.destination;
}

bool is_for(const PolicySpec& policy, Way way) {
    switch (policy.id.direction) {
        case Direction::In:
            return way == Way::In;
        case Direction::Out:
            return way != Way::In;
        case Direction::Forward:
            return way == Way::Through;
    }
    return false;
}

}  // namespace

World draw_world(Prng& prng, const Interfaces& interfaces, std::uint64_t now) {
    World world;
    world.kind = prng.chance(0.3) ? WorldKind::Policies : WorldKind::Everything;
    const std::size_t count = prng.chance(0.1) ? prng.between(60, 200) : prng.between(4, 40);
    for (std::size_t i = 0; i < count; ++i)
        world.policies.push_back(draw_policy(prng, world.kind, interfaces));
    // Some come again, with another priority or the same one, and take the place of the former.
    for (std::size_t again = prng.below(4); again > 0 && prng.chance(0.5); --again) {
        PolicySpec policy = draw_policy(prng, world.kind, interfaces);
        policy.id = one_of(prng, world.policies).id;
        policy.templates.clear();
        if (world.kind == WorldKind::Policies)
            policy.templates.push_back({.source = Address::any(policy.id.selector.family()),
                                        .destination = Address::any(policy.id.selector.family())});
        world.policies.push_back(std::move(policy));
    }
    if (world.kind == WorldKind::Policies)
        for (std::size_t i = 0; i < world.policies.size(); ++i)
            world.policies[i].templates[0].reqid = ReqId{static_cast<std::uint32_t>(1000 + i)};
    else
        SaDrawer{prng, world, interfaces, now}.run();
    const auto action = [&] {
        return prng.chance(0.15) ? PolicyAction::Block : PolicyAction::Allow;
    };
    world.settings.defaults = {action(), action(), action()};
    for (bool& disabled : world.settings.disable_xfrm) disabled = prng.chance(0.05);
    for (bool& disabled : world.settings.disable_policy) disabled = prng.chance(0.05);
    return world;
}

Flow draw_flow(Prng& prng, const World& world, Way way) {
    std::vector<const PolicySpec*> meant;
    for (const PolicySpec& policy : world.policies)
        if (is_for(policy, way)) meant.push_back(&policy);
    const PolicySpec* model = meant.empty() || prng.chance(0.05) ? nullptr : one_of(prng, meant);
    const Ends ends = model != nullptr ? draw_ends_in(prng, way, model->id.selector)
                                       : draw_ends(prng, way, one_of(prng, kFamilies));
    Flow flow{.source = ends.source, .destination = ends.destination};
    flow.protocol = draw_protocol(prng, flow.family());
    draw_ports(prng, flow);
    if (model != nullptr && prng.chance(0.8)) take_ends_of_an_sa(prng, world, way, *model, flow);
    if (model != nullptr) take_from(prng, model->id.selector, flow);
    if (prng.chance(0.12)) draw_ports(prng, flow);
    const auto usable = [&](std::uint16_t& port) {
        if (is_icmp(flow.protocol)) port &= 0xff;
        if (!is_icmp(flow.protocol) && port == 0) port = 7;
    };
    // For ICMP's errors the kernel looks at the packet that they hold, too.
    const auto is_error = [&] {
        return flow.protocol == 1 ? flow.source_port == 3 || flow.source_port == 11
                                  : flow.protocol == 58 && flow.source_port < 4;
    };
    usable(flow.source_port);
    usable(flow.destination_port);
    if (is_error()) flow.source_port = 128;
    flow.mark = draw_mark_value(prng);
    if (model != nullptr && model->id.mark.mask != 0 && prng.chance(0.7))
        flow.mark = model->id.mark.value;
    return flow;
}

}  // namespace xfrmd::kernel_tests
