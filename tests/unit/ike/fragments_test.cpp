// SPDX-License-Identifier: Apache-2.0
// Messages in fragments, RFC 7383: cutting, putting together, and everything that may go wrong in between.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include "ike/auth/run_job.h"
#include "ike/policy/proposal_select.h"
#include "ike/sealed_message.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

constexpr std::size_t kIpv4AndUdp = 28;
constexpr std::size_t kNumberOffset = kSealedPrefixOctets;
constexpr std::size_t kTotalOffset = kNumberOffset + 2;

constexpr IkeSuite kGcm{EncryptionId::AesGcm16, 256, PrfId::HmacSha256, IntegrityId::None,
                        KeyExchangeMethod::X25519};
constexpr IkeSuite kCbc{EncryptionId::AesCbc, 256, PrfId::HmacSha256, IntegrityId::HmacSha256_128,
                        KeyExchangeMethod::X25519};

MessageCipher make_cipher(const IkeSuite& suite) {
    const KeyLengths lengths = key_lengths(suite);
    return *MessageCipher::create(suite, Secret{View{Bytes(lengths.encryption, 5)}},
                                  Secret{View{Bytes(lengths.integrity, 6)}});
}

// The two ends of one IKE SA without any exchange: what `sender` seals, `receiver` opens.
struct Ends {
    sim::SimulatedRandom random{sim::Prng{9}};
    Core core{random, {}};
    IkeSa sender;
    IkeSa receiver;
    Limits limits;

    explicit Ends(const IkeSuite& suite = kGcm) {
        limits.fragment_size = 576;
        for (IkeSa* sa : {&sender, &receiver}) {
            sa->initiator_spi = {1};
            sa->responder_spi = {2};
            sa->state = state::Established{};
            sa->path = {{*xfrm::Address::parse("192.0.2.1"), 500}, {*xfrm::Address::parse("192.0.2.2"), 500}, false};
            sa->fragmentation = true;
        }
        receiver.role = Role::Responder;
        sender.sealing = make_cipher(suite);
        receiver.opening = make_cipher(suite);
    }

    // A request with a payload of so many octets, sealed, under the same message id each time.
    Datagrams seal(std::size_t octets) {
        auto configuration = std::make_shared<ike::Configuration>();
        configuration->limits = limits;
        core.configuration = std::move(configuration);
        VendorId payload{Bytes(octets)};
        for (std::size_t i = 0; i < octets; ++i) payload.data[i] = static_cast<std::uint8_t>(i * 7);
        sender.outbound = OutboundWindow{};
        send_request(core, sender, ExchangeType::Informational, std::array<Payload, 1>{payload});
        core.effects.clear();
        return sender.outbound.outstanding()->datagrams;
    }

    std::optional<Received> receive(View datagram) { return ike::receive(core, receiver, datagram); }
    std::uint64_t dropped(Dropped why) const { return core.statistics.dropped[static_cast<std::size_t>(why)]; }
    std::uint64_t dropped_in_all() const {
        std::uint64_t all = 0;
        for (const std::uint64_t count : core.statistics.dropped) all += count;
        return all;
    }
};

std::size_t payload_octets(const Received& received) {
    const auto payloads = parse_payloads(received.message.first_inner, received.message.chain.view());
    if (!payloads || payloads->size() != 1) return 0;
    const auto& data = std::get<VendorId>(payloads->front()).data;
    for (std::size_t i = 0; i < data.size(); ++i)
        if (data[i] != static_cast<std::uint8_t>(i * 7)) return 0;
    return data.size();
}

bool is_fragment(View datagram) {
    const auto header = parse_header(datagram);
    return header && header->next_payload == PayloadType::EncryptedFragment;
}

bool is_fragment(const Transmit& transmit) { return is_fragment(transmit.octets); }

// One exchange less to look at.
void leave_out_additional_key_exchanges(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->connection.ike_proposals =
            without_additional_key_exchanges(std::move(peer->connection.ike_proposals));
}

