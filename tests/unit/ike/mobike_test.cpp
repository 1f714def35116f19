// SPDX-License-Identifier: Apache-2.0
// Alice moves to other addresses, and her tunnel to bob goes on. RFC 4555
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

#include "ike/core.h"
#include "ike/exchange/mobike.h"
#include "ike/sealed_message.h"
#include "tests/unit/ike/pair.h"
#include "tests/unit/ike/translated.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

xfrm::Address at(std::string_view text) { return xfrm::Address::parse(text).value(); }
const xfrm::Address kElsewhere = at("198.51.100.7");
const xfrm::Address kFarther = at("203.0.113.7");

// Two gateways that may move; a datagram reaches only who has its destination.
class Roaming {
  public:
    explicit Roaming(xfrm::Family family = xfrm::Family::V4) : pair{family} {
        pair.use_tunnel();
        for (Peer* peer : {&pair.alice, &pair.bob}) {
            peer->connection.mobike = true;
            peer->connection.local_fixed = false;
        }
        pair.wire = [this](const Peer& to, Datagram& datagram) {
            const Peer& from = &to == &pair.alice ? pair.bob : pair.alice;
            return to.kernel.owns(datagram.path.local.address) && from.kernel.owns(datagram.path.remote.address);
        };
    }

    Pair pair;

    void bring_up() {
        pair.configure();
        pair.up(pair.alice);
        REQUIRE(pair.both_up());
    }
    void move(Peer& peer, const xfrm::Address& address) {
        peer.kernel.set_own_addresses({address});
        pair.input(peer, KernelEvent{xfrm::AddressChanged{address, 1, true}});
    }
    // Alice moves elsewhere and farther on, while bob hears nothing of her: what she has sent him.
    std::vector<Datagram> move_twice_unheard() {
        std::vector<Datagram> sent;
        const auto usual = std::exchange(pair.wire, [this, &sent](const Peer& to, Datagram& datagram) {
            if (&to == &pair.bob) sent.push_back(datagram);
            return &to != &pair.bob;
        });
        move(pair.alice, kElsewhere);
        move(pair.alice, kFarther);
        pair.wire = usual;
        return sent;
    }
    IkeSa& ike_sa(Peer& peer) {
        Core& core = core_of(*peer.host);
        return *core.ike_sas.find(core.connections.at("link").ike_sas.front());
    }
    // A packet in the tunnel passes from here to there, through both kernels.
    bool passes(Peer& from) {
        const bool from_alice = &from == &pair.alice;
        const sim::Packet packet{.source = at(from_alice ? "10.1.0.1" : "10.2.0.1"),
                                 .destination = at(from_alice ? "10.2.0.1" : "10.1.0.1"),
                                 .protocol = 17,
                                 .source_port = 1000,
                                 .destination_port = 9,
                                 .probe = ++probe_};
        const auto sealed = from.kernel.output(packet);
        if (!sealed || !std::holds_alternative<sim::IpsecPacket>(*sealed)) return false;
        Peer& to = pair.other(from);
        return to.kernel.owns(std::get<sim::IpsecPacket>(*sealed).destination()) && to.kernel.input(*sealed).has_value();
    }
    bool passes_both_ways() { return passes(pair.alice) && passes(pair.bob); }
    // Whether alice's address is the one that everybody uses, and nothing is left of another one.
    bool everything_is_at(const xfrm::Address& address) { return everything_is_between(address, pair.bob.address); }
    bool everything_is_between(const xfrm::Address& alices, const xfrm::Address& bobs) {
        for (Peer* peer : {&pair.alice, &pair.bob}) {
            const auto names = [&](const xfrm::Address& end) { return end == alices || end == bobs; };
            for (const auto& sa : peer->kernel.sas())
                if (!names(sa.spec.id.source) || !names(sa.spec.id.destination)) return false;
            for (const auto& policy : peer->kernel.policies())
                if (!names(policy.spec.templates.front().source) || !names(policy.spec.templates.front().destination))
                    return false;
        }
        const Path& alice = ike_sa(pair.alice).path;
        const Path& bob = ike_sa(pair.bob).path;
        return alice.local.address == alices && bob.remote.address == alices && alice.remote.address == bobs &&
               bob.local.address == bobs;
    }
    // Makes `peer` send this request in its IKE SA, over `path`.
    void send(Peer& peer, const Path& path, const std::vector<Payload>& payloads) {
        IkeSa& sa = ike_sa(peer);
        Core& core = core_of(*peer.host);
        sa.outgoing = outgoing::Asking{};
        send_request(core, sa, ExchangeType::Informational, payloads);
        Effects effects = std::exchange(core.effects, {});
        for (Effect& effect : effects)
            if (auto* transmit = std::get_if<Transmit>(&effect))
                pair.input(pair.other(peer), Datagram{{path.remote, path.local, path.encapsulated},
                                                      std::move(transmit->octets)});
    }
    // What stands in the last message of `peer`, as the other end opens it.
    std::vector<Notify> last_answer(Peer& peer) {
        IkeSa& sa = ike_sa(pair.other(peer));
        const auto message = parse_message(peer.sent.back().octets);
        const auto layout = sealed_layout(*message);
        const auto opened = sa.opening->open(layout->associated(peer.sent.back().octets),
                                             layout->body(peer.sent.back().octets));
        REQUIRE(opened.has_value());
        const auto payloads = parse_payloads(std::get<Encrypted>(message->payloads.front()).first_inner, opened->view());
        std::vector<Notify> notifies;
        for (const Payload& payload : *payloads)
            if (const auto* notify = std::get_if<Notify>(&payload)) notifies.push_back(*notify);
        return notifies;
    }

