// SPDX-License-Identifier: Apache-2.0
#include "daemon/control_methods.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "daemon/api/interface.h"
#include "daemon/api/json_text.h"
#include "tests/unit/daemon/fake_daemon.h"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

struct Methods {
    FakeDaemon daemon;
    daemon::ControlMethods methods{daemon.services};

    void call(std::string_view method, const Json& parameters = Json::object(), bool more = false,
              std::uint64_t client = 1) {
        methods.handle({.client = client,
                        .caller = {},
                        .call = {.method = std::string{method},
                                 .parameters = api::to_text(parameters),
                                 .more = more}});
    }
    // The one reply so far, which must be a success.
    Json only() {
        REQUIRE(daemon.replies.size() == 1);
        INFO(daemon.replies[0].second.error);
        CHECK_FALSE(daemon.replies[0].second.failed());
        CHECK_FALSE(daemon.replies[0].second.continues);
        return Json::parse(daemon.replies[0].second.parameters);
    }
    // The one reply so far, which must be this error.
    Json only_error(std::string_view error) {
        REQUIRE(daemon.replies.size() == 1);
        CHECK(daemon.replies[0].second.error == error);
        CHECK_FALSE(daemon.replies[0].second.continues);
        return Json::parse(daemon.replies[0].second.parameters);
    }
    std::vector<Json> all() {
        std::vector<Json> values;
        for (const auto& [client, reply] : daemon.replies)
            values.push_back(Json::parse(reply.parameters));
        return values;
    }
};

// The connection "db" of the sample, member by member: field names and forms are a promise to other
// programs.
Json db_golden() {
    return Json::parse(R"json({
        "name": "db", "state": "up", "since": "2026-11-23T00:01:01.000Z",
        "local": "192.0.2.10", "remote": "192.0.2.20", "local_id": "host.example.net",
        "peer_id": "*.example.net",
        "start": "on_traffic", "when_down": "block", "origin": "/etc/xfrmd/xfrmd.toml:9",
        "child_names": ["all"],
        "ike_sas": [{
            "connection": "db", "initiator_spi": "0x0123456789abcdef",
            "responder_spi": "0xfedcba9876543210",
            "role": "responder", "state": "established", "local": "192.0.2.10:500",
            "remote": "192.0.2.20:500",
            "local_id": "host.example.net", "peer_id": "db1.example.net\ufffd",
            "suite": "aes256gcm16-prfsha256-x25519",
            "nat_local": false, "nat_remote": false, "mobike": false, "peer_addresses": [], "since": "2026-11-23T00:01:00.000Z"}],
        "children": [{
            "connection": "db", "name": "all", "ike_initiator_spi": "0x0123456789abcdef",
            "ike_responder_spi": "0xfedcba9876543210", "mode": "transport", "reqid": 16385,
            "inbound_spi": "0xc0ffee01", "outbound_spi": "0x00000abc", "suite": "aes256gcm16",
            "local": ["192.0.2.10/32"], "remote": ["192.0.2.20/32"], "encapsulated": false, "phase": "active",
            "since": "2026-11-23T00:01:01.000Z"}]})json");
}

Json branch_golden() {
    return Json::parse(R"json({
        "name": "branch", "state": "retrying", "since": "2026-11-23T00:01:30.000Z",
        "reason": "authentication_failed", "detail": "the peer rejected our AUTH",
        "said_by_peer": true,
        "failed_at": "2026-11-23T00:01:30.000Z", "next_attempt": "2026-11-23T00:01:58.000Z",
        "local": "2001:db8::1", "remote": "2001:db8::2", "local_id": "host.example.net",
        "peer_id": "*.example.net",
        "start": "now", "when_down": "clear", "origin": "/etc/xfrmd/xfrmd.toml:9",
        "child_names": ["lan"],
        "ike_sas": [], "children": []})json");
}

}  // namespace

TEST_CASE("Status is the whole overview", "[daemon]") {
    Methods m;
    m.call(api::method::kStatus);
    Json status = m.only().at("status");
    CHECK(status.at("connections") == Json::array({db_golden(), branch_golden()}));
    CHECK(status.at("statistics").at("dropped").at("malformed") == 7);
    CHECK(status.at("statistics").at("datagrams_received") == 11);
    status.erase("connections");
    status.erase("statistics");
    CHECK(status == Json::parse(R"json({
        "version": "1.2.3", "configuration": 3, "started": "2026-11-23T00:00:01.000Z",
        "configured_at": "2026-11-23T00:00:02.000Z", "half_open": [],
        "ikev1_peers": [], "configuration_problems": [],
        "kernel": {"state": "ready", "pending": 5, "resyncs": 1}})json"));
}

