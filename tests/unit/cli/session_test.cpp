// SPDX-License-Identifier: Apache-2.0
// Commands against a daemon that says what it should, and against one that does not.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "fake_daemon.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli;
using namespace std::chrono_literals;
using test::FakeDaemon;
using Then = FakeDaemon::Then;

// Standard output and standard error of a command.
struct Outcome {
    ExitCode code = ExitCode::Failed;
    std::string out;
    std::string err;
};

class Capture {
  public:
    Capture() : stream_{::open_memstream(&text_, &size_)} {}
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture() {
        std::fclose(stream_);
        std::free(text_);
    }
    std::FILE* stream() const { return stream_; }
    std::string text() const {
        std::fflush(stream_);
        return {text_, size_};
    }

  private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* stream_;
};

Outcome run_at(const std::filesystem::path& socket, const Command& command, bool json = false,
               std::chrono::milliseconds reply_max = 2min) {
    const Capture out;
    const Capture err;
    Options options;
    options.socket = socket;
    options.json = json;
    options.now = [] {
        return WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};
    };
    options.reply_max = reply_max;
    options.negotiation_max = reply_max;
    options.out = out.stream();
    options.err = err.stream();
    const ExitCode code = run(command, options);
    return {code, out.text(), err.text()};
}

std::string message(std::string_view json) {
    return std::string{json} + '\0';
}

Outcome run_with(const std::string& octets, const Command& command, bool json = false) {
    const FakeDaemon daemon{octets, Then::Close};
    return run_at(daemon.socket(), command, json);
}

constexpr std::string_view kUp =
    R"({"parameters":{"status":{"connections":[{"name":"db","state":"up"}]}}})";
constexpr std::string_view kRetrying =
    R"({"parameters":{"status":{"connections":[{"name":"db","state":"retrying"}]}}})";

}  // namespace

TEST_CASE("what is watched comes as often as it is asked for, and a daemon that is not there is told", "[cli]") {
    const command::Status once{"", command::Repeat{10ms, 1}};
    const Outcome shown = run_with(message(kUp), once);
    CHECK(shown.code == ExitCode::Ok);
    CHECK(shown.out.contains("Up: 1 of 1 connection"));
    CHECK_FALSE(shown.out.contains('\x1b'));
    // The daemon of this test answers once.
    const FakeDaemon daemon{message(kUp), Then::Close};
    const Outcome twice = run_at(daemon.socket(), command::Status{"", command::Repeat{10ms, 2}}, false, 100ms);
    CHECK(twice.out.starts_with(shown.out + "\nxfrmctl: "));
    CHECK(twice.code != ExitCode::Ok);
    CHECK(run_with(message(kUp), command::Status{"nobody", command::Repeat{10ms, 1}}).code ==
          ExitCode::NotUpOrNotFound);
    CHECK(run_with(message(kRetrying), command::Status{"db", command::Repeat{10ms, 1}}).code ==
          ExitCode::NotUpOrNotFound);
    CHECK(run_with(message(kUp), once, true).out ==
          "{\"status\":{\"connections\":[{\"name\":\"db\",\"state\":\"up\"}]}}\n");
    const Outcome nobody = run_at("/run/there/is/none", command::Top{command::Repeat{10ms, 1}});
    CHECK(nobody.code == ExitCode::Unreachable);
    CHECK(nobody.out.empty());
}

TEST_CASE("a daemon that does not run is told with what to do", "[cli]") {
    const Outcome outcome = run_at("/nonexistent/io.xfrmd", command::Status{});
    CHECK(outcome.code == ExitCode::Unreachable);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.starts_with("xfrmctl: xfrmd is not running"));
    CHECK(outcome.err.contains("systemctl start xfrmd"));
    const Outcome json = run_at("/nonexistent/io.xfrmd", command::Status{}, true);
    CHECK(json.code == ExitCode::Unreachable);
    CHECK(json.err.starts_with(R"({"error":"not_running","message":")"));
}