  private:
    std::uint64_t probe_ = 0;
};

bool has(const std::vector<Notify>& notifies, NotifyType type) { return find_notify(notifies, type) != nullptr; }

std::size_t kernel_requests_to_move(Peer& peer, const std::function<void()>& during) {
    std::size_t count = 0;
    peer.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
        count += std::holds_alternative<xfrm::Migrate>(request) ? 1 : 0;
    };
    during();
    peer.kernel_fault = {};
    return count;
}

}  // namespace

TEST_CASE("a tunnel goes on at another address, with the keys it has", "[mobike]") {
    for (const auto family : {xfrm::Family::V4, xfrm::Family::V6}) {
        Roaming roaming{family};
        Pair& pair = roaming.pair;
        roaming.bring_up();
        CHECK(roaming.ike_sa(pair.alice).path.local.port == 4500);
        REQUIRE(roaming.passes_both_ways());
        const auto inbound = roaming.ike_sa(pair.alice).children.front().inbound.spi;
        const xfrm::Address elsewhere = family == xfrm::Family::V4 ? kElsewhere : at("2001:db8:7::7");
        roaming.move(pair.alice, elsewhere);
        CHECK(roaming.everything_is_at(elsewhere));
        CHECK(roaming.passes_both_ways());
        CHECK(roaming.ike_sa(pair.alice).children.front().inbound.spi == inbound);
        CHECK(pair.alice.kernel_sas() == 2);
        CHECK(pair.bob.kernel_sas() == 2);
        CHECK(pair.both_up());
        // And once more, and back.
        roaming.move(pair.alice, pair.alice.address);
        CHECK(roaming.everything_is_at(pair.alice.address));
        CHECK(roaming.passes_both_ways());
        CHECK(std::ranges::count_if(pair.bob.events, [](const Event& event) {
                  return std::holds_alternative<IkeSaMoved>(event);
              }) == 2);
    }
}

TEST_CASE("both families: a tunnel moves from IPv4 to IPv6 when only that leads to the peer", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    const xfrm::Address bob6 = at("2001:db8::2");
    const xfrm::Address alice6 = at("2001:db8:7::7");
    pair.bob.connection.additional_addresses = {bob6};
    roaming.bring_up();
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses == std::vector{bob6});
    pair.bob.kernel.set_own_addresses({pair.bob.address, bob6});
    pair.alice.kernel.set_own_addresses({alice6});
    pair.input(pair.alice, KernelEvent{xfrm::AddressChanged{pair.alice.address, 1, false}});
    pair.pass(60s);
    CHECK(roaming.ike_sa(pair.alice).path.remote.address == bob6);
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == alice6);
    CHECK(roaming.passes_both_ways());
    CHECK(pair.both_up());
}

TEST_CASE("a tunnel moves while the peer still has the IKE SA before it", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.alice.connection.reauthenticate = 10min;
    roaming.bring_up();
    const auto inner = pair.wire;
    // Bob never hears that the former IKE SA has ended.
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const auto header = parse_header(datagram.octets);
        const bool tells = &to == &pair.bob && header->exchange == ExchangeType::Informational && !header->response;
        return inner(to, datagram) && !(tells && count<IkeSaUp>(pair.alice) == 2);
    };
    while (count<IkeSaUp>(pair.alice) < 2) pair.pass(1s);
    REQUIRE(pair.bob.host->snapshot().connections.front().ike_sas.size() == 2);
    pair.wire = inner;
    roaming.move(pair.alice, kElsewhere);
    pair.pass(30s);
    CHECK(roaming.everything_is_at(kElsewhere));
    CHECK(roaming.passes_both_ways());
    CHECK(pair.both_up());
}

