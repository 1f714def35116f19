// SPDX-License-Identifier: Apache-2.0
// Lists of changes on the real kernel: all or none, and everything as it was.
#include "netlink/editor.h"

#include <catch2/catch_test_macros.hpp>
#include <cerrno>

#include "netlink/model/neighbour_discovery.h"
#include "netlink/table.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace kernel_contract;
using namespace netlink;
using namespace std::chrono_literals;

namespace {

Editor open_editor() {
    auto editor = Editor::open();
    REQUIRE(editor.has_value());
    return std::move(*editor);
}

template <class... Kinds>
std::vector<Change> list(Kinds... changes) {
    std::vector<Change> all;
    (all.push_back(std::move(changes)), ...);
    return all;
}

void apply(Editor& editor, std::vector<Change> changes) {
    const auto applied = editor.apply(std::move(changes));
    INFO((applied ? "" : applied.error().why.what));
    REQUIRE(applied.has_value());
}

StoredSa stored(const SaId& id) {
    auto found = netlink::find_sa(id, true);
    REQUIRE(found.has_value());
    return std::move(*found);
}

std::vector<StoredPolicy> stored_policies() {
    std::vector<StoredPolicy> all;
    REQUIRE(netlink::for_each_policy([&](StoredPolicy policy) {
                all.push_back(std::move(policy));
                return true;
            }).has_value());
    return all;
}

// Policies for the same networks that all match a datagram to port 9: of everything, UDP, that
// port. (Networks that contain each other would not do: where they share a node of its tree, the
// kernel has not always kept their order.)
enum class Narrow { Not, Udp, Port };
PolicySpec matching(Narrow narrow, std::uint32_t reqid, std::uint32_t priority = 0x80000000) {
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.id.selector = {Prefix::any(Family::V4), *Prefix::parse("192.0.2.0/24"), 0, {}, {}, 0};
    if (narrow != Narrow::Not) policy.id.selector.protocol = 17;
    if (narrow == Narrow::Port) policy.id.selector.destination_port = PortMask::exactly(9);
    policy.priority = priority;
    policy.templates.front().reqid = ReqId{reqid};
    return policy;
}

// The reqid that the policy asks for which counts for packets to 192.0.2.2.
std::uint32_t reqid_that_counts(LinuxKernel& kernel) {
    kernel.pass_time(3s);  // larval SAs of the last packet lapse
    kernel.events();
    kernel.send_packet(peer(Family::V4));
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE_FALSE(acquires.empty());
    return acquires.front().policy.templates.at(0).reqid.value;
}

}  // namespace

TEST_CASE("a refusal leaves SAs as they were, keys, counters and sequence numbers included",
          "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    Editor setup = open_editor();
    PolicySpec out = transport_policy(Family::V4, Direction::Out);
    SaSpec sending = outbound(Family::V4);
    sending.reqid = out.templates.front().reqid;
    sending.output_mark = Mark{0x10, 0xff};
    apply(setup, list(change::AddSa{std::move(sending)}, change::AddPolicy{out}));
    for (int i = 0; i < 3; ++i) kernel.send_packet(peer(Family::V4));
    const StoredSa before = stored(outbound_id(Family::V4));
    REQUIRE(before.usage.packets == 3);
    REQUIRE(before.replay->outbound_sequence == 3);

    Editor editor = open_editor();
    SaSpec other = outbound(Family::V4);
    other.id.spi = EspSpi{0x2000};
    const auto refused = editor.apply(
        list(change::RemoveSa{outbound_id(Family::V4)}, change::AddSa{std::move(other)},
             change::RemoveSa{inbound_id(Family::V4, EspSpi{0x7777})}));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().position == 2);
    CHECK(refused.error().why.error_number == ESRCH);
    CHECK(refused.error().trouble.empty());
    CHECK(dump_sas(kernel).size() == 1);
    const StoredSa after = stored(outbound_id(Family::V4));
    CHECK(after.usage.packets == before.usage.packets);
    CHECK(after.usage.bytes == before.usage.bytes);
    CHECK(after.usage.add_time == before.usage.add_time);
    CHECK(after.replay == before.replay);
    CHECK(after.reqid == before.reqid);
    CHECK(after.output_mark == before.output_mark);
    CHECK(equal_in_constant_time(after.aead->key.view(), before.aead->key.view()));
    kernel.send_packet(peer(Family::V4));
    CHECK(stored(outbound_id(Family::V4)).replay->outbound_sequence == 4);
}

