// SPDX-License-Identifier: Apache-2.0
// What must not come up: each case ends without a kernel SA on either side and with a reason for people.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "ike/policy/default_proposals.h"
#include "ike/wire/payload.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

constexpr std::size_t kExchangeOctet = 18;
constexpr std::uint8_t kIkeAuth = 35;
constexpr std::uint8_t kCreateChildSa = 36;

void check_refused(Pair& pair, Reason at_alice, Reason at_bob) {
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    REQUIRE(pair.alice.failure());
    REQUIRE(pair.bob.failure());
    CHECK(reason_name(pair.alice.failure()->reason) == std::string{reason_name(at_alice)});
    CHECK(reason_name(pair.bob.failure()->reason) == std::string{reason_name(at_bob)});
    REQUIRE(pair.alice.replies.size() == 2);
    CHECK_FALSE(pair.alice.replies.back().result);
    pair.pass(std::chrono::minutes{3});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

void try_up(Pair& pair) {
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
}

void give_certificate(Pair& pair, Peer& peer, const Credential& credential) {
    CredentialStore fresh;
    static_cast<void>(fresh.add_identity("host", credential.private_key, std::vector{credential.certificate}));
    static_cast<void>(fresh.add_trust("fleet", pair.root.certificate, {}, CrlMode::Off));
    peer.credentials = std::move(fresh);
    peer.connection.local_authentication = LocalCertificate{"host", {credential.certificate}};
}

}  // namespace

TEST_CASE("a wrong pre-shared key is refused by the responder", "[ike][negative]") {
    Pair pair;
    CredentialStore other;
    static_cast<void>(other.add_secret("link", Secret{as_view("not the shared secret of the two")}));
    pair.bob.credentials = std::move(other);
    try_up(pair);
    check_refused(pair, Reason::AuthenticationFailed, Reason::AuthenticationFailed);
    CHECK(pair.alice.failure()->said_by_peer);
    CHECK_FALSE(pair.bob.failure()->said_by_peer);
}

TEST_CASE("a certificate of an authority that is not trusted is refused", "[ike][negative]") {
    Pair pair;
    pair.use_certificates();
    const Credential stranger = pair.pki.make_root("Another CA");
    give_certificate(pair, pair.alice, pair.pki.make_host(stranger, "alice.example.net"));
    try_up(pair);
    check_refused(pair, Reason::AuthenticationFailed, Reason::NoTrustedCertificate);
}

TEST_CASE("an expired certificate is refused, whoever has it", "[ike][negative]") {
    Pair pair;
    pair.use_certificates();
    const bool initiators = GENERATE(true, false);
    Peer& expired = initiators ? pair.alice : pair.bob;
    CertificateOptions options;
    options.subject = "CN=" + expired.name;
    options.dns = {expired.name + ".example.net"};
    options.not_after = kNow - kDay;
    give_certificate(pair, expired, pair.pki.make(pair.root, options));
    try_up(pair);
    check_refused(pair, initiators ? Reason::AuthenticationFailed : Reason::CertificateExpired,
                  initiators ? Reason::CertificateExpired : Reason::AuthenticationFailed);
}

TEST_CASE("an identity that the certificate does not carry is refused", "[ike][negative]") {
    Pair pair;
    pair.use_certificates();
    give_certificate(pair, pair.alice, pair.pki.make_host(pair.root, "mallory.example.net"));
    try_up(pair);
    check_refused(pair, Reason::AuthenticationFailed, Reason::IdentityMismatch);
}

TEST_CASE("an identity that the connection does not accept is refused", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.local_id = *parse_identity("mallory.example.net");
    try_up(pair);
    check_refused(pair, Reason::AuthenticationFailed, Reason::IdentityMismatch);
}

TEST_CASE("a responder that is somebody else is refused by the initiator", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.peer_id = *IdentityPattern::parse("*.example.org");
    try_up(pair);
    CHECK(pair.alice.failure()->reason == Reason::IdentityMismatch);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.bob.failure()->reason == Reason::AuthenticationFailed);
}

TEST_CASE("a peer that proves the wrong kind of credential is refused", "[ike][negative]") {
    Pair pair;
    pair.use_certificates();
    static_cast<void>(pair.alice.credentials.add_secret("link", Secret{as_view("a shared secret of some length")}));
    pair.alice.connection.local_authentication = LocalSecret{"link"};
    try_up(pair);
    check_refused(pair, Reason::AuthenticationFailed, Reason::AuthenticationFailed);
}

TEST_CASE("no common algorithms for the IKE SA", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha384-x25519")};
    try_up(pair);
    check_refused(pair, Reason::NoProposalChosen, Reason::NoProposalChosen);
}