TEST_CASE("a tunnel moves while the kernel still has what a former run has left", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.alice.connection.start = Start::OnTraffic;
    roaming.bring_up();
    pair.alice.restart();
    pair.configure(pair.alice);
    REQUIRE_FALSE(pair.alice.host->snapshot().connections.front().kept_sas.empty());
    roaming.move(pair.alice, kElsewhere);
    pair.pass(1s);
    CHECK(roaming.everything_is_at(kElsewhere));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("when the path fails, the peer's other addresses are tried before it counts as gone", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.additional_addresses = {kFarther};
    pair.alice.connection.liveness_interval = 10s;
    roaming.bring_up();
    pair.bob.kernel.set_own_addresses({kFarther});
    pair.pass(30s);
    CHECK(roaming.ike_sa(pair.alice).path.remote.address == kFarther);
    CHECK(roaming.ike_sa(pair.bob).path.local.address == kFarther);
    CHECK(roaming.passes_both_ways());
    CHECK(pair.both_up());
    CHECK(std::ranges::none_of(pair.alice.events,
                               [](const Event& event) { return std::holds_alternative<IkeSaDown>(event); }));
}

TEST_CASE("an IKE SA that took over from another moves as well, whoever rekeyed", "[mobike]") {
    for (const bool by_alice : {true, false}) {
        Roaming roaming;
        Pair& pair = roaming.pair;
        roaming.bring_up();
        pair.input(by_alice ? pair.alice : pair.bob, Command{CommandId{900}, Rekey{"link", true, true}});
        pair.pass(10s);
        roaming.move(pair.alice, kElsewhere);
        pair.pass(1s);
        CHECK(roaming.everything_is_at(kElsewhere));
        CHECK(roaming.passes_both_ways());
    }
}

TEST_CASE("who moves twice before the peer answers ends at the last address", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    std::vector<Datagram> kept = roaming.move_twice_unheard();
    for (Datagram& datagram : kept) pair.input(pair.bob, std::move(datagram));
    pair.pass(10s);
    CHECK(roaming.everything_is_at(kFarther));
    CHECK(roaming.passes_both_ways());
}

// Seed 11605: what it says of NATs is about the other path.
TEST_CASE("who moves twice, and is heard at the last address alone, has the same of ESP in UDP as the peer", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    std::vector<Datagram> heard = roaming.move_twice_unheard();
    std::erase_if(heard, [](const Datagram& datagram) { return datagram.path.remote.address != kFarther; });
    REQUIRE_FALSE(heard.empty());
    const auto inner = pair.wire;
    bool lost = false;  // the answer, so that bob's question is answered first
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool answers = &to == &pair.alice && parse_header(datagram.octets)->response;
        return inner(to, datagram) && (!answers || std::exchange(lost, true));
    };
    pair.input(pair.bob, std::move(heard.front()));
    for (const Duration later : {2s, 10s}) {
        pair.pass(later);
        CHECK(roaming.everything_is_at(kFarther));
        CHECK(roaming.passes_both_ways());
    }
    CHECK(pair.both_up());
}

TEST_CASE("children stay until the new address has returned a cookie", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    // Alice hears bob's answers, but not his question: her kernel is not to be believed yet.
    const auto inner = pair.wire;
    bool deaf = false;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool request = !parse_header(datagram.octets)->response;
        return inner(to, datagram) && !(deaf && &to == &pair.alice && request);
    };
    deaf = true;
    roaming.move(pair.alice, kElsewhere);
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == kElsewhere);
    CHECK(roaming.ike_sa(pair.bob).children.front().outbound.destination == pair.alice.address);
    deaf = false;
    pair.pass(5s);
    CHECK(roaming.everything_is_at(kElsewhere));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("who cannot be reached where it says is looked for where it was", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    // Somebody on the way has put another source into alice's message.
    const Path path{{kElsewhere, 4500}, {pair.bob.address, 4500}, true};
    const auto update = make_notify(NotifyType::UpdateSaAddresses);
    roaming.send(pair.alice, path, {update});
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == kElsewhere);
    CHECK(roaming.passes(pair.bob));
    pair.pass(120s);
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == pair.alice.address);
    CHECK(pair.both_up());
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("a cookie that does not come back as it was closes the IKE SA", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    IkeSa& sa = roaming.ike_sa(pair.bob);
    sa.former_path = sa.path;
    mobike::on_return_checked(core_of(*pair.bob.host), sa, {sa.path, Bytes(16, 1)},
                              std::array{make_notify(NotifyType::Cookie2, Bytes(16, 2))});
    CHECK(sa.is<state::Closing>());
}

