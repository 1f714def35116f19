// SPDX-License-Identifier: Apache-2.0
// What becomes of a packet on its way out. Whether the kernel agrees is shown by lookup_tests.
#include "netlink/lookup/outbound.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/lookup/samples.h"

namespace xfrmd::lookup::tests {

using namespace xfrm;

namespace {

Outbound explain(const Kernel& kernel, const OutboundFacts& facts = {}) {
    return explain_outbound(flow(), kernel.tables(), facts);
}

StoredTemplate tunnel_template(std::string_view source, std::string_view destination) {
    StoredTemplate wanted = transport_template();
    wanted.mode = kTunnel;
    wanted.source = address(source);
    wanted.destination = address(destination);
    return wanted;
}

// One policy for everything, with these templates.
Kernel kernel_with(std::vector<StoredTemplate> templates) {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").templates = std::move(templates);
    return kernel;
}

}  // namespace

TEST_CASE("without a policy the default decides, but not about the loopback interface",
          "[lookup]") {
    Kernel kernel;
    CHECK(explain(kernel).cause == Cause::NoPolicy);
    kernel.defaults.out = PolicyAction::Block;
    CHECK(explain(kernel).cause == Cause::DefaultBlocks);
    OutboundFacts facts;
    facts.loopback = true;
    CHECK(explain(kernel, facts).cause == Cause::NoPolicy);
}

TEST_CASE("a policy blocks, or allows in clear", "[lookup]") {
    Kernel kernel = kernel_with({});
    CHECK(explain(kernel).cause == Cause::PolicyAllows);
    CHECK(explain(kernel).verdict() == Verdict::Clear);
    kernel.policies[0].action = 1;
    CHECK(explain(kernel).cause == Cause::PolicyBlocks);
}

TEST_CASE("disable_xfrm lets IPv4 pass by its policies", "[lookup]") {
    Kernel kernel = kernel_with({transport_template()});
    OutboundFacts facts;
    facts.xfrm_disabled = true;
    CHECK(explain(kernel, facts).cause == Cause::XfrmDisabled);
    kernel.defaults.out = PolicyAction::Block;
    CHECK(explain(kernel, facts).cause == Cause::DefaultBlocks);
    facts.forwarded = true;
    CHECK(explain(kernel, facts).cause == Cause::XfrmDisabled);
}

TEST_CASE("the SAs that were found are applied, the innermost first", "[lookup]") {
    StoredTemplate ah = transport_template();
    ah.protocol = kAh;
    Kernel kernel = kernel_with({transport_template(), ah});
    kernel.add_sa(0x100);
    kernel.add_sa(0x200).protocol = kAh;
    const Outbound result = explain(kernel);
    CHECK(result.verdict() == Verdict::Protected);
    REQUIRE(result.sas().size() == 2);
    CHECK(result.sas()[0]->spi == EspSpi{0x100});
    CHECK(result.sas()[1]->spi == EspSpi{0x200});
}

TEST_CASE("the first missing SA ends the search and is asked for", "[lookup]") {
    StoredTemplate ah = transport_template();
    ah.protocol = kAh;
    Kernel kernel = kernel_with({transport_template(), ah});
    kernel.add_sa(0x200).protocol = kAh;
    const Outbound result = explain(kernel);
    CHECK(result.cause == Cause::SaMissing);
    CHECK(result.templates[0].asked_for);
    CHECK(result.templates[1].state == Resolution::State::Untried);
    OutboundFacts facts;
    facts.key_manager = false;
    CHECK(explain(kernel, facts).cause == Cause::NobodyNegotiates);
    kernel.add_sa(0).encryption.reset();
    CHECK(explain(kernel).cause == Cause::NegotiationUnderWay);
    CHECK(explain(kernel).verdict() == Verdict::WouldNegotiate);
}

TEST_CASE("what is optional is passed over, and asked for once", "[lookup]") {
    StoredTemplate optional = transport_template();
    optional.optional = true;
    Kernel kernel = kernel_with({optional, optional});
    const Outbound result = explain(kernel);
    CHECK(result.cause == Cause::SasOptional);
    CHECK(result.verdict() == Verdict::Clear);
    CHECK(result.templates[0].asked_for);
    CHECK_FALSE(result.templates[1].asked_for);
}

TEST_CASE("around a tunnel the ends are those of the tunnel", "[lookup]") {
    StoredTemplate ah = transport_template();
    ah.protocol = kAh;
    Kernel kernel = kernel_with({tunnel_template("198.51.100.1", "198.51.100.2"), ah});
    StoredSa& tunnel = kernel.add_sa(0x100);
    tunnel.mode = kTunnel;
    tunnel.source = address("198.51.100.1");
    tunnel.destination = address("198.51.100.2");
    const Outbound result = explain(kernel);
    CHECK(result.cause == Cause::SaMissing);
    CHECK(result.templates[1].source == address("198.51.100.1"));
    CHECK(result.templates[1].destination == address("198.51.100.2"));
}

TEST_CASE("a tunnel needs a way to its far end, and a near end", "[lookup]") {
    Kernel kernel = kernel_with({tunnel_template("0.0.0.0", "198.51.100.2")});
    OutboundFacts facts;
    facts.paths.push_back({Address{}, address("198.51.100.2"), false, Address{}});
    CHECK(explain(kernel, facts).cause == Cause::NoTunnelSource);
    facts.paths[0].chosen = address("192.0.2.1");
    CHECK(explain(kernel, facts).cause == Cause::SaMissing);
    StoredSa& tunnel = kernel.add_sa(0x100);
    tunnel.mode = kTunnel;
    tunnel.destination = address("198.51.100.2");
    // The ends are the SA's, whatever the template says.
    facts.paths[0].reachable = true;
    facts.paths.push_back({address("192.0.2.1"), address("198.51.100.2"), false, Address{}});
    CHECK(explain(kernel, facts).cause == Cause::TunnelUnreachable);
    facts.paths[1].reachable = true;
    CHECK(explain(kernel, facts).cause == Cause::SasFound);
}

TEST_CASE("SAs past a hard limit, or of the other direction, block", "[lookup]") {
    Kernel kernel = kernel_with({transport_template()});
    StoredSa& sa = kernel.add_sa(0x100);
    sa.direction = 1;
    CHECK(explain(kernel).cause == Cause::WrongDirection);
    sa.direction = 2;
    sa.limits.hard_packets = 2;
    sa.usage.packets = 2;
    CHECK(explain(kernel).cause == Cause::SaExhausted);
}

TEST_CASE("a policy of six templates lets nothing pass", "[lookup]") {
    Kernel kernel = kernel_with(std::vector<StoredTemplate>(6, transport_template()));
    kernel.add_sa(0x100);
    CHECK(explain(kernel).cause == Cause::TooManyTemplates);
    kernel.policies[0].templates.pop_back();
    CHECK(explain(kernel).cause == Cause::SasFound);
}

TEST_CASE("every cause has a word of its own", "[lookup]") {
    std::vector<std::string_view> words;
    for (int i = 0; i <= static_cast<int>(Cause::NegotiationUnderWay); ++i)
        words.push_back(word_of(static_cast<Cause>(i)));
    std::ranges::sort(words);
    CHECK(std::ranges::adjacent_find(words) == words.end());
    CHECK(counters_of(Cause::PolicyBlocks, true) ==
          std::vector<std::string_view>{"XfrmOutPolBlock"});
    CHECK(counters_of(Cause::PolicyBlocks, false) ==
          std::vector<std::string_view>{"XfrmInPolBlock"});
    CHECK(counters_of(Cause::NoPolicy, true).empty());
}

}  // namespace xfrmd::lookup::tests