TEST_CASE("What serves others' policies is never up, and tells how many of its peers are", "[daemon]") {
    Methods m;
    auto configuration = std::make_shared<ike::Configuration>(*m.daemon.snapshot.connections[1].configuration);
    ike::Connection& pattern = configuration->connections[1];
    pattern.served = ike::Served{};
    ike::ConnectionSnapshot& kernel = m.daemon.snapshot.connections[1];
    kernel.configuration = configuration;
    kernel.connection = &pattern;
    kernel.name = "kernel";
    kernel.state = ike::ConnectionState::WaitingForTraffic;
    m.daemon.snapshot.connections[0].name = "kernel:192.0.2.10-192.0.2.20";
    m.call(api::method::kStatus);
    Json connections = m.only().at("status").at("connections");
    CHECK(connections[1].at("state") == "serving");
    CHECK(connections[1].at("peers_up") == 1);
    CHECK(connections[0].at("state") == "up");
    CHECK_FALSE(connections[0].contains("peers_up"));
    m.daemon.replies.clear();
    kernel.state = ike::ConnectionState::HeldDown;
    m.call(api::method::kStatus);
    CHECK(m.only().at("status").at("connections")[1].at("state") == "held_down");
}

TEST_CASE("Lists give one object per reply", "[daemon]") {
    Methods m;
    m.call(api::method::kListConnections, Json::object(), true);
    REQUIRE(m.daemon.replies.size() == 2);
    CHECK(m.daemon.replies[0].second.continues);
    CHECK_FALSE(m.daemon.replies[1].second.continues);
    CHECK(m.all() ==
          std::vector<Json>{{{"connection", db_golden()}}, {{"connection", branch_golden()}}});
    m.daemon.replies.clear();
    m.call(api::method::kListIkeSas, Json::object(), true);
    CHECK(m.only() == Json{{"ike_sa", db_golden()["ike_sas"][0]}});
    m.daemon.replies.clear();
    m.call(api::method::kListChildren, Json::object(), true);
    CHECK(m.only() == Json{{"child", db_golden()["children"][0]}});
}

TEST_CASE("An empty list is one reply with nothing in it", "[daemon]") {
    Methods m;
    m.daemon.snapshot.connections.clear();
    m.call(api::method::kListConnections, Json::object(), true);
    CHECK(m.only() == Json::object());
}

TEST_CASE("Lists and Monitor want to be asked with more", "[daemon]") {
    for (const auto name :
         {api::method::kListConnections, api::method::kListIkeSas, api::method::kListChildren,
          api::method::kListPolicies, api::method::kListSas, api::method::kMonitor}) {
        Methods m;
        m.call(name);
        m.only_error(api::error::kExpectedMore);
    }
}

TEST_CASE("An SA of the kernel is shown with its owner and without its keys", "[daemon]") {
    Methods m;
    m.daemon.kernel = [](const xfrm::KernelRequest& request) {
        CHECK_FALSE(std::get<xfrm::DumpSas>(request).with_keys);
        std::vector<xfrm::SaInfo> sas;
        sas.push_back(sample_sa());
        return xfrm::KernelResult{std::move(sas)};
    };
    m.call(api::method::kListSas, Json::object(), true);
    CHECK(m.only() == Json::parse(R"json({"sa": {
        "source": "192.0.2.20", "destination": "192.0.2.10", "protocol": "esp", "spi": "0xc0ffee01",
        "mode": "transport", "reqid": 16385, "owner": "db/all", "larval": false,
        "aead": "rfc4106(gcm(aes))",
        "icv_bits": 128, "encapsulation": "udp 4500>4500", "replay_window": 128,
        "extended_sequence_numbers": false,
        "bytes": 1000, "packets": 10, "replay_errors": 0, "integrity_failures": 0,
        "added_at": "2026-11-18T11:06:40.000Z"}})json"));
    // Sixteen octets of the key in a row would be seen in any of the usual forms.
    CHECK_FALSE(m.daemon.replies[0].second.parameters.contains("eeeeeeee"));
    CHECK_FALSE(m.daemon.replies[0].second.parameters.contains("238"));
}