TEST_CASE("cookies come back octet for octet, and nothing of a wrong length", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const Path path = roaming.ike_sa(pair.alice).path;
    for (const std::size_t length : {1U, 8U, 64U, 65U, 0U}) {
        const Bytes cookie(length, 0x5a);
        roaming.send(pair.alice, path, {make_notify(NotifyType::Cookie2, cookie)});
        const auto answer = roaming.last_answer(pair.bob);
        const Notify* returned = find_notify(answer, NotifyType::Cookie2);
        CHECK((returned != nullptr) == (length >= 1 && length <= 64));
        if (returned != nullptr) CHECK(returned->data == cookie);
    }
}

TEST_CASE("only who began the IKE SA may say where it goes", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const Path path{{kElsewhere, 4500}, {pair.alice.address, 4500}, true};
    roaming.send(pair.bob, path, {make_notify(NotifyType::UpdateSaAddresses)});
    CHECK(has(roaming.last_answer(pair.alice), NotifyType::UnacceptableAddresses));
    CHECK(roaming.ike_sa(pair.alice).path.remote.address == pair.bob.address);
    CHECK(pair.alice.sent.back().path.remote.address == kElsewhere);  // RFC 7296 §2.11
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("addresses that nobody can have are refused", "[mobike]") {
    for (const char* address : {"0.0.0.0", "224.0.0.1"}) {
        Roaming roaming;
        Pair& pair = roaming.pair;
        roaming.bring_up();
        const Path path{{at(address), 4500}, {pair.bob.address, 4500}, true};
        roaming.send(pair.alice, path, {make_notify(NotifyType::UpdateSaAddresses)});
        CHECK(has(roaming.last_answer(pair.bob), NotifyType::UnacceptableAddresses));
        CHECK(roaming.ike_sa(pair.bob).path.remote.address == pair.alice.address);
    }
}

TEST_CASE("an address of ours that is written down does not change by the peer's word", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.local_fixed = true;
    roaming.bring_up();
    roaming.send(pair.alice, {{pair.alice.address, 4500}, {kFarther, 4500}, true},
                 {make_notify(NotifyType::UpdateSaAddresses)});
    CHECK(has(roaming.last_answer(pair.bob), NotifyType::UnacceptableAddresses));
    CHECK(roaming.ike_sa(pair.bob).path.local.address == pair.bob.address);
}

TEST_CASE("who forbids NATs is told when there is one", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const auto octets = [&](const xfrm::Address& source) {
        Bytes data = to_bytes(source.octets());
        append(data, pair.bob.address.octets());
        append(data, Bytes{0x11, 0x94, 0x11, 0x94});  // ports 4500 and 4500
        return data;
    };
    const Path path{{kElsewhere, 4500}, {pair.bob.address, 4500}, true};
    const auto update = make_notify(NotifyType::UpdateSaAddresses);
    for (const Bytes& data : {octets(kFarther), Bytes{}, Bytes(200, 1)}) {
        roaming.send(pair.alice, path, {update, make_notify(NotifyType::NoNatsAllowed, data)});
        CHECK(has(roaming.last_answer(pair.bob), NotifyType::UnexpectedNatDetected));
        CHECK(roaming.ike_sa(pair.bob).path.remote.address == pair.alice.address);
    }
    roaming.send(pair.alice, path, {update, make_notify(NotifyType::NoNatsAllowed, octets(kElsewhere))});
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == kElsewhere);
}

