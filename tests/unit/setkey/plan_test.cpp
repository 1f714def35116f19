// SPDX-License-Identifier: Apache-2.0
// Plans against a kernel on paper, and against what setkey would do one statement after another.
#include "cli/setkey/plan.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <random>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/policy_order.h"
#include "cli/setkey/translator.h"
#include "fake_names.h"
#include "netlink/model/neighbour_discovery.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;
using xfrm::PolicyId;
using xfrm::PolicySpec;
namespace change = netlink::change;

// The tables of a kernel, policies in the order in which they count.
class PaperKernel {
  public:
    Tables tables() const {
        Tables all;
        for (const auto& [key, source] : sas) all.sas[key] = {source, false};
        for (const PolicySpec& policy : policies) {
            all.policies[policy.id] = {policy, policy.id.selector, false};
            for (const auto& wanted : policy.templates) all.reqids.insert(wanted.reqid);
        }
        return all;
    }

    void apply(const std::vector<netlink::Change>& changes) {
        for (const auto& one : changes)
            std::visit([this](const auto& kind) { (*this)(kind); }, one);
    }

    void operator()(const change::AddSa& add) {
        REQUIRE(sas.emplace(SaKey::of(add.spec.id), add.spec.id.source).second);
    }
    void operator()(const change::ReplaceSa& replace) {
        REQUIRE(sas.contains(SaKey::of(replace.spec.id)));
    }
    void operator()(const change::ReserveSpi&) { FAIL("a plan reserves nothing"); }
    void operator()(const change::RemoveSa& gone) { REQUIRE(sas.erase(SaKey::of(gone.id)) == 1); }
    void operator()(const change::AddPolicy& add) {
        REQUIRE_FALSE(find(add.spec.id).has_value());
        insert(add.spec);
    }
    // As xfrm_policy_insert_list() does it: with the priority it has, a policy keeps its place.
    void operator()(const change::ReplacePolicy& replace) {
        const auto at = find(replace.spec.id);
        if (at && policies[*at].priority == replace.spec.priority) {
            policies[*at] = replace.spec;
            return;
        }
        if (at) policies.erase(policies.begin() + static_cast<std::ptrdiff_t>(*at));
        insert(replace.spec);
    }
    void operator()(const change::RemovePolicy& gone) {
        const auto at = find(gone.id);
        REQUIRE(at.has_value());
        policies.erase(policies.begin() + static_cast<std::ptrdiff_t>(*at));
    }

    std::optional<std::size_t> find(const PolicyId& id) const {
        const auto at = std::ranges::find(policies, id, &PolicySpec::id);
        if (at == policies.end()) return std::nullopt;
        return static_cast<std::size_t>(at - policies.begin());
    }

    std::map<SaKey, xfrm::Address> sas;
    std::vector<PolicySpec> policies;

  private:
    void insert(const PolicySpec& policy) {
        const auto at =
            std::ranges::upper_bound(policies, policy.priority, {}, &PolicySpec::priority);
        policies.insert(at, policy);
    }
};

// The statements of a text, and what they ask for.
std::vector<Action> actions_of(std::string_view text) {
    const Source source{"test", text};
    test::FakeNames names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes};
    std::vector<Action> all;
    while (const auto statement = parser.next())
        for (Action& action : translator.translate(*statement)) all.push_back(std::move(action));
    INFO(daemon::render(mistakes.told(source)));
    REQUIRE(mistakes.errors() == 0);
    return all;
}

// What the kernel is asked for, which it does.
std::vector<netlink::Change> carried_out(Plan& plan) {
    std::vector<netlink::Change> changes;
    for (const Plan::Step& step : plan.steps()) changes.push_back(plan.change(step));
    plan.done();
    return changes;
}

struct Ran {
    std::vector<netlink::Change> changes;
    std::size_t left_alone = 0;
    std::string refusal;
};

// Runs a text on the kernel; what is owned before and after is in `owned`.
Ran run(PaperKernel& kernel, Owned& owned, std::string_view text,
        FlushScope scope = FlushScope::Owned) {
    Plan plan{kernel.tables(), owned, scope};
    Ran ran;
    Origin origin = 0;
    for (Action& action : actions_of(text)) {
        const auto taken = plan.take(std::move(action), ++origin);
        if (!taken) {
            ran.refusal = taken.error().text;
            return ran;
        }
        ran.left_alone += taken->left_alone;
    }
    const bool differs = plan.differs();
    CHECK(differs == !plan.differences().empty());
    ran.changes = carried_out(plan);
    kernel.apply(ran.changes);
    owned = plan.owned();
    CHECK((ran.changes.empty() || !plan.differs()));
    CHECK(carried_out(plan).empty());
    return ran;
}

