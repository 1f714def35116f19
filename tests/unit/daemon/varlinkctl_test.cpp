// SPDX-License-Identifier: Apache-2.0
// The control interface as systemd's own client sees it, and as ours does.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <format>
#include <latch>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "daemon/api/client.h"
#include "daemon/api/interface.h"
#include "daemon/control_methods.h"
#include "tests/unit/daemon/control_harness.h"
#include "tests/unit/daemon/fake_daemon.h"

using namespace xfrmd;
using namespace xfrmd::test;
using Json = nlohmann::json;

namespace {

// The sample daemon's control interface, served by a thread of its own.
class Served {
  public:
    Served() : thread_{[this] { serve(); }} { ready_.wait(); }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;
    ~Served() {
        stop_ = true;
        thread_.join();
    }
    [[nodiscard]] const std::string& socket() const { return socket_; }

  private:
    void serve() {
        FakeDaemon daemon;
        std::optional<daemon::ControlMethods> methods;
        ControlHarness harness{
            [&](const daemon::ControlServer::Request& request) { methods->handle(request); }};
        daemon.services.reply = [&](auto client, const api::Reply& reply) {
            harness.server().reply(client, reply);
        };
        daemon.services.stream = [&](auto client, auto source) {
            harness.server().stream(client, std::move(source));
        };
        daemon.services.command = [&](auto what, auto on_reply) {
            if (const auto* up = std::get_if<ike::Up>(&what);
                up != nullptr && up->connection == "branch") {
                methods->on_event(ike::Progress{"branch", "IKE_SA_INIT sent"});
                return on_reply(
                    {.id = {1},
                     .result = std::unexpected{ike::CommandFailure{
                         ike::CommandFailure::Code::Failed, "the peer rejected our AUTH",
                         ike::Reason::AuthenticationFailed}}});
            }
            methods->on_event(ike::Progress{"db", "IKE_SA_INIT sent"});
            methods->on_event(ike::Progress{"db", "peer authenticated"});
            on_reply({.id = {1}, .result = {}});
        };
        daemon.kernel = [](const xfrm::KernelRequest&) {
            std::vector<xfrm::SaInfo> sas;
            for (int i = 0; i < 3; ++i) sas.push_back(sample_sa());
            return xfrm::KernelResult{std::move(sas)};
        };
        methods.emplace(daemon.services);
        socket_ = harness.socket().string();
        ready_.count_down();
        harness.work_until_stopped(stop_);
    }