TEST_CASE("no common algorithms for the child", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes128gcm16-esn")};
    pair.bob.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes256gcm16-esn")};
    try_up(pair);
    check_refused(pair, Reason::NoProposalChosen, Reason::NoProposalChosen);
}

TEST_CASE("no common group", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-ecp256")};
    try_up(pair);
    check_refused(pair, Reason::NoProposalChosen, Reason::NoProposalChosen);
}

TEST_CASE("a responder that wants a group which was not offered is believed after a while", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.wire = [](const Peer& to, Datagram& datagram) {
        const bool init_response = to.name == "alice" && datagram.octets[kExchangeOctet] == 34;
        if (!init_response) return true;
        Header header = *parse_header(datagram.octets);
        header.responder_spi = {};
        datagram.octets = write_message(
            header, std::array<Payload, 1>{make_invalid_ke_payload(KeyExchangeMethod::Modp3072)});
        return true;
    };
    try_up(pair);
    CHECK(pair.alice.failure()->reason == Reason::InvalidKeyExchange);
    CHECK(pair.alice.failure()->detail.contains("which we do not offer"));
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("traffic selectors with nothing in common", "[ike][negative]") {
    Pair pair;
    pair.use_tunnel();
    pair.bob.connection.children.front().remote = {AddressRange::of(*xfrm::Prefix::parse("10.9.0.0/16"))};
    try_up(pair);
    check_refused(pair, Reason::TrafficSelectorsUnacceptable, Reason::TrafficSelectorsUnacceptable);
}

TEST_CASE("tunnel mode where transport mode is required", "[ike][negative]") {
    Pair pair;
    pair.alice.connection.children.front().mode = xfrm::Mode::Tunnel;
    try_up(pair);
    check_refused(pair, Reason::NoProposalChosen, Reason::TransportModeRefused);
}

TEST_CASE("a stranger's address is told that there is nothing for it", "[ike][negative]") {
    Pair pair;
    pair.bob.connection.remote = *xfrm::Address::parse("192.0.2.77");
    try_up(pair);
    CHECK(pair.alice.failure()->reason == Reason::NoProposalChosen);
    CHECK(pair.bob.failure()->reason == Reason::UnknownPeer);
    CHECK(pair.bob.dropped(Dropped::NoConnection) >= 1);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a kernel that refuses the SA leaves nothing behind", "[ike][negative]") {
    Pair pair;
    Peer& refusing = GENERATE(true, false) ? pair.alice : pair.bob;
    refusing.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>& result) {
        const auto* install = std::get_if<xfrm::InstallSas>(&request);
        if (install == nullptr) return;
        // The contract: the reserved SPI goes with the refused pair.
        static_cast<void>(refusing.kernel.run(xfrm::RemoveSas{{install->sas.front().id}}));
        result = std::unexpected{xfrm::KernelError{2, "no such algorithm"}};
    };
    try_up(pair);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(refusing.failure()->reason == Reason::KernelRefused);
}

TEST_CASE("a kernel without a free SPI ends the attempt", "[ike][negative]") {
    Pair pair;
    Peer& refusing = GENERATE(true, false) ? pair.alice : pair.bob;
    refusing.kernel_fault = [](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>& result) {
        if (std::holds_alternative<xfrm::AllocateSpi>(request))
            result = std::unexpected{xfrm::KernelError{12, "out of memory"}};
    };
    try_up(pair);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(refusing.failure()->reason == Reason::KernelRefused);
}

TEST_CASE("policies that the kernel refuses are shown, and up says why", "[ike][negative]") {
    Pair pair;
    pair.alice.kernel_fault = [](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>& result) {
        if (std::holds_alternative<xfrm::InstallPolicies>(request))
            result = std::unexpected{xfrm::KernelError{1, "not permitted"}};
    };
    pair.configure();
    CHECK(pair.alice.state() == ConnectionState::PoliciesRefused);
    pair.up(pair.alice);
    REQUIRE(pair.alice.replies.size() == 2);
    CHECK_FALSE(pair.alice.replies.back().result);
    CHECK(pair.alice.sent.empty());
}

TEST_CASE("a corrupted message is as if it had not come, in each exchange and direction", "[ike][negative]") {
    const int which = GENERATE(range(0, 4));
    const std::size_t stride = GENERATE(3u, 7u, 31u);
    Pair pair;
    pair.configure();
    int seen = 0;
    bool done = false;
    pair.wire = [&](const Peer&, Datagram& datagram) {
        if (seen++ == which && !done) {
            done = true;
            datagram.octets[28 + (datagram.octets.size() - 28) / stride] ^= 0x40;
        }
        return true;
    };
    pair.up(pair.alice);
    pair.pass(std::chrono::minutes{2});
    // Whatever became of it, both sides agree, and no kernel holds half of something.
    CHECK(pair.both_up() == (pair.alice.kernel_sas() == 2));
    CHECK(pair.alice.kernel_sas() == pair.bob.kernel_sas());
}