// Alice and bob with certificates, too large for datagrams of 576 octets.
struct PairOfFragments : Pair {
    PairOfFragments() {
        use_certificates();
        leave_out_additional_key_exchanges(*this);
        alice.limits.fragment_size = bob.limits.fragment_size = 576;
        configure();
    }
};

}  // namespace

// ---- cutting ---------------------------------------------------------------------------------------------------

TEST_CASE("a message is cut only where it is larger than a datagram may be, and fills what it may", "[ike][fragments]") {
    for (const IkeSuite& suite : {kGcm, kCbc}) {
        for (std::size_t octets = 400; octets < 1700; octets += 1) {
            Ends ends{suite};
            const Datagrams datagrams = ends.seal(octets);
            const std::size_t room = ends.limits.fragment_size - kIpv4AndUdp;
            const std::size_t whole =
                kSealedPrefixOctets + ends.sender.sealing->sealed_size(octets + 4);
            REQUIRE((datagrams.size() == 1) == (whole <= room));
            REQUIRE(is_fragment(datagrams.front()) == (whole > room));
            for (const Bytes& datagram : datagrams) REQUIRE(datagram.size() <= room);
            // Not one fragment more than needed: each but the last is full, but for a block of the cipher.
            for (std::size_t i = 0; i + 1 < datagrams.size(); ++i) REQUIRE(datagrams[i].size() > room - 16);
        }
    }
}

TEST_CASE("IP version and encapsulation decide how much a datagram holds", "[ike][fragments]") {
    const auto largest = [](const char* address, bool encapsulated) {
        Ends ends;
        ends.limits.fragment_size = 1280;
        ends.sender.path.remote.address = *xfrm::Address::parse(address);
        ends.sender.path.encapsulated = encapsulated;
        std::size_t most = 0;
        for (const Bytes& datagram : ends.seal(5000)) most = std::max(most, datagram.size());
        return most;
    };
    CHECK(largest("192.0.2.2", false) == 1280 - 20 - 8);
    CHECK(largest("192.0.2.2", true) == 1280 - 20 - 8 - 4);
    CHECK(largest("2001:db8::2", false) == 1280 - 40 - 8);
    CHECK(largest("2001:db8::2", true) == 1280 - 40 - 8 - 4);
}

TEST_CASE("a peer that does not understand fragments gets one datagram, and may send none", "[ike][fragments]") {
    Ends ends;
    const Datagrams fragments = ends.seal(3000);
    ends.sender.fragmentation = ends.receiver.fragmentation = false;
    CHECK(ends.seal(3000).size() == 1);
    CHECK_FALSE(ends.receive(fragments.front()));
    CHECK(ends.dropped(Dropped::NotAllowedInState) == 1);
    CHECK(ends.receiver.request_fragments.octets() == 0);
}

TEST_CASE("only the first fragment names the first payload, and no two share an IV", "[ike][fragments]") {
    Ends ends;
    const Datagrams fragments = ends.seal(3000);
    REQUIRE(fragments.size() > 4);
    std::vector<Bytes> ivs;
    for (const Bytes& datagram : fragments) {
        const auto message = parse_message(datagram);
        REQUIRE(message);
        const auto& fragment = std::get<EncryptedFragment>(message->payloads.front());
        CHECK(fragment.total == fragments.size());
        CHECK(fragment.first_inner == (fragment.number == 1 ? PayloadType::VendorId : PayloadType::None));
        ivs.push_back(to_bytes(View{fragment.body}.first(8)));
    }
    std::ranges::sort(ivs);
    CHECK(std::ranges::adjacent_find(ivs) == ivs.end());
}

// ---- putting together ------------------------------------------------------------------------------------------