constexpr std::string_view kSa = "add 192.0.2.1 192.0.2.2 esp 0x1000 -E null -A null;";
constexpr std::string_view kIn =
    "spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/unique;";
constexpr std::string_view kOut =
    "spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique;";

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const std::string_view part : parts) all += std::string{part} + "\n";
    return all;
}

}  // namespace

TEST_CASE("what is not there is added, SAs before policies", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    const Ran ran = run(kernel, owned, joined({kOut, kIn, kSa}));
    REQUIRE(ran.changes.size() == 4);
    CHECK(std::holds_alternative<change::AddSa>(ran.changes[0]));
    CHECK(owned.sas.size() == 1);
    CHECK(owned.policies.size() == 3);
}

TEST_CASE("an in policy and its copy have the same reqids", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned,
        joined({kIn, kOut,
                "spdadd 10.3.0.0/16 10.1.0.0/16 any -P in ipsec esp/transport//unique "
                "ah/transport//unique;"}));
    std::map<PolicyId, std::vector<std::uint32_t>> reqids;
    for (const PolicySpec& policy : kernel.policies)
        for (const auto& wanted : policy.templates) reqids[policy.id].push_back(wanted.reqid.value);
    std::set<std::uint32_t> distinct;
    for (const auto& [id, numbers] : reqids) {
        distinct.insert(numbers.begin(), numbers.end());
        PolicyId forward = id;
        forward.direction = xfrm::Direction::Forward;
        if (id.direction == xfrm::Direction::In) CHECK(reqids.at(forward) == numbers);
    }
    CHECK(distinct == std::set<std::uint32_t>{0x4000, 0x4001, 0x4002, 0x4003});
}

TEST_CASE("a text that is run again leaves policies in their places and renews SAs", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    const std::string text = joined({"flush; spdflush;", kSa, kOut, kIn});
    run(kernel, owned, text);
    const auto before = kernel.policies;
    const Owned owned_before = owned;
    const Ran again = run(kernel, owned, text);
    REQUIRE(again.changes.size() == 2);
    CHECK(std::holds_alternative<change::RemoveSa>(again.changes[0]));
    CHECK(std::holds_alternative<change::AddSa>(again.changes[1]));
    CHECK(kernel.policies == before);  // reqids of level unique included
    CHECK(owned == owned_before);
}

TEST_CASE("a flush leaves alone what others have installed, unless it is told", "[setkey]") {
    PaperKernel kernel;
    Owned nobody;
    run(kernel, nobody, joined({kSa, kOut}));
    Owned owned;
    run(kernel, owned,
        "add 192.0.2.1 192.0.2.2 ah 0x1001 -A hmac-md5 \"sixteen octets..\"; spdadd ::1 ::1 any -P "
        "out none;");
    Ran ran = run(kernel, owned, "flush; spdflush;");
    CHECK(ran.left_alone == 2);
    CHECK(kernel.sas.size() == 1);
    CHECK(kernel.policies.size() == 1);
    CHECK(owned == Owned{});
    run(kernel, owned, "flush ah;", FlushScope::Everybody);
    CHECK(kernel.sas.size() == 1);
    run(kernel, owned, "flush; spdflush;", FlushScope::Everybody);
    CHECK(kernel.sas.empty());
    CHECK(kernel.policies.empty());
}

TEST_CASE("what cannot be is refused before anything is done", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, joined({kSa, kOut}));
    CHECK(run(kernel, owned, kSa).refusal ==
          "ESP SA 192.0.2.1 -> 192.0.2.2 SPI 0x00001000: exists already");
    CHECK(run(kernel, owned, kOut).refusal.ends_with("exists already"));
    CHECK(
        run(kernel, owned, joined({"spdflush;", kOut, kOut})).refusal.ends_with("exists already"));
    CHECK(run(kernel, owned, "delete 192.0.2.1 192.0.2.2 esp 0x2000;")
              .refusal.ends_with("does not exist"));
    CHECK(run(kernel, owned, "spddelete ::1 ::1 any -P in;").refusal.ends_with("does not exist"));
    CHECK(run(kernel, owned, "update 192.0.2.1 192.0.2.2 esp 0x2000 -E null -A null;")
              .refusal.ends_with("does not exist"));
}

