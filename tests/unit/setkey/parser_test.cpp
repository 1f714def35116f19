// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/parser.h"

#include <catch2/catch_test_macros.hpp>

#include "cli/setkey/language/print.h"
#include "samples.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;

// The only statement of a text without mistakes.
AnyStatement parsed(std::string_view text) {
    const Source source{"test", text};
    auto result = parse(source);
    INFO(daemon::render(result.diagnostics));
    REQUIRE(result.good);
    REQUIRE(result.statements.size() == 1);
    return std::move(result.statements.front().value);
}

template <class Kind>
Kind parsed_as(std::string_view text) {
    auto statement = parsed(text);
    REQUIRE(std::holds_alternative<Kind>(statement));
    return std::get<Kind>(std::move(statement));
}

std::size_t count_of(std::string_view text) {
    const Source source{"test", text};
    const auto result = parse(source);
    INFO(daemon::render(result.diagnostics));
    CHECK(result.good);
    return result.statements.size();
}

}  // namespace

TEST_CASE("every statement is printed so that it reads the same", "[setkey]") {
    for (const auto& [written, printed] : test::sample_statements()) {
        INFO(written);
        const AnyStatement statement = parsed(written);
        CHECK(print(statement, Keys::Show) == printed);
        CHECK(parsed(printed) == statement);
    }
}

TEST_CASE("a file is its statements in their order", "[setkey]") {
    std::string file = "#!/usr/sbin/setkey -f\n# everything\n";
    for (const auto& sample : test::sample_statements()) file += std::string{sample.written} + "\n";
    CHECK(count_of(file) == test::sample_statements().size());
    CHECK(count_of("") == 0);
    CHECK(count_of("# nothing\n;;\n") == 0);
    CHECK(count_of("flush;spdflush;") == 2);
    CHECK(count_of("exit; this is not read") == 1);
}

TEST_CASE("parts know where they stand", "[setkey]") {
    const Source source{"test",
                        "flush;\n  spdadd 192.0.2.0/24[any] db tcp -P out prio low ipsec "
                        "esp/tunnel/192.0.2.1-192.0.2.2/unique:7 ;"};
    const auto result = parse(source);
    REQUIRE(result.statements.size() == 2);
    const auto& add = std::get<statement::SpdAdd>(result.statements[1].value);
    const auto& selector = std::get<PolicySelector>(add.selector);
    const Request& request = add.policy.requests.at(0);
    CHECK(source.text(result.statements[0].span) == "flush;");
    CHECK(source.text(result.statements[1].span).starts_with("spdadd 192"));
    CHECK(source.text(result.statements[1].span).ends_with("7 ;"));
    CHECK(source.text(selector.source.host.span) == "192.0.2.0");
    CHECK(source.text(selector.source.prefix_length->span) == "24");
    CHECK(source.text(selector.source.port->span) == "any");
    CHECK(source.text(selector.destination.host.span) == "db");
    CHECK(source.text(selector.protocol.span) == "tcp");
    CHECK(source.text(add.policy.priority->span) == "prio low");
    CHECK(source.text(request.ends.span) == "192.0.2.1-192.0.2.2");
    CHECK(source.text(request.level.span) == "unique:7");
    CHECK(source.place_of(selector.destination.host.span.begin).line == 2);
    CHECK(source.place_of(selector.destination.host.span.begin).column == 28);
}

TEST_CASE("keys are octets of text or of hexadecimal digits", "[setkey]") {
    const auto text =
        parsed_as<statement::Add>("add 192.0.2.1 192.0.2.2 esp 1 -E des-cbc \"#a;b\\ c\";");
    CHECK(equal(text.algorithms.encryption->key->value.octets.view(), as_view("#a;b\\ c")));
    const auto hex = parsed_as<statement::Add>("add 192.0.2.1 192.0.2.2 esp 1 -E des-cbc 0XaBcD;");
    CHECK(to_hex(hex.algorithms.encryption->key->value.octets.view()) == "abcd");
    const auto odd = parsed_as<statement::Add>("add 192.0.2.1 192.0.2.2 esp 1 -E des-cbc 0x123;");
    CHECK(to_hex(odd.algorithms.encryption->key->value.octets.view()) == "0123");
}

TEST_CASE("a hidden key is not printed", "[setkey]") {
    const auto add =
        parsed("add 192.0.2.1 192.0.2.2 esp 1 -E des-cbc \"password\" -A hmac-md5 0xabcdef;");
    CHECK(print(add, Keys::Hide) ==
          "add 192.0.2.1 192.0.2.2 esp 0x1 -E des-cbc *** -A hmac-md5 ***;");
}

TEST_CASE("priorities are a base and how far above it", "[setkey]") {
    const auto priority_of = [](std::string_view text) {
        const auto add = parsed_as<statement::SpdAdd>("spdadd ::/0 ::/0 any -P out " +
                                                      std::string{text} + " none;");
        return add.policy.priority->value;
    };
    using enum Priority::Base;
    CHECK(priority_of("priority 100") == Priority{Default, 100});
    CHECK(priority_of("prio -100") == Priority{Default, -100});
    CHECK(priority_of("prio low") == Priority{Low, 0});
    CHECK(priority_of("prio high +5") == Priority{High, 5});
    CHECK(priority_of("prio def-5") == Priority{Default, -5});
    CHECK(priority_of("prio def + 0x40000000") == Priority{Default, 0x40000000});
}

TEST_CASE("mistakes beyond a number are counted", "[setkey]") {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "spdadd 300.0.0.1 ::1 any -P out none;\n";
    const Source source{"test", text};
    const auto result = parse(source);
    CHECK_FALSE(result.good);
    CHECK(result.diagnostics.size() == Mistakes::kKeptMax + 1);
    CHECK(result.diagnostics.back().text == "there are 900 more mistakes behind these");
}

TEST_CASE("the same warning is told once", "[setkey]") {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "add ::1 ::1 esp 1 -E des-cbc 0x123;\n";
    const Source source{"test", text};
    const auto result = parse(source);
    CHECK(result.good);
    REQUIRE(result.diagnostics.size() == 1);
    CHECK(result.diagnostics[0].text ==
          "the key has an odd number of digits (here and 999 more times)");
    CHECK(result.diagnostics[0].line == 1);
}
