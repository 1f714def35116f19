// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ike/pair.h"

#include "ike/auth/run_job.h"
#include "ike/core.h"
#include "ike/policy/default_proposals.h"
#include "ike/wire/messages.h"

namespace xfrmd::test {

namespace {

xfrm::Address address_of(xfrm::Family family, int number) {
    const std::string text = family == xfrm::Family::V4 ? "192.0.2." : "2001:db8::";
    return *xfrm::Address::parse(text + std::to_string(number));
}

Connection make_connection(const Peer& self, const Peer& other, std::uint32_t reqid) {
    Connection connection;
    connection.name = "link";
    connection.local = self.address;
    connection.remote = other.address;
    connection.local_id = *parse_identity(self.name + ".example.net");
    connection.peer_id = IdentityPattern::exactly(*parse_identity(other.name + ".example.net"));
    connection.local_authentication = LocalSecret{"link"};
    connection.peer_authentication = PeerSecret{"link"};
    connection.ike_proposals = default_ike_proposals();
    connection.start = Start::Passive;
    Child child;
    child.name = "all";
    child.local = {AddressRange::of(xfrm::Prefix::host(self.address))};
    child.remote = {AddressRange::of(xfrm::Prefix::host(other.address))};
    child.reqid = {reqid};
    child.proposals = default_esp_proposals();
    child.policy_priority = 1000;
    connection.children.push_back(std::move(child));
    return connection;
}

}  // namespace

Peer::Peer(std::string peer_name, const xfrm::Address& own_address, std::uint64_t seed)
    : name{std::move(peer_name)},
      address{own_address},
      kernel{sim::Prng{seed}.split("kernel"), {own_address}},
      random_{sim::Prng{seed}.split("random")} {
    crash();
}

void Peer::crash() {
    xfrm::RemoveSas leftovers;
    for (const auto& sa : kernel.sas()) leftovers.sas.push_back(sa.spec.id);
    if (!leftovers.sas.empty()) static_cast<void>(kernel.run(std::move(leftovers)));
    start();
}

void Peer::restart() {
    former_.clear();
    for (const auto& sa : kernel.sas())
        if (!sa.larval) former_.push_back({sa.spec.id, sa.spec.reqid, sa.spec.encapsulation});
    start();
}

void Peer::start() {
    HostOptions host_options;
    host_options.crash_secret = Secret{as_view(name + " has a secret that survives a crash")};
    host = std::make_unique<Host>(random_, std::move(host_options));
}

xfrm::Address Peer::source_towards(const xfrm::Address& destination) {
    const auto source = kernel.run(xfrm::FindSource{destination});
    return source ? std::get<xfrm::Address>(*source) : xfrm::Address::any(destination.family());
}

std::optional<Failure> Peer::failure() const {
    const Snapshot shot = host->snapshot();
    if (!shot.connections.empty() && shot.connections.front().last_failure)
        return shot.connections.front().last_failure;
    return shot.last_unassigned_failure;
}

ConnectionState Peer::state() const { return host->snapshot().connections.front().state; }

std::uint64_t Peer::dropped(Dropped why) const {
    return host->snapshot().statistics.dropped[static_cast<std::size_t>(why)];
}

Pair::Pair(xfrm::Family family, std::uint64_t seed)
    : alice{"alice", address_of(family, 1), 2 * seed}, bob{"bob", address_of(family, 2), 2 * seed + 1} {
    alice.connection = make_connection(alice, bob, 11);
    bob.connection = make_connection(bob, alice, 22);
    for (Peer* peer : {&alice, &bob})
        static_cast<void>(peer->credentials.add_secret("link", Secret{as_view("a shared secret of some length")}));
}

void Pair::use_certificates(KeyKind kind) {
    root = pki.make_root("Test CA");
    for (Peer* peer : {&alice, &bob}) {
        const Credential host = pki.make_host(root, peer->name + ".example.net", kind);
        static_cast<void>(peer->credentials.add_identity("host", host.private_key, std::vector{host.certificate}));
        static_cast<void>(peer->credentials.add_trust("fleet", root.certificate, {}, CrlMode::Off));
        peer->connection.local_authentication = LocalCertificate{"host", {host.certificate}};
        peer->connection.peer_authentication =
            PeerCertificate{"fleet", *peer->credentials.authority_key_hashes("fleet")};
    }
}

void Pair::use_tunnel() {
    const auto lan = [](int number) {
        return TrafficSelectorList{
            AddressRange::of(*xfrm::Prefix::parse("10." + std::to_string(number) + ".0.0/16"))};
    };
    alice.connection.children.front().mode = bob.connection.children.front().mode = xfrm::Mode::Tunnel;
    alice.connection.children.front().local = bob.connection.children.front().remote = lan(1);
    alice.connection.children.front().remote = bob.connection.children.front().local = lan(2);
}

void Pair::configure() {
    configure(alice);
    configure(bob);
}

void Pair::configure(Peer& peer) {
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = ++configurations_;
    configuration->connections = {peer.connection};
    configuration->limits = peer.limits;
    configuration->options = peer.options;
    input(peer, Command{CommandId{++last_command_}, Configure{std::move(configuration), std::exchange(peer.former_, {})}});
}

void Pair::input(Peer& peer, Input what) {
    carry_out(peer, peer.host->step(now, std::move(what)));
    deliver();
}

void Pair::up(Peer& peer) { input(peer, Command{CommandId{++last_command_}, Up{"link"}}); }
void Pair::down(Peer& peer) { input(peer, Command{CommandId{++last_command_}, Down{"link"}}); }

bool Pair::cross(const Command& alices, const Command& bobs, bool alices_first) {
    constexpr std::size_t kExchangeOctet = 18;
    std::vector<Datagram> held;
    wire = [&](const Peer&, Datagram& datagram) {
        const bool keep = held.size() < 2 &&
                          datagram.octets[kExchangeOctet] == std::to_underlying(ExchangeType::CreateChildSa);
        if (keep) held.push_back(datagram);
        return !keep;
    };
    input(alice, alices);
    input(bob, bobs);
    wire = [](const Peer&, Datagram&) { return true; };
    if (held.size() != 2) return false;
    if (alices_first) input(bob, held[0]);
    input(alice, held[1]);
    if (!alices_first) input(bob, held[0]);
    return true;
}

void Pair::pass(Duration duration) {
    const Time end = now + duration;
    for (;;) {
        Peer* next = nullptr;
        Time at = end;
        for (Peer* peer : {&alice, &bob})
            if (const auto deadline = peer->host->next_deadline(); deadline && deadline->at <= at) {
                next = peer;
                at = deadline->at;
            }
        now = std::max(now, at);
        for (Peer* peer : {&alice, &bob}) peer->kernel.advance(now);
        if (next == nullptr) return;
        input(*next, Tick{});
    }
}

IkeSa& ike_sa_of(Peer& peer) {
    Core& core = core_of(*peer.host);
    return *core.ike_sas.find(core.connections.at("link").ike_sas.front());
}

Command rekey(bool ike_sa, bool children) { return {CommandId{900}, Rekey{"link", ike_sa, children}}; }

std::set<std::uint32_t> spis(const Peer& peer) {
    std::set<std::uint32_t> all;
    for (const auto& sa : peer.kernel.sas()) all.insert(sa.spec.id.spi.value);
    return all;
}

bool nothing_but_unknown(const Effects& effects, std::size_t octets) {
    if (effects.empty()) return true;
    const auto* transmit = effects.size() == 1 ? std::get_if<Transmit>(&effects.front()) : nullptr;
    if (transmit == nullptr || transmit->octets.size() > octets) return false;
    const auto message = parse_message(transmit->octets);
    const auto* notify = message && !message->payloads.empty() ? std::get_if<Notify>(&message->payloads.front()) : nullptr;
    return notify != nullptr && notify->type == NotifyType::InvalidIkeSpi;
}

bool Pair::both_up() const {
    return alice.state() == ConnectionState::Up && bob.state() == ConnectionState::Up;
}

void Pair::carry_out(Peer& peer, Effects effects) {
    for (Effect& effect : effects) {
        if (auto* transmit = std::get_if<Transmit>(&effect)) {
            peer.sent.push_back(*transmit);
            Path back{transmit->path.remote, transmit->path.local, transmit->path.encapsulated};
            if (back.remote.address.is_unspecified()) back.remote.address = peer.source_towards(back.local.address);
            under_way_.push_back({&other(peer), {back, std::move(transmit->octets)}});
        } else if (auto* keepalive = std::get_if<Keepalive>(&effect)) {
            peer.keepalives.push_back(keepalive->path);
        } else if (auto* request = std::get_if<KernelRequest>(&effect)) {
            std::optional<xfrm::KernelResult> result;
            const bool is_late = peer.answers_late && peer.answers_late(request->request);
            if (peer.kernel_fault) peer.kernel_fault(request->request, result);
            if (!result) result = peer.kernel.run(std::move(request->request));
            KernelReply reply{request->id, *std::move(result)};
            if (is_late)
                peer.late_replies.push_back(std::move(reply));
            else
                carry_out(peer, peer.host->step(now, std::move(reply)));
        } else if (auto* crypto = std::get_if<CryptoRequest>(&effect)) {
            if (peer.job_seen) peer.job_seen(crypto->job);
            CryptoOutcome outcome = run_job(crypto->job, peer.credentials, WallTime{wall});
            carry_out(peer, peer.host->step(now, CryptoResult{crypto->id, std::move(outcome)}));
        } else if (auto* reply = std::get_if<CommandReply>(&effect)) {
            peer.replies.push_back(std::move(*reply));
        } else if (auto* event = std::get_if<Event>(&effect)) {
            peer.events.push_back(std::move(*event));
        }
    }
}

void Pair::deliver() {
    while (!under_way_.empty()) {
        UnderWay next = std::move(under_way_.front());
        under_way_.pop_front();
        if (!wire(*next.to, next.datagram)) continue;
        ++delivered;
        carry_out(*next.to, next.to->host->step(now, std::move(next.datagram)));
    }
}

}  // namespace xfrmd::test
