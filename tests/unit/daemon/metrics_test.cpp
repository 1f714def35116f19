// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "daemon/metrics_server.h"
#include "tests/unit/daemon/fake_daemon.h"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace std::chrono_literals;

namespace {

daemon::MetricsInput sample() {
    daemon::MetricsInput input;
    input.version = "1.2.3";
    input.snapshot = sample_snapshot();
    const ike::Connection& db = *input.snapshot.connections[0].connection;
    for (const bool outbound : {true, false}) {
        xfrm::SaInfo sa;
        sa.spec.reqid = db.children.front().reqid;
        sa.spec.id.source = outbound ? db.local : db.remote;
        sa.spec.id.destination = outbound ? db.remote : db.local;
        sa.spec.id.spi = {outbound ? 0x1000U : 0x2000U};
        sa.usage.bytes = outbound ? 100 : 2000;
        sa.usage.packets = outbound ? 1 : 2;
        sa.last_used = 1795392000;
        input.sas.push_back(std::move(sa));
    }
    input.certificate_ends["host"] = 1800000000;
    input.xfrm_stat = {{"XfrmInNoStates", 3}};
    daemon::EventCounters counters;
    counters.count(ike::ChildRekeyed{});
    ike::NegotiationFailed failed;
    failed.reason = ike::Reason::UnknownPeer;
    counters.count(failed);
    ike::IkeSaDown ended;
    ended.reason = ike::Reason::PeerRestarted;
    counters.count(ended);
    input.events = counters.counts();
    input.last_reload_succeeded = false;
    return input;
}

// "NAME{LABELS}" -> value, checked line by line against OpenMetrics' rules.
std::map<std::string, std::string> parse(const std::string& text) {
    std::map<std::string, std::string> samples;
    std::set<std::string> families;
    std::string family;
    std::string type;
    std::istringstream in{text};
    const std::regex head{"# TYPE (xfrmd_[a-z_]+) (gauge|counter|info)"};
    const std::regex row{R"re((xfrmd_[a-z_]+)(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? (\d+))re"};
    std::smatch match;
    std::string line;
    while (std::getline(in, line) && line != "# EOF") {
        INFO(line);
        if (std::regex_match(line, match, head)) {
            family = match[1];
            type = match[2];
            CHECK(families.insert(family).second);
            REQUIRE(std::getline(in, line));
            CHECK(line.starts_with("# HELP " + family + " "));
            continue;
        }
        REQUIRE(std::regex_match(line, match, row));
        CHECK(match[1] == family + (type == "counter" ? "_total" : type == "info" ? "_info" : ""));
        CHECK(samples.emplace(match[1].str() + match[2].str(), match[6]).second);
    }
    CHECK(line == "# EOF");
    CHECK_FALSE(std::getline(in, line));
    return samples;
}

}  // namespace

TEST_CASE("what serves others' policies has a state, and is not counted among what should be up", "[daemon]") {
    auto input = sample();
    ike::ConnectionSnapshot& shot = input.snapshot.connections[1];
    ike::Connection pattern = *shot.connection;
    pattern.served = ike::Served{};
    shot.connection = &pattern;
    shot.state = ike::ConnectionState::Passive;
    const auto samples = parse(daemon::render_metrics(input));
    CHECK(samples.at("xfrmd_connection_state{connection=\"branch\",state=\"serving\"}") == "1");
    CHECK_FALSE(samples.contains("xfrmd_connection_configured{connection=\"branch\"}"));
    CHECK_FALSE(samples.contains("xfrmd_connection_up{connection=\"branch\"}"));
    CHECK(samples.contains("xfrmd_connection_up{connection=\"db\"}"));
}

TEST_CASE("what is configured is there, up or not", "[daemon]") {
    const auto samples = parse(daemon::render_metrics(sample()));
    for (const auto connection : {"db", "branch"})
        CHECK(samples.at(std::string{"xfrmd_connection_configured{connection=\""} + connection + "\"}") == "1");
    CHECK(samples.at("xfrmd_connection_up{connection=\"db\"}") == "1");
    CHECK(samples.at("xfrmd_connection_up{connection=\"branch\"}") == "0");
    CHECK(samples.at("xfrmd_connection_state{connection=\"branch\",state=\"retrying\"}") == "1");
    CHECK(samples.contains(
        "xfrmd_connection_last_failure_timestamp_seconds{connection=\"branch\",reason=\"authentication_failed\"}"));
    CHECK(samples.contains("xfrmd_connection_next_attempt_timestamp_seconds{connection=\"branch\"}"));
    CHECK(samples.at("xfrmd_child_up{connection=\"branch\",child=\"lan\"}") == "0");
}

TEST_CASE("each child has its traffic, by direction", "[daemon]") {
    const auto samples = parse(daemon::render_metrics(sample()));
    CHECK(samples.at("xfrmd_child_bytes_total{connection=\"db\",child=\"all\",direction=\"out\"}") == "100");
    CHECK(samples.at("xfrmd_child_bytes_total{connection=\"db\",child=\"all\",direction=\"in\"}") == "2000");
    CHECK(samples.at("xfrmd_child_packets_total{connection=\"branch\",child=\"lan\",direction=\"in\"}") == "0");
    CHECK(samples.at("xfrmd_child_last_packet_timestamp_seconds{connection=\"db\",child=\"all\",direction=\"in\"}") ==
          "1795392000");
}