TEST_CASE("fragments make the message in whatever order they come, and however often", "[ike][fragments]") {
    for (const IkeSuite& suite : {kGcm, kCbc}) {
        std::array<std::size_t, 4> order{0, 1, 2, 3};
        do {
            Ends ends{suite};
            const Datagrams fragments = ends.seal(1800);
            REQUIRE(fragments.size() == order.size());
            for (std::size_t i = 0; i + 1 < order.size(); ++i) {
                REQUIRE_FALSE(ends.receive(fragments[order[i]]));
                REQUIRE_FALSE(ends.receive(fragments[order[i]]));
            }
            REQUIRE(ends.dropped(Dropped::FragmentRepeated) == 3);
            const auto received = ends.receive(fragments[order.back()]);
            REQUIRE(received);
            REQUIRE(payload_octets(*received) == 1800);
            REQUIRE(received->datagram == fragments.front());
            REQUIRE(ends.receiver.request_fragments.octets() == 0);
        } while (std::ranges::next_permutation(order).found);
    }
}

TEST_CASE("a message in fragments is the same as in one piece, for whoever authenticates it", "[ike][fragments]") {
    Ends ends;
    const Datagrams fragments = ends.seal(900);
    ends.limits.fragment_size = 4000;
    const Datagrams whole = ends.seal(900);
    REQUIRE(fragments.size() == 2);
    REQUIRE(whole.size() == 1);
    CHECK_FALSE(ends.receive(fragments[1]));
    const auto from_fragments = ends.receive(fragments[0]);
    const auto from_one = ends.receive(whole[0]);
    REQUIRE(from_fragments);
    REQUIRE(from_one);
    CHECK(equal(from_fragments->message.chain.view(), from_one->message.chain.view()));
    // RFC 9242 §3.3.2: the lengths are those of the message without encryption.
    CHECK(from_fragments->message.prefix() == from_one->message.prefix());
    CHECK(parse_header(from_one->message.prefix())->length == kSealedPrefixOctets + 904);
    const PlainMessage sent = plain_request(ends.sender, ExchangeType::Informational, {});
    CHECK(sent.header.message_id == MessageId{1});
}

TEST_CASE("a larger total begins anew, a smaller one is late", "[ike][fragments]") {
    Ends ends;
    const Datagrams large = ends.seal(1800);
    ends.limits.fragment_size = 400;
    const Datagrams small = ends.seal(1800);
    REQUIRE(small.size() > large.size());
    for (std::size_t i = 0; i + 1 < large.size(); ++i) CHECK_FALSE(ends.receive(large[i]));
    for (std::size_t i = 0; i + 1 < small.size(); ++i) {
        CHECK_FALSE(ends.receive(small[i]));
        CHECK_FALSE(ends.receive(large.back()));
    }
    CHECK(ends.dropped(Dropped::FragmentRepeated) == small.size() - 1);
    const auto received = ends.receive(small.back());
    REQUIRE(received);
    CHECK(payload_octets(*received) == 1800);
    CHECK(received->datagram == small.front());
}

TEST_CASE("a fragment of another message puts out what is there of the one before", "[ike][fragments]") {
    Ends ends;
    const Datagrams first = ends.seal(1800);
    CHECK_FALSE(ends.receive(first[0]));
    ends.sender.inbound = InboundWindow{};
    ends.sender.outbound = OutboundWindow{};
    ends.sender.outbound.send({});
    send_request(ends.core, ends.sender, ExchangeType::Informational,
                 std::array<Payload, 1>{VendorId{Bytes(700, 1)}});
    const Datagrams second = ends.sender.outbound.outstanding()->datagrams;
    REQUIRE(second.size() == 2);
    CHECK_FALSE(ends.receive(second[1]));
    CHECK(ends.receiver.request_fragments.octets() < 700);
    CHECK(ends.receive(second[0]));
}

TEST_CASE("a single fragment is a message", "[ike][fragments]") {
    Ends ends;
    Header header;
    header.initiator_spi = {1};
    header.responder_spi = {2};
    header.exchange = ExchangeType::Informational;
    header.initiator = true;
    const Bytes chain = write_payloads(std::array<Payload, 1>{make_notify(NotifyType::InitialContact)});
    Bytes datagram = write_fragment_prefix(header, PayloadType::Notify, 1, 1,
                                           ends.sender.sealing->sealed_size(chain.size()));
    append(datagram, *ends.sender.sealing->seal(datagram, chain, ends.random));
    const auto received = ends.receive(datagram);
    REQUIRE(received);
    CHECK(parse_payloads(received->message.first_inner, received->message.chain.view()).has_value());
}

