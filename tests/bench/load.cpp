// SPDX-License-Identifier: Apache-2.0
// Load for any IKEv2 responder: opens, holds, rekeys and closes many IKE SAs and prints as JSON what
// that took, and what it has cost the responder if its processes are named.
//
//   xfrmd_load --server ADDRESS --count 1000 --watch "$(pidof xfrmd)" open hold:10 rekey close
//
// The responder accepts, from any address of 10.0.0.0/8, peer-N.example.net with the secret of
// --secret, or peers.example.net with the certificate of --certificate, is itself server.example.net,
// and has one child in transport mode for each of them. The initiators' addresses have to be local:
// ip route add local 10.0.0.0/8 dev lo
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ike/policy/default_proposals.h"
#include "tests/bench/generator.h"
#include "tests/bench/processes.h"

using namespace xfrmd;
using namespace xfrmd::bench;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint32_t kParts = 10;

struct Arguments {
    std::string server = "192.0.2.1";
    std::string ike = "aes128gcm16-prfsha256-x25519";
    std::string esp = "aes128gcm16";
    std::vector<pid_t> watched;
    std::string guest_clock;
    std::vector<std::string> steps;
    GeneratorOptions generator;
};

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "xfrmd_load: %s\n", why.c_str());
    std::exit(1);
}

ike::Proposal proposal_of(ike::ProtocolId protocol, const std::string& text) {
    auto proposal = ike::parse_proposal(protocol, text);
    if (!proposal) give_up(proposal.error());
    return *std::move(proposal);
}

Bytes content_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) give_up(std::format("{} cannot be read", path));
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    GeneratorOptions& generator = arguments.generator;
    generator.secret = "a shared secret of some length";
    double patience = 40;
    std::string certificate;
    std::string key;
    std::string authority;
    CLI::App app{"Opens, holds, rekeys and closes many IKE SAs against any IKEv2 responder."};
    app.add_option("--server", arguments.server, "Address of the responder")->capture_default_str();
    app.add_option("--port", generator.remote_port, "Its UDP port")->capture_default_str();
    app.add_option("--local-port", generator.local_port, "Ours; 0: any")->capture_default_str();
    app.add_option("--count", generator.count, "How many initiators there are")
        ->check(CLI::Range(std::uint32_t{1}, kInitiatorsMax))
        ->capture_default_str();
    app.add_option("--parallel", generator.parallel, "Operations under way at once, at most")
        ->check(CLI::Range(std::uint32_t{1}, kInitiatorsMax))
        ->capture_default_str();
    app.add_option("--rate", generator.rate,
                   "Operations begun a second; 0: as soon as another has ended")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--flood", generator.flood,
                   "IKE_SA_INITs a second that nobody goes on with, from the initiators' addresses")
        ->check(CLI::Range(0.0, 1e5))
        ->capture_default_str();
    app.add_option("--patience", patience, "Seconds until an operation counts as failed")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--ike", arguments.ike, "Algorithms of the IKE SA")->capture_default_str();
    app.add_option("--esp", arguments.esp, "Algorithms of the child")->capture_default_str();
    app.add_option("--secret", generator.secret, "The pre-shared key, which guards nothing")
        ->capture_default_str();
    app.add_option("--certificate", certificate, "Of all initiators, instead of a secret");
    app.add_option("--key", key, "Of that certificate");
    app.add_option("--authority", authority, "Certificate of who has certified the responder");
    app.get_option("--certificate")
        ->needs(app.get_option("--key"))
        ->needs(app.get_option("--authority"));
    app.add_option("--watch", arguments.watched, "Processes of the responder")->delimiter(' ');
    app.add_option("--guest-clock", arguments.guest_clock,
                   "In a guest: the folder by which the machine below it tells what it has used")
        ->check(CLI::ExistingDirectory);
    app.add_option("steps", arguments.steps,
                   "open, rekey, rekey-ike, close, hold:SECONDS, or run:COMMAND (by the shell)")
        ->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    if (!certificate.empty())
        generator.certificates = Certificates{content_of(key), content_of(certificate),
                                              content_of(authority)};
    generator.patience = std::chrono::duration_cast<ike::Duration>(
        std::chrono::duration<double>{patience});
    const auto server = xfrm::Address::parse(arguments.server);
    if (!server || !server->is_v4())
        give_up(std::format("'{}' is no IPv4 address", arguments.server));
    generator.terms = {.server = *server,
                       .ike = proposal_of(ike::ProtocolId::Ike, arguments.ike),
                       .esp = proposal_of(ike::ProtocolId::Esp, arguments.esp)};
    return arguments;
}

