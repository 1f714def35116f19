// SPDX-License-Identifier: Apache-2.0
// Traffic selectors as sets: what intersection, narrowing and covering mean, checked packet by packet.
#include "ike/policy/traffic_selector.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <random>

#include "ike/policy/address_steps.h"
#include "ike/policy/traffic_selector_wire.h"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

AddressRange range(std::string_view first, std::string_view last, std::uint8_t protocol = 0,
                   std::uint16_t port_first = 0, std::uint16_t port_last = 65535) {
    return {xfrm::Address::parse(first).value(), xfrm::Address::parse(last).value(), protocol, port_first,
            port_last};
}
AddressRange prefix(std::string_view text) { return AddressRange::of(xfrm::Prefix::parse(text).value()); }

struct Packet {
    xfrm::Address address;
    std::uint8_t protocol;
    std::uint16_t port;
};

bool matches(const AddressRange& range, const Packet& packet) {
    return range.first <= packet.address && packet.address <= range.last &&
           (range.protocol == 0 || range.protocol == packet.protocol) && range.port_first <= packet.port &&
           packet.port <= range.port_last;
}
bool matches(const TrafficSelectorList& list, const Packet& packet) {
    return std::ranges::any_of(list, [&](const AddressRange& range) { return matches(range, packet); });
}

// A small world, so that ranges meet often and every packet of it can be tried.
class SmallWorld {
  public:
    explicit SmallWorld(std::uint64_t seed) : random_{seed} {}

    AddressRange any_range() {
        AddressRange drawn;
        const auto [first, last] = two(16);
        drawn.first = xfrm::Address::v4(0x0a000000 + first);
        drawn.last = xfrm::Address::v4(0x0a000000 + last);
        drawn.protocol = std::array<std::uint8_t, 3>{0, 6, 17}[below(3)];
        if (below(2) == 0) {
            const auto [port_first, port_last] = two(8);
            drawn.port_first = static_cast<std::uint16_t>(port_first);
            drawn.port_last = static_cast<std::uint16_t>(port_last);
        }
        return drawn;
    }
    TrafficSelectorList any_list() {
        TrafficSelectorList list;
        for (std::uint32_t count = 1 + below(4); count > 0; --count) list.push_back(any_range());
        return list;
    }
    static std::vector<Packet> packets() {
        std::vector<Packet> all;
        for (std::uint32_t host = 0; host < 16; ++host)
            for (const std::uint8_t protocol : std::array<std::uint8_t, 3>{6, 17, 1})
                for (std::uint16_t port = 0; port < 9; ++port)
                    all.push_back({xfrm::Address::v4(0x0a000000 + host), protocol, port});
        return all;
    }

