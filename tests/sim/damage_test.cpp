// SPDX-License-Identifier: Apache-2.0
// Every payload of every message of every exchange, left out, said twice, and said elsewhere: by a
// peer that has the keys, as initiator and as responder. West is that peer, east bears it, and
// north is another peer of east's, whose session nothing of this may touch.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <optional>

#include "ike/wire/dump.h"
#include "tests/sim/checkers/table_checker.h"
#include "tests/sim/scene.h"
#include "tests/sim/wiretap.h"
#include "tests/support/forgery.h"

using namespace xfrmd;
using namespace xfrmd::sim;
using namespace std::chrono_literals;

namespace {

constexpr HostIndex kEast = 0;
constexpr HostIndex kWest = 1;
constexpr HostIndex kNorth = 2;

enum class Change : std::uint8_t { Nothing, LeftOut, SaidTwice, SaidFirst, SaidLast };

struct Damage {
    std::size_t message = 0;  // of those that west sends
    std::size_t payload = 0;
    Change change = Change::Nothing;
};

const char* name_of(Change change) {
    switch (change) {
        case Change::Nothing:
            return "left as it is";
        case Change::LeftOut:
            return "left out";
        case Change::SaidTwice:
            return "said twice";
        case Change::SaidFirst:
            return "said first";
        case Change::SaidLast:
            return "said last";
    }
    std::unreachable();
}

void apply(const Damage& damage, std::vector<ike::Payload>& payloads) {
    const auto at = payloads.begin() + static_cast<std::ptrdiff_t>(damage.payload);
    switch (damage.change) {
        case Change::Nothing:
            return;
        case Change::LeftOut:
            payloads.erase(at);
            return;
        case Change::SaidTwice:
            payloads.insert(at, ike::Payload{*at});
            return;
        case Change::SaidFirst:
            std::rotate(payloads.begin(), at, at + 1);
            return;
        case Change::SaidLast:
            std::rotate(at, at + 1, payloads.end());
            return;
    }
}

Options options() {
    Options options;
    options.seed = 1;
    options.hosts = 3;
    options.start_east = options.start_west = ike::Start::Passive;
    options.ike_east = options.ike_west = "aes128gcm16-prfsha256-x25519-ke1_mlkem512";
    options.esp_east = options.esp_west = "aes128gcm16-x25519-ke1_mlkem512";
    options.two_children = true;
    return options;
}

// What west said, and what it would have said.
struct Said {
    std::string description;
    std::size_t payloads = 0;
    ike::ExchangeType exchange = ike::ExchangeType::IkeSaInit;
};

// The life of a session between east and west, in which one message of west's is damaged.
class Life {
  public:
    Life(Damage damage, bool west_leads) : damage_{damage}, leader_{west_leads ? kWest : kEast} {
        scene.distrust(kWest);
        scene.machine(kWest).set_twist(
            [this](ike::Core& core, Bytes sent) { return twist(core, std::move(sent)); });
        for (HostIndex each = 0; each < scene.hosts(); ++each) scene.machine(each).start();
        scene.run_for(10ms);
        scene.machine(kEast).up(scene.connection(kNorth));
        scene.run_for(100ms);
    }

    void run() {
        const auto before = north();
        live();
        // Whatever came of it, east's tables agree with themselves, and north's session is what it
        // was.
        require(check_belief(scene.machine(kEast).kernel(), scene.machine(kEast).snapshot()));
        CHECK(north() == before);
        // What it was good for is over once west is silent.
        scene.machine(kEast).down(scene.connection(kWest));
        scene.machine(kWest).crash();
        scene.run_for(20min);
        require(scene.stage().violation);
        CHECK(to_west().empty());
        CHECK(north() == before);
        require(check_agreement(
            connection_of(scene.machine(kEast).snapshot(), scene.connection(kNorth)),
            connection_of(scene.machine(kNorth).snapshot(), scene.connection(kEast)), false));
    }

    // SPIs of the SAs that east's kernel has with west.
    [[nodiscard]] std::vector<xfrm::EspSpi> to_west() { return spis(kWest); }
    [[nodiscard]] bool is_renewed() const { return renewed_; }

    Scene scene{options(), false};
    std::vector<Said> said;

  private:
    void live() {
        Machine& leader = scene.machine(leader_);
        const std::string peer = scene.connection(1 - leader_);
        leader.up(peer);
        scene.run_for(30s);
        const auto first = to_west();
        leader.command(ike::Rekey{peer, false, true});
        scene.run_for(30s);
        const auto second = to_west();
        leader.command(ike::Rekey{peer, true, false});
        scene.run_for(70s);
        renewed_ =
            first.size() == 4 && second.size() == 4 && first != second && to_west() == second;
        leader.down(peer);
        scene.run_for(30s);
    }

