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
#include <string>
#include <string_view>

#include "tests/bench/two_ends.h"

using namespace xfrmd;
using namespace xfrmd::bench;
using namespace xfrmd::ike;

namespace {

struct Arguments {
    std::uint32_t count = 10'000;
    std::string ike = "aes128gcm16-prfsha256-x25519";
    bool check = false;
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
    TwoEnds bench;
    bench.configure(arguments.count, {.server = *xfrm::Address::parse("192.0.2.1"),
                                      .ike = proposal_of(ProtocolId::Ike, arguments.ike),
                                      .esp = proposal_of(ProtocolId::Esp, "aes128gcm16")});
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
