// SPDX-License-Identifier: Apache-2.0
// What crypto workers are good for: two hosts in one process, whose jobs the daemon's pool does, with
// some set-ups at a time. No sockets and no kernel: what is left is the core, the pool and the crypto.
//
//   bench_workers [--count N] [--parallel N] [--check]
//
// For certificates and for key exchanges, and for 0, 1 and 2 workers: set-ups a second, both ends
// together, by the clock on the wall; and for how long the protocol's thread is away at a time, in
// which it answers nobody: 99 of 100, and the longest. Medians of five rounds. With --check there is
// one round, nothing is told, and all must be up.
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/crypto_pool.h"
#include "ike/auth/run_job.h"
#include "tests/bench/two_ends.h"
#include "tests/support/test_pki.h"

using namespace xfrmd;
using namespace xfrmd::bench;
using namespace xfrmd::ike;
using Clock = std::chrono::steady_clock;

namespace {

struct Arguments {
    std::uint32_t count = 300;
    std::uint32_t parallel = 16;
    bool check = false;
};

struct Kind {
    const char* name;
    const char* ike;
    std::optional<test::KeyKind> certificates;
};

struct Measured {
    double per_second = 0;
    double away_99 = 0;   // ms
    double away_most = 0; // ms
};

double milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

class Bench final : public TwoEnds {
  public:
    Bench(const Kind& kind, std::size_t workers) : kind_{kind} {
        auto pool = daemon::CryptoPool::create(workers);
        if (!pool) fail(pool.error().c_str());
        pool_ = *std::move(pool);
        if (kind.certificates) make_certificates();
    }

    Measured run(const Arguments& arguments) {
        configure(arguments.count, {.server = *xfrm::Address::parse("192.0.2.1"),
                                    .ike = proposal_of(ProtocolId::Ike, kind_.ike),
                                    .esp = proposal_of(ProtocolId::Esp, "aes128gcm16")});
        const auto begun = Clock::now();
        std::uint32_t asked = 0;
        while (commands_done() < arguments.count) {
            const auto turn = Clock::now();
            while (asked < arguments.count && asked < commands_done() + arguments.parallel) up(asked++);
            take_results();
            away_.push_back(Clock::now() - turn);
            if (pool_->outstanding() == 0 && asked == arguments.count && commands_done() < asked) fail("not all are up");
            wait();
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        if (up_at_server() != arguments.count) fail("not all are up at the server");
        std::ranges::sort(away_);
        return {arguments.count / seconds, milliseconds(away_[away_.size() * 99 / 100]), milliseconds(away_.back())};
    }

  private:
    [[noreturn]] static void fail(const char* why) {
        std::fprintf(stderr, "bench_workers: %s\n", why);
        std::exit(1);
    }

    void compute(End& end, CryptoRequest request) override {
        const JobId id{++last_job_};
        jobs_.emplace(id, Job{&end, request.id});
        pool_->submit(id, [job = std::move(request.job), &credentials = std::as_const(end.credentials)] {
            return run_job(job, credentials, WallTime{test::kNow});
        });
        pool_->announce();
    }

    void take_results() {
        for (CryptoResult& result : pool_->collect()) {
            const Job job = jobs_.extract(result.id).mapped();
            finish(*job.end, CryptoResult{job.id, std::move(result.outcome)});
        }
    }

    void wait() const {
        if (pool_->outstanding() == 0) return;
        pollfd entry{.fd = pool_->fd(), .events = POLLIN, .revents = 0};
        static_cast<void>(::poll(&entry, 1, -1));
    }

    void make_certificates() {
        test::TestPki pki{1};
        const auto root = pki.make_root("Benchmark", *kind_.certificates);
        const auto equip = [&](End& end, const char* name) {
            const auto host = pki.make_host(root, name, *kind_.certificates);
            if (!end.credentials.add_identity("own", host.private_key, View{host.certificate}) ||
                !end.credentials.add_trust("peers", root.certificate, {}, CrlMode::IfAvailable))
                fail("no certificates");
        };
        equip(server(), "server.example.net");
        equip(client(), "peers.example.net");
        own_chain_ = {client().credentials.chain_of("own").value(), server().credentials.chain_of("own").value()};
        hashes_ = server().credentials.authority_key_hashes("peers").value();
    }

    [[nodiscard]] Connection connection(std::uint32_t number, bool at_server, const Terms& terms) const override {
        Connection made = TwoEnds::connection(number, at_server, terms);
        if (!kind_.certificates) return made;
        const Identity peers = *parse_identity("peers.example.net");
        if (at_server)
            made.peer_id = IdentityPattern::exactly(peers);
        else
            made.local_id = peers;
        made.local_authentication = LocalCertificate{"own", own_chain_[at_server ? 1 : 0]};
        made.peer_authentication = PeerCertificate{"peers", hashes_};
        return made;
    }

    struct Job {
        End* end = nullptr;
        JobId id;
    };

    const Kind& kind_;
    std::vector<std::vector<Bytes>> own_chain_;  // the initiators', the server's
    std::vector<Bytes> hashes_;
    std::uint64_t last_job_ = 0;
    std::map<JobId, Job> jobs_;
    std::vector<Clock::duration> away_;
    std::unique_ptr<daemon::CryptoPool> pool_;  // the last: its workers use the rest
};

Measured median(std::vector<Measured> rounds) {
    const auto of = [&](double Measured::*what) {
        std::ranges::nth_element(rounds, rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2), {}, what);
        return rounds[rounds.size() / 2].*what;
    };
    return {of(&Measured::per_second), of(&Measured::away_99), of(&Measured::away_most)};
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
        const auto is_number = [&](std::uint32_t& number) {
            const char* const end = value.data() + value.size();
            return std::from_chars(value.data(), end, number).ptr == end && number >= 1 && number <= 100'000;
        };
        if (word == "--check") {
            arguments.check = true;
        } else if ((word == "--count" && is_number(arguments.count)) ||
                   (word == "--parallel" && is_number(arguments.parallel))) {
            ++i;
        } else {
            std::fprintf(stderr, "usage: bench_workers [--count 1…100000] [--parallel N] [--check]\n");
            std::exit(2);
        }
    }
    return arguments;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    const std::vector<Kind> kinds{
        {"pre-shared key, X25519", "aes128gcm16-prfsha256-x25519", {}},
        {"pre-shared key, MODP-2048", "aes128gcm16-prfsha256-modp2048", {}},
        {"ECDSA P-256, X25519", "aes128gcm16-prfsha256-x25519", test::KeyKind::EcdsaP256},
        {"RSA 3072, X25519", "aes128gcm16-prfsha256-x25519", test::KeyKind::Rsa3072},
    };
    if (!arguments.check)
        std::printf("| | workers | set-ups a second | away, 99 of 100, ms | longest, ms |\n|---|---|---|---|---|\n");
    for (const Kind& kind : kinds)
        for (const std::size_t workers : {0, 1, 2}) {
            std::vector<Measured> rounds;
            for (int round = 0; round < (arguments.check ? 1 : 5); ++round)
                rounds.push_back(Bench{kind, workers}.run(arguments));
            const Measured result = median(std::move(rounds));
            if (!arguments.check)
                std::printf("| %s | %zu | %.0f | %.1f | %.1f |\n", kind.name, workers, result.per_second, result.away_99,
                            result.away_most);
        }
    return 0;
}
