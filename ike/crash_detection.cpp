// SPDX-License-Identifier: Apache-2.0
#include "ike/crash_detection.h"

#include "ike/crypto/prf.h"
#include "ike/wire/notify_data.h"

namespace xfrmd::ike {

namespace {

// RFC 6290 §4.1: 16 to 128. No more than needed, so that the answer to a small request may hold one.
constexpr std::size_t kTokenOctets = 16;

}  // namespace

std::optional<Bytes> crash_token(const Core& core, IkeSpi ours) {
    const Secret& secret = core.options.crash_secret;
    if (secret.empty() || !core.configuration->options.quick_crash_detection) return std::nullopt;
    Writer spi;
    spi.u64(ours.value);
    const Secret token = prf(PrfId::HmacSha256, secret.view(), std::move(spi).finish());
    return to_bytes(token.view().first(kTokenOctets));
}

void announce_crash_token(const Core& core, IkeSpi ours, std::vector<Notify>& notifies) {
    if (const auto token = crash_token(core, ours))
        notifies.push_back(make_crash_token(*token));
}

Bytes find_crash_token(std::span<const Notify> notifies) {
    const Notify* notify = find_notify(notifies, NotifyType::QuickCrashDetection);
    return notify == nullptr ? Bytes{} : read_crash_token(*notify).value_or(Bytes{});
}

bool is_crash_token(const IkeSa& sa, View token) {
    return !sa.peer_crash_token.empty() && equal_in_constant_time(sa.peer_crash_token.view(), token);
}

}  // namespace xfrmd::ike