TEST_CASE("A policy of the kernel is shown with its templates", "[daemon]") {
    Methods m;
    m.daemon.kernel = [](const xfrm::KernelRequest& request) {
        CHECK(std::holds_alternative<xfrm::DumpPolicies>(request));
        return xfrm::KernelResult{std::vector{sample_policy()}};
    };
    m.call(api::method::kListPolicies, Json::object(), true);
    const Json policy = m.only().at("policy");
    CHECK(policy.at("direction") == "out");
    CHECK(policy.at("action") == "allow");
    CHECK(policy.at("owner") == "db/all");
    CHECK(policy.at("priority") == 1000);
    CHECK(policy.at("templates") ==
          Json::parse(R"json([{"source": "192.0.2.10", "destination": "192.0.2.20",
        "protocol": "esp", "mode": "transport", "reqid": 16385, "optional": false}])json"));
}

TEST_CASE("A kernel that refuses is an error with its words", "[daemon]") {
    Methods m;
    m.daemon.kernel = [](const xfrm::KernelRequest&) {
        return xfrm::KernelResult{std::unexpected{xfrm::KernelError{1, "not permitted"}}};
    };
    m.call(api::method::kListSas, Json::object(), true);
    CHECK(m.only_error(api::error::kKernelFailed) == Json{{"detail", "not permitted"}});
}

TEST_CASE("A reqid is told whose it is, and where that is written", "[daemon]") {
    Methods m;
    m.call(api::method::kFindOwner, {{"reqid", 16385}});
    CHECK(m.only() == Json::parse(R"json({"connection": "db", "child": "all",
        "origin": "/etc/xfrmd/xfrmd.toml:9"})json"));
}

TEST_CASE("A reqid that others have installed has no owner", "[daemon]") {
    Methods m;
    m.call(api::method::kFindOwner, {{"reqid", 4294967295}});
    CHECK(m.only() == Json::object());
}

TEST_CASE("A reqid is a number of 32 bits", "[daemon]") {
    for (const Json& reqid : {Json("1"), Json(-1), Json(4294967296), Json(1.5), Json(nullptr)}) {
        Methods m;
        m.call(api::method::kFindOwner, {{"reqid", reqid}});
        CHECK(m.only_error(api::error::kInvalidParameter) == Json{{"parameter", "reqid"}});
    }
}

TEST_CASE("Show has the settings of the children", "[daemon]") {
    Methods m;
    m.call(api::method::kShow, {{"name", "db"}});
    const Json shown = m.only();
    CHECK(shown.at("connection") == db_golden());
    CHECK(shown.at("configured_children") ==
          Json::parse(R"json([{"name": "all", "mode": "transport", "reqid": 16385,
        "local": ["192.0.2.10/32"], "remote": ["192.0.2.20/32"], "proposals": [],
        "policy_priority": 0,
        "replay_window": 128, "compress": false}])json"));
}

TEST_CASE("A connection that does not exist is named in the error", "[daemon]") {
    Methods m;
    m.call(api::method::kShow, {{"name", "nobody"}});
    CHECK(m.only_error(api::error::kUnknownConnection) == Json{{"connection", "nobody"}});
    m.daemon.replies.clear();
    m.call(api::method::kUp, {{"connection", "nobody"}});
    m.daemon.answer(
        std::unexpected{ike::CommandFailure{ike::CommandFailure::Code::UnknownConnection, ""}});
    CHECK(m.only_error(api::error::kUnknownConnection) == Json{{"connection", "nobody"}});
}

TEST_CASE("Wrong, missing and unknown parameters are named", "[daemon]") {
    const auto wrong = [](std::string_view method, const Json& parameters, std::string_view named) {
        Methods m;
        m.call(method, parameters, true);
        CHECK(m.only_error(api::error::kInvalidParameter) == Json{{"parameter", named}});
        CHECK(m.daemon.commands.empty());
    };
    wrong(api::method::kUp, Json::object(), "connection");
    wrong(api::method::kUp, {{"connection", 5}}, "connection");
    wrong(api::method::kUp, {{"connection", "db"}, {"force", true}}, "force");
    wrong(api::method::kStatus, {{"verbose", true}}, "verbose");
    wrong(api::method::kGetInterfaceDescription, Json::object(), "interface");
}

