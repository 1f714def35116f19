// SPDX-License-Identifier: Apache-2.0
// One security association as it is asked of the kernel, or read back from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "netlink/model/lifetime.h"
#include "netlink/model/secret.h"
#include "netlink/model/selector.h"
#include "netlink/model/stored_parts.h"

namespace xfrmd::xfrm {

// The kernel's key of an SA: (destination, protocol, SPI, mark). The source is needed by some requests.
struct SaId {
    Address source;
    Address destination;
    IpsecProtocol protocol = IpsecProtocol::Esp;
    EspSpi spi{};
    Mark mark{};
    auto operator<=>(const SaId&) const = default;
};

// Algorithms by the kernel's names ("rfc4106(gcm(aes))", "cbc(aes)", "hmac(sha256)", "deflate").
// The key of an AEAD holds the salt at its end, as the kernel wants it.
struct AeadAlgorithm {
    std::string name;
    Secret key;
    std::uint32_t icv_bits = 0;
};
struct EncryptionAlgorithm {
    std::string name;
    Secret key;
};
struct IntegrityAlgorithm {
    std::string name;
    Secret key;
    std::uint32_t truncated_bits = 0;  // XFRMA_ALG_AUTH_TRUNC
};
struct CompressionAlgorithm {
    std::string name;
};

// ESP in UDP, RFC 3948. Ports in host byte order.
struct UdpEncapsulation {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Address original;  // the NAT-OA of transport mode; unspecified = none
    auto operator<=>(const UdpEncapsulation&) const = default;
};

struct SaSpec {
    SaId id;
    Mode mode = Mode::Transport;
    ReqId reqid;
    IfId if_id;
    // Restricts the SA to this traffic; nothing = whatever the policy sends to it (the family of the ends).
    std::optional<Selector> selector;

    std::optional<AeadAlgorithm> aead;  // either this …
    std::optional<EncryptionAlgorithm> encryption;  // … or these two (AH: integrity alone)
    std::optional<IntegrityAlgorithm> integrity;
    std::optional<CompressionAlgorithm> compression;

    std::uint32_t replay_window = 0;  // packets; 0 = no replay check
    bool extended_sequence_numbers = false;
    bool dont_encapsulate_dscp = false;
    bool decapsulate_dscp = false;
    bool no_path_mtu_discovery = false;
    bool align4 = false;       // IPv4 AH as RFC 4302 §3.3.3.2.1 wants it
    bool af_unspec = false;    // inner family may differ from the outer one
    bool no_ecn = false;       // tunnel: the inner header's congestion mark stays as it was
    bool wildcard_receive = false;  // packets to any address of the host may use it
    bool for_icmp_errors = false;   // of packets that it protects, which the peer sends unprotected
    bool sequence_may_wrap = false;  // goes on after the last sequence number, without replay check
    std::optional<UdpEncapsulation> encapsulation;
    std::optional<Mark> output_mark;  // what its packets bear when they leave
    std::optional<SecurityContext> security_context;
    std::optional<Offload> offload;
    LifetimeLimits limits;
    // Sequence number of the acquire that this SA answers, so that the kernel drops the larval state. 0 = none.
    std::uint32_t acquire_sequence = 0;
};

// What a dump or a get says beyond the specification. Keys are present only if the kernel showed them.
struct SaInfo {
    SaSpec spec;
    LifetimeUsage usage;
    std::uint32_t replay_errors = 0;
    std::uint32_t integrity_failures = 0;
    bool larval = false;   // allocated SPI without keys yet, or an acquire in progress
    std::optional<std::uint64_t> last_used;  // seconds since 1970, XFRMA_LASTUSED
};

}  // namespace xfrmd::xfrm
