// SPDX-License-Identifier: Apache-2.0
// What the data of notifications means, and notifications made from it. A reader refuses data of
// the wrong form; the caller has already chosen the notification by its type.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/notify.h"
#include "netlink/model/address.h"

namespace xfrmd::ike {

// The first notification of this type; null if there is none.
const Notify* find_notify(std::span<const Notify> notifies, NotifyType type);
// The first notification that reports an error; null if there is none.
const Notify* find_error(std::span<const Notify> notifies);

// RFC 7427 §4, RFC 8420
enum class SignatureHash : std::uint16_t {
    Sha1 = 1, Sha2_256 = 2, Sha2_384 = 3, Sha2_512 = 4, Identity = 5,
};

// A hash of SPIs, address and port. RFC 7296 §2.23.
using NatDetectionHash = std::array<std::uint8_t, 20>;

// REKEY_SA, CHILD_SA_NOT_FOUND, BUNDLE_AROUND: the child the notification is about, by its sender's inbound SPI.
struct ChildSaReference {
    ProtocolId protocol = ProtocolId::Esp;
    xfrm::EspSpi spi;
    bool operator==(const ChildSaReference&) const = default;
};

// RFC 7296 §2.22
struct IpcompSupported {
    std::uint16_t cpi = 0;
    std::uint8_t transform = 0;  // 1 OUI, 2 DEFLATE, 3 LZS, 4 LZJH
    bool operator==(const IpcompSupported&) const = default;
};

Decoded<Bytes> read_cookie(const Notify& notify);                          // COOKIE, COOKIE2
Decoded<KeyExchangeMethod> read_invalid_ke_payload(const Notify& notify);  // INVALID_KE_PAYLOAD
Decoded<NatDetectionHash> read_nat_detection(const Notify& notify);        // NAT_DETECTION_*_IP
Decoded<std::vector<SignatureHash>> read_signature_hashes(const Notify& notify);
Decoded<ChildSaReference> read_child_sa(const Notify& notify);  // REKEY_SA, CHILD_SA_NOT_FOUND
Decoded<PayloadType> read_unsupported_critical_payload(const Notify& notify);
Decoded<std::uint32_t> read_window_size(const Notify& notify);  // SET_WINDOW_SIZE, at least 1
Decoded<std::uint32_t> read_auth_lifetime(const Notify& notify);           // AUTH_LIFETIME, seconds
Decoded<IpcompSupported> read_ipcomp_supported(const Notify& notify);
Decoded<Bytes> read_crash_token(const Notify& notify);  // QUICK_CRASH_DETECTION
Decoded<xfrm::Address> read_additional_address(const Notify& notify);  // ADDITIONAL_IP4/6_ADDRESS

// Any notification without protocol and SPI: errors and flags such as USE_TRANSPORT_MODE.
Notify make_notify(NotifyType type, View data = {});
Notify make_cookie(View cookie);
Notify make_invalid_ke_payload(KeyExchangeMethod wanted);
// `type` is NatDetectionSourceIp or NatDetectionDestinationIp.
Notify make_nat_detection(NotifyType type, const NatDetectionHash& hash);
Notify make_signature_hashes(std::span<const SignatureHash> hashes);
// `type` is RekeySa or ChildSaNotFound.
Notify make_child_sa(NotifyType type, const ChildSaReference& child);
Notify make_unsupported_critical_payload(PayloadType payload);
Notify make_window_size(std::uint32_t messages);
Notify make_auth_lifetime(std::uint32_t seconds);
Notify make_ipcomp_supported(const IpcompSupported& offer);
Notify make_crash_token(View token);
Notify make_additional_address(const xfrm::Address& address);

}  // namespace xfrmd::ike