TEST_CASE("Unknown methods and interfaces are told apart", "[daemon]") {
    const auto error_of = [](std::string_view method) {
        Methods m;
        m.call(method);
        REQUIRE(m.daemon.replies.size() == 1);
        return m.daemon.replies[0].second.error;
    };
    CHECK(error_of("io.xfrmd.Fly") == api::error::kMethodNotFound);
    CHECK(error_of("io.example.Status") == api::error::kInterfaceNotFound);
    CHECK(error_of("Status") == api::error::kInterfaceNotFound);
    CHECK(error_of("") == api::error::kInterfaceNotFound);
}

TEST_CASE("Up tells the steps of its own connection and then the end", "[daemon]") {
    Methods m;
    m.call(api::method::kUp, {{"connection", "db"}}, true);
    REQUIRE(m.daemon.commands.size() == 1);
    CHECK(std::get<ike::Up>(m.daemon.commands[0].first).connection == "db");
    m.daemon.now += 5ms;
    m.methods.on_event(ike::Progress{"db", "IKE_SA_INIT sent"});
    m.methods.on_event(ike::Progress{"branch", "somebody else's"});
    m.methods.on_event(ike::PoliciesInstalled{"db", 3});
    m.daemon.now += 7500us;
    m.daemon.answer();
    REQUIRE(m.daemon.replies.size() == 2);
    CHECK(m.daemon.replies[0].second.continues);
    CHECK(m.all()[0] ==
          Json{{"connection", "db"}, {"milliseconds", 5.0}, {"step", "IKE_SA_INIT sent"}});
    CHECK_FALSE(m.daemon.replies[1].second.continues);
    CHECK(m.all()[1] == Json{{"connection", "db"}, {"milliseconds", 12.5}, {"state", "up"}});
    m.methods.on_event(ike::Progress{"db", "too late"});
    CHECK(m.daemon.replies.size() == 2);
}

TEST_CASE("Up that fails tells why", "[daemon]") {
    Methods m;
    m.call(api::method::kUp, {{"connection", "branch"}});
    m.daemon.answer(std::unexpected{ike::CommandFailure{ike::CommandFailure::Code::Failed,
                                                        "the peer rejected our AUTH",
                                                        ike::Reason::AuthenticationFailed}});
    CHECK(m.only_error(api::error::kNegotiationFailed) ==
          Json{{"connection", "branch"},
               {"reason", "authentication_failed"},
               {"detail", "the peer rejected our AUTH"}});
}

TEST_CASE("A client that has gone is not answered", "[daemon]") {
    Methods m;
    m.call(api::method::kUp, {{"connection", "db"}}, true);
    m.call(api::method::kMonitor, Json::object(), true, 2);
    m.methods.forget(1);
    m.methods.forget(2);
    m.daemon.replies.clear();
    m.methods.on_event(ike::Progress{"db", "IKE_SA_INIT sent"});
    m.daemon.answer();
    CHECK(m.daemon.replies.empty());
}

TEST_CASE("Down tells the state it leads to", "[daemon]") {
    Methods m;
    m.call(api::method::kDown, {{"connection", "db"}});
    REQUIRE(m.daemon.commands.size() == 1);
    CHECK(std::get<ike::Down>(m.daemon.commands[0].first).connection == "db");
    m.daemon.snapshot.connections[0].state = ike::ConnectionState::HeldDown;
    m.daemon.answer();
    CHECK(m.only() == Json{{"connection", "db"}, {"state", "held_down"}});
}

TEST_CASE("A daemon that stops takes no more orders but still tells its state", "[daemon]") {
    Methods m;
    m.daemon.stopping = true;
    m.call(api::method::kUp, {{"connection", "db"}});
    m.call(api::method::kDown, {{"connection", "db"}});
    m.call(api::method::kReload);
    m.call(api::method::kStatus);
    REQUIRE(m.daemon.replies.size() == 4);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(m.daemon.replies[i].second.error == api::error::kShuttingDown);
    CHECK_FALSE(m.daemon.replies[3].second.failed());
    CHECK(m.daemon.commands.empty());
}

