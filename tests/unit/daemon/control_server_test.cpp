// SPDX-License-Identifier: Apache-2.0
#include "daemon/control_server.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <format>
#include <fstream>
#include <optional>

#include "daemon/api/interface.h"
#include "tests/unit/daemon/control_harness.h"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace std::chrono_literals;
using daemon::ControlLimits;
using daemon::ControlServer;
using Request = ControlServer::Request;

namespace {

std::string call(std::string_view method, std::string_view more = "") {
    return std::format("{{\"method\":\"{}\"{}}}", method, more) + '\0';
}

// Answers every call with the name of its method.
struct Echo {
    ControlHarness harness;
    std::vector<Request> requests;

    explicit Echo(ControlLimits limits = {}, std::optional<daemon::AccessRules> rules = {})
        : harness{[this](const Request& request) {
                      requests.push_back(request);
                      harness.server().reply(
                          request.client,
                          {.parameters = "{\"method\":\"" + request.call.method + "\"}"});
                  },
                  limits, rules} {}

    // True if this client gets an answer.
    bool serves(RawClient& client) {
        const std::size_t before = client.messages().size();
        client.write(call("io.xfrmd.Status"));
        return harness.work_until([&] {
            client.read();
            return client.messages().size() > before;
        });
    }
};

// While it lives, this thread acts as user nobody if it is root. The system call by itself, unlike
// its cover in the library, leaves other threads alone.
class AsNobody {
  public:
    AsNobody() {
        if (is_root_) REQUIRE(::syscall(SYS_setresuid, -1, 65534, -1) == 0);
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    ~AsNobody() {
        if (is_root_) ::syscall(SYS_setresuid, -1, 0, -1);
    }

  private:
    bool is_root_ = ::geteuid() == 0;
};

bool ends(Echo& echo, RawClient& client) {
    return echo.harness.work_until([&] {
        client.read();
        return client.at_end();
    });
}

}  // namespace

TEST_CASE("A call is answered, and the next one too", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    CHECK(echo.serves(client));
    CHECK(echo.serves(client));
    CHECK(client.messages().back() == R"({"parameters":{"method":"io.xfrmd.Status"}})");
    REQUIRE(echo.requests.size() == 2);
    CHECK(echo.requests[0].caller.user == ::geteuid());
    CHECK(echo.requests[0].caller.process == ::getpid());
}

TEST_CASE("Everybody may connect to the socket: each call is judged by itself", "[daemon]") {
    Echo echo;
    struct stat status {};
    REQUIRE(::stat(echo.harness.socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0666);
}

TEST_CASE("Calls in a row are answered in their order", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    std::string calls;
    for (int i = 0; i < 100; ++i) calls += call(std::format("io.xfrmd.M{}", i));
    CHECK(client.write(calls) == calls.size());
    CHECK(echo.harness.work_until([&] {
        client.read();
        return client.messages().size() == 100;
    }));
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(client.messages()[i] ==
              std::format(R"({{"parameters":{{"method":"io.xfrmd.M{}"}}}})", i));
}

TEST_CASE("More calls than are read at once are all answered", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    std::string calls;
    for (int i = 0; i < 10'000; ++i) calls += call("io.xfrmd.Status");
    std::size_t written = 0;
    CHECK(echo.harness.work_until([&] {
        written += client.write(std::string_view{calls}.substr(written));
        client.read();
        return echo.requests.size() == 10'000;
    }));
}

TEST_CASE("A call in small pieces is one call", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    for (const char c : call("io.xfrmd.Status")) {
        CHECK(client.messages().empty());
        client.write({&c, 1});
        echo.harness.turn();
        client.read();
    }
    CHECK(echo.harness.work_until([&] {
        client.read();
        return client.messages().size() == 1;
    }));
}

TEST_CASE("A client that has said all it has to say still gets its answer", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    client.write(call("io.xfrmd.Status"));
    client.end_writing();
    CHECK(ends(echo, client));
    CHECK(client.messages().size() == 1);
    CHECK(echo.harness.server().clients() == 0);
}

TEST_CASE("Half a message is not waited for without end", "[daemon]") {
    Echo echo{{.half_message_max = 100ms}};
    RawClient slow{echo.harness};
    RawClient idle{echo.harness};
    RawClient good{echo.harness};
    slow.write("{\"method\":\"io.xfr");
    CHECK(echo.serves(good));
    CHECK(ends(echo, slow));
    CHECK(slow.received().empty());
    // Saying nothing at all is no offence.
    idle.read();
    CHECK_FALSE(idle.at_end());
    CHECK(echo.serves(good));
}

TEST_CASE("A client that drips octets to keep a message alive is cut off as well", "[daemon]") {
    Echo echo{{.half_message_max = 200ms}};
    RawClient drip{echo.harness};
    auto next = daemon::EventLoop::now();
    CHECK(echo.harness.work_until([&] {
        if (daemon::EventLoop::now() >= next) {
            drip.write("x");
            next = daemon::EventLoop::now() + 20ms;
        }
        drip.read();
        return drip.at_end();
    }));
}

TEST_CASE("Two mebibytes without an end cost the connection, not the server", "[daemon]") {
    Echo echo;
    RawClient big{echo.harness};
    RawClient good{echo.harness};
    const std::string flood(2 * 1024 * 1024, 'x');
    std::size_t written = 0;
    CHECK(echo.harness.work_until([&] {
        written += big.write(std::string_view{flood}.substr(written));
        big.read();
        return big.at_end();
    }));
    CHECK(written < flood.size());
    CHECK(echo.requests.empty());
    CHECK(echo.serves(good));
}

TEST_CASE("Twenty thousand brackets are no call", "[daemon]") {
    Echo echo;
    RawClient deep{echo.harness};
    RawClient good{echo.harness};
    const std::string nested = R"({"method":"io.xfrmd.Status","parameters":{"a":)" +
                               std::string(20'000, '[') + std::string(20'000, ']') + "}}";
    std::size_t written = 0;
    const std::string message = nested + '\0';
    CHECK(echo.harness.work_until([&] {
        written += deep.write(std::string_view{message}.substr(written));
        deep.read();
        return deep.at_end();
    }));
    CHECK(deep.received().empty());
    CHECK(echo.requests.empty());
    CHECK(echo.serves(good));
}

TEST_CASE("A call of a megabyte is taken, a longer one is not", "[daemon]") {
    const auto call_of = [](std::size_t octets) {
        const std::string head = R"({"method":"io.xfrmd.Status","parameters":{"a":")";
        return head + std::string(octets - head.size() - 3, 'x') + "\"}}" + '\0';
    };
    Echo echo;
    const auto answer_to = [&](const std::string& message) {
        RawClient client{echo.harness};
        std::size_t written = 0;
        CHECK(echo.harness.work_until([&] {
            written += client.write(std::string_view{message}.substr(written));
            client.read();
            return client.at_end() || !client.messages().empty();
        }));
        return !client.messages().empty();
    };
    CHECK(answer_to(call_of(api::kCallSizeMax)));
    CHECK_FALSE(answer_to(call_of(api::kCallSizeMax + 1)));
    CHECK(echo.requests.size() == 1);
}

TEST_CASE("A stream may end without ending the call", "[daemon]") {
    std::optional<ControlServer::ClientId> caller;
    bool told = false;
    ControlHarness harness{[&](const Request& request) {
        caller = request.client;
        harness.server().stream(request.client, [&told]() -> std::optional<api::Reply> {
            if (std::exchange(told, true)) return std::nullopt;
            return api::Reply{.parameters = R"({"key":"1"})", .continues = true, .secret = true};
        });
    }};
    RawClient client{harness};
    client.write(call("io.xfrmd.ExportKeys", ",\"more\":true"));
    const auto has = [&](std::size_t count) {
        return harness.work_until([&] {
            client.read();
            return client.messages().size() == count;
        });
    };
    REQUIRE(has(1));
    harness.server().reply(*caller, {.parameters = R"({"key":"2"})", .continues = true, .secret = true});
    REQUIRE(has(2));
    harness.server().reply(*caller, {.parameters = "{}"});
    REQUIRE(has(3));
    CHECK(client.messages() == std::vector<std::string>{R"({"parameters":{"key":"1"},"continues":true})",
                                                        R"({"parameters":{"key":"2"},"continues":true})",
                                                        R"({"parameters":{}})"});
}

TEST_CASE("What is no call closes the connection", "[daemon]") {
    Echo echo;
    for (const std::string_view nonsense :
         {std::string_view{"hello\0", 6}, std::string_view{"\0", 1}, std::string_view{"[]\0", 3},
          std::string_view{"{\"method\":\"\xff\"}\0", 16}}) {
        RawClient client{echo.harness};
        client.write(nonsense);
        CHECK(ends(echo, client));
        CHECK(client.received().empty());
    }
    CHECK(echo.requests.empty());
}

TEST_CASE("A client that does not read its stream is told Overrun and cut off", "[daemon]") {
    std::optional<ControlServer::ClientId> subscriber;
    ControlHarness harness{[&](const Request& request) { subscriber = request.client; },
                           {.output_max = 256 * 1024}};
    RawClient slow{harness};
    slow.write(call("io.xfrmd.Monitor", ",\"more\":true"));
    REQUIRE(harness.work_until([&] { return subscriber.has_value(); }));
    const api::Reply event{.parameters = "{\"event\":\"" + std::string(1000, 'e') + "\"}",
                           .error = {},
                           .continues = true};
    for (int i = 0; i < 5000; ++i) {
        harness.server().reply(*subscriber, event);
        if (i % 100 == 0) harness.turn();
    }
    CHECK(harness.gone() == std::vector{*subscriber});
    CHECK(harness.work_until([&] {
        slow.read();
        return slow.at_end();
    }));
    const auto messages = slow.messages();
    REQUIRE(messages.size() > 100);
    CHECK(messages.size() < 5000);
    CHECK(messages.back() == R"({"error":"io.xfrmd.Overrun","parameters":{}})");
    for (std::size_t i = 0; i + 1 < messages.size(); ++i)
        CHECK(api::decode_reply(messages[i]).value().continues);
    CHECK(slow.received().ends_with('\0'));
    CHECK(harness.server().clients() == 0);
}

TEST_CASE("A long stream goes at the client's pace and keeps little in memory", "[daemon]") {
    constexpr int kCount = 20'000;
    int made = 0;
    ControlHarness harness{[&](const Request& request) {
        harness.server().stream(request.client, [&made]() -> std::optional<api::Reply> {
            ++made;
            return api::Reply{.parameters = std::format("{{\"n\":{},\"text\":\"{}\"}}", made,
                                                        std::string(500, 't')),
                              .error = {},
                              .continues = made < kCount};
        });
    }};
    RawClient client{harness};
    client.write(call("io.xfrmd.ListSas", ",\"more\":true"));
    client.write(call("io.xfrmd.ListSas", ",\"more\":true"));  // waits behind the first
    for (int i = 0; i < 10; ++i) harness.turn();
    // The socket's buffer and one refill, not ten megabytes.
    CHECK(made < 2000);
    CHECK(harness.work_until([&] {
        client.read();
        return made > kCount;
    }));
    const auto messages = client.messages();
    REQUIRE(messages.size() >= kCount);
    CHECK(messages[0].contains("\"n\":1,"));
    CHECK(messages[kCount - 1].contains(std::format("\"n\":{},", kCount)));
    CHECK_FALSE(messages[kCount - 1].contains("continues"));
}

TEST_CASE("A client that does not take its answer is dropped after a while", "[daemon]") {
    ControlHarness harness{
        [&](const Request& request) {
            harness.server().reply(
                request.client, {.parameters = "{\"x\":\"" + std::string(4'000'000, 'x') + "\"}"});
        },
        {.stuck_output_max = 100ms}};
    RawClient client{harness};
    client.write(call("io.xfrmd.Status"));
    REQUIRE(harness.work_until([&] { return harness.server().clients() == 1; }));
    CHECK(harness.work_until([&] { return harness.server().clients() == 0; }));
}

TEST_CASE("A thousand clients: those past the limit are told so, the others are served",
          "[daemon]") {
    Echo echo{{.clients_max = 100}};
    std::vector<RawClient> clients;
    std::size_t turned_away = 0;
    for (int i = 0; i < 1000; ++i) {
        clients.emplace_back(echo.harness);
        REQUIRE(clients.back().is_connected());
        echo.harness.turn();
        clients.back().read();
        if (clients.back().at_end()) {
            ++turned_away;
            CHECK(clients.back().messages().front().contains("io.xfrmd.TooManyClients"));
        }
    }
    CHECK(echo.harness.server().clients() == 100);
    CHECK(turned_away == 900);
    CHECK(echo.serves(clients.front()));
    CHECK(echo.serves(clients[99]));
    clients.clear();
    CHECK(echo.harness.work_until([&] { return echo.harness.server().clients() == 0; }));
    RawClient later{echo.harness};
    CHECK(echo.serves(later));
}

TEST_CASE("Who may do nothing is told who may, and is not kept for long", "[daemon]") {
    Echo echo{{.stranger_idle_max = 100ms},
              daemon::AccessRules{
                  .daemon_user = ::geteuid() + 1, .readers_group = {}, .admins_group = {}}};
    std::optional<AsNobody> nobody{std::in_place};
    RawClient stranger{echo.harness};
    nobody.reset();
    REQUIRE(stranger.is_connected());
    stranger.write(call("io.xfrmd.Status"));
    CHECK(ends(echo, stranger));
    REQUIRE(stranger.messages().size() == 1);
    CHECK(stranger.messages()[0].contains("io.xfrmd.NotPermitted"));
    CHECK(stranger.messages()[0].contains("group xfrmd"));
    CHECK(echo.requests.empty());
}

TEST_CASE("One-way calls are carried out and not answered", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    client.write(call("io.xfrmd.Down", ",\"oneway\":true"));
    client.write(call("io.xfrmd.Status"));
    CHECK(echo.harness.work_until([&] {
        client.read();
        return !client.messages().empty();
    }));
    CHECK(echo.requests.size() == 2);
    CHECK(client.messages() ==
          std::vector<std::string>{R"({"parameters":{"method":"io.xfrmd.Status"}})"});
}

TEST_CASE("A reply that no client would accept is refused by name", "[daemon]") {
    const bool streamed = GENERATE(false, true);
    const std::string head = R"({"text":")";
    const std::string tail = R"("})";
    const std::size_t framing = std::string_view{R"({"parameters":})"}.size();
    std::size_t room = api::kMessageSizeMax - framing - head.size() - tail.size();
    ControlHarness harness{[&](const Request& request) {
        const api::Reply reply{.parameters = head + std::string(room, 'x') + tail};
        if (!streamed) return harness.server().reply(request.client, reply);
        harness.server().stream(request.client, [reply] { return reply; });
    }};
    for (const bool fits : {true, false}) {
        RawClient client{harness};
        client.write(call("io.xfrmd.Status", streamed ? ",\"more\":true" : ""));
        CHECK(harness.work_until([&] {
            client.read();
            return client.received().ends_with('\0');
        }));
        REQUIRE(client.messages().size() == 1);
        CHECK(api::decode_reply(client.messages().front()).value().error ==
              (fits ? "" : api::error::kReplyTooLarge));
        ++room;
    }
}