TEST_CASE("every kind of SA comes back as it was", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    std::vector<Change> additions;
    std::vector<Change> removals;
    for (SaSpec& spec : sa_catalogue()) {
        removals.push_back(change::RemoveSa{spec.id});
        additions.push_back(change::AddSa{std::move(spec)});
    }
    Editor setup = open_editor();
    apply(setup, std::move(additions));
    removals.push_back(change::RemoveSa{inbound_id(Family::V4, EspSpi{0x7777})});
    Editor editor = open_editor();
    const auto refused = editor.apply(std::move(removals));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().trouble.empty());
    for (const SaSpec& spec : sa_catalogue()) {
        INFO(describe(spec));
        check_same(spec, query(kernel, spec.id).spec);
    }
}

TEST_CASE("a refusal leaves policies as they were", "[kernel]") {
    LinuxKernel kernel;
    Editor setup = open_editor();
    std::vector<Change> additions;
    for (const PolicySpec& policy : policy_catalogue())
        additions.push_back(change::ReplacePolicy{policy});
    apply(setup, std::move(additions));
    const auto before = stored_policies();

    Editor editor = open_editor();
    const auto catalogue = policy_catalogue();
    PolicySpec replaced = catalogue.at(0);
    replaced.priority ^= 1;
    replaced.action = PolicyAction::Block;
    apply(editor, list(change::ReplacePolicy{replaced}));
    const auto refused = editor.apply(list(change::RemovePolicy{catalogue.at(1).id},
                                           change::AddPolicy{matching(Narrow::Port, 1)},
                                           change::AddPolicy{catalogue.at(2)}));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().position == 2);
    CHECK(refused.error().why.error_number == EEXIST);
    CHECK(refused.error().trouble.empty());
    const auto after = stored_policies();
    REQUIRE(after.size() == before.size());
    for (const StoredPolicy& policy : before) {
        const auto same = std::ranges::find(after, policy.index, &StoredPolicy::index);
        REQUIRE(same != after.end());
        CHECK(same->selector == policy.selector);
        CHECK(same->priority == policy.priority);
        CHECK(same->action == policy.action);
        CHECK(same->templates == policy.templates);
    }
}

TEST_CASE("of policies with one priority the first counts, until it is put behind the others",
          "[kernel]") {
    LinuxKernel kernel;
    Editor editor = open_editor();
    using enum Narrow;
    apply(editor, list(change::AddPolicy{matching(Not, 1)}, change::AddPolicy{matching(Udp, 2)},
                       change::AddPolicy{matching(Port, 3)}));
    CHECK(reqid_that_counts(kernel) == 1);
    // With the priority that it has it stays in its place.
    apply(editor, list(change::ReplacePolicy{matching(Not, 4)}));
    CHECK(reqid_that_counts(kernel) == 4);
    for (const std::uint32_t aside : {0x7fffffffU, 0x80000001U}) {
        INFO(aside);
        apply(editor, list(change::ReplacePolicy{matching(Not, 1, aside)},
                           change::ReplacePolicy{matching(Not, 1)}));
        CHECK(reqid_that_counts(kernel) == 2);
        apply(editor, list(change::ReplacePolicy{matching(Udp, 2, aside)},
                           change::ReplacePolicy{matching(Udp, 2)}));
        CHECK(reqid_that_counts(kernel) == 3);
        apply(editor, list(change::ReplacePolicy{matching(Port, 3, aside)},
                           change::ReplacePolicy{matching(Port, 3)}));
        CHECK(reqid_that_counts(kernel) == 1);
    }
}

TEST_CASE("an SA is updated with its keys, and exchanged with others", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    Editor editor = open_editor();
    apply(editor, list(change::AddSa{outbound(Family::V4)}));
    SaSpec limited = outbound(Family::V4);
    limited.limits.hard_packets = 1000;
    apply(editor, list(change::ReplaceSa{std::move(limited)}));
    CHECK(stored(outbound_id(Family::V4)).limits.hard_packets == 1000);

    SaSpec rekeyed = outbound(Family::V4);
    rekeyed.aead->key = Secret{View{Bytes(rekeyed.aead->key.size(), 0xee)}};
    apply(editor, list(change::ReplaceSa{std::move(rekeyed)}));
    const StoredSa exchanged = stored(outbound_id(Family::V4));
    CHECK(exchanged.aead->key.view()[0] == 0xee);
    CHECK(exchanged.limits.hard_packets == LifetimeLimits::kUnlimited);

    CHECK(editor.take_back().empty());
    CHECK(dump_sas(kernel).empty());
}