TEST_CASE("Monitor tells the state, then that it is complete, then each event", "[daemon]") {
    Methods m;
    m.call(api::method::kMonitor, Json::object(), true, 7);
    m.methods.on_event(
        ike::NegotiationFailed{.connection = "branch",
                               .role = ike::Role::Initiator,
                               .remote = {xfrm::Address::parse("2001:db8::2").value(), 500},
                               .reason = ike::Reason::NoProposalChosen,
                               .detail = "no common algorithms",
                               .said_by_peer = true,
                               .retry_in = 2500ms});
    m.methods.on_reloaded(4, {.changes = {{"a", daemon::Impact::Added, {}, "f:1"}, {"db", daemon::Impact::KeepsSas, {}, "f:2"}},
                              .unchanged = 1});
    for (const auto& [client, reply] : m.daemon.replies) {
        CHECK(client == 7);
        CHECK(reply.continues);
    }
    const auto events = m.all();
    REQUIRE(events.size() == 5);
    CHECK(events[0]["event"] == Json{{"at", "2026-11-23T00:01:40.000Z"},
                                     {"type", "connection_state"},
                                     {"connection", "db"},
                                     {"state", db_golden()}});
    CHECK(events[1]["event"]["connection"] == "branch");
    CHECK(events[2]["event"] == Json{{"at", "2026-11-23T00:01:40.000Z"}, {"type", "synchronized"}});
    CHECK(events[3]["event"] ==
          Json::parse(R"json({"at": "2026-11-23T00:01:40.000Z", "type": "negotiation_failed",
        "connection": "branch", "role": "initiator", "remote": "[2001:db8::2]:500",
        "reason": "no_proposal_chosen",
        "detail": "no common algorithms", "said_by_peer": true, "retry_in": 2.5})json"));
    CHECK(events[4]["event"] == Json::parse(R"json({"at": "2026-11-23T00:01:40.000Z", "type": "reloaded", "configuration": 4,
        "added": ["a"], "changed": ["db"], "removed": [], "detail": "added a; changed db; 1 unchanged"})json"));
}

TEST_CASE("Monitor may be about some connections", "[daemon]") {
    Methods m;
    m.call(api::method::kMonitor, {{"connections", {"db"}}}, true, 7);
    m.methods.on_event(ike::Progress{"branch", "IKE_SA_INIT sent"});
    m.methods.on_event(ike::Progress{"", "IKE_SA_INIT came"});
    m.methods.on_event(ike::Progress{"db", "IKE_AUTH sent"});
    m.methods.on_reloaded(4, {});
    const auto events = m.all();
    REQUIRE(events.size() == 3);
    CHECK(events[0]["event"]["state"] == db_golden());
    CHECK(events[1]["event"]["type"] == "synchronized");
    CHECK(events[2]["event"]["step"] == "IKE_AUTH sent");
}

TEST_CASE("Monitor may be about some types of events, and each client has its own", "[daemon]") {
    Methods m;
    m.call(api::method::kMonitor, {{"events", {"child_up", "reloaded"}}, {"connections", nullptr}},
           true, 7);
    m.call(api::method::kMonitor, {{"events", {"progress"}}, {"connections", {"branch", "db"}}}, true,
           8);
    for (const auto& [client, reply] : m.daemon.replies)
        CHECK(Json::parse(reply.parameters)["event"]["type"] == "synchronized");
    m.daemon.replies.clear();
    m.methods.on_event(ike::Progress{"db", "IKE_AUTH sent"});
    m.methods.on_event(ike::PolicyFailed{"db", "EPERM"});
    m.methods.on_reloaded(4, {});
    REQUIRE(m.daemon.replies.size() == 2);
    CHECK(m.daemon.replies[0].first == 8);
    CHECK(m.daemon.replies[1].first == 7);
}

TEST_CASE("Monitor is told of no connection and no type that there is not", "[daemon]") {
    Methods m;
    m.call(api::method::kMonitor, {{"connections", {"db", "dbb"}}}, true);
    CHECK(m.only_error(api::error::kUnknownConnection) == Json{{"connection", "dbb"}});
    const auto invalid = [&](const Json& parameters) {
        m.daemon.replies.clear();
        m.call(api::method::kMonitor, parameters, true);
        return m.only_error(api::error::kInvalidParameter).at("parameter").get<std::string>();
    };
    CHECK(invalid({{"events", {"child_up", "sunrise"}}}) == "events");
    CHECK(invalid({{"events", "child_up"}}) == "events");
    CHECK(invalid({{"connections", {1}}}) == "connections");
    CHECK(invalid({{"connection", "db"}}) == "connection");
    m.daemon.replies.clear();
    m.methods.on_event(ike::Progress{"db", "IKE_AUTH sent"});
    CHECK(m.daemon.replies.empty());
}