TEST_CASE("a peer that refuses our address is begun with anew", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    roaming.ike_sa(pair.bob).origin.role = Role::Initiator;  // so that it refuses
    roaming.move(pair.alice, kElsewhere);
    const auto down = std::ranges::find_if(pair.alice.events, [](const Event& event) {
        return std::holds_alternative<IkeSaDown>(event);
    });
    REQUIRE(down != pair.alice.events.end());
    CHECK(std::get<IkeSaDown>(*down).reason == Reason::PathRefused);
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("further addresses replace those before, are bounded, and nonsense is passed over", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const Path path = roaming.ike_sa(pair.bob).path;
    std::vector<Payload> many;
    for (std::uint32_t i = 1; i < 100; ++i) many.emplace_back(make_additional_address(xfrm::Address::v4(0x0a000000 + i)));
    roaming.send(pair.bob, path, many);
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses.size() == 8);
    roaming.send(pair.bob, path, {make_notify(NotifyType::AdditionalIp4Address, Bytes(3, 1)),
                                  make_notify(NotifyType::AdditionalIp6Address, Bytes(4, 1)),
                                  make_additional_address(at("224.0.0.1")), make_additional_address(kFarther)});
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses == std::vector{kFarther});
    roaming.send(pair.bob, path, {});
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses == std::vector{kFarther});
    roaming.send(pair.bob, path, {make_notify(NotifyType::NoAdditionalAddresses)});
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses.empty());
}

TEST_CASE("without MOBIKE at either end nothing moves", "[mobike]") {
    for (const bool alice_has_it : {true, false}) {
        Roaming roaming;
        Pair& pair = roaming.pair;
        (alice_has_it ? pair.bob : pair.alice).connection.mobike = false;
        roaming.bring_up();
        CHECK_FALSE(roaming.ike_sa(pair.alice).mobility.in_use);
        CHECK_FALSE(roaming.ike_sa(pair.bob).mobility.in_use);
        roaming.send(pair.alice, {{kElsewhere, 4500}, {pair.bob.address, 4500}, alice_has_it},
                     {make_notify(NotifyType::UpdateSaAddresses)});
        CHECK(roaming.ike_sa(pair.bob).path.remote.address == pair.alice.address);
        roaming.move(pair.alice, kElsewhere);
        CHECK(roaming.ike_sa(pair.alice).path.local.address == pair.alice.address);
    }
}

TEST_CASE("a connection whose local address is written down stays", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.alice.connection.local_fixed = true;
    roaming.bring_up();
    CHECK(kernel_requests_to_move(pair.alice, [&] { roaming.move(pair.alice, kElsewhere); }) == 0);
    CHECK(roaming.ike_sa(pair.alice).path.local.address == pair.alice.address);
}

TEST_CASE("a path test changes nothing", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    roaming.send(pair.alice, {{kElsewhere, 4500}, {pair.bob.address, 4500}, true}, {});
    CHECK(pair.bob.sent.back().path.remote.address == kElsewhere);
    CHECK(roaming.ike_sa(pair.bob).path.remote.address == pair.alice.address);
}

