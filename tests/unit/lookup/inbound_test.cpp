// SPDX-License-Identifier: Apache-2.0
// Whether a packet may come in. Whether the kernel agrees is shown by lookup_tests.
#include "netlink/lookup/inbound.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/lookup/samples.h"

namespace xfrmd::lookup::tests {

using namespace xfrm;

namespace {

StoredPolicy& add_inbound(Kernel& kernel, std::vector<StoredTemplate> templates) {
    StoredPolicy& policy = kernel.add_policy("0.0.0.0/0", "0.0.0.0/0");
    policy.direction = 0;
    policy.templates = std::move(templates);
    return policy;
}

Cause check(const Kernel& kernel, const SecurityPath& path, const InboundFacts& facts = {}) {
    return check_inbound(flow(), Direction::In, path, kernel.tables(), facts).cause;
}

StoredTemplate ah_template() {
    StoredTemplate wanted = transport_template();
    wanted.protocol = kAh;
    return wanted;
}

StoredSa make_sa(std::uint32_t spi, std::uint8_t protocol, std::uint8_t mode) {
    Kernel kernel;
    StoredSa& sa = kernel.add_sa(spi);
    sa.protocol = protocol;
    sa.mode = mode;
    return std::move(sa);
}

// What a packet may have come through; the kernel's table of SAs does not matter then.
struct Sas {
    Kernel kernel;
    StoredSa esp = make_sa(0x100, kEsp, kTransport);
    StoredSa ah = make_sa(0x200, kAh, kTransport);
    StoredSa tunnel = make_sa(0x300, kEsp, kTunnel);
};

}  // namespace

TEST_CASE("without a policy the default decides, and tunnels are refused", "[lookup]") {
    Sas sas;
    CHECK(check(sas.kernel, {}) == Cause::NoPolicy);
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::SasFound);
    CHECK(check(sas.kernel, {&sas.tunnel}) == Cause::TunnelWithoutPolicy);
    sas.kernel.defaults.in = PolicyAction::Block;
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::DefaultBlocks);
}

TEST_CASE("templates are met from the last to the first", "[lookup]") {
    Sas sas;
    add_inbound(sas.kernel, {transport_template(), ah_template()});
    CHECK(check(sas.kernel, {&sas.ah, &sas.esp}) == Cause::SasFound);
    CHECK(check(sas.kernel, {&sas.ah}) == Cause::TransformsMissing);
    const Inbound clear = check_inbound(flow(), Direction::In, {}, sas.kernel.tables(), {});
    CHECK(clear.cause == Cause::TransformsMissing);
    CHECK(clear.unmet == 1);
    std::swap(sas.kernel.policies[0].templates[0], sas.kernel.policies[0].templates[1]);
    CHECK(check(sas.kernel, {&sas.ah, &sas.esp}) == Cause::TransformsMissing);
}

TEST_CASE("one transform of transport mode more does not matter, a tunnel does", "[lookup]") {
    Sas sas;
    add_inbound(sas.kernel, {transport_template()});
    CHECK(check(sas.kernel, {&sas.ah, &sas.esp}) == Cause::SasFound);
    CHECK(check(sas.kernel, {&sas.tunnel, &sas.esp}) == Cause::TransformsMissing);
    CHECK(check(sas.kernel, {&sas.esp, &sas.tunnel}) == Cause::TransformsUnexpected);
}

TEST_CASE("what is optional may be missing", "[lookup]") {
    Sas sas;
    StoredTemplate optional = transport_template();
    optional.optional = true;
    add_inbound(sas.kernel, {optional});
    CHECK(check(sas.kernel, {}) == Cause::SasOptional);
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::SasFound);
}

TEST_CASE("reqid 0 of a template is met by any, another one by itself only", "[lookup]") {
    Sas sas;
    StoredTemplate wanted = transport_template();
    wanted.reqid = ReqId{0};
    StoredPolicy& policy = add_inbound(sas.kernel, {wanted});
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::SasFound);
    policy.templates[0].reqid = ReqId{2};
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::TransformsMissing);
}

TEST_CASE("a packet must fit the selector of each SA that it came through", "[lookup]") {
    Sas sas;
    sas.esp.selector.emplace();
    sas.esp.selector->protocol = 6;
    CHECK(check(sas.kernel, {&sas.esp}) == Cause::SaForOtherTraffic);
}

TEST_CASE("AH inside of transport mode of another protocol cannot be verified", "[lookup]") {
    Sas sas;
    CHECK(check(sas.kernel, {&sas.esp, &sas.ah}) == Cause::AhUnreadable);
    CHECK(check(sas.kernel, {&sas.ah, &sas.esp, &sas.ah}) == Cause::SasFound);
}

TEST_CASE("disable_policy lets everything in", "[lookup]") {
    Sas sas;
    add_inbound(sas.kernel, {}).action = 1;
    CHECK(check(sas.kernel, {}) == Cause::PolicyBlocks);
    CHECK(check(sas.kernel, {}, {.policy_disabled = true}) == Cause::PolicyDisabled);
}

TEST_CASE("a peer is expected to use the youngest SA for each template", "[lookup]") {
    Kernel kernel;
    add_inbound(kernel, {transport_template(), ah_template()});
    kernel.add_sa(0x100);
    kernel.add_sa(0x300).reqid = ReqId{5};
    Expectations expected = expectations(flow(), kernel.policies[0], kernel.tables());
    CHECK(expected.path().size() == 1);
    CHECK(expected.lacks_any());
    REQUIRE(expected.templates.size() == 2);
    CHECK(expected.templates[1].sa == nullptr);
    REQUIRE(expected.templates[0].losers.size() == 1);
    CHECK(expected.templates[0].losers[0].why == SaLost::Reqid);
    kernel.add_sa(0x101);
    kernel.add_sa(0x200).protocol = kAh;
    expected = expectations(flow(), kernel.policies[0], kernel.tables());
    REQUIRE(expected.path().size() == 2);
    CHECK(expected.path()[0]->spi == EspSpi{0x200});
    CHECK(expected.path()[1]->spi == EspSpi{0x101});
    CHECK_FALSE(expected.lacks_any());
}

}  // namespace xfrmd::lookup::tests