TEST_CASE("Reload tells what is in force, or every mistake", "[daemon]") {
    Methods m;
    m.call(api::method::kReload);
    CHECK(m.only() == Json{{"configuration", 4}, {"connections", 2}, {"warnings", Json::array()}});
    m.daemon.replies.clear();
    daemon::Diagnostic mistake;
    mistake.file = "/etc/xfrmd/xfrmd.toml";
    mistake.line = 3;
    mistake.column = 10;
    mistake.text = "addresses are strings";
    mistake.source_line = "remote = 10.0.0.1";
    mistake.hint = "quote it";
    m.daemon.reload_outcome = std::unexpected{daemon::ReloadRefused{{mistake}, ""}};
    m.call(api::method::kReload);
    CHECK(m.only_error(api::error::kConfigurationInvalid) == Json::parse(R"json({"diagnostics": [{
        "severity": "error", "file": "/etc/xfrmd/xfrmd.toml", "line": 3, "column": 10,
        "text": "addresses are strings",
        "source_line": "remote = 10.0.0.1", "hint": "quote it"}]})json"));
}

TEST_CASE("Plan tells what would change, and how many SAs it costs", "[daemon]") {
    Methods m;
    m.daemon.planned = daemon::Planned{
        .plan = {.changes = {{"db", daemon::Impact::ReplacesSas, {"remote"}, "xfrmd.toml:9"}},
                 .unchanged = 1,
                 .limits_differ = true},
        .log_level = daemon::Level::Debug,
        .warnings = {}};
    m.call(api::method::kPlan);
    CHECK(m.only() == Json::parse(R"json({"changes": [{"connection": "db", "impact": "replaces_sas",
        "settings": ["remote"], "children": 1, "origin": "xfrmd.toml:9"}], "unchanged": 1,
        "limits_differ": true, "log_level": "debug", "warnings": []})json"));
    m.daemon.replies.clear();
    m.daemon.planned = std::unexpected{std::vector{daemon::Diagnostic{}}};
    m.call(api::method::kPlan);
    m.only_error(api::error::kConfigurationInvalid);
}

TEST_CASE("Apply may be for a time, until Confirm", "[daemon]") {
    Methods m;
    m.call(api::method::kApply);
    CHECK_FALSE(m.only().contains("confirm_by"));
    CHECK_FALSE(m.daemon.confirm_within.has_value());
    m.daemon.replies.clear();
    m.call(api::method::kApply, {{"confirm_within", 60}});
    CHECK(m.only().at("confirm_by") == "2026-11-23T00:02:40.000Z");
    CHECK(m.daemon.confirm_within == ike::Duration{60s});
    for (const Json& odd : {Json(0), Json(-1), Json("60"), Json(1e9), Json(true)}) {
        m.daemon.replies.clear();
        m.call(api::method::kApply, {{"confirm_within", odd}});
        m.only_error(api::error::kInvalidParameter);
    }
    m.daemon.replies.clear();
    m.call(api::method::kConfirm);
    m.only_error(api::error::kNothingToConfirm);
    m.daemon.replies.clear();
    m.daemon.confirmable = true;
    m.call(api::method::kConfirm);
    CHECK(m.only() == Json{{"configuration", 4}});
}

TEST_CASE("ChangeTables passes statements on, and keeps or takes back what they did", "[daemon]") {
    Methods m;
    m.call(api::method::kChangeTables, {{"statements", {"one;", "two;"}}});
    CHECK(m.only() == Json{{"changes", 0}});
    CHECK(m.daemon.statements == std::vector<std::string>{"one;", "two;"});
    m.daemon.replies.clear();
    m.call(api::method::kChangeTables, {{"statements", {"three;"}}, {"then", "keep"}});
    CHECK(m.only() == Json{{"changes", 3}});
    m.daemon.replies.clear();
    m.call(api::method::kChangeTables, {{"statements", Json::array()}, {"then", "take_back"}});
    CHECK(m.only() == Json{{"changes", 0}});
    CHECK(m.daemon.taken_back == 3);
}

TEST_CASE("who goes away has changed nothing", "[daemon]") {
    Methods m;
    m.call(api::method::kChangeTables, {{"statements", {"one;"}}});
    m.methods.forget(1);
    CHECK(m.daemon.taken_back == 1);
}

