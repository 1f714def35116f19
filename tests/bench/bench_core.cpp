// SPDX-License-Identifier: Apache-2.0
// What the core costs, without sockets and without a kernel: two hosts in one process, of which one
// sets up an IKE SA with one CHILD_SA for each of COUNT peers, and the other answers all of them.
//
//   bench_core [--count N] [--ike SUITE] [--check]
//
// For each tenth of COUNT: processor time for one set-up, both ends together, and the memory that
// an IKE SA with its child takes at one end, configuration aside; then what rekeying all children
// costs. With --check nothing is measured, and all must be up.
#include <malloc.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "ike/auth/run_job.h"
#include "ike/host.h"
#include "ike/policy/default_proposals.h"
#include "tests/bench/initiators.h"
#include "tests/sim/prng.h"

using namespace xfrmd;
using namespace xfrmd::bench;
using namespace xfrmd::ike;

namespace {

struct Arguments {
    std::uint32_t count = 10'000;
    std::string ike = "aes128gcm16-prfsha256-x25519";
    bool check = false;
};

class Bench {
  public:
    explicit Bench(const Arguments& arguments) : arguments_{arguments} {}

    void configure() {
        const Terms terms{.server = *xfrm::Address::parse("192.0.2.1"),
                          .ike = suite_of(ProtocolId::Ike, arguments_.ike),
                          .esp = suite_of(ProtocolId::Esp, "aes128gcm16")};
        for (const bool server : {true, false}) {
            auto configuration = std::make_shared<Configuration>();
            configuration->number = 1;
            configuration->limits = no_limits(arguments_.count);
            for (std::uint32_t i = 0; i < arguments_.count; ++i)
                configuration->connections.push_back(connection_of(i, server, terms));
            input(server ? server_ : client_,
                  Command{CommandId{++commands_}, Configure{std::move(configuration), {}}});
        }
    }
    void up(std::uint32_t number) {
        input(client_, Command{CommandId{++commands_}, Up{name_of(number)}});
    }
    void rekey_child(std::uint32_t number) {
        input(client_, Command{CommandId{++commands_}, Rekey{name_of(number), false, true}});
        // What is deleted stays for packets that are late.
        pass(std::chrono::milliseconds{1});
    }
    // Requests so far to install SAs, at both ends.
    std::size_t installations() const { return installations_; }
    std::size_t up_at_server() const {
        std::size_t up = 0;
        for (const ConnectionSnapshot& connection : server_.host->snapshot().connections)
            up += connection.state == ConnectionState::Up ? 1 : 0;
        return up;
    }
    void pass(Duration duration) {
        const Time end = now_ + duration;
        for (End* one : {&server_, &client_})
            for (auto deadline = one->host->next_deadline(); deadline && deadline->at <= end;
                 deadline = one->host->next_deadline()) {
                now_ = std::max(now_, deadline->at);
                input(*one, Tick{});
            }
        now_ = end;
    }

  private:
    static Proposal suite_of(ProtocolId protocol, const std::string& text) {
        auto proposal = parse_proposal(protocol, text);
        if (!proposal) {
            std::fprintf(stderr, "bench_core: %s\n", proposal.error().c_str());
            std::exit(2);
        }
        return *std::move(proposal);
    }
    void input(End& end, Input what) {
        carry_out(end, end.host->step(now_, std::move(what)));
        while (!under_way_.empty()) {
            auto [to, datagram] = std::move(under_way_.front());
            under_way_.pop_front();
            carry_out(*to, to->host->step(now_, std::move(datagram)));
        }
    }
    void carry_out(End& end, Effects effects) {
        for (Effect& effect : effects) {
            if (auto* transmit = std::get_if<Transmit>(&effect)) {
                Path back{transmit->path.remote, transmit->path.local, transmit->path.encapsulated};
                under_way_.emplace_back(&end == &server_ ? &client_ : &server_,
                                        Datagram{back, std::move(transmit->octets)});
            } else if (auto* request = std::get_if<KernelRequest>(&effect)) {
                if (std::holds_alternative<xfrm::InstallSas>(request->request)) ++installations_;
                carry_out(end,
                          end.host->step(
                              now_, KernelReply{request->id, answer(request->request, next_spi_)}));
            } else if (auto* crypto = std::get_if<CryptoRequest>(&effect)) {
                CryptoOutcome outcome =
                    run_job(crypto->job, end.credentials, WallTime{1'800'000'000});
                carry_out(end, end.host->step(now_, CryptoResult{crypto->id, std::move(outcome)}));
            }
        }
    }

    const Arguments& arguments_;
    sim::SimulatedRandom server_random_{sim::Prng{1}.split("random")};
    sim::SimulatedRandom client_random_{sim::Prng{2}.split("random")};
    End server_{server_random_, "a shared secret of some length"};
    End client_{client_random_, "a shared secret of some length"};
    Time now_{std::chrono::hours{1}};
    std::uint64_t commands_ = 0;
    std::uint32_t next_spi_ = 0xc0000000;
    std::size_t installations_ = 0;
    std::deque<std::pair<End*, Datagram>> under_way_;
};

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double octets_in_use() {
    const auto info = ::mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
        if (word == "--check") {
            arguments.check = true;
        } else if (word == "--ike" && !value.empty()) {
            arguments.ike = value;
            ++i;
        } else if (word == "--count" &&
                   std::from_chars(value.data(), value.data() + value.size(), arguments.count).ec ==
                       std::errc{} &&
                   arguments.count >= 10 && arguments.count <= 1'000'000) {
            ++i;
        } else {
            std::fprintf(stderr,
                         "usage: bench_core [--count 10…1000000] [--ike SUITE] [--check]\n");
            std::exit(2);
        }
    }
    return arguments;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    Bench bench{arguments};
    bench.configure();
    const std::uint32_t tenth = arguments.count / 10;
    if (!arguments.check)
        std::printf("%s, pre-shared key, both ends in one process\n%10s %12s %12s\n",
                    arguments.ike.c_str(), "IKE SAs", "ms/set-up", "octets/end");
    for (std::uint32_t done = 0; done < 10 * tenth;) {
        const double time = processor_seconds();
        const double memory = octets_in_use();
        for (std::uint32_t i = 0; i < tenth; ++i) bench.up(done++);
        if (arguments.check) continue;
        std::printf("%10u %12.3f %12.0f\n", done, (processor_seconds() - time) * 1e3 / tenth,
                    (octets_in_use() - memory) / tenth / 2);
    }
    if (const std::size_t up = bench.up_at_server(); up != 10 * tenth) {
        std::fprintf(stderr, "bench_core: %zu of %u are up\n", up, 10 * tenth);
        return 1;
    }
    const double time = processor_seconds();
    const std::size_t before = bench.installations();
    for (std::uint32_t i = 0; i < tenth; ++i) bench.rekey_child(i);
    // The initiator installs both SAs at once; the responder the inbound one first.
    if (bench.installations() - before != 3 * tenth || bench.up_at_server() != 10 * tenth) {
        std::fprintf(stderr, "bench_core: not every child was rekeyed\n");
        return 1;
    }
    if (!arguments.check)
        std::printf("%10s %12.3f\n", "rekeys", (processor_seconds() - time) * 1e3 / tenth);
    return 0;
}