double milliseconds_of(ike::Duration duration) {
    return std::chrono::duration<double, std::milli>{duration}.count();
}

// Rounded, so that people can read it.
double rounded(double value) {
    return std::round(value * 1e3) / 1e3;
}

Json latencies_as_json(std::vector<ike::Duration> latencies) {
    if (latencies.empty()) return nullptr;
    std::ranges::sort(latencies);
    // The smallest that so many per mille of all do not exceed.
    const auto at = [&](std::size_t per_mille) {
        const std::size_t rank = (latencies.size() * per_mille + 999) / 1000;
        return rounded(milliseconds_of(latencies[std::max<std::size_t>(rank, 1) - 1]));
    };
    // Quarters of octaves: how many took no longer, and longer than the bound before.
    Json histogram = Json::array();
    double bound = 0.25;
    for (auto first = latencies.begin(); first != latencies.end(); bound *= std::exp2(0.25)) {
        const auto last = std::find_if(first, latencies.end(), [&](ike::Duration latency) {
            return milliseconds_of(latency) > bound;
        });
        if (last != first) histogram.push_back({{"up_to_ms", rounded(bound)}, {"count", last - first}});
        first = last;
    }
    return {{"p50", at(500)},   {"p99", at(990)},  {"p999", at(999)},
            {"max", at(1000)}, {"histogram", std::move(histogram)}};
}

// What `count` operations have cost between two looks.
Json cost_as_json(const Usage& before, const Usage& after, std::uint32_t count) {
    const double each = std::max(count, 1U);
    return {{"processor_ms_each",
             rounded((after.processor_seconds - before.processor_seconds) * 1e3 / each)},
            {"octets_each", std::round((after.resident_octets - before.resident_octets) / each)}};
}

// What people want to know of a step, in one line.
std::string line_of(const Json& step) {
    std::string text = step["step"].get<std::string>();
    const auto add = [&](const char* pointer, std::string_view before, std::string_view after) {
        const Json::json_pointer place{pointer};
        if (step.contains(place)) text += std::format("{}{}{}", before, step[place].dump(), after);
    };
    add("/done", ": ", " done");
    add("/failed", ", ", " failed");
    add("/first_failure", ", of which the first: ", "");
    add("/command", ": ", "");
    add("/per_second", ", ", " a second");
    add("/seconds", ", ", " s");
    add("/latency_ms/p50", ", median ", " ms");
    add("/latency_ms/p99", ", p99 ", " ms");
    add("/responder/processor_ms_each", "; responder: ", " ms of processor each");
    add("/guest/processor_ms_each", ", of the whole guest ", " ms");
    add("/responder/octets_each", ", ", " octets each");
    add("/responder/processor_ms", "; responder: ", " ms of processor");
    add("/responder/processor_per_cent", "; responder: ", " % of a processor");
    return text;
}

class Load {
  public:
    Load(const Arguments& arguments, Generator& generator)
        : arguments_{arguments}, generator_{generator} {}

    // Whether all of it succeeded.
    bool run(const std::string& step) {
        const bool well = perform(step);
        std::fprintf(stderr, "%s\n", line_of(results_.back()).c_str());
        return well;
    }
    const Json& results() const { return results_; }

  private:
    bool perform(const std::string& step) {
        if (step == "open") return repeat(step, Operation::Open);
        if (step == "rekey") return repeat(step, Operation::RekeyChild);
        if (step == "rekey-ike") return repeat(step, Operation::RekeyIkeSa);
        if (step == "close") return repeat(step, Operation::Close);
        if (step.starts_with("hold:")) return hold(step);
        if (step.starts_with("run:")) return shell(step);
        give_up(std::format("there is no step '{}'", step));
    }
    [[nodiscard]] Usage usage() const { return usage_of(arguments_.watched); }
    [[nodiscard]] std::optional<double> guest() const {
        if (arguments_.guest_clock.empty()) return std::nullopt;
        return guest_seconds(arguments_.guest_clock);
    }
    [[nodiscard]] bool watches() const { return !arguments_.watched.empty(); }