TEST_CASE("ChangeTables tells which statement was refused, and why", "[daemon]") {
    Methods m;
    m.daemon.table_refusal = {1, 17, "policy: exists already", ""};
    m.call(api::method::kChangeTables, {{"statements", {"one;", "two;"}}, {"then", "keep"}});
    CHECK(m.only_error(api::error::kChangeRefused) ==
          Json{{"position", 1}, {"detail", "policy: exists already"}, {"errno", 17}});
    CHECK(m.daemon.kept == 0);
}

TEST_CASE("ChangeTables takes statements as texts, a limited number at once", "[daemon]") {
    Methods m;
    const auto invalid = [&](const Json& parameters) {
        m.daemon.replies.clear();
        m.call(api::method::kChangeTables, parameters);
        return m.only_error(api::error::kInvalidParameter).at("parameter").get<std::string>();
    };
    CHECK(invalid(Json::object()) == "statements");
    CHECK(invalid({{"statements", "one;"}}) == "statements");
    CHECK(invalid({{"statements", {1}}}) == "statements");
    CHECK(invalid({{"statements", std::vector<std::string>(257, "one;")}}) == "statements");
    CHECK(invalid({{"statements", Json::array()}, {"then", "forget"}}) == "then");
    CHECK(invalid({{"statements", Json::array()}, {"more", 1}}) == "more");
    CHECK(m.daemon.statements.empty());
    m.daemon.stopping = true;
    m.daemon.replies.clear();
    m.call(api::method::kChangeTables, {{"statements", {"one;"}}});
    m.only_error(api::error::kShuttingDown);
}

TEST_CASE("Flush tells what is gone, or what the kernel said", "[daemon]") {
    Methods m;
    m.daemon.flush_outcome =
        daemon::Flushed{.ike_sas = 2, .sas = 4, .policies = 5, .confirmed = false};
    m.call(api::method::kFlush);
    CHECK(m.only() == Json{{"ike_sas", 2}, {"sas", 4}, {"policies", 5}, {"confirmed", false}});
    m.daemon.replies.clear();
    m.daemon.flush_outcome = std::unexpected{"no answer"};
    m.call(api::method::kFlush);
    CHECK(m.only_error(api::error::kKernelFailed) == Json{{"detail", "no answer"}});
}

TEST_CASE("the log level is told, and changed to one that there is", "[daemon]") {
    Methods m;
    m.call(api::method::kGetLogLevel);
    CHECK(m.only() == Json{{"level", "info"}});
    m.daemon.replies.clear();
    m.call(api::method::kSetLogLevel, {{"level", "debug"}});
    CHECK(m.only() == Json{{"level", "debug"}, {"former", "info"}});
    for (const Json& odd : {Json("loud"), Json("DEBUG"), Json(""), Json(7), Json(nullptr)}) {
        m.daemon.replies.clear();
        m.call(api::method::kSetLogLevel, {{"level", odd}});
        CHECK(m.only_error(api::error::kInvalidParameter) == Json{{"parameter", "level"}});
    }
    m.daemon.replies.clear();
    m.call(api::method::kSetLogLevel);
    m.only_error(api::error::kInvalidParameter);
    CHECK(m.daemon.log_level == daemon::Level::Debug);
}

TEST_CASE("Metrics are one text", "[daemon]") {
    Methods m;
    m.call(api::method::kMetrics);
    CHECK(m.only() == Json{{"text", "# EOF\n"}});
}

Json keys_of(std::string_view initiator, std::string_view responder) {
    return {{"keys",
             {{"connection", "db"},
              {"initiator_spi", initiator},
              {"responder_spi", responder},
              {"encryption", "aes256gcm16"},
              {"integrity", ""},
              {"ei", "e1e1"},
              {"er", "e2e2"},
              {"ai", ""},
              {"ar", ""}}}};
}

TEST_CASE("ExportKeys gives the keys of each IKE SA, and people are told", "[daemon]") {
    Methods m;
    m.call(api::method::kExportKeys, Json::object(), true);
    CHECK(m.only() == keys_of("0000000000000011", "0000000000000022"));
    CHECK(m.daemon.replies[0].second.secret);
    CHECK(m.daemon.key_exports_told == std::vector{std::pair{std::size_t{1}, 0s}});
    CHECK_FALSE(m.daemon.key_exports_end);
    m.daemon.key_owners.push_back({{0x33}, {0x44}});
    m.methods.on_event(ike::IkeSaUp{});
    CHECK(m.daemon.replies.size() == 1);
}

