// SPDX-License-Identifier: Apache-2.0
// What seeds have found, distilled: two hosts on a network where somebody does one particular thing.
#include <catch2/catch_test_macros.hpp>

#include <functional>

#include "ike/wire/header.h"
#include "tests/sim/checkers/table_checker.h"
#include "tests/sim/machine.h"

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
    Stage stage;
    Machine east;
    Machine west;
    std::function<void(const IkeDatagram&)> meddle = [](const IkeDatagram&) {};

    explicit Pair(const Options& options)
        : stage{Prng{options.seed}, true},
          east{stage, Side::East, make_site(options, Side::East), Prng{options.seed}.split("east")},
          west{stage, Side::West, make_site(options, Side::West), Prng{options.seed}.split("west")} {
        stage.transmit = [this](const Frame& frame) {
            if (const auto* datagram = std::get_if<IkeDatagram>(&frame.content)) meddle(*datagram);
            stage.world.in(1ms, [this, frame] { deliver(frame); });
        };
    }
    void deliver(const Frame& frame) {
        for (Machine* machine : {&east, &west})
            if (machine->kernel().owns(destination_of(frame))) machine->receive(frame);
    }
    void run_for(Duration duration) { stage.world.run_until(stage.world.now() + duration); }
    // One IKE SA, the same for both, and the kernels have what the hosts believe.
    void require_agreement() {
        std::string ladder;
        for (const std::string& line : stage.ladder.lines()) ladder += line + "\n";
        INFO(ladder);
        REQUIRE(stage.violation.value_or("") == "");
        REQUIRE(check_agreement(east.snapshot(), west.snapshot()).value_or("") == "");
        REQUIRE(check_same_keys(east.kernel(), west.kernel()).value_or("") == "");
        REQUIRE(check_belief(east.kernel(), east.snapshot()).value_or("") == "");
        REQUIRE(check_belief(west.kernel(), west.snapshot()).value_or("") == "");
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

TEST_CASE("a copy of IKE_AUTH from another port does not move the peer", "[sim]") {
    Pair pair{options_of(1, ike::Start::Now, ike::Start::Passive)};
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
