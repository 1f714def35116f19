// SPDX-License-Identifier: Apache-2.0
// What travels to the daemon is what was meant, or does not travel.
#include "cli/setkey/change_text.h"

#include <catch2/catch_test_macros.hpp>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/plan.h"
#include "cli/setkey/translator.h"
#include "fake_names.h"
#include "samples.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;
namespace change = netlink::change;

// What a text asks for, on empty tables.
std::vector<netlink::Change> changes_of(std::string_view text) {
    const Source source{"test", text};
    test::FakeNames names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes};
    Plan plan{{}, {}, FlushScope::Owned};
    while (const auto statement = parser.next())
        for (Action& action : translator.translate(*statement))
            static_cast<void>(plan.take(std::move(action), 1));
    std::vector<netlink::Change> changes;
    for (const Plan::Step& step : plan.steps()) changes.push_back(plan.change(step));
    return changes;
}

std::string refusal_of(std::string_view text) {
    const auto change = change_of(text);
    return change ? "" : change.error();
}

}  // namespace

TEST_CASE("policies travel as statements, in every form that the language has", "[setkey]") {
    std::size_t policies = 0;
    for (const auto& sample : test::sample_statements()) {
        for (const netlink::Change& asked : changes_of(sample.written)) {
            const auto* const added = std::get_if<change::AddPolicy>(&asked);
            if (added == nullptr) continue;
            INFO(sample.written);
            const auto text = text_of(asked);
            REQUIRE(text.has_value());
            const auto read = change_of(*text);
            REQUIRE(read.has_value());
            CHECK(std::get<change::AddPolicy>(*read).spec == added->spec);
            const auto replacing = text_of(change::ReplacePolicy{added->spec});
            REQUIRE(replacing.has_value());
            CHECK(std::get<change::ReplacePolicy>(*change_of(*replacing)).spec == added->spec);
            const auto removing = text_of(change::RemovePolicy{added->spec.id});
            REQUIRE(removing.has_value());
            CHECK(std::get<change::RemovePolicy>(*change_of(*removing)).id == added->spec.id);
            ++policies;
        }
    }
    CHECK(policies > 10);
}

TEST_CASE("keys do not travel", "[setkey]") {
    for (const netlink::Change& asked :
         changes_of("add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc \"sixteen octets..\";"))
        CHECK_FALSE(text_of(asked).has_value());
    CHECK_FALSE(change_of("add 192.0.2.1 192.0.2.2 esp 0x1000 -E null -A null;").has_value());
}

TEST_CASE("removals of SAs travel with their marks", "[setkey]") {
    const auto change = change_of("delete 192.0.2.1 192.0.2.2 esp 0x1000 -mark 1/3;");
    REQUIRE(change.has_value());
    const auto text = text_of(*change);
    CHECK(text == "delete 192.0.2.1 192.0.2.2 esp 0x1000 -mark 0x1/0x3;");
}

TEST_CASE("an in policy is for what it says and nothing else", "[setkey]") {
    const auto change = change_of("spdadd ::1 ::2 any -P in discard;");
    REQUIRE(change.has_value());
    CHECK(std::get<change::AddPolicy>(*change).spec.id.direction == xfrm::Direction::In);
}

TEST_CASE("what a policy says beyond the language does not travel", "[setkey]") {
    xfrm::PolicySpec policy;
    policy.id.selector.source = *xfrm::Prefix::parse("192.0.2.1/32");
    policy.id.selector.destination = *xfrm::Prefix::parse("192.0.2.2/32");
    policy.priority = 0x80000000;
    policy.templates.resize(1);
    policy.templates[0].mode = xfrm::Mode::Transport;
    policy.templates[0].spi = xfrm::EspSpi{7};
    CHECK_FALSE(text_of(change::AddPolicy{policy}).has_value());
    policy.templates[0].spi = {};
    policy.id.selector.source_port = {.port = 80, .mask = 0xfff0};
    CHECK_FALSE(text_of(change::AddPolicy{policy}).has_value());
    policy.id.selector.source_port = {};
    CHECK(text_of(change::AddPolicy{policy}).has_value());
}

TEST_CASE("whatever else a client sends is refused with a reason", "[setkey]") {
    CHECK(refusal_of("") == "nothing is asked for");
    CHECK(refusal_of("flush;").starts_with("only spdadd"));
    CHECK(refusal_of("spdadd ::1 ::2 any -P out none; spdadd ::1 ::3 any -P out none;") ==
          "this is more than one statement");
    CHECK(refusal_of("spdadd alpha beta any -P out none;") ==
          "\"alpha\" is no number, as all is here");
    CHECK(refusal_of("spdadd ::1 ::2 any -P out ipsec esp/transport//unique;") ==
          "level unique needs its number here");
    CHECK_FALSE(refusal_of("spdadd ::1 ::2 any -P out").empty());
    CHECK_FALSE(refusal_of("spdadd 192.0.2.1 ::2 any -P out none;").empty());
}
