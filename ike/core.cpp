// SPDX-License-Identifier: Apache-2.0
#include "ike/core.h"

#include <algorithm>

namespace xfrmd::ike {

namespace {

constexpr std::size_t kNonceOctets = 32;  // RFC 7296 §2.10: at least half the key size of the PRF
constexpr std::size_t kSeedOctets = 32;

std::optional<Time> earliest(const IkeSa& sa) {
    std::optional<Time> at;
    for (const auto& timer : sa.timers)
        if (timer && (!at || *timer < *at)) at = timer;
    return at;
}

}  // namespace

// ---- effects ---------------------------------------------------------------------------------------------------

void Core::transmit(const Path& path, Bytes octets) {
    if (octets.empty()) return;  // it had no encoding; the peer's or our retransmission timer sees to the rest
    effects.emplace_back(Transmit{path, std::move(octets)});
}

void Core::transmit(const Path& path, const Datagrams& datagrams) {
    for (const Bytes& datagram : datagrams) transmit(path, datagram);
}

void Core::answer_stranger(const Path& path, View request, Bytes octets) {
    if (octets.size() > request.size()) return drop(Dropped::AnswerTooLarge);
    transmit(path, std::move(octets));
}

JobId Core::request_crypto(const IkeSa& sa, CryptoJob job) {
    const JobId id{++last_job};
    jobs.emplace(id, sa.self);
    effects.emplace_back(CryptoRequest{id, std::move(job)});
    return id;
}

RequestId Core::request_kernel(KernelWaiter waiter, xfrm::KernelRequest request) {
    const RequestId id{++last_request};
    if (waiter.configure) ++configuring[*waiter.configure];
    kernel_requests.emplace(id, std::move(waiter));
    effects.emplace_back(KernelRequest{id, std::move(request)});
    return id;
}

void Core::remove_sas(std::vector<xfrm::SaId> sas) {
    if (!sas.empty()) request_kernel({std::monostate{}, {}, false, {}}, xfrm::RemoveSas{std::move(sas)});
}

void Core::progress(const IkeSa& sa, std::string step) {
    if (!sa.connection.empty()) emit(Progress{sa.connection, std::move(step)});
}

// ---- randomness ------------------------------------------------------------------------------------------------

IkeSpi Core::fresh_ike_spi() {
    for (;;) {
        std::array<std::uint8_t, 8> octets{};
        rng.randomize(octets.data(), octets.size());
        std::uint64_t value = 0;
        for (const std::uint8_t octet : octets) value = value << 8 | octet;
        const IkeSpi spi{value};
        // RFC 7296 §3.1: never zero; and the tables know each other by it.
        if (!spi.is_zero() && !by_local_spi.contains(spi) && !announced_spis.contains(spi)) return spi;
    }
}

Bytes Core::fresh_nonce() {
    Bytes nonce(kNonceOctets);
    rng.randomize(nonce.data(), nonce.size());
    return nonce;
}

Secret Core::fresh_seed() { return Secret{rng.random_vec(kSeedOctets)}; }

std::uint32_t Core::fresh_message_id() {
    std::array<std::uint8_t, 4> octets{};
    rng.randomize(octets.data(), octets.size());
    std::uint32_t value = 0;
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return value;
}

std::uint8_t Core::fresh_jitter() { return rng.next_byte(); }

Duration Core::shortened(Duration duration) { return duration - duration / 8 * fresh_jitter() / 255; }

// ---- IKE SAs ---------------------------------------------------------------------------------------------------

IkeSa& Core::add(IkeSa sa) {
    const SaHandle handle = ike_sas.insert(std::move(sa));
    IkeSa& entered = *ike_sas.find(handle);
    entered.self = handle;
    entered.origin.begun = now;
    entered.heard = now;
    by_local_spi.emplace(entered.local_spi(), handle);
    if (entered.role == Role::Responder && entered.handshake) {
        entered.init_remote = entered.path.remote;
        by_init_request.emplace(std::pair{entered.initiator_spi, entered.init_remote}, handle);
        half_open.add(handle, entered.init_remote.address);
    }
    return entered;
}

void Core::erase(IkeSa& sa) {
    by_local_spi.erase(sa.local_spi());
    if (sa.announced_spi) announced_spis.erase(*sa.announced_spi);
    const auto by_request = by_init_request.find({sa.initiator_spi, sa.init_remote});
    if (by_request != by_init_request.end() && by_request->second == sa.self)
        by_init_request.erase(by_request);
    half_open.remove(sa.self);
    deadlines.set({sa.self, {}}, std::nullopt);
    if (ManagedConnection* connection = connection_of(sa)) std::erase(connection->ike_sas, sa.self);
    ike_sas.erase(sa.self);
}

ManagedConnection* Core::find_connection(std::string_view name) {
    const auto found = connections.find(name);
    return found == connections.end() ? nullptr : &found->second;
}

const Connection* Core::wanted_of(const IkeSa& sa) {
    const ManagedConnection* connection = connection_of(sa);
    return connection ? connection->wanted : nullptr;
}

void Core::assign(IkeSa& sa, const std::string& connection) {
    sa.connection = connection;
    find_connection(connection)->ike_sas.push_back(sa.self);
}

IkeSa* Core::undecided_successor(const IkeSa& sa) {
    IkeSa* made = sa.undecided ? ike_sas.find(*sa.undecided) : nullptr;
    return made != nullptr && made->predecessor == sa.self && made->is_established() ? made : nullptr;
}

void Core::announce_spi(IkeSa& sa, IkeSpi spi) {
    if (sa.announced_spi) announced_spis.erase(*sa.announced_spi);
    sa.announced_spi = spi;
    announced_spis.insert(spi);
}

// ---- timers ----------------------------------------------------------------------------------------------------

void Core::arm(IkeSa& sa, Timer timer, std::optional<Time> at) {
    sa.timers[static_cast<std::size_t>(timer)] = at;
    deadlines.set({sa.self, {}}, earliest(sa));
}

void Core::disarm_all(IkeSa& sa) {
    sa.timers = {};
    deadlines.set({sa.self, {}}, std::nullopt);
}

void Core::disarm_all_but_retransmission(IkeSa& sa) {
    const auto retransmit = sa.timers[static_cast<std::size_t>(Timer::Retransmit)];
    disarm_all(sa);
    arm(sa, Timer::Retransmit, retransmit);
}

void Core::schedule(ManagedConnection& connection, std::optional<Time> at) {
    connection.next_attempt = at;
    deadlines.set({{}, connection.wanted->name}, at);
}

}  // namespace xfrmd::ike