TEST_CASE("a socket path that is too long is an error", "[cli]") {
    CHECK(run_at("/" + std::string(200, 'x'), command::Status{}).code == ExitCode::Failed);
    CHECK(run_at("", command::Status{}).code == ExitCode::Failed);
}

TEST_CASE("calls go out as the interface has them", "[cli]") {
    const auto call_of = [](const Command& command, std::string_view reply) {
        FakeDaemon daemon{message(reply), Then::Close};
        CHECK(run_at(daemon.socket(), command).code == ExitCode::Ok);
        return daemon.call();
    };
    CHECK(call_of(command::Status{}, R"({"parameters":{"status":{}}})") ==
          R"({"method":"io.xfrmd.Status","parameters":{}})");
    CHECK(call_of(command::Show{"a\"b"}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Show","parameters":{"name":"a\"b"}})");
    CHECK(call_of(command::Up{"db"}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Up","parameters":{"connection":"db"},"more":true})");
    CHECK(call_of(command::Down{"db"}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Down","parameters":{"connection":"db"}})");
    CHECK(call_of(command::Monitor{}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Monitor","parameters":{},"more":true})");
    CHECK(call_of(command::Monitor{{"db", "a\"b"}, {"child_up"}}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Monitor","parameters":{"connections":["db","a\"b"],"events":["child_up"]},"more":true})");
    CHECK(call_of(command::Log{}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.GetLogLevel","parameters":{}})");
    CHECK(call_of(command::Log{"debug"}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.SetLogLevel","parameters":{"level":"debug"}})");
    CHECK(call_of(command::Reload{}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.Reload","parameters":{}})");
    CHECK(call_of(command::List{ListOf::Sas}, R"({"parameters":{}})") ==
          R"({"method":"io.xfrmd.ListSas","parameters":{},"more":true})");
}

TEST_CASE("one connection that is not up, or not there, has an exit code of its own", "[cli]") {
    CHECK(run_with(message(kUp), command::Status{"db"}).code == ExitCode::Ok);
    CHECK(run_with(message(kRetrying), command::Status{"db"}).code == ExitCode::NotUpOrNotFound);
    const Outcome missing = run_with(message(kUp), command::Status{"web"});
    CHECK(missing.code == ExitCode::NotUpOrNotFound);
    CHECK(missing.err ==
          "xfrmctl: there is no connection \"web\"; those that are configured: xfrmctl list "
          "connections\n");
    CHECK(run_with(message(kRetrying), command::Status{}).code == ExitCode::Ok);
}

TEST_CASE("the steps of a negotiation are streamed, the last one is the verdict", "[cli]") {
    const std::string steps =
        message(
            R"({"parameters":{"connection":"db","milliseconds":0.4,"step":"IKE_SA_INIT sent"},"continues":true})") +
        message(R"({"parameters":{"connection":"db","milliseconds":12.3,"state":"up"}})");
    const Outcome text = run_with(steps, command::Up{"db"});
    CHECK(text.code == ExitCode::Ok);
    CHECK(text.out == "    0.4 ms  IKE_SA_INIT sent\ndb is up after 12.3 ms\n");
    const Outcome json = run_with(steps, command::Up{"db"}, true);
    CHECK(json.out ==
          "{\"connection\":\"db\",\"milliseconds\":0.4,\"step\":\"IKE_SA_INIT sent\"}\n"
          "{\"connection\":\"db\",\"milliseconds\":12.3,\"state\":\"up\"}\n");

    const Outcome failed = run_with(
        message(
            R"({"error":"io.xfrmd.NegotiationFailed","parameters":{"connection":"db","reason":"authentication_failed","detail":"wrong secret"}})"),
        command::Up{"db"});
    CHECK(failed.code == ExitCode::Failed);
    CHECK(failed.err ==
          "xfrmctl: db did not come up: wrong secret (authentication_failed)\nsee: xfrmctl show "
          "db, journalctl -u xfrmd\n");
}

TEST_CASE("refusals have exit codes and say what to do", "[cli]") {
    const auto refused = [](std::string_view error, std::string_view parameters) {
        return run_with(message("{\"error\":\"" + std::string{error} +
                                "\",\"parameters\":" + std::string{parameters} + "}"),
                        command::Down{"db"});
    };
    CHECK(refused("io.xfrmd.UnknownConnection", R"({"connection":"db"})").code ==
          ExitCode::NotUpOrNotFound);
    const Outcome denied = refused("io.xfrmd.NotPermitted",
                                   R"({"method":"io.xfrmd.Down","needed":"group xfrmd-admin"})");
    CHECK(denied.code == ExitCode::Denied);
    CHECK(denied.err.contains("group xfrmd-admin"));
    CHECK(refused("io.xfrmd.ShuttingDown", "{}").code == ExitCode::Unreachable);
    CHECK(refused("io.xfrmd.KernelFailed", R"({"detail":"EPERM"})").code == ExitCode::Failed);
    CHECK(refused("org.varlink.service.MethodNotFound", R"({"method":"x"})")
              .err.contains("xfrmctl version"));
    CHECK(refused("com.example.Strange\\u001b", "{}").err ==
          "xfrmctl: xfrmd refused: com.example.Strange\\x1b\n");

    const Outcome json = run_with(
        message(R"({"error":"io.xfrmd.UnknownConnection","parameters":{"connection":"db"}})"),
        command::Down{"db"}, true);
    CHECK(json.err ==
          "{\"error\":\"io.xfrmd.UnknownConnection\",\"parameters\":{\"connection\":\"db\"}}\n");
    CHECK(json.code == ExitCode::NotUpOrNotFound);
}

TEST_CASE("lists are printed whole, and line by line as JSON", "[cli]") {
    const std::string replies =
        message(R"({"parameters":{"connection":{"name":"a","state":"up"}},"continues":true})") +
        message(R"({"parameters":{"connection":{"name":"b","state":"retrying"}}})");
    CHECK(run_with(replies, command::List{ListOf::Connections}).out ==
          "NAME  STATE\na     up\nb     retrying\n");
    CHECK(run_with(replies, command::List{ListOf::Connections}, true).out ==
          "{\"connection\":{\"name\":\"a\",\"state\":\"up\"}}\n{\"connection\":{\"name\":\"b\","
          "\"state\":\"retrying\"}}\n");
    CHECK(run_with(message(R"({"parameters":{}})"), command::List{ListOf::Children}).out ==
          "there are no CHILD_SAs\n");
}

TEST_CASE("a list that breaks off is no list", "[cli]") {
    const std::string half =
        message(R"({"parameters":{"connection":{"name":"a"}},"continues":true})");
    const Outcome outcome = run_with(half, command::List{ListOf::Connections});
    CHECK(outcome.code == ExitCode::Unreachable);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.contains("closed the connection"));
}

TEST_CASE("nonsense from the socket is refused", "[cli]") {
    const auto code = [](const std::string& octets) {
        const Outcome outcome = run_with(octets, command::Status{});
        CHECK(outcome.out.empty());
        CHECK(outcome.err.starts_with("xfrmctl: "));
        return outcome.code;
    };
    CHECK(code(message("garbage")) == ExitCode::Failed);
    CHECK(code(message("")) == ExitCode::Failed);
    CHECK(code(message("[]")) == ExitCode::Failed);
    CHECK(code(message("{\"parameters\":5}")) == ExitCode::Failed);
    CHECK(code(message("{\"error\":5}")) == ExitCode::Failed);
    CHECK(code(message("{\"continues\":\"yes\"}")) == ExitCode::Failed);
    CHECK(code(message("\xff\xfe{}")) == ExitCode::Failed);
    CHECK(code(message(std::string(100'000, '['))) == ExitCode::Failed);
    CHECK(code(std::string(20 * 1024 * 1024, 'x')) == ExitCode::Failed);
    CHECK(code("{\"parameters\":") == ExitCode::Unreachable);
    CHECK(code("") == ExitCode::Unreachable);
}

TEST_CASE("a daemon that stays silent, or stops in the middle, is given up", "[cli]") {
    for (const std::string octets : {"", "{\"parameters\":{\"sta"}) {
        const FakeDaemon daemon{octets, Then::Hold};
        const Outcome outcome = run_at(daemon.socket(), command::Status{}, false, 300ms);
        CHECK(outcome.code == ExitCode::Unreachable);
        CHECK(outcome.err == "xfrmctl: xfrmd did not answer in time\n");
    }
}

TEST_CASE("events end when the daemon does", "[cli]") {
    const std::string events =
        message(
            R"({"parameters":{"event":{"at":"2026-11-23T12:00:00.5Z","type":"synchronized"}},"continues":true})") +
        message(
            R"({"parameters":{"event":{"at":"2026-11-23T12:00:01.25Z","type":"progress","connection":"db","step":"IKE_AUTH sent"}},"continues":true})");
    const Outcome outcome = run_with(events, command::Monitor{});
    CHECK(outcome.out ==
          "-- what follows are changes --\n12:00:01.250  db  progress: IKE_AUTH sent\n");
    CHECK(outcome.code == ExitCode::Unreachable);
}

TEST_CASE("output that cannot be written is a failure", "[cli]") {
    const FakeDaemon daemon{message(kUp), Then::Close};
    std::FILE* const full = std::fopen("/dev/full", "w");
    REQUIRE(full != nullptr);
    const Capture err;
    Options options;
    options.socket = daemon.socket();
    options.now = [] { return WallTime{}; };
    options.out = full;
    options.err = err.stream();
    CHECK(run(command::Status{}, options) == ExitCode::Failed);
    CHECK(err.text() == "xfrmctl: the output could not be written\n");
    std::fclose(full);
}

TEST_CASE("versions are told with and without a daemon", "[cli]") {
    const Outcome with =
        run_with(message(R"({"parameters":{"version":"9.8.7"}})"), command::Version{});
    CHECK(with.code == ExitCode::Ok);
    CHECK(with.out.starts_with("xfrmctl "));
    CHECK(with.out.ends_with("xfrmd 9.8.7\n"));
    const Outcome without = run_at("/nonexistent/io.xfrmd", command::Version{}, true);
    CHECK(without.code == ExitCode::Ok);
    CHECK(without.out.ends_with("\"xfrmd\":null}\n"));
}

TEST_CASE("files are checked without a daemon", "[cli]") {
    std::string name = (std::filesystem::temp_directory_path() / "xfrmctl-check-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    const std::string_view text = "[connection.db]\nremote = 10.0.0.1\n";
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    const Outcome bad = run_at("/nonexistent", command::Check{{name}});
    CHECK(bad.code == ExitCode::Failed);
    CHECK(bad.out.contains(":2:10: error: 10.0.0.1 is not a value of TOML"));
    CHECK(bad.out.ends_with("1 error\n"));
    const Outcome json = run_at("/nonexistent", command::Check{{name}}, true);
    CHECK(json.code == ExitCode::Failed);
    CHECK(json.out.starts_with(R"({"connections":0,"diagnostics":[{"severity":"error","file":")"));
    CHECK(json.out.contains(R"("line":2,"column":10)"));

    REQUIRE(::ftruncate(fd, 0) == 0);
    const Outcome good = run_at("/nonexistent", command::Check{{name}});
    CHECK(good.code == ExitCode::Ok);
    CHECK(good.out == "the configuration is good: 0 connections\n");
    ::close(fd);
    std::filesystem::remove(name);
    CHECK(run_at("/nonexistent", command::Check{{name}}).code == ExitCode::Failed);
}