    Bytes twist(ike::Core& core, Bytes sent) {
        const auto known = std::ranges::find(repeated_, sent, &std::pair<Bytes, Bytes>::first);
        if (known != repeated_.end()) return known->second;
        const auto message = ike::parse_message(sent).value();
        Bytes instead = twist(message, sent, cipher_for(core, message.header));
        repeated_.emplace_back(std::move(sent), instead);
        return instead;
    }

    Bytes twist(const ike::Message& message, View sent, ike::MessageCipher* cipher) {
        const auto layout = sealed_layout(message);
        std::vector<ike::Payload> payloads = message.payloads;
        if (layout) {
            const auto* sealed = std::get_if<ike::Encrypted>(&message.payloads.front());
            REQUIRE(cipher != nullptr);
            REQUIRE(sealed != nullptr);
            const auto chain = cipher->open(layout->associated(sent), layout->body(sent));
            REQUIRE(chain);
            payloads = ike::parse_payloads(sealed->first_inner, chain->view()).value();
        }
        const bool is_it = said.size() == damage_.message;
        said.push_back(
            {ike::dump_opened(message.header, payloads), payloads.size(), message.header.exchange});
        if (!is_it || damage_.change == Change::Nothing || damage_.payload >= payloads.size())
            return to_bytes(sent);
        apply(damage_, payloads);
        if (!layout) return write_message(message.header, payloads);
        return test::forge(*cipher, message.header, ike::first_payload_type(payloads),
                           write_payloads(payloads));
    }

    // What east opens with; while it has no keys, what west seals with. Null before both have them.
    ike::MessageCipher* cipher_for(ike::Core& west, const ike::Header& header) {
        ike::Core& east = *scene.machine(kEast).core();
        const auto found =
            east.by_local_spi.find(header.initiator ? header.responder_spi : header.initiator_spi);
        if (found != east.by_local_spi.end())
            if (auto& opening = east.ike_sas.find(found->second)->opening) return &*opening;
        ike::IkeSa* sa = sender_of(west, header);
        return sa != nullptr && sa->sealing ? &*sa->sealing : nullptr;
    }

    [[nodiscard]] std::vector<xfrm::EspSpi> spis(HostIndex peer) {
        const auto address = scene.machine(peer).site().address;
        std::vector<xfrm::EspSpi> found;
        for (const auto& sa : scene.machine(kEast).kernel().sas())
            if (sa.spec.id.source == address || sa.spec.id.destination == address)
                found.push_back(sa.spec.id.spi);
        std::ranges::sort(found);
        return found;
    }
    [[nodiscard]] std::vector<xfrm::EspSpi> north() { return spis(kNorth); }

    static void require(const std::optional<std::string>& violation) {
        REQUIRE(violation.value_or("") == "");
    }

    Damage damage_;
    HostIndex leader_;
    bool renewed_ = false;
    std::vector<std::pair<Bytes, Bytes>> repeated_;
};

// RFC 9242 §3.3 and RFC 7296 §2.15: AUTH covers these messages octet for octet, the order of their
// payloads too.
bool is_covered_by_auth(ike::ExchangeType exchange) {
    return exchange == ike::ExchangeType::IkeSaInit ||
           exchange == ike::ExchangeType::IkeIntermediate;
}

}  // namespace

TEST_CASE("no payload that is left out, said twice or said elsewhere does harm",
          "[sim][negative]") {
    const bool west_leads = GENERATE(true, false);
    Life whole{{}, west_leads};
    whole.run();
    REQUIRE(whole.is_renewed());
    // Every exchange there is took place, however it is led.
    for (const auto exchange : {ike::ExchangeType::IkeSaInit, ike::ExchangeType::IkeIntermediate,
                                ike::ExchangeType::IkeAuth, ike::ExchangeType::CreateChildSa,
                                ike::ExchangeType::IkeFollowupKe, ike::ExchangeType::Informational})
        REQUIRE(std::ranges::contains(whole.said, exchange, &Said::exchange));
    for (std::size_t message = 0; message < whole.said.size(); ++message) {
        const Said& said = whole.said[message];
        for (std::size_t payload = 0; payload < said.payloads; ++payload) {
            for (const auto change :
                 {Change::LeftOut, Change::SaidTwice, Change::SaidFirst, Change::SaidLast}) {
                INFO("message " << message << ": " << said.description << ": payload " << payload
                                << " " << name_of(change));
                Life life{{message, payload, change}, west_leads};
                life.run();
                // RFC 7296 §2.5: payloads may stand in any order.
                const bool is_moved = change == Change::SaidFirst || change == Change::SaidLast;
                if (is_moved && !is_covered_by_auth(said.exchange)) CHECK(life.is_renewed());
            }
        }
    }
}