// ---- what is refused -------------------------------------------------------------------------------------------

TEST_CASE("a fragment with any bit changed is dropped, and harms nothing", "[ike][fragments][negative]") {
    for (const IkeSuite& suite : {kGcm, kCbc}) {
        Ends ends{suite};
        const Datagrams fragments = ends.seal(900);
        REQUIRE(fragments.size() == 2);
        REQUIRE_FALSE(ends.receive(fragments[0]));
        const std::size_t kept = ends.receiver.request_fragments.octets();
        std::uint64_t changed = 0;
        for (std::size_t bit = 0; bit < fragments[1].size() * 8; ++bit) {
            Bytes datagram = fragments[1];
            datagram[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
            REQUIRE_FALSE(ends.receive(datagram));
            REQUIRE(ends.dropped_in_all() == ++changed);
            REQUIRE(ends.receiver.request_fragments.octets() == kept);
        }
        REQUIRE(ends.receive(fragments[1]));
    }
}

TEST_CASE("every number and total beside the true ones are refused", "[ike][fragments][negative]") {
    Ends ends;
    const Datagrams fragments = ends.seal(1800);
    REQUIRE(fragments.size() == 4);
    REQUIRE_FALSE(ends.receive(fragments[0]));
    const std::size_t kept = ends.receiver.request_fragments.octets();
    const auto with = [&](std::size_t number, std::size_t total) {
        Bytes datagram = fragments[1];
        for (const auto& [offset, value] : {std::pair{kNumberOffset, number}, std::pair{kTotalOffset, total}}) {
            datagram[offset] = static_cast<std::uint8_t>(value >> 8);
            datagram[offset + 1] = static_cast<std::uint8_t>(value);
        }
        return datagram;
    };
    constexpr std::array<std::size_t, 11> kValues{0, 1, 2, 3, 4, 5, 127, 128, 129, 256, 65535};
    for (const std::size_t number : kValues)
        for (const std::size_t total : kValues) {
            if (number == 2 && total == 4) continue;
            INFO(number << " of " << total);
            REQUIRE_FALSE(ends.receive(with(number, total)));
            REQUIRE(ends.receiver.request_fragments.octets() == kept);
        }
    REQUIRE(ends.dropped(Dropped::FragmentLimit) > 0);
    REQUIRE(ends.dropped(Dropped::FragmentRepeated) > 0);
    REQUIRE(ends.dropped(Dropped::Malformed) > 0);
    REQUIRE(ends.dropped(Dropped::IntegrityFailed) > 0);
}

TEST_CASE("a fragment cut short anywhere is refused", "[ike][fragments][negative]") {
    Ends ends;
    const Bytes fragment = ends.seal(900).front();
    for (std::size_t size = 0; size < fragment.size(); ++size) {
        REQUIRE_FALSE(ends.receive(View{fragment}.first(size)));
        Bytes with_true_length = to_bytes(View{fragment}.first(size));
        if (size >= kHeaderOctets) {
            with_true_length[26] = static_cast<std::uint8_t>(size >> 8);
            with_true_length[27] = static_cast<std::uint8_t>(size);
        }
        REQUIRE_FALSE(ends.receive(with_true_length));
    }
    CHECK(ends.receiver.request_fragments.octets() == 0);
}

TEST_CASE("more fragments than allowed are not put together", "[ike][fragments][negative]") {
    Ends ends;
    ends.limits.fragments_max = 3;
    const Datagrams three = ends.seal(1400);
    const Datagrams four = ends.seal(1800);
    REQUIRE(three.size() == 3);
    REQUIRE(four.size() == 4);
    for (const Bytes& datagram : four) CHECK_FALSE(ends.receive(datagram));
    CHECK(ends.dropped(Dropped::FragmentLimit) == 4);
    CHECK(ends.receiver.request_fragments.octets() == 0);
    CHECK_FALSE(ends.receive(three[0]));
    CHECK_FALSE(ends.receive(three[1]));
    CHECK(ends.receive(three[2]));
}

TEST_CASE("more octets than allowed are not put together, and not kept", "[ike][fragments][negative]") {
    Ends ends;
    ends.limits.reassembly_octets_max = 1600;
    const Datagrams fragments = ends.seal(2500);
    for (const Bytes& datagram : fragments) {
        CHECK_FALSE(ends.receive(datagram));
        // The first fragment is kept twice: as it came, and opened.
        CHECK(ends.receiver.request_fragments.octets() <= 1600 + 576);
    }
    CHECK(ends.dropped(Dropped::FragmentLimit) >= 1);
}

TEST_CASE("fragments of two exchanges under one message id do not mix", "[ike][fragments][negative]") {
    Ends ends;
    const Datagrams informational = ends.seal(900);
    ends.sender.outbound = OutboundWindow{};
    send_request(ends.core, ends.sender, ExchangeType::CreateChildSa,
                 std::array<Payload, 1>{VendorId{Bytes(900, 1)}});
    const Datagrams create_child = ends.sender.outbound.outstanding()->datagrams;
    CHECK_FALSE(ends.receive(informational[0]));
    CHECK_FALSE(ends.receive(create_child[1]));
    CHECK(ends.dropped(Dropped::Malformed) == 1);
    CHECK(ends.receive(informational[1]));
}

// ---- in exchanges ----------------------------------------------------------------------------------------------

TEST_CASE("certificates too large for a datagram go in fragments both ways", "[ike][fragments]") {
    PairOfFragments pair;
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    for (const Peer* peer : {&pair.alice, &pair.bob}) {
        CHECK(std::ranges::count_if(peer->sent, [](const Transmit& t) { return is_fragment(t); }) >= 2);
        CHECK_FALSE(is_fragment(peer->sent.front()));
        for (const Transmit& transmit : peer->sent)
            if (is_fragment(transmit)) CHECK(transmit.octets.size() <= 576 - kIpv4AndUdp);
    }
}

TEST_CASE("what fits into a datagram is not cut", "[ike][fragments]") {
    for (const xfrm::Family family : {xfrm::Family::V4, xfrm::Family::V6}) {
        Pair pair{family};
        leave_out_additional_key_exchanges(pair);
        pair.configure();
        pair.up(pair.alice);
        REQUIRE(pair.both_up());
        for (const Peer* peer : {&pair.alice, &pair.bob})
            CHECK(std::ranges::none_of(peer->sent, [](const Transmit& t) { return is_fragment(t); }));
    }
}

TEST_CASE("the responder understands fragments only if the initiator does", "[ike][fragments]") {
    for (const bool announced : {true, false}) {
        Pair pair;
        pair.configure();
        std::optional<Bytes> answer;
        pair.wire = [&](const Peer& to, Datagram& datagram) {
            if (&to == &pair.alice) {
                answer = datagram.octets;
                return false;
            }
            auto message = parse_message(datagram.octets);
            if (!announced)
                std::erase_if(message->payloads, [](const Payload& payload) {
                    const auto* notify = std::get_if<Notify>(&payload);
                    return notify && notify->type == NotifyType::Ikev2FragmentationSupported;
                });
            datagram.octets = write_message(message->header, message->payloads);
            return true;
        };
        pair.up(pair.alice);
        REQUIRE(answer);
        const auto message = parse_message(*answer);
        const auto response = IkeSaInitResponse::from_payloads(message->payloads);
        CHECK((find_notify(response->notifies, NotifyType::Ikev2FragmentationSupported) != nullptr) == announced);
    }
}

TEST_CASE("any lost fragment is made good by repeating all of them, octet for octet", "[ike][fragments]") {
    // Six or more fragments cross; beyond their number nothing is lost any more.
    for (int lost = 0; lost < 8; ++lost) {
        PairOfFragments pair;
        int seen = 0;
        pair.wire = [&](const Peer&, Datagram& datagram) { return !is_fragment(datagram.octets) || seen++ != lost; };
        pair.up(pair.alice);
        pair.pass(std::chrono::seconds{3});
        INFO("lost fragment " << lost);
        REQUIRE(pair.both_up());
        REQUIRE(pair.bob.host->snapshot().statistics.ike_sas == 1);
        Datagrams fragments;
        for (const Transmit& transmit : pair.alice.sent)
            if (is_fragment(transmit)) fragments.push_back(transmit.octets);
        const std::size_t total = std::get<EncryptedFragment>(parse_message(fragments.front())->payloads.front()).total;
        REQUIRE(fragments.size() % total == 0);
        for (std::size_t i = total; i < fragments.size(); ++i) REQUIRE(fragments[i] == fragments[i - total]);
    }
}

TEST_CASE("of a repeated request only the first fragment is answered, with the whole answer", "[ike][fragments]") {
    PairOfFragments pair;
    std::vector<Datagram> requests;
    Datagrams answers;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (!is_fragment(datagram.octets)) return true;
        if (&to == &pair.bob) requests.push_back(datagram);
        else answers.push_back(datagram.octets);
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    REQUIRE(requests.size() >= 2);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        Datagrams again;
        for (const Effect& effect : pair.bob.host->step(pair.now, requests[i]))
            again.push_back(std::get<Transmit>(effect).octets);
        CHECK(again == (i == 0 ? answers : Datagrams{}));
    }
    CHECK(pair.bob.dropped(Dropped::StaleMessageId) == requests.size() - 1);
}

