// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration_plan.h"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <utility>

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace std::chrono_literals;

namespace {

ike::Connection connection(const std::string& name) {
    ike::Connection made;
    made.name = name;
    made.local = *xfrm::Address::parse("192.0.2.1");
    made.remote = *xfrm::Address::parse("192.0.2.2");
    made.origin = "xfrmd.toml:1";
    ike::Child child;
    child.name = "lan";
    child.reqid = {7};
    made.children = {child};
    return made;
}

ike::Configuration configuration(std::vector<ike::Connection> connections) {
    ike::Configuration made;
    made.connections = std::move(connections);
    return made;
}

// What becomes of one connection that is changed.
template <class Change>
PlannedChange changed(Change change) {
    ike::Connection wanted = connection("db");
    change(wanted);
    const auto plan = plan_of(configuration({connection("db")}), configuration({wanted}));
    REQUIRE(plan.changes.size() == 1);
    CHECK(plan.unchanged == 0);
    return plan.changes[0];
}

using Settings = std::vector<std::string>;

}  // namespace

TEST_CASE("a plan names what comes, what goes and what stays", "[daemon]") {
    const auto plan = plan_of(configuration({connection("a"), connection("b")}),
                              configuration({connection("c"), connection("b")}));
    REQUIRE(plan.changes.size() == 2);
    CHECK(plan.changes[0].connection == "a");
    CHECK(plan.changes[0].impact == Impact::Removed);
    CHECK(plan.changes[1].connection == "c");
    CHECK(plan.changes[1].impact == Impact::Added);
    CHECK(plan.unchanged == 1);
    CHECK_FALSE(plan.limits_differ);
}

TEST_CASE("where a connection stands, and an address by the routes, is no change", "[daemon]") {
    ike::Connection moved = connection("db");
    moved.origin = "conf.d/db.toml:9";
    moved.local_fixed = false;
    moved.local = *xfrm::Address::parse("192.0.2.9");
    ike::Connection before = connection("db");
    before.local_fixed = false;
    const auto plan = plan_of(configuration({before}), configuration({moved}));
    CHECK(plan.changes.empty());
    CHECK(plan.unchanged == 1);
}

TEST_CASE("other lifetimes keep the SAs that are there", "[daemon]") {
    const auto lifetimes = changed([](ike::Connection& wanted) {
        wanted.liveness_interval = 5s;
        wanted.ike_rekey = 1h;
        wanted.children[0].rekey.time = 20min;
    });
    CHECK(lifetimes.impact == Impact::KeepsSas);
    CHECK(lifetimes.settings == Settings{"liveness", "ike_rekey", "child lan: rekey"});
}

TEST_CASE("whatever else differs makes the SAs anew, and is named", "[daemon]") {
    const auto peer = changed([](ike::Connection& wanted) {
        wanted.remote = *xfrm::Address::parse("192.0.2.3");
        wanted.when_down = ike::WhenDown::Clear;
    });
    CHECK(peer.impact == Impact::ReplacesSas);
    CHECK(peer.settings == Settings{"remote", "when_down"});
    const auto children = changed([](ike::Connection& wanted) {
        wanted.liveness_interval = 5s;
        wanted.children[0].compress = true;
        wanted.children.push_back(wanted.children[0]);
        wanted.children[1].name = "dmz";
    });
    CHECK(children.impact == Impact::ReplacesSas);
    CHECK(children.settings == Settings{"liveness", "child lan: compress", "child dmz comes"});
    CHECK(changed([](ike::Connection& wanted) { wanted.children.clear(); }).settings ==
          Settings{"child lan goes"});
}

TEST_CASE("a child that comes, goes or differs leaves the others alone, but for those bundled with it", "[daemon]") {
    ike::Connection two = connection("db");
    two.children.push_back(two.children[0]);
    two.children[1].name = "dmz";
    const auto impact = [&](auto change) {
        ike::Connection wanted = two;
        change(wanted);
        const auto plan = plan_of(configuration({two}), configuration({wanted}));
        return plan.changes.empty() ? std::optional<Impact>{} : plan.changes.at(0).impact;
    };
    CHECK(impact([](ike::Connection& wanted) { wanted.children[1].compress = true; }) == Impact::ReplacesChildren);
    CHECK(impact([](ike::Connection& wanted) { wanted.children.pop_back(); }) == Impact::ReplacesChildren);
    CHECK(impact([](ike::Connection& wanted) {
              wanted.children.push_back(wanted.children[0]);
              wanted.children[2].name = "wan";
          }) == Impact::ReplacesChildren);
    CHECK(impact([](ike::Connection& wanted) { std::swap(wanted.children[0], wanted.children[1]); }) == Impact::KeepsSas);
    CHECK(impact([](ike::Connection& wanted) {
              for (ike::Child& child : wanted.children) child.compress = true;
          }) == Impact::ReplacesSas);
    CHECK(impact([](ike::Connection& wanted) {
              wanted.children[1].compress = true;
              wanted.when_down = ike::WhenDown::Clear;
          }) == Impact::ReplacesSas);
    two.children[0].bundle = ike::BundlePart{.partner = "dmz"};
    two.children[1].bundle = ike::BundlePart{.partner = "lan", .outer = true};
    CHECK(impact([](ike::Connection& wanted) { wanted.children[1].compress = true; }) == Impact::ReplacesSas);
}

TEST_CASE("limits of the whole host are no connection's", "[daemon]") {
    ike::Configuration wanted = configuration({connection("db")});
    wanted.options.refuse_ikev1 = true;
    const auto plan = plan_of(configuration({connection("db")}), wanted);
    CHECK(plan.changes.empty());
    CHECK(plan.limits_differ);
}

TEST_CASE("what a reload has changed is one line, with the first names of each kind", "[daemon]") {
    ike::Connection changed = connection("db");
    changed.remote = xfrm::Address::parse("192.0.2.99").value();
    const ike::Configuration before =
        configuration({connection("a"), connection("b"), connection("c"), connection("d"), connection("db"), connection("web")});
    const auto plan = plan_of(before, configuration({changed, connection("new"), connection("web")}));
    CHECK(summary_of(plan) == "added new; changed db; removed a, b, c and 1 more; 1 unchanged");
    CHECK(names_of(plan, ChangeKind::Removed, 2) == Settings{"a", "b"});
    CHECK(summary_of(plan_of(before, before)) == "6 unchanged");
    CHECK(summary_of(plan_of({}, {})) == "no connections");
}
