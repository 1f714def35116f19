// SPDX-License-Identifier: Apache-2.0
// wire_fuzz [SEED [RUNS]]: sample messages, mutated, through the parser, writer, sorter and
// renderer. An input that parses must write and read back as itself. The first that does not is
// printed, with exit code 1.
#include <charconv>
#include <cstdio>
#include <random>
#include <string_view>

#include "ike/wire/dump.h"
#include "ike/wire/messages.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

namespace {

// What a typed message writes, it reads, and writes again in the same order.
template <class M>
bool sorts_alike(const std::vector<Payload>& payloads) {
    const auto message = M::from_payloads(payloads);
    if (!message) return true;
    const auto written = message->to_payloads();
    const auto again = M::from_payloads(written);
    return again && again->to_payloads() == written;
}

// Nothing, or what was wrong.
std::string_view exercise(View datagram) {
    const auto message = parse_message(datagram);
    if (!message) return to_string(message.error()).empty() ? "an error without a text" : "";
    const Bytes written = write_message(message->header, message->payloads);
    const auto again = parse_message(written);
    if (!again) return "what was written is not accepted";
    if (again->payloads != message->payloads) return "what was written reads differently";
    if (dump(*message).empty()) return "no rendering";
    for (const Payload& payload : message->payloads)
        if (describe(payload).empty()) return "no description";

    const auto& payloads = message->payloads;
    const bool stable = sorts_alike<IkeSaInitRequest>(payloads) &&
                        sorts_alike<IkeSaInitResponse>(payloads) &&
                        sorts_alike<IkeAuthRequest>(payloads) &&
                        sorts_alike<IkeAuthResponse>(payloads) &&
                        sorts_alike<CreateChildSaRequest>(payloads) &&
                        sorts_alike<CreateChildSaResponse>(payloads) &&
                        sorts_alike<Informational>(payloads);
    if (!stable) return "a typed message writes differently the second time";
    return "";
}

class Mutator {
  public:
    explicit Mutator(std::uint64_t seed) : random_{seed}, samples_{sample_datagrams()} {}

    Bytes next() {
        Bytes octets = samples_[below(samples_.size())];
        for (std::size_t steps = 1 + below(6); steps > 0; --steps) step(octets);
        // Mostly a length that fits, or nothing past the header would ever be looked at.
        if (octets.size() >= kHeaderOctets && below(16) != 0) {
            octets[24] = octets[25] = 0;
            octets[26] = static_cast<std::uint8_t>(octets.size() >> 8);
            octets[27] = static_cast<std::uint8_t>(octets.size());
        }
        return octets;
    }

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }

    void step(Bytes& octets) {
        if (octets.empty()) return;
        const std::size_t position = below(octets.size());
        const auto at = octets.begin() + static_cast<std::ptrdiff_t>(position);
        switch (below(6)) {
            case 0: *at = static_cast<std::uint8_t>(random_()); return;
            case 1: *at ^= static_cast<std::uint8_t>(1u << below(8)); return;
            case 2: *at = static_cast<std::uint8_t>(*at + (below(2) == 0 ? 1 : 255)); return;
            case 3: octets.erase(at, at + static_cast<std::ptrdiff_t>(
                                              std::min(octets.size() - position, 1 + below(8))));
                return;
            case 4: octets.insert(at, 1 + below(8), static_cast<std::uint8_t>(random_())); return;
            default: splice(octets, position); return;
        }
    }

    // Puts a piece of another sample there.
    void splice(Bytes& octets, std::size_t position) {
        const Bytes& donor = samples_[below(samples_.size())];
        const std::size_t from = below(donor.size());
        const View piece = View{donor}.subspan(from, std::min(donor.size() - from, 1 + below(64)));
        const auto at = octets.begin() + static_cast<std::ptrdiff_t>(position);
        octets.insert(at, piece.begin(), piece.end());
    }

    std::mt19937_64 random_;
    std::vector<Bytes> samples_;
};

std::uint64_t number(std::string_view text, std::uint64_t otherwise) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

int run(std::uint64_t seed, std::uint64_t runs) {
    Mutator mutator{seed};
    std::uint64_t accepted = 0;
    for (std::uint64_t i = 0; i < runs; ++i) {
        const Bytes input = mutator.next();
        const std::string_view wrong = exercise(input);
        if (!wrong.empty()) {
            std::printf("seed %llu, run %llu: %.*s\n%s\n", static_cast<unsigned long long>(seed),
                        static_cast<unsigned long long>(i), static_cast<int>(wrong.size()),
                        wrong.data(), to_hex(input).c_str());
            return 1;
        }
        accepted += parse_message(input) ? 1 : 0;
    }
    std::printf("seed %llu: %llu inputs, %llu of them messages\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(runs),
                static_cast<unsigned long long>(accepted));
    // Inputs that are all refused, or all accepted, would test nothing.
    return accepted > runs / 50 && accepted < runs ? 0 : 1;
}

}  // namespace

}  // namespace xfrmd::ike::test

int main(int argc, char** argv) {
    using namespace xfrmd::ike::test;
    const std::uint64_t seed = argc > 1 ? number(argv[1], 1) : 1;
    const std::uint64_t runs = argc > 2 ? number(argv[2], 200000) : 200000;
    return run(seed, runs);
}
