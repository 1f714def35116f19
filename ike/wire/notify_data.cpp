// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/notify_data.h"

#include <algorithm>
#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

// The data as exactly kSize octets.
template <std::size_t kSize>
Decoded<Fixed<kSize>> whole(View data) {
    if (data.size() != kSize) return refuse(DecodeFault::BadLength, PayloadType::Notify);
    return Fixed<kSize>{data.first<kSize>()};
}

template <std::unsigned_integral T>
Notify make_number(NotifyType type, std::type_identity_t<T> value) {
    Writer out;
    out.put<T>(value);
    return make_notify(type, std::move(out).finish());
}

}  // namespace

const Notify* find_notify(std::span<const Notify> notifies, NotifyType type) {
    const auto found = std::ranges::find(notifies, type, &Notify::type);
    return found == notifies.end() ? nullptr : &*found;
}

const Notify* find_error(std::span<const Notify> notifies) {
    const auto found = std::ranges::find_if(notifies, is_error, &Notify::type);
    return found == notifies.end() ? nullptr : &*found;
}

// RFC 7296 §2.6
Decoded<Bytes> read_cookie(const Notify& notify) {
    if (notify.data.size() < limits::kCookieOctetsMin ||
        notify.data.size() > limits::kCookieOctetsMax)
        return refuse(DecodeFault::BadLength, PayloadType::Notify);
    return notify.data;
}

// RFC 7296 §3.10.1: the accepted group number as two octets in big-endian order.
Decoded<KeyExchangeMethod> read_invalid_ke_payload(const Notify& notify) {
    return KeyExchangeMethod{TRY(whole<2>(notify.data)).at<std::uint16_t, 0>()};
}

// RFC 7296 §3.10.1
Decoded<NatDetectionHash> read_nat_detection(const Notify& notify) {
    NatDetectionHash hash{};
    if (notify.data.size() != hash.size())
        return refuse(DecodeFault::BadLength, PayloadType::Notify);
    std::ranges::copy(notify.data, hash.begin());
    return hash;
}

// RFC 7427 §4: a list of 16-bit hash algorithm identifiers.
Decoded<std::vector<SignatureHash>> read_signature_hashes(const Notify& notify) {
    if (notify.data.size() % 2 != 0) return refuse(DecodeFault::BadLength, PayloadType::Notify);
    if (notify.data.size() / 2 > limits::kSignatureHashesMax)
        return refuse(DecodeFault::TooMany, PayloadType::Notify);
    std::vector<SignatureHash> hashes;
    for (Reader in{notify.data}; !in.done();)
        hashes.push_back(SignatureHash{TRY(in.fixed<2>()).at<std::uint16_t, 0>()});
    return hashes;
}

// RFC 7296 §3.10.1: the SA is named by the Protocol ID and SPI fields of the payload itself.
Decoded<ChildSaReference> read_child_sa(const Notify& notify) {
    if (notify.protocol != ProtocolId::Esp && notify.protocol != ProtocolId::Ah)
        return refuse(DecodeFault::BadValue, PayloadType::Notify);
    return ChildSaReference{.protocol = notify.protocol,
                            .spi = {TRY(whole<4>(notify.spi)).at<std::uint32_t, 0>()}};
}

Decoded<PayloadType> read_unsupported_critical_payload(const Notify& notify) {
    return PayloadType{TRY(whole<1>(notify.data)).at<std::uint8_t, 0>()};
}

// RFC 7296 §2.3
Decoded<std::uint32_t> read_window_size(const Notify& notify) {
    const auto messages = TRY(whole<4>(notify.data)).at<std::uint32_t, 0>();
    if (messages == 0) return refuse(DecodeFault::BadValue, PayloadType::Notify);
    return messages;
}

// RFC 4478 §3
Decoded<std::uint32_t> read_auth_lifetime(const Notify& notify) {
    return TRY(whole<4>(notify.data)).at<std::uint32_t, 0>();
}

Decoded<IpcompSupported> read_ipcomp_supported(const Notify& notify) {
    const auto data = TRY(whole<3>(notify.data));
    return IpcompSupported{.cpi = data.at<std::uint16_t, 0>(),
                           .transform = data.at<std::uint8_t, 2>()};
}

// RFC 6290 §4.1
Decoded<Bytes> read_crash_token(const Notify& notify) {
    constexpr std::size_t kOctetsMin = 16;
    constexpr std::size_t kOctetsMax = 128;
    if (notify.data.size() < kOctetsMin || notify.data.size() > kOctetsMax)
        return refuse(DecodeFault::BadLength, PayloadType::Notify);
    return notify.data;
}

// RFC 4555 §4.2.2
Decoded<xfrm::Address> read_additional_address(const Notify& notify) {
    const bool v4 = notify.type == NotifyType::AdditionalIp4Address;
    const auto address = xfrm::Address::from_octets(notify.data);
    if (!address || address->is_v4() != v4)
        return refuse(DecodeFault::BadLength, PayloadType::Notify);
    return *address;
}

Notify make_notify(NotifyType type, View data) {
    return {.protocol = ProtocolId::None, .spi = {}, .type = type, .data = to_bytes(data)};
}

Notify make_cookie(View cookie) { return make_notify(NotifyType::Cookie, cookie); }

Notify make_invalid_ke_payload(KeyExchangeMethod wanted) {
    return make_number<std::uint16_t>(NotifyType::InvalidKePayload, std::to_underlying(wanted));
}

Notify make_nat_detection(NotifyType type, const NatDetectionHash& hash) {
    return make_notify(type, hash);
}

Notify make_signature_hashes(std::span<const SignatureHash> hashes) {
    Writer out;
    for (const SignatureHash hash : hashes) out.u16(std::to_underlying(hash));
    return make_notify(NotifyType::SignatureHashAlgorithms, std::move(out).finish());
}

Notify make_child_sa(NotifyType type, const ChildSaReference& child) {
    Writer spi;
    spi.u32(child.spi.value);
    return {.protocol = child.protocol, .spi = std::move(spi).finish(), .type = type, .data = {}};
}

Notify make_unsupported_critical_payload(PayloadType payload) {
    return make_number<std::uint8_t>(NotifyType::UnsupportedCriticalPayload,
                                     std::to_underlying(payload));
}

Notify make_window_size(std::uint32_t messages) {
    return make_number<std::uint32_t>(NotifyType::SetWindowSize, messages);
}

Notify make_auth_lifetime(std::uint32_t seconds) {
    return make_number<std::uint32_t>(NotifyType::AuthLifetime, seconds);
}

Notify make_ipcomp_supported(const IpcompSupported& offer) {
    Writer out;
    out.u16(offer.cpi);
    out.u8(offer.transform);
    return make_notify(NotifyType::IpcompSupported, std::move(out).finish());
}

// RFC 6290 §4.1: about the IKE SA, whose SPIs the header has.
Notify make_crash_token(View token) {
    Notify notify = make_notify(NotifyType::QuickCrashDetection, token);
    notify.protocol = ProtocolId::Ike;
    return notify;
}

Notify make_additional_address(const xfrm::Address& address) {
    return make_notify(address.is_v4() ? NotifyType::AdditionalIp4Address
                                       : NotifyType::AdditionalIp6Address,
                       address.octets());
}

}  // namespace xfrmd::ike
