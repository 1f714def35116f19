// SPDX-License-Identifier: Apache-2.0
// xfrmctl explain without a kernel: what is asked, what follows from what was read, how it is told.
// Whether the lookup is the kernel's is shown by lookup_tests; the command itself by the lab
// scenario `explain`.
#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include "cli/explain/answer_json.h"
#include "cli/explain/answer_text.h"
#include "cli/explain/question.h"
#include "cli/explain/reason.h"
#include "fake_daemon.h"

namespace xfrmd::explain {

using namespace xfrm;
using lookup::Cause;
using lookup::Verdict;

namespace {

constexpr std::uint64_t kNow = 1'000'000;

Address address(std::string_view text) {
    return Address::parse(text).value();
}

Question question(std::string source, std::string destination, std::string protocol = {},
                  std::string source_port = {}, std::string destination_port = {}) {
    Words words;
    words.source = std::move(source);
    words.destination = std::move(destination);
    words.protocol = std::move(protocol);
    words.source_port = std::move(source_port);
    words.destination_port = std::move(destination_port);
    const auto read = parse(words);
    INFO(read.error_or(""));
    REQUIRE(read.has_value());
    return *read;
}

StoredPolicy policy(std::uint8_t direction, std::uint32_t index) {
    StoredPolicy policy;
    policy.selector.source = Prefix::any(Family::V4);
    policy.selector.destination = Prefix::any(Family::V4);
    policy.direction = direction;
    policy.index = index;
    policy.priority = 1000;
    return policy;
}

StoredTemplate esp(std::uint32_t reqid) {
    StoredTemplate wanted;
    wanted.protocol = 50;
    wanted.reqid = ReqId{reqid};
    return wanted;
}

StoredSa sa(std::string_view source, std::string_view destination, std::uint32_t spi) {
    StoredSa sa;
    sa.source = address(source);
    sa.destination = address(destination);
    sa.protocol = 50;
    sa.spi = EspSpi{spi};
    sa.reqid = ReqId{7};
    sa.aead.emplace().name = "rfc4106(gcm(aes))";
    sa.usage = {.bytes = 3000, .packets = 30, .add_time = kNow - 192, .use_time = kNow - 100};
    sa.last_used = kNow - 2;
    return sa;
}

// TCP from 192.0.2.1 port 1024 to 192.0.2.2 port 443, by eth0.
Survey surveyed(Journey journey) {
    Survey survey;
    survey.journey = journey;
    survey.flow.source = address("192.0.2.1");
    survey.flow.destination = address("192.0.2.2");
    survey.flow.protocol = 6;
    survey.flow.source_port = 1024;
    survey.flow.destination_port = 443;
    survey.flow.interface_index = 2;
    if (journey == Journey::Out || journey == Journey::Through) survey.leaves_by = "eth0";
    if (journey == Journey::In || journey == Journey::Through) survey.comes_by = "eth1";
    survey.sa_buckets = 8;
    survey.now = kNow;
    survey.counters = {{"XfrmInNoPols", 4}, {"XfrmOutNoStates", 12}, {"XfrmOutPolBlock", 0}};
    return survey;
}

const Origins kOrigins{{9, {"db/all", "/etc/xfrmd/xfrmd.toml:9"}}};

std::string text_of(const Survey& survey, bool all = false) {
    return answer_text(answer(survey), survey, kOrigins, {.style = {}, .all = all});
}

}  // namespace

TEST_CASE("the words of explain are addresses, names and numbers", "[cli][explain]") {
    const Question asked = question("-", "192.0.2.2", "tcp", "1024", "443");
    CHECK_FALSE(asked.source.has_value());
    CHECK(asked.destination == address("192.0.2.2"));
    CHECK(asked.protocol == 6);
    CHECK(asked.source_port == 1024);
    CHECK(asked.destination_port == 443);
    CHECK(question("any", "192.0.2.2", "0x11", "-", "any").protocol == 17);
    CHECK(question("192.0.2.1", "192.0.2.2").source == address("192.0.2.1"));
    CHECK(question("-", "192.0.2.2", "icmp", "8").source_port == 8);
    CHECK(question("-", "2001:db8::1", "icmp").protocol == 58);
    CHECK(question("-", "2001:db8::1", "ipv6-icmp", "128", "0").protocol == 58);
}

TEST_CASE("a packet that finds its SA is protected, and all is told about it", "[cli][explain]") {
    Survey survey = surveyed(Journey::Out);
    survey.policies.push_back(policy(1, 9));
    survey.policies.back().templates.push_back(esp(7));
    survey.policies.push_back(policy(1, 17));
    survey.policies.back().priority = 2000;
    survey.policies.push_back(policy(1, 25));
    survey.policies.back().selector.protocol = 17;
    survey.policies.push_back(policy(4, 33));
    survey.sas.push_back(sa("192.0.2.1", "192.0.2.2", 0xc0ffee01));
    survey.sas.push_back(sa("192.0.2.1", "192.0.2.2", 0xc0ffee02));
    survey.sas.back().reqid = ReqId{8};
    CHECK(answer(survey).verdict == Verdict::Protected);
    CHECK(text_of(survey) == R"(protected: it leaves through esp SPI 0xc0ffee01

packet      192.0.2.1 -> 192.0.2.2 tcp 1024 -> 443, leaves by eth0
policy      out, 0.0.0.0/0 -> 0.0.0.0/0, priority 1000, index 9
            of db/all, /etc/xfrmd/xfrmd.toml:9
asks for    esp/transport reqid 7
            between 192.0.2.1 and 192.0.2.2
            SA 0xc0ffee01, 3m12s old, 2.9 KiB in 30 packets, used 2s ago
            not SA 0xc0ffee02: reqid 8 instead of 7
not         out, 0.0.0.0/0 -> 0.0.0.0/0, index 17, allow in clear: priority 2000 comes after 1000
            out, 0.0.0.0/0 -> 0.0.0.0/0 udp, index 25, allow in clear: for udp
sockets     1 policy belongs to a socket, which asks it first (--all)
)");
}

TEST_CASE("a packet that finds no SA would negotiate, unless nobody listens", "[cli][explain]") {
    Survey survey = surveyed(Journey::Out);
    survey.policies.push_back(policy(1, 9));
    survey.policies.back().templates.push_back(esp(7));
    CHECK(answer(survey).verdict == Verdict::WouldNegotiate);
    CHECK(text_of(survey).starts_with(
        "would negotiate: there is no SA for its policy, and the packet "
        "asks for one; until it is there the packet is dropped\n"));
    CHECK(text_of(survey).contains("counters    XfrmOutNoStates 12\n"));
    survey.larval_drop = false;
    CHECK(text_of(survey).contains("the packet is kept\n"));
    survey.outbound.key_manager = false;
    CHECK(answer(survey).verdict == Verdict::Blocked);
    CHECK(text_of(survey).contains("is xfrmd running?"));
}

TEST_CASE("what comes in needs the SAs of its policy", "[cli][explain]") {
    Survey survey = surveyed(Journey::In);
    survey.policies.push_back(policy(0, 8));
    survey.policies.back().templates.push_back(esp(7));
    Answer result = answer(survey);
    CHECK(result.cause == Cause::TransformsMissing);
    CHECK(
        text_of(survey).starts_with("blocked: its policy asks for esp/transport reqid 7, and there "
                                    "is no such SA: the peer has to negotiate\n"));
    survey.sas.push_back(sa("192.0.2.1", "192.0.2.2", 0xc0ffee01));
    result = answer(survey);
    CHECK(result.verdict == Verdict::Protected);
    CHECK(text_of(survey).starts_with(
        "protected: it is let in through esp SPI 0xc0ffee01; in clear it would be dropped\n"));
    survey.policies[0].templates[0].optional = true;
    result = answer(survey);
    CHECK(result.verdict == Verdict::Clear);
    CHECK(text_of(survey).contains("; through esp SPI 0xc0ffee01 it would be let in, too\n"));
}

TEST_CASE("a forwarded packet is asked about twice", "[cli][explain]") {
    Survey survey = surveyed(Journey::Through);
    CHECK(answer(survey).cause == Cause::NoPolicy);
    survey.policies.push_back(policy(1, 9));
    survey.policies.back().templates.push_back(esp(7));
    Answer result = answer(survey);
    CHECK(result.verdict == Verdict::WouldNegotiate);
    CHECK(result.arrival->in_clear.cause == Cause::NoPolicy);
    survey.sas.push_back(sa("192.0.2.1", "192.0.2.2", 0xc0ffee01));
    CHECK(answer(survey).verdict == Verdict::Protected);
    survey.policies.push_back(policy(2, 10));
    survey.policies.back().action = 1;
    result = answer(survey);
    CHECK(result.cause == Cause::PolicyBlocks);
    CHECK_FALSE(result.departure.has_value());
}

TEST_CASE("a packet to this host itself leaves and arrives", "[cli][explain]") {
    Survey survey = surveyed(Journey::Loop);
    survey.defaults.in = PolicyAction::Block;
    survey.inbound.policy_disabled = true;
    CHECK(answer(survey).verdict == Verdict::Clear);
    survey.inbound.policy_disabled = false;
    CHECK(answer(survey).cause == Cause::DefaultBlocks);
    CHECK(text_of(survey).contains("the default policy for in blocks"));
}

TEST_CASE("only the closest candidates are shown unless all are asked for", "[cli][explain]") {
    Survey survey = surveyed(Journey::Out);
    for (std::uint32_t i = 0; i < 20; ++i) {
        survey.policies.push_back(policy(1, 9 + 8 * i));
        survey.policies.back().selector.destination_port = PortMask::exactly(80);
    }
    CHECK(text_of(survey).contains("and 14 more (--all)\n"));
    CHECK_FALSE(text_of(survey, true).contains("--all"));
    CHECK(text_of(survey, true).contains("index 161, allow in clear: for destination port 80\n"));
}

TEST_CASE("as JSON an answer is complete", "[cli][explain]") {
    Survey survey = surveyed(Journey::Out);
    survey.policies.push_back(policy(1, 9));
    survey.policies.back().templates.push_back(esp(7));
    survey.policies.push_back(policy(1, 17));
    survey.policies.back().mark = {1, 1};
    survey.policies.push_back(policy(4, 33));
    survey.sas.push_back(sa("192.0.2.1", "192.0.2.2", 0xc0ffee01));
    const std::vector<Counter> later{{"XfrmInNoPols", 4}, {"XfrmOutNoStates", 15}};
    const auto json =
        nlohmann::json::parse(answer_json_line(answer(survey), survey, kOrigins, later));
    CHECK(json.at("verdict") == "protected");
    CHECK(json.at("cause") == "sas_found");
    CHECK(json.at("packet").at("destination_port") == 443);
    const auto& step = json.at("steps").at(0);
    CHECK(step.at("direction") == "out");
    CHECK(step.at("policy").at("owner") == "db/all");
    CHECK(step.at("policy").at("origin") == "/etc/xfrmd/xfrmd.toml:9");
    CHECK(step.at("templates").at(0).at("sa").at("spi") == "0xc0ffee01");
    CHECK(step.at("losers").at(0).at("why") == "mark");
    CHECK(json.at("socket_policies").size() == 1);
    CHECK(json.at("counters") == nlohmann::json{{"XfrmInNoPols", 4}, {"XfrmOutNoStates", 12}});
    CHECK(json.at("counters_moved") == nlohmann::json{{"XfrmOutNoStates", 3}});
}

TEST_CASE("every verdict has the exit code that scripts expect", "[cli][explain]") {
    CHECK(static_cast<int>(exit_code_of(Verdict::Protected)) == 0);
    CHECK(static_cast<int>(exit_code_of(Verdict::Clear)) == 10);
    CHECK(static_cast<int>(exit_code_of(Verdict::Blocked)) == 11);
    CHECK(static_cast<int>(exit_code_of(Verdict::WouldNegotiate)) == 12);
}

TEST_CASE("every cause is told in words", "[cli][explain]") {
    const Survey survey = surveyed(Journey::Out);
    Answer result = answer(survey);
    for (int i = 0; i <= static_cast<int>(Cause::NegotiationUnderWay); ++i) {
        result.cause = static_cast<Cause>(i);
        result.verdict = verdict_of(result.cause);
        CHECK(headline(result, survey).size() > 20);
    }
}

TEST_CASE("the daemon is asked who owns a reqid, and its words are made printable",
          "[cli][explain]") {
    std::string reply = R"({"parameters":{"connection":"db","child":"a\u001b[2J","origin":"f:9"}})";
    reply += '\0';
    test::FakeDaemon daemon{reply, test::FakeDaemon::Then::Hold};
    StoredPolicy asked = policy(1, 9);
    asked.templates.push_back(esp(7));
    const Origins origins =
        find_origins({&asked}, {.daemon = daemon.socket(), .setkey_record = {}});
    REQUIRE(origins.contains(9));
    CHECK(origins.at(9) == Origin{"db/a\\x1b[2J", "f:9"});
    CHECK(daemon.call().contains(R"("method":"io.xfrmd.FindOwner")"));
    CHECK(find_origins({&asked}, {.daemon = "/nonexistent", .setkey_record = {}}).empty());
}

}  // namespace xfrmd::explain