    std::string socket_;
    std::latch ready_{1};
    std::atomic<bool> stop_ = false;
    std::thread thread_;  // last: it uses all of the above
};

struct Outcome {
    int status = -1;
    std::string output;  // of both streams
};

Outcome run(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    std::array<char, 4096> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        outcome.output.append(buffer.data(), got);
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

// True where the program is missing, which is then said out loud.
bool varlinkctl_missing() {
    return run("varlinkctl --version").status == 127;
}

Outcome varlinkctl(const Served& served, const std::string& verb, const std::string& rest = {},
                   const std::string& options = {}) {
    return run(std::format("varlinkctl --json=short --no-pager {} {} '{}' {}", options, verb,
                           served.socket(), rest));
}

}  // namespace

TEST_CASE("varlinkctl reads who we are and our manual", "[daemon][varlinkctl]") {
    if (varlinkctl_missing()) SKIP("varlinkctl is not installed");
    Served served;
    const Outcome info = varlinkctl(served, "info");
    INFO(info.output);
    REQUIRE(info.status == 0);
    CHECK(info.output.contains("io.xfrmd"));
    CHECK(info.output.contains("1.2.3"));
    const Outcome interfaces = varlinkctl(served, "list-interfaces", {}, "--json=off");
    CHECK(interfaces.output.contains("org.varlink.service"));
    for (const char* name : {"io.xfrmd", "org.varlink.service"}) {
        const Outcome manual =
            run(std::format("varlinkctl --no-pager introspect '{}' {}", served.socket(), name));
        INFO(manual.output);
        // It parses the description and prints it anew: a mistake in it would show here.
        CHECK(manual.status == 0);
        CHECK(manual.output.contains(std::string{"interface "} + name));
    }
}

TEST_CASE("The descriptions are valid to varlinkctl", "[daemon][varlinkctl]") {
    if (varlinkctl_missing()) SKIP("varlinkctl is not installed");
    TemporaryDirectory directory;
    for (const auto name : {api::kInterface, api::kServiceInterface}) {
        const auto path = directory.path() / name;
        std::FILE* file = std::fopen(path.c_str(), "we");
        REQUIRE(file != nullptr);
        const std::string text = std::string{api::interface_description(name)} + '\n';
        REQUIRE(std::fwrite(text.data(), 1, text.size(), file) == text.size());
        REQUIRE(std::fclose(file) == 0);
        const Outcome outcome = run("varlinkctl --no-pager validate-idl " + path.string());
        INFO(outcome.output);
        CHECK(outcome.status == 0);
    }
}

TEST_CASE("varlinkctl calls a method and gets the same JSON as everybody", "[daemon][varlinkctl]") {
    if (varlinkctl_missing()) SKIP("varlinkctl is not installed");
    Served served;
    const Outcome status = varlinkctl(served, "call", "io.xfrmd.Status '{}'");
    INFO(status.output);
    REQUIRE(status.status == 0);
    const Json json = Json::parse(status.output, nullptr, false);
    REQUIRE_FALSE(json.is_discarded());
    CHECK(json.at("status").at("connections").size() == 2);
}

TEST_CASE("varlinkctl gets streams with --more", "[daemon][varlinkctl]") {
    if (varlinkctl_missing()) SKIP("varlinkctl is not installed");
    Served served;
    const Outcome sas = varlinkctl(served, "call", "io.xfrmd.ListSas '{}'", "--more");
    INFO(sas.output);
    CHECK(sas.status == 0);
    CHECK(std::ranges::count(sas.output, '\x1e') == 3);  // RFC 7464
    const Outcome up =
        varlinkctl(served, "call", "io.xfrmd.Up '{\"connection\":\"db\"}'", "--more");
    INFO(up.output);
    CHECK(up.status == 0);
    CHECK(up.output.contains("peer authenticated"));
    CHECK(up.output.contains("\"state\":\"up\""));
}

TEST_CASE("varlinkctl shows our errors by name", "[daemon][varlinkctl]") {
    if (varlinkctl_missing()) SKIP("varlinkctl is not installed");
    Served served;
    const auto fails = [&](const std::string& call, std::string_view error) {
        const Outcome outcome = varlinkctl(served, "call", call);
        INFO(outcome.output);
        CHECK(outcome.status != 0);
        CHECK(outcome.output.contains(error));
    };
    fails("io.xfrmd.Show '{\"name\":\"nobody\"}'", "io.xfrmd.UnknownConnection");
    fails("io.xfrmd.Up '{\"connection\":\"branch\"}'", "io.xfrmd.NegotiationFailed");
    fails("io.xfrmd.ListSas '{}'", "org.varlink.service.ExpectedMore");
    fails("io.xfrmd.Fly '{}'", "org.varlink.service.MethodNotFound");
}

TEST_CASE("Our own client calls, streams and tells errors", "[daemon]") {
    Served served;
    auto client = api::Client::connect(served.socket());
    REQUIRE(client);
    const auto info = client->call({.method = std::string{api::method::kGetInfo}});
    REQUIRE(info);
    CHECK(Json::parse(info->parameters).at("product") == "xfrmd");

    REQUIRE(client->send({.method = std::string{api::method::kListSas}, .more = true}));
    for (const bool continues : {true, true, false}) {
        const auto reply = client->receive();
        REQUIRE(reply);
        CHECK(reply->continues == continues);
    }
    const auto refused =
        client->call({.method = std::string{api::method::kShow}, .parameters = R"({"name":"x"})"});
    REQUIRE(refused);
    CHECK(refused->error == api::error::kUnknownConnection);
}

TEST_CASE("Our own client tells a daemon that is not there from one that does not answer",
          "[daemon]") {
    TemporaryDirectory directory;
    const auto absent = api::Client::connect(directory.path() / "io.xfrmd");
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == api::ClientError::Code::NotRunning);
    CHECK(absent.error().what.contains("not running"));

    Served served;
    auto client = api::Client::connect(served.socket());
    REQUIRE(client);
    REQUIRE(client->send({.method = std::string{api::method::kMonitor}, .more = true}));
    for (int i = 0; i < 3; ++i) REQUIRE(client->receive());
    const auto silence = client->receive(std::chrono::milliseconds{20});
    REQUIRE_FALSE(silence);
    CHECK(silence.error().code == api::ClientError::Code::TimedOut);
}