TEST_CASE("Who asked for one reply gets one", "[daemon]") {
    ControlHarness harness{[&](const Request& request) {
        harness.server().reply(request.client,
                               {.parameters = "{\"step\":1}", .error = {}, .continues = true});
        harness.server().reply(request.client, {.parameters = "{\"step\":2}"});
        harness.server().reply(request.client, {.parameters = "{\"step\":3}"});
    }};
    RawClient client{harness};
    client.write(call("io.xfrmd.Up"));
    CHECK(harness.work_until([&] {
        client.read();
        return !client.messages().empty();
    }));
    harness.turn();
    client.read();
    CHECK(client.messages() == std::vector<std::string>{R"({"parameters":{"step":2}})"});
}

TEST_CASE("The handler learns that a waiting client has gone", "[daemon]") {
    std::vector<ControlServer::ClientId> waiting;
    ControlHarness harness{[&](const Request& request) { waiting.push_back(request.client); }};
    {
        RawClient client{harness};
        client.write(call("io.xfrmd.Up"));
        REQUIRE(harness.work_until([&] { return waiting.size() == 1; }));
    }
    CHECK(harness.work_until([&] { return harness.gone() == waiting; }));
    // A late answer finds nobody, and no harm is done.
    harness.server().reply(waiting.front(), {});
}