TEST_CASE("a NAT on the new path puts ESP into UDP, and without it new SAs do without", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const xfrm::Address inside = at("192.168.1.2");
    bool translated = true;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (!translated) return to.kernel.owns(datagram.path.local.address);
        if (&to == &pair.bob && datagram.path.remote.address == inside) datagram.path.remote = {kElsewhere, 20'000};
        if (&to == &pair.alice && datagram.path.local == xfrm::Endpoint{kElsewhere, 20'000})
            datagram.path.local = {inside, 4500};
        return to.kernel.owns(datagram.path.local.address);
    };
    const auto in_udp = [](const Peer& peer) {
        return std::ranges::all_of(peer.kernel.sas(), [](const auto& sa) { return sa.spec.encapsulation.has_value(); });
    };
    roaming.move(pair.alice, inside);
    pair.pass(1s);
    CHECK(roaming.ike_sa(pair.alice).nat.local);
    CHECK(roaming.ike_sa(pair.bob).nat.remote);
    CHECK(roaming.ike_sa(pair.bob).path.remote == xfrm::Endpoint{kElsewhere, 20'000});
    CHECK(in_udp(pair.alice));
    CHECK(in_udp(pair.bob));
    pair.pass(25s);
    CHECK_FALSE(pair.alice.keepalives.empty());

    translated = false;
    roaming.move(pair.alice, kFarther);
    pair.pass(20s);
    CHECK_FALSE(roaming.ike_sa(pair.bob).nat.any());
    CHECK_FALSE(in_udp(pair.alice));
    CHECK_FALSE(in_udp(pair.bob));
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(roaming.everything_is_at(kFarther));
    CHECK(roaming.passes_both_ways());
}

// Seed 1788: with traffic there is no liveness check that would tell.
TEST_CASE("a peer whose NAT has changed is asked where its messages and packets come from now", "[mobike]") {
    const bool by_message = GENERATE(false, true);
    Translated nat;
    Pair& pair = nat.pair;
    pair.alice.connection.mobike = pair.bob.connection.mobike = true;
    nat.bring_up();
    nat.port = 30'000;
    if (by_message)
        pair.input(pair.alice, rekey(false, true));
    else
        CHECK(nat.passes(pair.alice));
    pair.input(pair.bob, rekey(false, true));
    pair.pass(5s);
    CHECK(count<ChildRekeyed>(pair.bob) == (by_message ? 2 : 1));
    CHECK(pair.both_up());
    CHECK(nat.passes(pair.alice));
}

TEST_CASE("behind a NAT that changes, a liveness check is enough to tell the peer", "[mobike]") {
    const Duration before_the_change = GENERATE(2s, 12s);  // before the first check, and after it
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.remote = kElsewhere;
    pair.alice.connection.liveness_interval = 10s;
    std::uint16_t port = 20'000;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob) {
            datagram.path.remote = {kElsewhere, port};
            return true;
        }
        if (datagram.path.local != xfrm::Endpoint{kElsewhere, port}) return false;
        datagram.path.local = {pair.alice.address,
                               static_cast<std::uint16_t>(datagram.path.encapsulated ? 4500 : 500)};
        return true;
    };
    roaming.bring_up();
    pair.pass(before_the_change);
    port = 30'000;
    pair.pass(12s);
    CHECK(roaming.ike_sa(pair.bob).path.remote == xfrm::Endpoint{kElsewhere, 30'000});
    CHECK(roaming.ike_sa(pair.bob).children.front().path.remote.port == 30'000);
    CHECK(pair.both_up());
}

TEST_CASE("what a kernel cannot move is made again at the new address", "[mobike]") {
    for (const bool at_alice : {true, false}) {
        Roaming roaming;
        Pair& pair = roaming.pair;
        roaming.bring_up();
        (at_alice ? pair.alice : pair.bob).kernel_fault = [](xfrm::KernelRequest& request,
                                                              std::optional<xfrm::KernelResult>& result) {
            if (std::holds_alternative<xfrm::Migrate>(request))
                result = std::unexpected{xfrm::KernelError{92, "this kernel cannot"}};
        };
        roaming.move(pair.alice, kElsewhere);
        pair.pass(20s);
        CHECK(roaming.everything_is_at(kElsewhere));
        CHECK(roaming.passes_both_ways());
        CHECK(pair.alice.kernel_sas() == 2);
        CHECK(pair.bob.kernel_sas() == 2);
    }
}

TEST_CASE("once nothing is up the peer is looked for where it is configured", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    roaming.move(pair.alice, kElsewhere);
    REQUIRE(roaming.everything_is_at(kElsewhere));
    pair.down(pair.alice);
    pair.pass(20s);
    for (const auto& policy : pair.bob.kernel.policies()) {
        const auto& wanted = policy.spec.templates.front();
        CHECK((wanted.source == pair.alice.address || wanted.destination == pair.alice.address));
    }
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("a host that moves while nothing is up begins at its new address", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.remote = kElsewhere;
    pair.configure();
    roaming.move(pair.alice, kElsewhere);
    pair.up(pair.alice);
    CHECK(pair.both_up());
    CHECK(roaming.passes_both_ways());
    // The same file again is no reason to begin anew.
    pair.alice.connection.local = kElsewhere;
    pair.configure(pair.alice);
    CHECK(pair.both_up());
}

TEST_CASE("a host that moves during an attempt is found where it is, before and after that has failed", "[mobike]") {
    const bool has_failed = GENERATE(false, true);
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.remote = kElsewhere;
    pair.configure();
    const auto usual = pair.wire;
    pair.wire = [](const Peer&, Datagram&) { return false; };
    pair.up(pair.alice);
    roaming.move(pair.alice, kElsewhere);
    if (has_failed) pair.pass(60s);
    pair.wire = usual;
    pair.up(pair.bob);
    pair.pass(1s);
    CHECK(pair.both_up());
    CHECK(roaming.passes_both_ways());
}

// ---- the responder moves ---------------------------------------------------------------------------------------

TEST_CASE("a responder that moves says so, and the initiator brings the tunnel there", "[mobike]") {
    const auto family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    const bool rekeyed = GENERATE(false, true);
    Roaming roaming{family};
    Pair& pair = roaming.pair;
    roaming.bring_up();
    if (rekeyed) {
        pair.input(pair.bob, Command{CommandId{900}, Rekey{"link", true, true}});
        pair.pass(10s);
    }
    const xfrm::Address elsewhere = family == xfrm::Family::V4 ? kElsewhere : at("2001:db8:7::7");
    roaming.move(pair.bob, elsewhere);
    pair.pass(1s);
    CHECK(roaming.everything_is_between(pair.alice.address, elsewhere));
    CHECK(roaming.passes_both_ways());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
    CHECK(pair.both_up());
    roaming.move(pair.bob, pair.bob.address);
    pair.pass(1s);
    CHECK(roaming.everything_is_at(pair.alice.address));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("a responder that still has the address that is in use is not left for another one", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    // Its route to the peer leads elsewhere, that is all.
    pair.bob.kernel.set_own_addresses({kElsewhere, pair.bob.address});
    pair.input(pair.bob, KernelEvent{xfrm::RouteChanged{}});
    pair.pass(1s);
    CHECK(roaming.everything_is_at(pair.alice.address));
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses == std::vector{kElsewhere});
    // When it goes after all, alice knows where to look.
    pair.bob.kernel.set_own_addresses({kElsewhere});
    pair.alice.connection.liveness_interval = 10s;
    pair.pass(60s);
    CHECK(roaming.everything_is_between(pair.alice.address, kElsewhere));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("both move at once, and find each other by the addresses that they have told", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.additional_addresses = {kFarther};
    roaming.bring_up();
    pair.bob.kernel.set_own_addresses({kFarther});
    pair.alice.kernel.set_own_addresses({kElsewhere});
    for (Peer* peer : {&pair.bob, &pair.alice})
        pair.input(*peer, KernelEvent{xfrm::AddressChanged{peer->address, 1, false}});
    pair.pass(30s);
    CHECK(roaming.everything_is_between(kElsewhere, kFarther));
    CHECK(roaming.passes_both_ways());
    CHECK(pair.both_up());
}

TEST_CASE("a responder that moves there and back says so again", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    const auto inner = pair.wire;
    pair.wire = [](const Peer&, Datagram&) { return false; };
    roaming.move(pair.bob, kElsewhere);
    roaming.move(pair.bob, pair.bob.address);
    pair.wire = inner;
    pair.pass(10s);
    CHECK(roaming.everything_is_at(pair.alice.address));
    CHECK(roaming.ike_sa(pair.alice).mobility.peer_addresses.empty());
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("where a responder's message seems to come from is not where it is, unless it answers there", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    roaming.bring_up();
    // Somebody on the way has put another source into bob's list.
    roaming.send(pair.bob, {{kElsewhere, 4500}, {pair.alice.address, 4500}, true}, {make_additional_address(kFarther)});
    CHECK(roaming.ike_sa(pair.alice).path.remote.address == kElsewhere);
    CHECK(roaming.passes_both_ways());  // the children stay
    pair.pass(120s);
    CHECK(roaming.everything_is_at(pair.alice.address));
    CHECK(roaming.passes_both_ways());
    CHECK(pair.both_up());
    CHECK(std::ranges::none_of(pair.alice.events,
                               [](const Event& event) { return std::holds_alternative<IkeSaDown>(event); }));
}

TEST_CASE("the question whether an address returns something is asked there and nowhere else", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.alice.connection.additional_addresses = {pair.alice.address};
    roaming.bring_up();
    roaming.send(pair.alice, {{kElsewhere, 4500}, {pair.bob.address, 4500}, true}, {make_notify(NotifyType::UpdateSaAddresses)});
    REQUIRE(roaming.ike_sa(pair.bob).former_path.has_value());
    const std::size_t before = pair.bob.sent.size();
    pair.pass(10s);
    CHECK(pair.bob.sent.size() > before + 3);
    for (std::size_t i = before; i < pair.bob.sent.size(); ++i) {
        const Transmit& sent = pair.bob.sent[i];
        if (!parse_header(sent.octets)->response) CHECK(sent.path.remote.address == kElsewhere);
    }
    CHECK(roaming.ike_sa(pair.bob).children.front().outbound.destination == pair.alice.address);
}

// ---- a peer that is lost ---------------------------------------------------------------------------------------

TEST_CASE("a peer that was lost is looked for where it is configured, and then where it was", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.alice.connection.liveness_interval = 10s;
    roaming.bring_up();
    pair.alice.connection.start = Start::Now;
    pair.configure(pair.alice);
    pair.pass(10s);
    roaming.move(pair.bob, kElsewhere);
    pair.pass(1s);
    REQUIRE(roaming.everything_is_between(pair.alice.address, kElsewhere));
    const std::size_t before = count<IkeSaDown>(pair.alice);
    // Bob's daemon is gone for long enough, and begins anew where it is.
    pair.bob.crash();
    pair.pass(60s);
    REQUIRE(count<IkeSaDown>(pair.alice) == before + 1);
    pair.bob.connection.local = kElsewhere;
    pair.configure(pair.bob);
    pair.pass(180s);
    CHECK(pair.both_up());
    CHECK(roaming.everything_is_between(pair.alice.address, kElsewhere));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("a peer that comes back from where it was last is known there", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    pair.bob.connection.liveness_interval = 10s;
    roaming.bring_up();
    roaming.move(pair.alice, kElsewhere);
    REQUIRE(roaming.everything_is_at(kElsewhere));
    pair.alice.crash();
    pair.pass(90s);
    REQUIRE(pair.bob.kernel_sas() == 0);
    pair.alice.connection.local = kElsewhere;
    pair.configure(pair.alice);
    pair.up(pair.alice);
    CHECK(pair.both_up());
    CHECK(roaming.everything_is_at(kElsewhere));
    CHECK(roaming.passes_both_ways());
    // Elsewhere it is not.
    pair.alice.crash();
    pair.alice.kernel.set_own_addresses({kFarther});
    pair.pass(90s);
    pair.alice.connection.local = kFarther;
    pair.configure(pair.alice);
    pair.up(pair.alice);
    CHECK_FALSE(pair.both_up());
}

// ---- no NATs: RFC 4555 §3.9 ------------------------------------------------------------------------------------

TEST_CASE("where no NAT may be, tunnels come up and move without looking for one", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    for (Peer* peer : {&pair.alice, &pair.bob}) peer->connection.nat_traversal = false;
    roaming.bring_up();
    CHECK(roaming.ike_sa(pair.alice).path.local.port == 500);
    for (const Transmit& sent : pair.alice.sent) CHECK_FALSE(sent.path.encapsulated);
    roaming.move(pair.alice, kElsewhere);
    CHECK(roaming.everything_is_at(kElsewhere));
    roaming.move(pair.bob, kFarther);
    pair.pass(1s);
    CHECK(roaming.everything_is_between(kElsewhere, kFarther));
    CHECK(roaming.passes_both_ways());
}

TEST_CASE("where no NAT may be, one is found and refused, whoever forbids it", "[mobike]") {
    const bool by_alice = GENERATE(true, false);
    Roaming roaming;
    Pair& pair = roaming.pair;
    (by_alice ? pair.alice : pair.bob).connection.nat_traversal = false;
    pair.bob.connection.remote = kElsewhere;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob) datagram.path.remote.address = kElsewhere;
        if (&to == &pair.alice) datagram.path.local.address = pair.alice.address;
        return true;
    };
    pair.configure();
    pair.up(pair.alice);
    CHECK_FALSE(pair.both_up());
    CHECK(pair.alice.kernel_sas() + pair.bob.kernel_sas() == 0);
    if (by_alice) {
        CHECK(pair.alice.failure()->reason == Reason::RefusedBehindNat);
        CHECK(pair.bob.failure()->reason == Reason::RefusedBehindNat);
    } else {
        CHECK(pair.bob.failure()->detail.contains("nat_traversal"));
    }
}

TEST_CASE("a NAT on the new path is told a few times before the IKE SA ends", "[mobike]") {
    Roaming roaming;
    Pair& pair = roaming.pair;
    for (Peer* peer : {&pair.alice, &pair.bob}) peer->connection.nat_traversal = false;
    roaming.bring_up();
    std::size_t updates = 0;
    const auto inner = pair.wire;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob && datagram.path.remote.address == kElsewhere) {
            ++updates;
            datagram.path.remote.address = kFarther;
            return true;
        }
        if (datagram.path.local.address == kFarther) {
            datagram.path.local.address = kElsewhere;
            return true;
        }
        return inner(to, datagram);
    };
    roaming.move(pair.alice, kElsewhere);
    CHECK(updates >= 5);
    const auto down = std::ranges::find_if(pair.alice.events, [](const Event& event) {
        return std::holds_alternative<IkeSaDown>(event);
    });
    REQUIRE(down != pair.alice.events.end());
    CHECK(std::get<IkeSaDown>(*down).reason == Reason::PathRefused);
    CHECK(std::get<IkeSaDown>(*down).detail.contains("translates"));
    CHECK(count<IkeSaMoved>(pair.bob) == 0);
}

}  // namespace xfrmd::test