TEST_CASE("deleteall deletes all", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    std::string text =
        "add 192.0.2.9 192.0.2.2 esp 0x1 -E null -A null; add 192.0.2.1 192.0.2.2 ah 0x1000 -A "
        "hmac-md5 \"sixteen octets..\";";
    for (int spi = 0x1000; spi < 0x1020; ++spi)
        text += "add 192.0.2.1 192.0.2.2 esp " + std::to_string(spi) + " -E null -A null;";
    run(kernel, owned, text);
    run(kernel, owned, "deleteall 192.0.2.1 192.0.2.2 esp;");
    CHECK(kernel.sas.size() == 2);
    CHECK(owned.sas.size() == 2);
}

TEST_CASE("what is updated replaces what is there", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, joined({kSa, "spdadd ::1 ::1 any -P in none;"}));
    const Ran ran = run(kernel, owned,
                        "update 192.0.2.1 192.0.2.2 esp 0x1000 -lh 60 -E null -A null;"
                        "spdupdate ::1 ::1 any -P in discard; spdupdate ::2 ::1 any -P out none;");
    REQUIRE(ran.changes.size() == 4);
    CHECK(std::holds_alternative<change::ReplaceSa>(ran.changes[0]));
    CHECK(kernel.policies.size() == 3);
    CHECK(std::ranges::count(kernel.policies, xfrm::PolicyAction::Block, &PolicySpec::action) == 2);
}

TEST_CASE("deleting an in policy deletes its copy", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, kIn);
    CHECK(kernel.policies.size() == 2);
    run(kernel, owned, "spddelete 10.2.0.0/16 10.1.0.0/16 any -P in;");
    CHECK(kernel.policies.empty());
}

TEST_CASE("a policy for forwarded packets that is written counts more than a copy", "[setkey]") {
    constexpr std::string_view kIn6 = "spdadd ::1 ::2 any -P in discard;";
    constexpr std::string_view kForward6 = "spdadd ::1 ::2 any -P fwd none;";
    for (const auto& text : {joined({kIn6, kForward6}), joined({kForward6, kIn6})}) {
        PaperKernel kernel;
        Owned owned;
        CHECK(run(kernel, owned, text).refusal.empty());
        REQUIRE(kernel.policies.size() == 2);
        for (const PolicySpec& policy : kernel.policies)
            CHECK((policy.action == xfrm::PolicyAction::Allow) ==
                  (policy.id.direction == xfrm::Direction::Forward));
    }
}

TEST_CASE("an SA makes room for another with the same SPI and another mark", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, kSa);
    const Ran ran =
        run(kernel, owned, "flush; add 192.0.2.1 192.0.2.2 esp 0x1000 -mark 1 -E null -A null;");
    REQUIRE(ran.changes.size() == 2);
    CHECK(std::holds_alternative<change::RemoveSa>(ran.changes[0]));
}

TEST_CASE("SAs that do not come again go last", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, joined({kSa, kOut}));
    const Ran ran =
        run(kernel, owned, joined({"flush; spdflush;", "spdadd ::1 ::1 any -P out none;"}));
    REQUIRE(ran.changes.size() == 3);
    CHECK(std::holds_alternative<change::AddPolicy>(ran.changes[0]));
    CHECK(std::holds_alternative<change::RemovePolicy>(ran.changes[1]));
    CHECK(std::holds_alternative<change::RemoveSa>(ran.changes[2]));
}

TEST_CASE("what differs is told entry by entry", "[setkey]") {
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned,
        joined({kSa, kOut, "spdadd ::1 ::1 any -P out none; spdadd ::2 ::2 any -P out none;"}));
    Plan plan{kernel.tables(), owned, FlushScope::Owned};
    Origin origin = 0;
    for (Action& action :
         actions_of(joined({"flush; spdflush;", kOut,
                            "spdadd ::1 ::1 any -P out discard; spdadd ::3 ::3 any -P out none;"})))
        REQUIRE(plan.take(std::move(action), ++origin).has_value());
    std::map<Difference::Kind, int> count;
    for (const Difference& difference : plan.differences()) ++count[difference.kind];
    CHECK(count[Difference::Kind::Added] == 1);
    CHECK(count[Difference::Kind::Removed] == 2);
    CHECK(count[Difference::Kind::Replaced] == 1);
    CHECK(plan.unchanged_policies() == 1);
}

// ---- order --------------------

namespace {

// setkey's way: one statement after another.
struct Sequential {
    PaperKernel kernel;

