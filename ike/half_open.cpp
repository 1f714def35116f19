// SPDX-License-Identifier: Apache-2.0
#include "ike/half_open.h"

#include "ike/crypto/prf.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike {

Bytes CookieJar::make(Time now, Botan::RandomNumberGenerator& rng, const Subject& subject) {
    rotate(now, rng);
    return bake(current_, subject);
}

bool CookieJar::verify(Time now, Botan::RandomNumberGenerator& rng, const Subject& subject,
                       View cookie) {
    rotate(now, rng);
    if (cookie.empty()) return false;
    const Key& key = cookie[0] == current_.version ? current_ : previous_;
    if (key.secret.empty() || cookie[0] != key.version) return false;
    return equal_in_constant_time(cookie, bake(key, subject));
}

void CookieJar::rotate(Time now, Botan::RandomNumberGenerator& rng) {
    if (rotated_ && now - *rotated_ < kPeriod) return;
    // After a long pause the current key is as old as a previous one may get, or older.
    const bool keep = rotated_ && now - *rotated_ < 2 * kPeriod;
    const auto version = static_cast<std::uint8_t>(current_.version + 1);
    previous_ = keep ? std::move(current_) : Key{};
    current_ = {version, Secret{rng.random_vec(32)}};
    rotated_ = now;
}

// RFC 7296 §2.6: Cookie = <VersionIDofSecret> | Hash(Ni | IPi | SPIi | <secret>)
Bytes CookieJar::bake(const Key& key, const Subject& subject) {
    Writer out;
    out.bytes(subject.nonce);
    out.bytes(subject.remote.address.octets());
    out.u16(subject.remote.port);
    out.u64(subject.initiator_spi.value);
    const Secret mac = prf(PrfId::HmacSha256, key.secret.view(), std::move(out).finish());
    Bytes cookie{key.version};
    append(cookie, mac.view());
    return cookie;
}

xfrm::Prefix network_of(const xfrm::Address& remote) {
    return *xfrm::Prefix::make(remote, remote.is_v4() ? 24 : 56);
}

void HalfOpenTable::add(SaHandle sa, const xfrm::Address& remote) {
    const xfrm::Prefix network = network_of(remote);
    const std::uint64_t number = ++last_number_;
    entries_.emplace(sa, Entry{network, number});
    Network& members = networks_[network];
    by_size_.erase({members.size(), network});
    members.emplace(number, sa);
    by_size_.emplace(members.size(), network);
}

void HalfOpenTable::remove(SaHandle sa) {
    const auto entry = entries_.find(sa);
    if (entry == entries_.end()) return;
    const auto network = networks_.find(entry->second.network);
    by_size_.erase({network->second.size(), network->first});
    network->second.erase(entry->second.number);
    if (network->second.empty())
        networks_.erase(network);
    else
        by_size_.emplace(network->second.size(), network->first);
    entries_.erase(entry);
}

std::size_t HalfOpenTable::from_network_of(const xfrm::Address& remote) const {
    const auto network = networks_.find(network_of(remote));
    return network == networks_.end() ? 0 : network->second.size();
}

std::optional<SaHandle> HalfOpenTable::to_displace(const Limits& limits,
                                                   const xfrm::Address& remote) const {
    const std::size_t own = from_network_of(remote);
    if (own >= limits.half_open_per_network_max) return oldest_of(network_of(remote));
    if (total() < limits.half_open_max || by_size_.empty()) return std::nullopt;
    const auto& [most, network] = *by_size_.rbegin();
    return oldest_of(own >= most ? network_of(remote) : network);
}

std::optional<SaHandle> HalfOpenTable::oldest_of(const xfrm::Prefix& network) const {
    const auto members = networks_.find(network);
    if (members == networks_.end()) return std::nullopt;
    return members->second.begin()->second;
}

bool wants_cookie(const HalfOpenTable& half_open, const Limits& limits, const xfrm::Address& remote) {
    return half_open.total() >= limits.half_open_before_cookie ||
           half_open.from_network_of(remote) >= limits.half_open_per_network_before_cookie;
}

}  // namespace xfrmd::ike