TEST_CASE("an SPI that somebody names is reserved, and completed", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    Editor editor = open_editor();
    const SaId id = inbound_id(Family::V4, EspSpi{0x4711});
    const AllocateSpi request{.source = id.source, .destination = id.destination, .spi = id.spi};
    auto reserved = editor.apply(list(change::ReserveSpi{request}));
    REQUIRE(reserved.has_value());
    CHECK(*reserved == std::vector{id.spi});
    CHECK(query(kernel, id).larval);
    apply(editor, list(change::ReplaceSa{inbound(Family::V4, id.spi)}));
    CHECK_FALSE(query(kernel, id).larval);

    const auto taken = editor.apply(list(change::ReserveSpi{request}));
    REQUIRE_FALSE(taken.has_value());
    kernel.pass_time(3s);  // of a reservation that it refuses the kernel keeps an entry without SPI
    CHECK(dump_sas(kernel).empty());
}

TEST_CASE("what somebody has is found before it is changed", "[kernel][esp]") {
    LinuxKernel kernel;
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(Family::V4)}));
    InstallSas sas;
    sas.sas.push_back(outbound(Family::V4));
    require_done(kernel.run(std::move(sas)));
    auto editor = netlink::Editor::open();
    REQUIRE(editor.has_value());
    const auto owner = [](ReqId reqid) { return std::string{reqid == kReqid ? "db/all" : ""}; };
    const auto nobody = [](ReqId) { return std::string{}; };
    const PolicySpec policy = tunnel_policies(Family::V4)[0];
    PolicySpec other = transport_policy(Family::V6, Direction::Out);
    std::vector<netlink::Change> changes;
    changes.emplace_back(netlink::change::AddPolicy{other});
    changes.emplace_back(netlink::change::RemovePolicy{other.id});  // not there
    CHECK(editor->spare(changes, owner).has_value());
    changes.emplace_back(netlink::change::ReplacePolicy{policy});
    changes.emplace_back(netlink::change::RemoveSa{outbound_id(Family::V4)});
    const auto spared = editor->spare(changes, owner);
    REQUIRE_FALSE(spared.has_value());
    CHECK(spared.error().position == 2);
    CHECK(spared.error().why.error_number == EPERM);
    CHECK(spared.error().why.what.ends_with(": belongs to db/all"));
    CHECK(editor->spare(changes, nobody).has_value());
    std::vector<netlink::Change> removal;
    removal.emplace_back(netlink::change::RemoveSa{outbound_id(Family::V4)});
    CHECK_FALSE(editor->spare(removal, owner).has_value());
    CHECK(dump_policies(kernel).size() == 3);
}

TEST_CASE("neighbour discovery of xfrmd is found before it is changed, and is beside that of others", "[kernel]") {
    LinuxKernel kernel;
    PolicySpec somebodys = neighbour_discovery_policies().front();
    somebodys.id.selector.destination_port = PortMask::exactly(0);
    somebodys.priority = 0;
    require_done(kernel.run(InstallPolicies{.policies = {somebodys}}));
    require_done(kernel.run(InstallPolicies{.policies = neighbour_discovery_policies()}));
    auto editor = netlink::Editor::open();
    REQUIRE(editor.has_value());
    const auto nobody = [](ReqId) { return std::string{}; };
    std::vector<netlink::Change> changes;
    changes.emplace_back(netlink::change::RemovePolicy{somebodys.id});
    CHECK(editor->spare(changes, nobody).has_value());
    changes.emplace_back(netlink::change::RemovePolicy{neighbour_discovery_policies().front().id});
    const auto spared = editor->spare(changes, nobody);
    REQUIRE_FALSE(spared.has_value());
    CHECK(spared.error().position == 1);
    CHECK(spared.error().why.what.ends_with(": belongs to neighbour discovery"));
    CHECK(dump_policies(kernel).size() == 5);
}

TEST_CASE("a long list goes through a narrow window", "[kernel]") {
    LinuxKernel kernel;
    std::vector<Change> many;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        PolicySpec policy = transport_policy(Family::V4, Direction::Out);
        policy.id.selector.destination = Prefix::host(Address::v4(0x0a000000 + i));
        many.push_back(change::AddPolicy{std::move(policy)});
    }
    Editor editor = open_editor();
    std::size_t last = 0;
    const auto applied = editor.apply(std::move(many), [&](std::size_t done) {
        CHECK(done >= last);
        last = done;
        return true;
    });
    REQUIRE(applied.has_value());
    CHECK(stored_policies().size() == 2000);
    CHECK(editor.take_back().empty());
    CHECK(stored_policies().empty());
}

}  // namespace xfrmd::kernel_tests