  private:
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
    std::pair<std::uint32_t, std::uint32_t> two(std::uint32_t bound) {
        const std::uint32_t left = below(bound);
        const std::uint32_t right = below(bound);
        return {std::min(left, right), std::max(left, right)};
    }
    std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("a range names itself shortly", "[policy]") {
    CHECK(prefix("10.1.0.0/16").to_string() == "10.1.0.0/16");
    CHECK(range("10.1.0.0", "10.1.255.255", 6, 80, 80).to_string() == "10.1.0.0/16[tcp/80]");
    CHECK(range("10.0.0.1", "10.0.0.9").to_string() == "10.0.0.1-10.0.0.9");
    CHECK(range("10.0.0.1", "10.0.0.1", 17).to_string() == "10.0.0.1/32[udp]");
    CHECK(range("10.0.0.1", "10.0.0.1", 17, 1000, 2000).to_string() == "10.0.0.1/32[udp/1000-2000]");
    CHECK(range("2001:db8::", "2001:db8::f", 99, 65535, 0).to_string() == "2001:db8::/124[99/opaque]");
    CHECK(range("10.0.0.1", "10.0.0.1", 1, 0x0800, 0x08ff).to_string() == "10.0.0.1/32[icmp/8]");
    CHECK(range("::1", "::1", 58, 0x0103, 0x0103).to_string() == "::1/128[icmpv6/1.3]");
    CHECK(to_string({prefix("10.1.0.0/16"), prefix("::/0")}) == "10.1.0.0/16, ::/0");
}

TEST_CASE("an intersection holds the packets of both and no other", "[policy]") {
    SmallWorld world{1};
    const auto packets = SmallWorld::packets();
    for (int round = 0; round < 300; ++round) {
        const AddressRange left = world.any_range();
        const AddressRange right = world.any_range();
        const auto both = intersect(left, right);
        INFO(left.to_string() << " and " << right.to_string());
        for (const Packet& packet : packets)
            REQUIRE((both && matches(*both, packet)) == (matches(left, packet) && matches(right, packet)));
        REQUIRE(both == intersect(right, left));
    }
}

TEST_CASE("families and differing protocols do not meet", "[policy]") {
    CHECK_FALSE(intersect(prefix("0.0.0.0/0"), prefix("::/0")));
    CHECK_FALSE(intersect(range("10.0.0.1", "10.0.0.9", 6), range("10.0.0.1", "10.0.0.9", 17)));
}

TEST_CASE("opaque ports lie in all ports but in no range of them", "[policy]") {
    const AddressRange opaque = range("10.0.0.1", "10.0.0.9", 6, 65535, 0);
    CHECK(intersect(opaque, range("10.0.0.1", "10.0.0.9")) == opaque);
    CHECK(intersect(opaque, opaque) == opaque);
    CHECK_FALSE(intersect(opaque, range("10.0.0.1", "10.0.0.9", 6, 0, 80)));
    CHECK(covers({range("10.0.0.0", "10.0.0.9")}, {opaque}));
    CHECK(covers({range("10.0.0.0", "10.0.0.9", 6)}, {opaque}));
    CHECK_FALSE(covers({opaque}, {range("10.0.0.1", "10.0.0.9", 6)}));
}

TEST_CASE("narrowing grants what both want", "[policy]") {
    SmallWorld world{2};
    const auto packets = SmallWorld::packets();
    for (int round = 0; round < 200; ++round) {
        const auto offered = world.any_list();
        const auto wanted = world.any_list();
        const auto granted = narrow(offered, wanted);
        INFO(to_string(offered) << " by " << to_string(wanted) << " is " << to_string(granted));
        for (const Packet& packet : packets)
            REQUIRE(matches(granted, packet) == (matches(offered, packet) && matches(wanted, packet)));
        for (std::size_t i = 0; i < granted.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) REQUIRE(intersect(granted[j], granted[i]) != granted[i]);
    }
}

TEST_CASE("narrowing keeps the order of the offer and its bound", "[policy]") {
    const TrafficSelectorList offered{range("10.2.0.7", "10.2.0.7", 6, 80, 80), prefix("10.2.0.0/16")};
    CHECK(narrow(offered, {prefix("10.0.0.0/8")}) == offered);  // RFC 7296 §2.9: the packet's own selector comes first
    CHECK(narrow(offered, {prefix("10.3.0.0/16")}).empty());

    TrafficSelectorList many;
    for (std::uint32_t host = 0; host < 255; ++host) {
        const auto address = xfrm::Address::v4(0x0a000000 + 2 * host);
        many.push_back({.first = address, .last = address});
    }
    CHECK(narrow(many, {prefix("10.0.0.0/8")}).size() == kNarrowedMax);
}

TEST_CASE("covering is decided packet by packet", "[policy]") {
    SmallWorld world{3};
    const auto packets = SmallWorld::packets();
    int covered = 0;
    for (int round = 0; round < 2000; ++round) {
        auto outer = world.any_list();
        auto inner = world.any_list();
        // With one protocol throughout, "covers" is exact; see the next test for mixed ones.
        for (AddressRange& entry : outer) entry.protocol = 6;
        for (AddressRange& entry : inner) entry.protocol = 6;
        const bool expected = std::ranges::all_of(packets, [&](const Packet& packet) {
            return !matches(inner, packet) || matches(outer, packet);
        });
        // Ports beyond the small world: only entries with all ports have them.
        const auto far = [](const AddressRange& entry) { return entry.all_ports(); };
        if (std::ranges::any_of(inner, far) && !std::ranges::any_of(outer, far)) continue;
        INFO(to_string(outer) << " over " << to_string(inner));
        if (covers(outer, inner)) {
            ++covered;
            REQUIRE(expected);
        } else if (std::ranges::none_of(inner, far)) {
            REQUIRE_FALSE(expected);
        }
    }
    CHECK(covered > 50);
}

TEST_CASE("all protocols cover one, pieces cover a whole", "[policy]") {
    CHECK(covers({prefix("10.0.0.0/8")}, {prefix("10.0.0.0/9"), prefix("10.128.0.0/9")}));
    CHECK(covers({prefix("10.0.0.0/9"), prefix("10.128.0.0/9")}, {prefix("10.0.0.0/8")}));
    CHECK(covers({prefix("10.0.0.0/8")}, {range("10.0.0.1", "10.0.0.1", 6, 80, 80)}));
    CHECK_FALSE(covers({range("10.0.0.0", "10.255.255.255", 6)}, {prefix("10.0.0.0/8")}));
    CHECK_FALSE(covers({}, {prefix("10.0.0.0/8")}));
    CHECK(covers({prefix("10.0.0.0/8")}, {}));
}

TEST_CASE("what a hostile peer makes hard to decide counts as not covered", "[policy][negative]") {
    // Long and thin boxes, half of them across the other half.
    TrafficSelectorList grid;
    for (std::uint16_t i = 0; i < 120; ++i) {
        const auto host = xfrm::Address::v4(0x0a000000 + 2u * i);
        const auto port = static_cast<std::uint16_t>(2 * i);
        grid.push_back({.first = host, .last = host, .protocol = 6});
        grid.push_back({.first = xfrm::Address::v4(0x0a000000), .last = xfrm::Address::v4(0x0a0000ff),
                        .protocol = 6, .port_first = port, .port_last = port});
    }
    CHECK_FALSE(covers(grid, {range("10.0.0.0", "10.0.0.255", 6)}));
    grid.insert(grid.begin(), prefix("10.0.0.0/24"));
    CHECK(covers(grid, {range("10.0.0.0", "10.0.0.255", 6)}));
}

TEST_CASE("traffic selectors survive the way to the wire and back", "[policy]") {
    const TrafficSelectorList list{prefix("10.1.0.0/16"), range("10.0.0.1", "10.0.0.9", 17, 53, 53),
                                   range("2001:db8::1", "2001:db8::5", 6, 65535, 0), prefix("::/0")};
    const auto wire = to_wire(list);
    REQUIRE(wire.size() == 4);
    CHECK(wire[0].type == TsType::Ipv4AddressRange);
    CHECK(wire[2].type == TsType::Ipv6AddressRange);
    CHECK(wire[2].has_opaque_ports());
    CHECK(from_wire(wire) == list);
}

TEST_CASE("selectors we do not understand are left out", "[policy]") {
    auto wire = to_wire({prefix("10.1.0.0/16"), prefix("10.2.0.0/16")});
    TrafficSelector label;
    label.type = TsType::SecurityLabel;
    label.unknown = {1, 2, 3};
    wire.insert(wire.begin(), label);
    TrafficSelector backwards = wire[1];
    std::swap(backwards.start, backwards.end);
    wire.push_back(backwards);
    CHECK(from_wire(wire) == TrafficSelectorList{prefix("10.1.0.0/16"), prefix("10.2.0.0/16")});
}

TEST_CASE("addresses have neighbours", "[policy]") {
    const auto address = [](std::string_view text) { return xfrm::Address::parse(text).value(); };
    CHECK(successor(address("10.0.0.255")) == address("10.0.1.0"));
    CHECK(predecessor(address("10.0.1.0")) == address("10.0.0.255"));
    CHECK_FALSE(successor(address("255.255.255.255")));
    CHECK_FALSE(predecessor(address("::")));
    CHECK(successor(address("2001:db8::ffff:ffff")) == address("2001:db8::1:0:0"));
}
