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

void HalfOpenCount::add(const xfrm::Address& remote) {
    ++total_;
    ++by_address_[remote];
}

void HalfOpenCount::remove(const xfrm::Address& remote) {
    const auto found = by_address_.find(remote);
    if (found == by_address_.end()) return;
    --total_;
    if (--found->second == 0) by_address_.erase(found);
}

std::uint32_t HalfOpenCount::from(const xfrm::Address& remote) const {
    const auto found = by_address_.find(remote);
    return found == by_address_.end() ? 0 : found->second;
}

Admission admit(const HalfOpenCount& count, const Limits& limits, const xfrm::Address& remote,
                bool cookie_verified) {
    if (count.total() >= limits.half_open_max) return Admission::Refuse;
    if (!cookie_verified) {
        const bool many = count.total() >= limits.half_open_before_cookie ||
                          count.from(remote) >= limits.half_open_per_address_max;
        return many ? Admission::AskForCookie : Admission::Accept;
    }
    return count.from(remote) >= limits.half_open_per_verified_address_max ? Admission::Refuse
                                                                          : Admission::Accept;
}

}  // namespace xfrmd::ike