TEST_CASE("a truncated message changes nothing but counters, at every length", "[ike][negative]") {
    Pair pair;
    pair.configure();
    const int which = GENERATE(range(0, 4));
    int seen = 0;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (seen++ != which) return true;
        Peer& target = &to == &pair.alice ? pair.alice : pair.bob;
        const auto before = target.host->snapshot();
        for (std::size_t length = 0; length < datagram.octets.size(); ++length) {
            Datagram cut = datagram;
            cut.octets.resize(length);
            const Effects effects = target.host->step(pair.now, cut);
            CHECK(effects.empty());
        }
        CHECK(target.host->snapshot().statistics.ike_sas == before.statistics.ike_sas);
        return true;
    };
    pair.up(pair.alice);
    CHECK(pair.both_up());
}

TEST_CASE("truncated and corrupted INFORMATIONAL messages change nothing but counters", "[ike][negative]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        Peer& target = &to == &pair.alice ? pair.alice : pair.bob;
        for (std::size_t i = 0; i < datagram.octets.size(); ++i) {
            Datagram cut = datagram;
            cut.octets.resize(i);
            CHECK(target.host->step(pair.now, cut).empty());
            constexpr std::size_t kVersionOctet = 17;  // another version has an answer of its own
            if (i == kVersionOctet) continue;
            Datagram changed = datagram;
            changed.octets[i] ^= 0x10;
            CHECK(nothing_but_unknown(target.host->step(pair.now, changed), datagram.octets.size()));
        }
        return true;
    };
    pair.down(pair.alice);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.bob.failure()->reason == Reason::Deleted);
}

TEST_CASE("a CREATE_CHILD_SA without the keys of the IKE SA is not even answered", "[ike][negative]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    // Alice's Delete, turned into a CREATE_CHILD_SA by somebody on the way.
    pair.wire = [&](const Peer&, Datagram& datagram) {
        datagram.octets[kExchangeOctet] = kCreateChildSa;
        return true;
    };
    pair.down(pair.alice);
    CHECK(pair.bob.kernel_sas() == 2);
    CHECK(pair.bob.dropped(Dropped::IntegrityFailed) >= 1);
}

TEST_CASE("before IKE_AUTH no other exchange is accepted", "[ike][negative]") {
    const std::uint8_t exchange = GENERATE(kCreateChildSa, std::uint8_t{37}, std::uint8_t{43}, std::uint8_t{44},
                                           std::uint8_t{200});
    Pair pair;
    pair.configure();
    pair.wire = [&](const Peer&, Datagram& datagram) {
        const bool auth_request = datagram.octets[kExchangeOctet] == kIkeAuth;
        if (auth_request) datagram.octets[kExchangeOctet] = exchange;
        return true;
    };
    pair.up(pair.alice);
    CHECK(pair.bob.dropped(Dropped::NotAllowedInState) >= 1);
    CHECK(pair.bob.kernel_sas() == 0);
    pair.pass(std::chrono::minutes{2});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.alice.failure()->reason == Reason::PeerUnresponsive);
    CHECK(pair.bob.failure()->reason == Reason::HalfOpenTimeout);
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
}

TEST_CASE("replayed messages change nothing", "[ike][negative]") {
    Pair pair;
    pair.configure();
    std::vector<std::pair<Peer*, Datagram>> seen;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        seen.emplace_back(&to == &pair.alice ? &pair.alice : &pair.bob, datagram);
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto recorded = seen;
    for (int round = 0; round < 2; ++round)
        for (const auto& [to, datagram] : recorded) pair.input(*to, datagram);
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 1);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 1);
}

TEST_CASE("messages reflected to their sender change nothing", "[ike][negative]") {
    Pair pair;
    pair.configure();
    std::vector<std::pair<Peer*, Datagram>> seen;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        seen.emplace_back(&to == &pair.alice ? &pair.bob : &pair.alice, datagram);
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto recorded = seen;
    for (const auto& [to, datagram] : recorded)
        if (datagram.octets[kExchangeOctet] != 34) {
            const Path back{datagram.path.remote, datagram.path.local, false};
            pair.input(*to, Datagram{back, datagram.octets});
        }
    CHECK(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 2);
}