TEST_CASE("counters tell what happened, and no series is named after an SPI", "[daemon]") {
    const std::string text = daemon::render_metrics(sample());
    const auto samples = parse(text);
    CHECK(samples.at("xfrmd_build_info{version=\"1.2.3\"}") == "1");
    CHECK(samples.at("xfrmd_config_last_reload_success") == "0");
    CHECK(samples.at("xfrmd_cert_expiry_timestamp_seconds{identity=\"host\"}") == "1800000000");
    CHECK(samples.at("xfrmd_rekeys_total{kind=\"child\"}") == "1");
    CHECK(samples.at("xfrmd_negotiation_failures_total{reason=\"unknown_peer\"}") == "1");
    CHECK(samples.at("xfrmd_ike_sas_ended_total{reason=\"peer_restarted\"}") == "1");
    CHECK(samples.at("xfrmd_xfrm_stat_total{counter=\"XfrmInNoStates\"}") == "3");
    CHECK_FALSE(text.contains("0x"));
    CHECK_FALSE(text.contains("spi="));
}

TEST_CASE("names cannot break out of their label", "[daemon]") {
    daemon::MetricsInput input = sample();
    input.snapshot.connections[0].name = "a\"b\\c\nd\xff";
    const auto samples = parse(daemon::render_metrics(input));
    CHECK(samples.contains(R"re(xfrmd_connection_up{connection="a\"b\\c\\x0ad\\xff"})re"));
}

TEST_CASE("the kernel's counters are read line by line", "[daemon]") {
    const auto counters = daemon::parse_xfrm_stat("XfrmInError             \t0\nXfrmInNoStates 17\nnonsense\n\nX y\nEnd 5");
    REQUIRE(counters.size() == 3);
    CHECK(counters[1] == std::pair<std::string, std::uint64_t>{"XfrmInNoStates", 17});
    CHECK(counters[2].second == 5);
    CHECK(daemon::parse_xfrm_stat("").empty());
}

TEST_CASE("the dashboard asks for what there is", "[daemon]") {
    std::ifstream in{XFRMD_DASHBOARD};
    const auto dashboard = nlohmann::json::parse(in);
    const std::string text = daemon::render_metrics(sample());
    const std::regex name{"xfrmd_[a-z_]+"};
    std::size_t found = 0;
    for (const auto& panel : dashboard.at("panels")) {
        for (const auto& target : panel.at("targets")) {
            const std::string expression = target.at("expr");
            for (std::sregex_iterator at{expression.begin(), expression.end(), name}, end; at != end; ++at, ++found) {
                INFO(at->str());
                CHECK((text.contains("\n" + at->str() + "{") || text.contains("\n" + at->str() + " ")));
            }
        }
    }
    CHECK(found > 10);
}

// ---- over HTTP

namespace {

class Scraped {
  public:
    Scraped() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        void* place = &address;
        REQUIRE(::bind(fd, static_cast<sockaddr*>(place), sizeof address) == 0);
        REQUIRE(::listen(fd, 8) == 0);
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(fd, static_cast<sockaddr*>(place), &size) == 0);
        port_ = address.sin_port;
        server = *daemon::MetricsServer::create(*loop, fd, [](auto on_text) { on_text("# EOF\n"); });
    }

    [[nodiscard]] int connect() const {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = port_;
        const void* place = &address;
        REQUIRE(::connect(fd, static_cast<const sockaddr*>(place), sizeof address) == 0);
        return fd;
    }

    // All that is answered until the server closes, or nothing comes any more.
    std::string ask(std::string_view request) {
        const int fd = connect();
        REQUIRE(::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
        std::string answer;
        for (int turns = 0; turns < 50; ++turns) {
            REQUIRE(loop->run_once(2ms));
            std::array<char, 4096> buffer;
            const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got == 0) break;
            if (got > 0) answer.append(buffer.data(), static_cast<std::size_t>(got));
        }
        ::close(fd);
        return answer;
    }

    std::unique_ptr<daemon::EventLoop> loop = *daemon::EventLoop::create();
    std::unique_ptr<daemon::MetricsServer> server;

  private:
    in_port_t port_ = 0;
};

}  // namespace

TEST_CASE("who asks for the metrics gets them, and others are told what is wrong", "[daemon]") {
    Scraped scraped;
    const std::string answer = scraped.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.contains("\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    CHECK(answer.ends_with("\r\n\r\n# EOF\n"));
    CHECK(scraped.ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    CHECK(scraped.ask("POST /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 405 "));
    CHECK(scraped.ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(scraped.ask(std::string(20'000, 'a')).empty());
    CHECK(scraped.server->clients() == 0);
}

TEST_CASE("many who ask for nothing keep nobody from the metrics for long, and cost little", "[daemon]") {
    Scraped scraped;
    std::vector<int> idle;
    for (int i = 0; i < 40; ++i) {
        idle.push_back(scraped.connect());
        REQUIRE(scraped.loop->run_once(1ms));
    }
    for (int i = 0; i < 40; ++i) REQUIRE(scraped.loop->run_once(1ms));
    CHECK(scraped.server->clients() == 16);
    for (const int fd : idle) ::close(fd);
    for (int i = 0; i < 40; ++i) REQUIRE(scraped.loop->run_once(1ms));
    CHECK(scraped.server->clients() == 0);
    CHECK(scraped.ask("GET /metrics HTTP/1.1\r\n\r\n").contains("200 OK"));
}