TEST_CASE("An upgrade is refused politely", "[daemon]") {
    Echo echo;
    RawClient client{echo.harness};
    client.write(call("io.xfrmd.Status", ",\"upgrade\":true"));
    CHECK(echo.harness.work_until([&] {
        client.read();
        return client.messages().size() == 1;
    }));
    CHECK(client.messages()[0].contains("org.varlink.service.MethodNotImplemented"));
}

TEST_CASE("Replies that are queued when the server finishes still go out", "[daemon]") {
    std::optional<ControlServer::ClientId> client_id;
    ControlHarness harness{[&](const Request& request) { client_id = request.client; }};
    RawClient client{harness};
    client.write(call("io.xfrmd.Up"));
    REQUIRE(harness.work_until([&] { return client_id.has_value(); }));
    harness.server().reply(*client_id,
                           {.parameters = "{}", .error = std::string{api::error::kShuttingDown}});
    harness.server().finish(100ms);
    client.read();
    CHECK(client.at_end());
    REQUIRE(client.messages().size() == 1);
    CHECK(client.messages()[0].contains("ShuttingDown"));
}

TEST_CASE("A second daemon in the same directory is refused, a left-over socket is not in the way",
          "[daemon]") {
    TemporaryDirectory directory;
    {
        const auto first = daemon::ControlSocket::listen_in(directory.path());
        REQUIRE(first);
        const auto second = daemon::ControlSocket::listen_in(directory.path());
        REQUIRE_FALSE(second);
        CHECK(second.error().contains("running already"));
        CHECK(second.error().contains(directory.path().string()));
    }
    CHECK_FALSE(std::filesystem::exists(directory.path() / "io.xfrmd"));
    // What a crash leaves behind.
    std::ofstream{directory.path() / "io.xfrmd"};
    CHECK(daemon::ControlSocket::listen_in(directory.path()));
}
