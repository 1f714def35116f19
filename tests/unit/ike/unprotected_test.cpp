// SPDX-License-Identifier: Apache-2.0
// What is said outside of IKE SAs: unknown SPIs, crashes, IKEv1. RFC 7296 §1.5, §2.21.4, RFC 6290.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>

#include "ike/answer_budget.h"
#include "ike/wire/messages.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

constexpr std::size_t kVersionOctet = 17;
constexpr std::size_t kExchangeOctet = 18;

std::optional<Datagram> last_to(Pair& pair, Peer& peer) {
    const auto& sent = pair.other(peer).sent;
    if (sent.empty()) return std::nullopt;
    const Transmit& last = sent.back();
    return Datagram{{last.path.remote, last.path.local, last.path.encapsulated}, last.octets};
}

// The notifications of a message that nothing protects.
std::vector<Notify> notifies_of(View octets) {
    std::vector<Notify> found;
    const auto message = parse_message(octets);
    if (!message) return found;
    for (const Payload& payload : message->payloads)
        if (const auto* notify = std::get_if<Notify>(&payload)) found.push_back(*notify);
    return found;
}

// Bob's answer to a request for an IKE SA that he lost, as he would give it. Alice is up, and asks.
struct AfterCrash : Pair {
    Datagram request;

    explicit AfterCrash(Start start = Start::Passive) {
        alice.connection.start = start;
        alice.connection.liveness_interval = std::chrono::seconds{10};
        configure(bob);
        configure(alice);
        up(alice);
        REQUIRE(both_up());
        wire = [this](const Peer& to, Datagram& datagram) {
            if (&to == &bob) request = datagram;
            return false;
        };
        for (int i = 0; i < 30 && request.octets.empty(); ++i) pass(std::chrono::seconds{1});
        wire = [](const Peer&, Datagram&) { return true; };
    }
};

Effects step(Pair& pair, Peer& peer, Datagram datagram) {
    return peer.host->step(pair.now, std::move(datagram));
}

Datagram to_alice(const Pair& pair, Bytes octets) {
    return {{{pair.alice.address, 500}, {pair.bob.address, 500}, false}, std::move(octets)};
}

}  // namespace

// ---- unknown SPIs ----------------------------------------------------------------------------------------------

TEST_CASE("a request for an IKE SA that is not there is answered, no larger than it is", "[ike][unprotected]") {
    AfterCrash pair;
    REQUIRE_FALSE(pair.request.octets.empty());
    pair.bob.crash();
    pair.configure(pair.bob);
    const Effects effects = step(pair, pair.bob, pair.request);
    REQUIRE(effects.size() == 1);
    const Bytes answer = std::get<Transmit>(effects.front()).octets;
    CHECK(answer.size() <= pair.request.octets.size());
    const Header asked = *parse_header(pair.request.octets);
    const Header header = *parse_header(answer);
    // RFC 7296 §1.5: SPIs, message id and exchange type are those of the request.
    CHECK(header.initiator_spi == asked.initiator_spi);
    CHECK(header.responder_spi == asked.responder_spi);
    CHECK(header.message_id == asked.message_id);
    CHECK(header.exchange == asked.exchange);
    CHECK(header.response);
    CHECK(header.initiator != asked.initiator);
    const auto notifies = notifies_of(answer);
    REQUIRE(notifies.size() == 2);
    CHECK(notifies[0].type == NotifyType::InvalidIkeSpi);
    CHECK(notifies[1].type == NotifyType::QuickCrashDetection);
}

TEST_CASE("responses, wrong lengths and IKE SAs that live get no such answer", "[ike][unprotected]") {
    AfterCrash pair;
    // Alice's SPI is another one, ours lives: a token now would end it.
    Datagram other = pair.request;
    other.octets[0] ^= 1;
    CHECK(step(pair, pair.bob, other).empty());
    pair.bob.crash();
    pair.configure(pair.bob);
    Datagram response = pair.request;
    response.octets[19] |= 0x20;
    CHECK(step(pair, pair.bob, response).empty());
    Datagram cut = pair.request;
    cut.octets.pop_back();
    CHECK(step(pair, pair.bob, cut).empty());
    Datagram tiny = pair.request;
    tiny.octets.resize(kHeaderOctets);
    tiny.octets[26] = 0;
    tiny.octets[27] = kHeaderOctets;
    CHECK(step(pair, pair.bob, tiny).empty());
    CHECK(pair.bob.dropped(Dropped::AnswerTooLarge) == 1);
    CHECK(step(pair, pair.bob, pair.request).size() == 1);
}