    bool repeat(const std::string& step, Operation operation) {
        const std::uint32_t part = std::max(arguments_.generator.count / kParts, 1U);
        const auto guest_before = guest();
        const Usage before = usage();
        Usage part_before = before;
        Json parts = Json::array();
        const auto outcome = generator_.run(operation, [&](std::uint32_t ended) {
            if (!watches() || ended % part != 0) return;
            const Usage now = usage();
            Json cost = cost_as_json(part_before, now, part);
            cost["after"] = ended;
            parts.push_back(std::move(cost));
            part_before = now;
        });
        if (!outcome) give_up(outcome.error());
        const double seconds = milliseconds_of(outcome->took) / 1e3;
        Json result = {{"step", step},
                       {"done", outcome->done},
                       {"failed", outcome->failed},
                       {"seconds", rounded(seconds)},
                       {"per_second", rounded(outcome->done / std::max(seconds, 1e-6))},
                       {"latency_ms", latencies_as_json(outcome->latencies)}};
        if (outcome->failed > 0) result["first_failure"] = outcome->first_failure;
        if (outcome->flooded > 0) result["flooded"] = outcome->flooded;
        if (watches()) {
            result["responder"] = cost_as_json(before, usage(), outcome->done);
            result["responder"]["parts"] = std::move(parts);
        }
        if (const auto guest_after = guest(); guest_after && guest_before)
            result["guest"] = {{"processor_ms_each", rounded((*guest_after - *guest_before) * 1e3 /
                                                             std::max(outcome->done, 1U))}};
        results_.push_back(std::move(result));
        return outcome->failed == 0;
    }

    bool hold(const std::string& step) {
        const double seconds = std::strtod(step.c_str() + step.find(':') + 1, nullptr);
        const Usage before = usage();
        const auto datagrams = generator_.hold(std::chrono::duration_cast<ike::Duration>(
            std::chrono::duration<double>{seconds}));
        if (!datagrams) give_up(datagrams.error());
        Json result = {{"step", "hold"}, {"seconds", seconds}, {"datagrams", *datagrams}};
        if (watches()) {
            const double used = usage().processor_seconds - before.processor_seconds;
            result["responder"] = {{"processor_per_cent", rounded(100 * used / seconds)},
                                   {"resident_octets", usage().resident_octets}};
        }
        results_.push_back(std::move(result));
        return true;
    }

    bool shell(const std::string& step) {
        const std::string command = step.substr(step.find(':') + 1);
        const Usage before = usage();
        const ike::Time start = daemon::EventLoop::now();
        // A benchmark runs what its caller says, as its caller.
        const int status = std::system(command.c_str());
        Json result = {
            {"step", "run"},
            {"command", command},
            {"status", status},
            {"seconds", rounded(milliseconds_of(daemon::EventLoop::now() - start) / 1e3)}};
        if (watches())
            result["responder"] = {
                {"processor_ms",
                 rounded((usage().processor_seconds - before.processor_seconds) * 1e3)}};
        results_.push_back(std::move(result));
        return status == 0;
    }

    const Arguments& arguments_;
    Generator& generator_;
    Json results_ = Json::array();
};

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    const auto generator = Generator::create(arguments.generator);
    if (!generator) give_up(generator.error());
    Load load{arguments, **generator};
    bool well = true;
    for (const std::string& step : arguments.steps) well = load.run(step) && well;
    const Json report = {{"server", arguments.server},
                         {"ike", arguments.ike},
                         {"esp", arguments.esp},
                         {"count", arguments.generator.count},
                         {"parallel", arguments.generator.parallel},
                         {"rate", arguments.generator.rate},
                         {"steps", load.results()}};
    std::cout << report.dump(1) << '\n';
    return well ? 0 : 1;
}
