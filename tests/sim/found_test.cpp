// SPDX-License-Identifier: Apache-2.0
// What seeds have found, distilled: two hosts on a network where somebody does one particular thing.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <functional>

#include "ike/wire/header.h"
#include "tests/sim/scene.h"

using namespace xfrmd;
using namespace xfrmd::sim;
using namespace std::chrono_literals;

namespace {

Options options_of(std::uint64_t seed, ike::Start east, ike::Start west) {
    Options options;
    options.seed = seed;
    options.start_east = east;
    options.start_west = west;
    options.ike_east = options.ike_west = "aes128gcm16-prfsha256-x25519";
    options.esp_east = options.esp_west = "aes128gcm16";
    return options;
}

// Every frame takes a millisecond. `meddle` sees each IKE datagram first and may deliver what it likes before it.
struct Pair {
    Scene scene;
    Machine& east;
    Machine& west;
    std::function<void(const IkeDatagram&)> meddle = [](const IkeDatagram&) {};

    explicit Pair(const Options& options) : scene{options, true}, east{scene.machine(0)}, west{scene.machine(1)} {
        scene.overheard = [this](const IkeDatagram& datagram) { meddle(datagram); };
    }
    void deliver(const Frame& frame) { scene.deliver(frame); }
    void run_for(Duration duration) { scene.run_for(duration); }
    // One IKE SA, the same for both, and the kernels have what the hosts believe.
    void require_agreement() {
        std::string ladder;
        for (const std::string& line : scene.stage().ladder.lines()) ladder += line + "\n";
        INFO(ladder);
        scene.check_together();
        REQUIRE(scene.stage().violation.value_or("") == "");
    }
};

bool is(const IkeDatagram& datagram, ike::ExchangeType exchange, bool response) {
    const auto header = ike::parse_header(datagram.octets);
    return header && header->exchange == exchange && header->response == response;
}

}  // namespace

TEST_CASE("an attempt that is answered late makes no second IKE SA", "[sim]") {
    // Who would have had to close depends on the nonces.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Pair pair{options_of(seed, ike::Start::Now, ike::Start::Now)};
        pair.west.start();
        pair.run_for(4s);  // west's request is lost on a host without daemon, and will be repeated
        pair.east.start();
        pair.run_for(2min);
        pair.require_agreement();
    }
}

TEST_CASE("attempts that cross leave one IKE SA", "[sim]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Pair pair{options_of(seed, ike::Start::Now, ike::Start::Now)};
        pair.west.start();
        pair.east.start();
        pair.run_for(2min);
        pair.require_agreement();
    }
}

TEST_CASE("IKE rekeys that cross leave one IKE SA, though one of them was told to use another group", "[sim]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Options options = options_of(seed, ike::Start::Now, ike::Start::Passive);
        options.ike_east = "aes128gcm16-prfsha256-x25519-ecp256";
        options.ike_west = "aes128gcm16-prfsha256-ecp256-x25519";
        Pair pair{options};
        pair.west.start();
        pair.east.start();
        pair.run_for(2s);
        pair.scene.network().set_faults({.delay_min = 200ms, .delay_max = 200ms});
        for (Machine* machine : {&pair.east, &pair.west}) {
            machine->set_faults({.crypto_latency_max = 300ms});
            const HostIndex peer = 1 - machine->host();
            machine->command(ike::Rekey{pair.scene.connection(peer), true, false});
        }
        pair.run_for(2min);
        pair.require_agreement();
    }
}

TEST_CASE("an answer to IKE_SA_INIT from another port passes for no NAT", "[sim]") {
    Pair pair{options_of(1, ike::Start::Now, ike::Start::Passive)};
    int copies = 0;
    pair.meddle = [&](const IkeDatagram& datagram) {
        if (!is(datagram, ike::ExchangeType::IkeSaInit, true)) return;
        IkeDatagram copy = datagram;
        copy.source.port = 38138;
        pair.deliver(Frame{copy, false});
        ++copies;
    };
    pair.east.start();
    pair.west.start();
    pair.run_for(2min);
    CHECK(copies == 1);
    pair.require_agreement();
    for (const KernelModel::Sa& sa : pair.east.kernel().sas()) CHECK_FALSE(sa.spec.encapsulation.has_value());
}

// With MOBIKE the peer has gone on to port 4500, which the copy hides: seed 8014.
TEST_CASE("a copy of IKE_AUTH from another port does not move the peer", "[sim]") {
    const bool mobike = GENERATE(false, true);
    Options options = options_of(1, ike::Start::Now, ike::Start::Passive);
    options.mobike = mobike;
    options.mode = xfrm::Mode::Tunnel;
    Pair pair{options};
    int copies = 0;
    pair.meddle = [&](const IkeDatagram& datagram) {
        if (!is(datagram, ike::ExchangeType::IkeAuth, false)) return;
        IkeDatagram copy = datagram;
        copy.source.port = 13684;
        pair.deliver(Frame{copy, false});
        ++copies;
    };
    pair.east.start();
    pair.west.start();
    pair.run_for(2min);
    CHECK(copies == 1);
    pair.require_agreement();
}

TEST_CASE("an altered IKE_AUTH does not move a peer that is half known", "[sim]") {
    for (std::size_t place = ike::kHeaderOctets + 4; place < 80; place += 7) {
        Pair pair{options_of(place, ike::Start::Now, ike::Start::Passive)};
        int copies = 0;
        pair.meddle = [&](const IkeDatagram& datagram) {
            if (!is(datagram, ike::ExchangeType::IkeAuth, false) || copies > 0) return;
            IkeDatagram copy = datagram;
            copy.source.port = copy.destination.port = 4500;
            copy.encapsulated = true;
            copy.octets[place] ^= 1;
            pair.deliver(Frame{copy, true});  // the machine holds this step against check_tampered()
            ++copies;
        };
        pair.east.start();
        pair.west.start();
        pair.run_for(2min);
        CHECK(copies == 1);
        pair.require_agreement();
    }
}

// Seed 98: the end of an SA in one kernel, which overruns before it can say so.
TEST_CASE("an SA whose end nobody heard of is replaced", "[sim]") {
    Pair pair{options_of(1, ike::Start::Now, ike::Start::Passive)};
    pair.east.start();
    pair.west.start();
    pair.run_for(10s);
    pair.require_agreement();
    for (Machine* machine : {&pair.east, &pair.west}) {
        machine->set_faults({.lost_events = 1});
        machine->expire_an_sa(true);
        machine->set_faults({});
        pair.run_for(30s);
        pair.require_agreement();
    }
}