TEST_CASE("strangers get so many answers a second, in all and by network", "[ike][unprotected]") {
    Limits limits;
    limits.stranger_answers_per_second = 10;
    limits.stranger_answers_per_network_per_second = 3;
    AnswerBudget budget;
    const auto in_network = [](std::uint32_t n) { return xfrm::Address::v4(0x0a000000 + (n << 8)); };
    Time now{std::chrono::seconds{100}};
    for (int round = 0; round < 2; ++round, now += std::chrono::seconds{1}) {
        int given = 0;
        for (int i = 0; i < 20; ++i) given += budget.take(now, limits, in_network(1)) ? 1 : 0;
        CHECK(given == 3);
        for (std::uint32_t network = 2; network < 50; ++network) given += budget.take(now, limits, in_network(network)) ? 1 : 0;
        CHECK(given == 10);
    }
}

TEST_CASE("that an IKE SA is unknown to the peer is a hint: it is checked, seldom, and nothing else", "[ike][unprotected]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    Header header;
    const auto shot = pair.alice.host->snapshot().connections.front().ike_sas.front();
    header.initiator_spi = shot.initiator_spi;
    header.responder_spi = shot.responder_spi;
    header.exchange = ExchangeType::Informational;
    header.response = true;
    header.message_id = {2};
    const Bytes hint = write_message(header, std::array<Payload, 1>{make_notify(NotifyType::InvalidIkeSpi)});
    std::size_t probes = 0;
    for (int i = 0; i < 100; ++i) {
        const std::size_t before = pair.alice.sent.size();
        pair.input(pair.alice, to_alice(pair, hint));
        probes += pair.alice.sent.size() - before;
        pair.pass(std::chrono::milliseconds{150});
    }
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(probes >= 1);
    CHECK(probes <= 2);
}

// ---- quick crash detection -------------------------------------------------------------------------------------

TEST_CASE("whoever learns by a true token that the peer has restarted begins anew at once", "[ike][crash]") {
    AfterCrash pair{Start::Now};
    pair.bob.crash();
    pair.configure(pair.bob);
    const Time crashed = pair.now;
    pair.input(pair.bob, pair.request);
    pair.pass(std::chrono::seconds{1});
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
    CHECK(pair.now - crashed <= std::chrono::seconds{1});
    const auto is_it = [](const Event& event) {
        const auto* down = std::get_if<IkeSaDown>(&event);
        return down != nullptr && down->reason == Reason::PeerRestarted;
    };
    CHECK(std::ranges::count_if(pair.alice.events, is_it) == 1);
}

TEST_CASE("a passive side only lets go of what the peer has lost", "[ike][crash]") {
    AfterCrash pair{Start::Passive};
    pair.bob.crash();
    pair.configure(pair.bob);
    pair.input(pair.bob, pair.request);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.alice.state() == ConnectionState::Passive);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a token with any bit changed, cut short or of somebody else ends nothing", "[ike][crash][negative]") {
    AfterCrash pair;
    pair.bob.crash();
    pair.configure(pair.bob);
    const Effects effects = step(pair, pair.bob, pair.request);
    const Bytes answer = std::get<Transmit>(effects.front()).octets;
    const auto message = *parse_message(answer);
    const Bytes token = notifies_of(answer)[1].data;
    const auto throw_token = [&](const Bytes& what) {
        pair.input(pair.alice, to_alice(pair, write_message(message.header, std::array<Payload, 2>{
                                                  make_notify(NotifyType::InvalidIkeSpi), make_crash_token(what)})));
    };
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
        Bytes changed = token;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        throw_token(changed);
    }
    throw_token({});
    throw_token(to_bytes(View{token}.first(15)));
    Bytes longer = token;
    longer.push_back(0);
    throw_token(longer);
    CHECK(pair.alice.kernel_sas() == 2);
    // Without INVALID_IKE_SPI it says nothing, and for other SPIs it is another one.
    pair.input(pair.alice, to_alice(pair, write_message(message.header, std::array<Payload, 1>{make_crash_token(token)})));
    Header other = message.header;
    other.responder_spi.value ^= 1;
    pair.input(pair.alice, to_alice(pair, write_message(other, message.payloads)));
    CHECK(pair.alice.kernel_sas() == 2);
    throw_token(token);
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("without quick crash detection no tokens are given", "[ike][crash]") {
    Pair pair;
    pair.configure();
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = 9;
    configuration->connections = {pair.bob.connection};
    configuration->options.quick_crash_detection = false;
    pair.input(pair.bob, Command{CommandId{77}, Configure{configuration}});
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    Datagram request = *last_to(pair, pair.bob);
    request.octets[8] ^= 1;  // bob's SPI: one that he has not
    const Effects effects = step(pair, pair.bob, request);
    REQUIRE(effects.size() == 1);
    const auto notifies = notifies_of(std::get<Transmit>(effects.front()).octets);
    REQUIRE(notifies.size() == 1);
    CHECK(notifies.front().type == NotifyType::InvalidIkeSpi);
}