TEST_CASE("fragments that come while the keys are worked out wait for them, within bounds", "[ike][fragments]") {
    PairOfFragments pair;
    std::vector<Datagram> requests;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool held = &to == &pair.bob && is_fragment(datagram.octets);
        if (held) requests.push_back(datagram);
        return !held;
    };
    pair.up(pair.alice);
    REQUIRE(requests.size() >= 2);
    Effects effects = pair.bob.host->step(pair.now, requests[0]);
    REQUIRE(effects.size() == 1);
    auto& agreement = std::get<CryptoRequest>(effects.front());
    for (std::size_t i = 1; i < requests.size(); ++i) CHECK(pair.bob.host->step(pair.now, requests[i]).empty());
    CHECK(pair.bob.host->step(pair.now, requests[1]).empty());
    CHECK(pair.bob.dropped(Dropped::FragmentRepeated) == 1);
    for (std::size_t i = 0; i < 300; ++i) {
        Datagram junk = requests[1];
        junk.octets.back() = static_cast<std::uint8_t>(i);
        junk.octets[junk.octets.size() - 2] = static_cast<std::uint8_t>(i >> 8);
        CHECK(pair.bob.host->step(pair.now, junk).empty());
    }
    CHECK(pair.bob.dropped(Dropped::FragmentLimit) > 100);
    pair.input(pair.bob, CryptoResult{agreement.id, run_job(agreement.job, pair.bob.credentials, WallTime{pair.wall})});
    CHECK(pair.both_up());
}

TEST_CASE("a request repeated in smaller fragments gets the answer it got before", "[ike][fragments]") {
    Ends ends;
    const Datagrams large = ends.seal(900);
    ends.limits.fragment_size = 400;
    const Datagrams small = ends.seal(900);
    CHECK(is_first_fragment(ends.receiver, large.front()));
    CHECK(is_first_fragment(ends.receiver, small.front()));
    CHECK_FALSE(is_first_fragment(ends.receiver, small[1]));
    Bytes forged = small.front();
    forged.back() ^= 1;
    CHECK_FALSE(is_first_fragment(ends.receiver, forged));
    ends.limits.fragment_size = 2000;
    CHECK_FALSE(is_first_fragment(ends.receiver, ends.seal(900).front()));
    CHECK_FALSE(is_first_fragment(IkeSa{}, small.front()));
}

}  // namespace xfrmd::test