TEST_CASE("an older and a newer IKE version are counted; only the newer is answered", "[ike][negative]") {
    Pair pair;
    pair.configure();
    const Path path{{pair.bob.address, 500}, {pair.alice.address, 500}, false};
    Bytes message(40);
    message[7] = 1;
    message[kExchangeOctet] = 34;
    message[19] = 0x08;
    message[27] = 40;
    message[17] = 0x10;
    const Effects told = pair.bob.host->step(pair.now, Datagram{path, message});
    REQUIRE(told.size() == 1);
    CHECK(std::holds_alternative<Ikev1PeerSeen>(std::get<Event>(told.front())));
    CHECK(pair.bob.dropped(Dropped::OldVersion) == 1);
    message[17] = 0x30;
    const Effects effects = pair.bob.host->step(pair.now, Datagram{path, message});
    REQUIRE(effects.size() == 1);
    const auto answer = parse_message(std::get<Transmit>(effects.front()).octets);
    REQUIRE(answer);
    CHECK(std::get<Notify>(answer->payloads.front()).type == NotifyType::InvalidMajorVersion);
}

TEST_CASE("a stranger never gets more octets than it sent", "[ike][negative]") {
    Pair pair;
    pair.configure();
    const Path path{{pair.bob.address, 500}, {pair.alice.address, 500}, false};
    Bytes message(28);
    message[17] = 0x30;
    message[kExchangeOctet] = 34;
    CHECK(pair.bob.host->step(pair.now, Datagram{path, message}).empty());
    CHECK(pair.bob.dropped(Dropped::AnswerTooLarge) == 1);
}

TEST_CASE("both sides deleting at once end clean", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    std::vector<std::pair<Peer*, Datagram>> held;
    bool hold = true;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (hold) held.emplace_back(&to == &pair.alice ? &pair.alice : &pair.bob, datagram);
        return !hold;
    };
    pair.down(pair.alice);
    pair.down(pair.bob);
    hold = false;
    for (auto& [to, datagram] : held) pair.input(*to, datagram);
    pair.pass(std::chrono::minutes{1});
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        CHECK(peer->kernel_sas() == 0);
        CHECK(peer->host->snapshot().statistics.ike_sas == 0);
        const auto is_down = [](const Event& event) { return std::holds_alternative<IkeSaDown>(event); };
        CHECK(std::ranges::count_if(peer->events, is_down) == 1);
    }
}

TEST_CASE("an unauthenticated error does not end what the true responder still answers", "[ike][negative]") {
    Pair pair;
    pair.configure();
    bool forged = false;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool init_response = &to == &pair.alice && datagram.octets[kExchangeOctet] == 34;
        if (!init_response || forged) return true;
        forged = true;
        Header header = *parse_header(datagram.octets);
        header.responder_spi = {};
        const Bytes error =
            write_message(header, std::array<Payload, 1>{make_notify(NotifyType::NoProposalChosen)});
        const Effects effects = pair.alice.host->step(pair.now, Datagram{datagram.path, error});
        CHECK(std::ranges::all_of(
            effects, [](const Effect& effect) { return std::holds_alternative<Event>(effect); }));
        return true;
    };
    pair.up(pair.alice);
    CHECK(forged);
    CHECK(pair.both_up());
}

TEST_CASE("half-open IKE SAs are bounded and time out", "[ike][negative]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 1000;
    pair.bob.limits.half_open_per_network_before_cookie = 1000;
    pair.bob.limits.half_open_max = 10;
    pair.configure();
    Bytes request;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob && request.empty()) request = datagram.octets;
        return false;
    };
    pair.up(pair.alice);
    REQUIRE_FALSE(request.empty());
    const Path path{{pair.bob.address, 500}, {pair.alice.address, 500}, false};
    for (std::uint8_t i = 1; i <= 50; ++i) {
        request[0] = i;
        pair.input(pair.bob, Datagram{path, request});
    }
    CHECK(pair.bob.host->snapshot().statistics.half_open == 10);
    CHECK(pair.bob.dropped(Dropped::HalfOpenLimit) == 40);
    pair.pass(std::chrono::seconds{40});
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a cookie of somebody else is worth nothing", "[ike][negative]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 0;
    pair.configure();
    Bytes with_cookie;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to != &pair.bob) return true;
        const auto message = parse_message(datagram.octets);
        const auto* notify = message ? std::get_if<Notify>(&message->payloads.front()) : nullptr;
        if (notify == nullptr || notify->type != NotifyType::Cookie) return true;
        with_cookie = datagram.octets;
        return false;
    };
    pair.up(pair.alice);
    REQUIRE_FALSE(with_cookie.empty());
    const Path path{{pair.bob.address, 500}, {*xfrm::Address::parse("192.0.2.99"), 500}, false};
    const Effects effects = pair.bob.host->step(pair.now, Datagram{path, with_cookie});
    REQUIRE(effects.size() == 1);
    CHECK(std::get<Transmit>(effects.front()).octets.size() <= with_cookie.size());
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
    CHECK(pair.bob.dropped(Dropped::CookieWrong) == 1);
}

}  // namespace xfrmd::test
