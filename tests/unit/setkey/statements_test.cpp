// SPDX-License-Identifier: Apache-2.0
// From the kernel's entries back to statements, and what stands around statements.
#include "cli/setkey/statements.h"

#include <catch2/catch_test_macros.hpp>

#include "cli/setkey/input.h"
#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/progress.h"
#include "cli/setkey/script.h"
#include "cli/setkey/translator.h"
#include "fake_names.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;

Action action_of(std::string_view text) {
    const Source source{"test", text};
    test::FakeNames names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes};
    const auto statement = parser.next();
    REQUIRE(statement.has_value());
    auto actions = translator.translate(*statement);
    INFO(daemon::render(mistakes.told(source)));
    REQUIRE(actions.size() == 1);
    return std::move(actions.front());
}

std::string there_and_back(std::string_view text) {
    const Action action = action_of(text);
    if (const auto* const sa = std::get_if<action::AddSa>(&action))
        return print(addition_of(sa->spec), Keys::Hide);
    if (const auto* const policy = std::get_if<action::AddPolicy>(&action))
        return print(addition_of(policy->spec, interface_number), Keys::Hide);
    return {};
}

Input input(std::string_view text) {
    return {Source{"test.conf", text}, false, false};
}

}  // namespace

TEST_CASE("an SA is a statement again, without its keys", "[setkey]") {
    CHECK(there_and_back("add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -u 7 -r 64 -lh 60 -bs 5 -ph "
                         "9 -E aes-cbc \"sixteen octets..\" "
                         "-A hmac-sha1 \"twenty octets of key\";") ==
          "add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -u 7 -r 64 -lh 60 -bs 5 -ph 9 -E aes-cbc "
          "*** -A hmac-sha1/96 ***;");
    CHECK(there_and_back("add 192.0.2.1 192.0.2.2 ah 0x1000 -mark 1 -if_id 3 -output-mark 2/3 -A "
                         "hmac-sha256/128 \"thirty-two octets of a secretkey\";") ==
          "add 192.0.2.1 192.0.2.2 ah 0x1000 -m transport -f align4 -mark 0x1/0xffffffff "
          "-output-mark 0x2/0x3 -if_id 3 -A hmac-sha256/128 ***;");
    CHECK(there_and_back("add ::1 ::2 esp 0x1000 -esn -r 64 -ctx 1 1 \"a:b\" -E aes-gcm-12 "
                         "0x00112233445566778899aabbccddeeff00112233;") ==
          "add ::1 ::2 esp 0x1000 -m transport -r 64 -esn -ctx 1 1 \"a:b\" -E aes-gcm-12 ***;");
    CHECK(there_and_back("add 192.0.2.1[4501] 192.0.2.2 esp-udp 0x1000 -E null -A null;") ==
          "add 192.0.2.1[4501] 192.0.2.2[4500] esp-udp 0x1000 -m transport -E null -A null;");
    CHECK(there_and_back("add ::1 ::2 ipcomp 2 -C deflate;") ==
          "add ::1 ::2 ipcomp 0x2 -m transport -C deflate;");
}

TEST_CASE("a policy is a statement again", "[setkey]") {
    for (const char* const statement :
         {"spdadd 10.1.0.0/16 10.2.0.1[443] 6 -P out prio def + 5 ipsec "
          "esp/tunnel/192.0.2.1-192.0.2.2/unique:7 ah/transport//use;",
          "spdadd ::/0 ::/0 58 128,0 -ctx 1 1 \"a:b\" -mark 0x1/0x3 -if_id 9 -dev 7 -P fwd prio "
          "def - 5 none;",
          "spdadd 192.0.2.1 192.0.2.2 47 1234 -P in discard;",
          "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec ipcomp/transport//require;"}) {
        std::string text = statement;
        if (const std::size_t at = text.find("-dev 7"); at != std::string::npos)
            text.replace(at, 6, "-dev eth0");
        CHECK(there_and_back(text) == statement);
    }
}

TEST_CASE("the words of a command line are a statement", "[setkey]") {
    const auto text = [](std::vector<std::string> words) {
        return std::string{input_of(words).source.text()};
    };
    CHECK(text({"spdadd", "192.0.2.1", "192.0.2.2", "any", "-P", "out", "none"}) ==
          "spdadd 192.0.2.1 192.0.2.2 any -P out none;");
    CHECK(text({"spdflush;"}) == "spdflush;");
    CHECK(text({"spdadd", "tagged", "office", "-P", "in", "none"}) ==
          "spdadd tagged \"office\" -P in none;");
    CHECK(text({"add", "-ctx", "1", "1", "a:b", "-E", "null"}) == "add -ctx 1 1 \"a:b\" -E null;");
    CHECK(text({"-E", "des-cbc", "my key"}) == "-E des-cbc \"my key\";");
}

TEST_CASE("a key among arguments is refused unless it is allowed", "[setkey]") {
    test::FakeNames names;
    for (const bool allowed : {false, true}) {
        std::vector<Input> inputs;
        inputs.push_back(
            input_of(std::vector<std::string>{"add", "192.0.2.1", "192.0.2.2", "esp", "0x1000",
                                              "-E", "des-cbc", "0x0123456789abcdef"}));
        Script script{std::move(inputs), names, Semantics::Rfc, allowed};
        script.read([](const Action&, Origin) { return true; });
        CHECK((script.errors() == 0) == allowed);
    }
}

TEST_CASE("several texts are read as one, and mistakes are told of each", "[setkey]") {
    test::FakeNames names;
    std::vector<Input> inputs;
    inputs.push_back(input("spdadd ::1 ::1 any -P out none;\nspdadd ::1 ::300.1 any -P out none;"));
    inputs.push_back(input("spdadd ::2 ::2 any -P out none; spdadd ::3 ::3 any -P out ipsec;"));
    Script script{std::move(inputs), names, Semantics::Rfc, false};
    std::vector<Origin> origins;
    for (int reading = 0; reading < 2; ++reading)
        script.read([&](const Action&, Origin origin) {
            origins.push_back(origin);
            return true;
        });
    CHECK(origins == std::vector<Origin>{1, 2, 1, 2});
    script.complain(2, "the kernel refuses it");
    CHECK(script.errors() == 3);
    const auto told = script.told();
    REQUIRE(told.size() == 3);
    CHECK(told[0].line == 2);
    CHECK(told[1].text == "the kernel refuses it");
    CHECK(told[1].source_line.starts_with("spdadd ::2"));
}

TEST_CASE("a file of keys that others may read is told", "[setkey]") {
    test::FakeNames names;
    std::vector<Input> inputs;
    inputs.push_back(
        {Source{"setkey.conf", "add ::1 ::1 esp 0x1000 -E des-cbc \"password\" -A null;"}, false,
         true});
    Script script{std::move(inputs), names, Semantics::Rfc, false};
    script.read([](const Action&, Origin) { return true; });
    CHECK(script.errors() == 0);
    REQUIRE(script.told().size() == 1);
    CHECK(script.told()[0].hint == "chmod 600 setkey.conf");
}

TEST_CASE("progress is shown in a line", "[setkey]") {
    CHECK(progress_text(0, 100'000) == "[                    ]   0 %  0 of 100,000");
    CHECK(progress_text(45'678, 100'000) == "[#########           ]  45 %  45,678 of 100,000");
    CHECK(progress_text(1'234'567, 1'234'567) ==
          "[####################] 100 %  1,234,567 of 1,234,567");
}