TEST_CASE("ExportKeys with no IKE SA gives one reply without keys", "[daemon]") {
    Methods m;
    m.daemon.key_owners.clear();
    m.call(api::method::kExportKeys, Json::object(), true);
    CHECK(m.only() == Json::object());
}

TEST_CASE("ExportKeys goes on for as long as it was asked to, and each IKE SA is told once", "[daemon]") {
    Methods m;
    m.call(api::method::kExportKeys, {{"seconds", 30}}, true);
    CHECK(m.daemon.key_exports_told == std::vector{std::pair{std::size_t{1}, 30s}});
    REQUIRE(m.daemon.key_exports_end == m.daemon.now + 30s);
    m.daemon.key_owners.push_back({{0x33}, {0x44}});
    m.methods.on_event(ike::IkeSaUp{});
    m.methods.on_event(ike::ChildUp{});
    m.daemon.now += 30s;
    m.methods.end_key_exports();
    m.daemon.key_owners.push_back({{0x55}, {0x66}});
    m.methods.on_event(ike::IkeSaUp{});
    const auto& replies = m.daemon.replies;
    REQUIRE(replies.size() == 3);
    CHECK(replies[0].second.continues);
    CHECK(replies[1].second.continues);
    CHECK(replies[1].second.secret);
    CHECK_FALSE(replies[2].second.continues);
    CHECK(m.all() == std::vector{keys_of("0000000000000011", "0000000000000022"),
                                 keys_of("0000000000000033", "0000000000000044"), Json::object()});
}

TEST_CASE("ExportKeys ends with the client, and each client has its own time", "[daemon]") {
    Methods m;
    m.call(api::method::kExportKeys, {{"seconds", 10}}, true, 7);
    m.call(api::method::kExportKeys, {{"seconds", 20}}, true, 8);
    CHECK(m.daemon.key_exports_end == m.daemon.now + 10s);
    m.methods.forget(7);
    m.daemon.replies.clear();
    m.daemon.key_owners.push_back({{0x33}, {0x44}});
    m.methods.on_event(ike::IkeSaUp{});
    REQUIRE(m.daemon.replies.size() == 1);
    CHECK(m.daemon.replies[0].first == 8);
    m.daemon.now += 10s;
    m.methods.end_key_exports();
    CHECK(m.daemon.replies.size() == 1);
    CHECK(m.daemon.key_exports_end == m.daemon.now + 10s);
}

TEST_CASE("ExportKeys takes up to a day, and nothing else", "[daemon]") {
    for (const Json& parameters :
         {Json{{"seconds", 86401}}, Json{{"seconds", -1}}, Json{{"seconds", "9"}}, Json{{"secs", 9}},
          Json{{"seconds", 9}, {"more", true}}}) {
        Methods m;
        m.call(api::method::kExportKeys, parameters, true);
        CHECK(m.only_error(api::error::kInvalidParameter) == Json{{"parameter", "seconds"}});
        CHECK(m.daemon.key_exports_told.empty());
    }
    Methods m;
    m.call(api::method::kExportKeys);
    m.only_error(api::error::kExpectedMore);
    CHECK(m.daemon.key_exports_told.empty());
}

TEST_CASE("GetInfo and GetInterfaceDescription follow org.varlink.service", "[daemon]") {
    Methods m;
    m.call(api::method::kGetInfo);
    CHECK(m.only() == Json{{"vendor", "xfrmd"},
                           {"product", "xfrmd"},
                           {"version", "1.2.3"},
                           {"url", ""},
                           {"interfaces", {"org.varlink.service", "io.xfrmd"}}});
    m.daemon.replies.clear();
    m.call(api::method::kGetInterfaceDescription, {{"interface", "io.xfrmd"}});
    CHECK(m.only().at("description").get<std::string>().contains("\ninterface io.xfrmd\n"));
    m.daemon.replies.clear();
    m.call(api::method::kGetInterfaceDescription, {{"interface", "io.example"}});
    CHECK(m.only_error(api::error::kInterfaceNotFound) == Json{{"interface", "io.example"}});
}