    void run(std::string_view text) {
        for (Action& action : actions_of(text)) {
            if (std::holds_alternative<action::FlushPolicies>(action)) kernel.policies.clear();
            if (auto* const add = std::get_if<action::AddPolicy>(&action))
                kernel(change::AddPolicy{add->spec});
        }
    }
};

// A few statements that overlap in many ways.
std::string random_text(std::mt19937& random) {
    std::vector<std::string> statements;
    for (const char* source : {"10.0.0.0/8", "10.1.0.0/16", "10.1.1.1", "0.0.0.0/0"})
        for (const char* protocol : {"any", "tcp", "udp"}) {
            if (random() % 3 == 0) continue;
            statements.push_back(std::string{"spdadd "} + source + " 192.0.2.0/24 " + protocol +
                                 " -P out " + (random() % 4 == 0 ? "prio low " : "") +
                                 (random() % 2 == 0 ? "none" : "discard") + ";");
        }
    std::ranges::shuffle(statements, random);
    std::string text = "spdflush;";
    for (const std::string& statement : statements) text += "\n" + statement;
    return text;
}

// Those that compete with each other stand in the same order.
void check_same_order(const std::vector<PolicySpec>& ours, const std::vector<PolicySpec>& theirs) {
    REQUIRE(ours.size() == theirs.size());
    const auto place = [](const std::vector<PolicySpec>& all, const PolicySpec& policy) {
        const auto at = std::ranges::find(all, policy);
        REQUIRE(at != all.end());
        return at - all.begin();
    };
    for (const PolicySpec& one : theirs)
        for (const PolicySpec& other : theirs)
            if (compete(one, other) && place(theirs, one) < place(theirs, other))
                REQUIRE(place(ours, one) < place(ours, other));
}

}  // namespace

TEST_CASE("whatever came before, a text counts as if the tables had been empty", "[setkey]") {
    std::mt19937 random{20261128};
    PaperKernel kernel;
    Owned owned;
    for (int i = 0; i < 300; ++i) {
        const std::string text = random_text(random);
        INFO(text);
        const auto before = kernel.policies;
        Plan plan{kernel.tables(), owned, FlushScope::Owned};
        Origin origin = 0;
        for (Action& action : actions_of(text))
            REQUIRE(plan.take(std::move(action), ++origin).has_value());
        auto changes = carried_out(plan);
        Sequential sequential;
        sequential.run(text);
        // Step by step: what is wanted before and after is never missing.
        for (const auto& one : changes) {
            std::visit([&](const auto& kind) { kernel(kind); }, one);
            for (const PolicySpec& policy : before)
                if (sequential.kernel.find(policy.id)) REQUIRE(kernel.find(policy.id).has_value());
        }
        owned = plan.owned();
        check_same_order(kernel.policies, sequential.kernel.policies);
    }
}

TEST_CASE("a policy that is put before one that stays moves that one behind itself", "[setkey]") {
    constexpr std::string_view kWide = "spdadd 10.0.0.0/8 192.0.2.1 any -P out discard;";
    constexpr std::string_view kNarrow = "spdadd 10.1.0.0/16 192.0.2.1 any -P out none;";
    constexpr std::string_view kElsewhere = "spdadd 172.16.0.0/12 192.0.2.1 any -P out none;";
    PaperKernel kernel;
    Owned owned;
    run(kernel, owned, joined({"spdflush;", kWide}));
    CHECK(run(kernel, owned, joined({"spdflush;", kElsewhere, kWide})).changes.size() == 1);
    const Ran ran = run(kernel, owned, joined({"spdflush;", kElsewhere, kNarrow, kWide}));
    REQUIRE(ran.changes.size() == 3);
    // It protects, so beside its place it counts more, not less.
    CHECK(std::get<change::ReplacePolicy>(ran.changes[1]).spec.priority == 0x7fffffff);
    CHECK(std::get<change::ReplacePolicy>(ran.changes[2]).spec.priority == 0x80000000);
    CHECK(kernel.policies.back().action == xfrm::PolicyAction::Block);
    CHECK(run(kernel, owned, joined({"spdflush;", kElsewhere, kNarrow, kWide})).changes.empty());
}

