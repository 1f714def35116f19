// SPDX-License-Identifier: Apache-2.0
// Policies that others take the place of go when those are in the kernel, which may carry out requests in another order than it
// is asked. Until then both stand, and nothing passes in clear.
#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <utility>
#include <vector>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

constexpr CommandId kCommand{900};

template <class Kind>
std::vector<std::pair<RequestId, Kind>> requests(const Effects& effects) {
    std::vector<std::pair<RequestId, Kind>> found;
    for (const Effect& effect : effects)
        if (const auto* request = std::get_if<KernelRequest>(&effect))
            if (const auto* kind = std::get_if<Kind>(&request->request)) found.emplace_back(request->id, *kind);
    return found;
}

bool is_answered(const Effects& effects) {
    return std::ranges::any_of(effects, [](const Effect& effect) {
        const auto* reply = std::get_if<CommandReply>(&effect);
        return reply != nullptr && reply->id == kCommand;
    });
}

struct Loaded : Pair {
    Loaded() { configure(); }

    Effects configure_alice(const std::vector<Connection>& connections) {
        auto configuration = std::make_shared<Configuration>();
        configuration->connections = connections;
        return alice.host->step(now, Command{kCommand, Configure{std::move(configuration)}});
    }
    Effects answer(RequestId id, xfrm::KernelResult result = xfrm::Done{}) {
        return alice.host->step(now, KernelReply{id, std::move(result)});
    }
    // The same connection, for other traffic.
    [[nodiscard]] Connection changed(std::uint8_t protocol) const {
        Connection connection = alice.connection;
        for (TrafficSelectorList* list : {&connection.children.front().local, &connection.children.front().remote})
            for (AddressRange& range : *list) range.protocol = protocol;
        return connection;
    }
};

}  // namespace

TEST_CASE("the old policies go when the new ones are there, and not before", "[ike]") {
    Loaded pair;
    const Effects asked = pair.configure_alice({pair.changed(6)});
    const auto installs = requests<xfrm::InstallPolicies>(asked);
    REQUIRE(installs.size() == 1);
    CHECK(requests<xfrm::RemovePolicies>(asked).empty());
    CHECK_FALSE(is_answered(asked));
    const Effects installed = pair.answer(installs.front().first);
    const auto removals = requests<xfrm::RemovePolicies>(installed);
    REQUIRE(removals.size() == 1);
    CHECK(removals.front().second.policies.size() == 2);
    CHECK_FALSE(is_answered(installed));
    CHECK(is_answered(pair.answer(removals.front().first)));
}

TEST_CASE("of two changes in a row the last one is waited for", "[ike]") {
    Loaded pair;
    const auto first = requests<xfrm::InstallPolicies>(pair.configure_alice({pair.changed(6)}));
    const auto second = requests<xfrm::InstallPolicies>(pair.configure_alice({pair.changed(17)}));
    CHECK(requests<xfrm::RemovePolicies>(pair.answer(first.front().first)).empty());
    const auto removals = requests<xfrm::RemovePolicies>(pair.answer(second.front().first));
    REQUIRE(removals.size() == 1);
    CHECK(removals.front().second.policies.size() == 4);
}

TEST_CASE("a policy that is wanted again meanwhile stays", "[ike]") {
    Loaded pair;
    const auto first = requests<xfrm::InstallPolicies>(pair.configure_alice({pair.changed(6)}));
    const auto back = requests<xfrm::InstallPolicies>(pair.configure_alice({pair.alice.connection}));
    static_cast<void>(pair.answer(first.front().first));
    const auto removals = requests<xfrm::RemovePolicies>(pair.answer(back.front().first));
    REQUIRE(removals.size() == 1);
    for (const xfrm::PolicyId& id : removals.front().second.policies) CHECK(id.selector.protocol == 6);
}

TEST_CASE("a connection under another name takes over the policies of the former one", "[ike]") {
    Loaded pair;
    Connection renamed = pair.alice.connection;
    renamed.name = "renamed";
    const Effects asked = pair.configure_alice({renamed});
    CHECK(requests<xfrm::RemovePolicies>(asked).empty());
    const Effects installed = pair.answer(requests<xfrm::InstallPolicies>(asked).front().first);
    CHECK(requests<xfrm::RemovePolicies>(installed).empty());
    CHECK(is_answered(installed));
}

TEST_CASE("where the kernel refuses the new policies, the old ones stay", "[ike]") {
    Loaded pair;
    const auto refused = requests<xfrm::InstallPolicies>(pair.configure_alice({pair.changed(6)}));
    const Effects after = pair.answer(refused.front().first, std::unexpected{xfrm::KernelError{12, "no memory"}});
    CHECK(requests<xfrm::RemovePolicies>(after).empty());
    CHECK(pair.alice.state() == ConnectionState::PoliciesRefused);
    // Until the next ones are there, or the connection is not wanted any more.
    const Effects gone = pair.configure_alice({});
    const auto removals = requests<xfrm::RemovePolicies>(gone);
    REQUIRE(removals.size() == 1);
    CHECK(removals.front().second.policies.size() >= 2);
}

}  // namespace xfrmd::test