TEST_CASE("no token is given for an IKE SA that so far only the peer has made", "[ike][crash]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto rekey = [](std::uint64_t id) { return Command{CommandId{id}, Rekey{"link", true, false}}; };
    // Bob's answer to alice's rekey is late; he goes on with the IKE SA that he has made.
    std::optional<Datagram> late;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to != &pair.alice || late) return true;
        late = datagram;
        return false;
    };
    pair.input(pair.alice, rekey(900));
    REQUIRE(late);
    const std::size_t answers = pair.alice.sent.size();
    pair.input(pair.bob, rekey(901));
    CHECK(pair.alice.sent.size() == answers);
    pair.input(pair.alice, *late);
    pair.pass(std::chrono::seconds{30});
    CHECK(pair.both_up());
    const auto is_down = [](const Event& event) { return std::holds_alternative<IkeSaDown>(event); };
    CHECK(std::ranges::none_of(pair.alice.events, is_down));
    CHECK(std::ranges::none_of(pair.bob.events, is_down));
}

TEST_CASE("an initial contact replaces what the peer had, if the identities are the same", "[ike][crash]") {
    AfterCrash pair;
    pair.bob.crash();
    pair.configure(pair.bob);
    pair.up(pair.bob);
    pair.pass(std::chrono::seconds{1});
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 1);
}

// ---- IKEv1 -----------------------------------------------------------------------------------------------------

TEST_CASE("IKEv1 is counted and told once for each peer, and answered only if configured", "[ike][unprotected]") {
    for (const bool refuse : {false, true}) {
        Pair pair;
        auto configuration = std::make_shared<ike::Configuration>();
        configuration->number = 9;
        configuration->connections = {pair.bob.connection};
        configuration->options.refuse_ikev1 = refuse;
        pair.input(pair.bob, Command{CommandId{77}, Configure{configuration}});
        Bytes main_mode(80, 0x11);
        main_mode[kVersionOctet] = 0x10;
        main_mode[kExchangeOctet] = 2;
        const Path path{{pair.bob.address, 500}, {pair.alice.address, 500}, false};
        std::size_t answers = 0;
        std::size_t events = 0;
        for (int i = 0; i < 20; ++i)
            for (const Effect& effect : step(pair, pair.bob, {path, main_mode})) {
                if (const auto* event = std::get_if<Event>(&effect)) {
                    ++events;
                    CHECK(std::get<Ikev1PeerSeen>(*event).connection == "link");
                    CHECK(std::get<Ikev1PeerSeen>(*event).remote.address == pair.alice.address);
                }
                const auto* transmit = std::get_if<Transmit>(&effect);
                if (transmit == nullptr) continue;
                ++answers;
                // RFC 2408 §3.14: a notification with INVALID-MAJOR-VERSION, in the peer's own version.
                CHECK(transmit->octets.size() == 40);
                CHECK(transmit->octets[16] == 11);
                CHECK(transmit->octets[kVersionOctet] == 0x10);
                CHECK(transmit->octets[kExchangeOctet] == 5);
                CHECK(transmit->octets[39] == 5);
            }
        CHECK(events == 1);
        CHECK(answers == (refuse ? Limits{}.stranger_answers_per_network_per_second : 0));
        CHECK(pair.bob.dropped(Dropped::OldVersion) == 20);
        const auto peers = pair.bob.host->snapshot().ikev1_peers;
        REQUIRE(peers.size() == 1);
        CHECK(peers.front().messages == 20);
        main_mode[kExchangeOctet] = 5;
        pair.now += std::chrono::seconds{2};
        CHECK(step(pair, pair.bob, {path, main_mode}).empty());
    }
}

TEST_CASE("what is remembered of IKEv1 peers is bounded, and so is how often they are told", "[ike][unprotected]") {
    Pair pair;
    pair.configure();
    Bytes main_mode(80, 0x11);
    main_mode[kVersionOctet] = 0x10;
    main_mode[kExchangeOctet] = 2;
    std::size_t events = 0;
    for (std::uint32_t i = 0; i < 3000; ++i) {
        const Path path{{pair.bob.address, 500}, {xfrm::Address::v4(0xc6336400 + i), 500}, false};
        events += step(pair, pair.bob, {path, main_mode}).size();
        pair.now += std::chrono::milliseconds{500};
    }
    CHECK(events <= 1500);
    CHECK(events >= 1000);
    CHECK(pair.bob.host->snapshot().ikev1_peers.size() == 256);
}

}  // namespace xfrmd::test