TEST_CASE("a hundred thousand policies are planned in moments", "[setkey]") {
    std::string text = "spdflush;\n";
    for (int i = 0; i < 100'000; ++i)
        text += "spdadd 10." + std::to_string(i >> 16 & 255) + "." + std::to_string(i >> 8 & 255) +
                "." + std::to_string(i & 255) +
                " 192.0.2.1 any -P out ipsec esp/transport//require;\n";
    PaperKernel kernel;
    Owned owned;
    Plan plan{kernel.tables(), owned, FlushScope::Owned};
    Origin origin = 0;
    for (Action& action : actions_of(text))
        REQUIRE(plan.take(std::move(action), ++origin).has_value());
    CHECK(carried_out(plan).size() == 100'000);
    // Again, with every second one new in front of one that stays: no comparison of all with all.
    owned = plan.owned();
    std::string other = "spdflush;\n";
    for (int i = 0; i < 50'000; ++i) {
        const std::string place = std::to_string(i >> 16 & 255) + "." +
                                  std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
        other += "spdadd 11." + place + " 192.0.2.1 any -P out none;\nspdadd 10." + place +
                 " 192.0.2.1 any -P out ipsec esp/transport//require;\n";
    }
    for (Action& action : actions_of(other))
        REQUIRE(plan.take(std::move(action), ++origin).has_value());
    CHECK(carried_out(plan).size() >= 100'000);
}

TEST_CASE("neighbour discovery of a daemon that runs stays, that of others does not", "[setkey]") {
    const bool daemon = GENERATE(true, false);
    const Keepers keepers{.connections = {}, .neighbour_discovery = daemon};
    PaperKernel kernel;
    Owned nobodys;
    run(kernel, nobodys, "spdadd ::/0 ::/0 icmp6 135,0 -P out none;");
    Tables tables = kernel.tables();
    for (const xfrm::PolicySpec& policy : xfrm::neighbour_discovery_policies())
        tables.policies[policy.id] = {policy, policy.id.selector, false};
    REQUIRE(tables.policies.size() == 5);

    Plan plan{tables, {}, FlushScope::Everybody, keepers};
    for (Action& action : actions_of("spdflush;"))
        CHECK(plan.take(std::move(action), 1)->kept == (daemon ? 4 : 0));
    CHECK(carried_out(plan).size() == (daemon ? 1 : 5));
}

TEST_CASE("what a connection of the daemon's keeps, no statement removes or replaces", "[setkey]") {
    const Keepers keepers{.connections = {{xfrm::ReqId{16385}, "db/all"}}};
    PaperKernel kernel;
    Owned nobodys;
    Owned ours;
    run(kernel, nobodys,
        "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//unique:16385;"
        "spdadd 192.0.2.1 192.0.2.3 any -P out ipsec esp/transport//unique:7;");
    Tables tables = kernel.tables();
    const SaKey key{
        *xfrm::Address::parse("192.0.2.2"), xfrm::IpsecProtocol::Esp, xfrm::EspSpi{0x1000}, {}};
    tables.sas[key] = {*xfrm::Address::parse("192.0.2.1"), false, xfrm::ReqId{16385}};

    const auto refusal = [&](std::string_view text) {
        Plan plan{tables, ours, FlushScope::Everybody, keepers};
        for (Action& action : actions_of(text)) {
            const auto taken = plan.take(std::move(action), 1);
            if (!taken) return taken.error().text + "; " + taken.error().hint;
        }
        return std::string{};
    };
    const std::string says = "belongs to xfrmd's connection db/all; xfrmctl down db ends its SAs";
    CHECK(refusal("spddelete 192.0.2.1 192.0.2.2 any -P out;").contains(says));
    CHECK(refusal("spdupdate 192.0.2.1 192.0.2.2 any -P out none;").contains(says));
    CHECK(refusal("delete 192.0.2.1 192.0.2.2 esp 0x1000;").contains(says));
    CHECK(refusal("deleteall 192.0.2.1 192.0.2.2 esp;").contains(says));
    CHECK(refusal("spddelete 192.0.2.1 192.0.2.3 any -P out;").empty());

    Plan plan{tables, ours, FlushScope::Everybody, keepers};
    for (Action& action : actions_of("flush; spdflush;")) {
        const auto taken = plan.take(std::move(action), 1);
        REQUIRE(taken.has_value());
        CHECK(taken->kept == 1);
    }
    CHECK(carried_out(plan).size() == 1);
    // Statements had put it there once, and a connection has replaced it since.
    Plan own{tables, nobodys, FlushScope::Owned, keepers};
    for (Action& action : actions_of("spdflush;"))
        CHECK(own.take(std::move(action), 1)->left_alone == 1);
    CHECK(own.owned().policies.empty());
    CHECK(carried_out(own).size() == 1);
}
