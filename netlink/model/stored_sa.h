// SPDX-License-Identifier: Apache-2.0
// An SA as the kernel's table holds it, whole. SaInfo says what we need of it in terms that we
// understand; this says everything that there is to show, and what has no word stays a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "netlink/model/lifetime.h"
#include "netlink/model/secret.h"
#include "netlink/model/selector.h"
#include "netlink/model/stored_parts.h"

namespace xfrmd::xfrm {

struct StoredAlgorithm {
    std::string name;  // the kernel's: any octets
    std::uint32_t key_bits = 0;
    Secret key;                  // empty unless it was asked for
    std::uint32_t icv_bits = 0;  // of an AEAD or of truncated integrity; 0 = not told
};

// The sequence numbers and, for the inbound direction, which of the last ones have come.
struct ReplayState {
    bool extended = false;  // XFRMA_REPLAY_ESN_VAL instead of XFRMA_REPLAY_VAL
    std::uint32_t window = 0;
    std::uint64_t inbound_sequence = 0;   // the highest received
    std::uint64_t outbound_sequence = 0;  // the last sent
    std::vector<std::uint32_t> bitmap;
    auto operator<=>(const ReplayState&) const = default;
};

// XFRMA_ENCAP of any type. Ports in host byte order.
struct StoredEncapsulation {
    std::uint16_t type = 0;  // UDP_ENCAP_… of linux/udp.h
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::optional<Address> original;  // NAT-OA
    auto operator<=>(const StoredEncapsulation&) const = default;
};

struct SaStatistics {
    std::uint32_t outside_replay_window = 0;
    std::uint32_t replayed = 0;
    std::uint32_t integrity_failures = 0;
    auto operator<=>(const SaStatistics&) const = default;
};

struct StoredSa {
    Address source;
    Address destination;
    std::uint8_t protocol = 0;  // IP protocol number
    EspSpi spi{};
    std::uint8_t mode = 0;  // XFRM_MODE_…
    ReqId reqid{};
    std::uint32_t sequence = 0;  // of the acquire that it answers
    Mark mark{};
    IfId if_id{};
    // As it is stored: bits past the prefixes may be set. Nothing without an address family.
    std::optional<Selector> selector;

    std::optional<StoredAlgorithm> aead;
    std::optional<StoredAlgorithm> encryption;
    std::optional<StoredAlgorithm> integrity;
    std::optional<StoredAlgorithm> compression;

    std::uint8_t flags = 0;          // XFRM_STATE_…
    std::uint32_t extra_flags = 0;   // XFRM_SA_XFLAG_…
    std::uint8_t header_window = 0;  // the replay window of the message's fixed part
    std::optional<ReplayState> replay;
    std::optional<StoredEncapsulation> encapsulation;
    std::optional<Address> care_of;
    std::optional<SecurityContext> security_context;
    std::optional<Offload> offload;
    std::optional<Mark> output_mark;  // XFRMA_SET_MARK with its mask
    std::optional<std::uint32_t> tfc_padding;
    std::optional<std::uint8_t> direction;  // XFRM_SA_DIR_…: 1 in, 2 out
    std::optional<std::uint32_t> cpu;       // the only one to send with it
    std::optional<std::uint32_t> nat_keepalive_seconds;
    std::optional<std::uint32_t> mapping_report_seconds;  // XFRMA_MTIMER_THRESH

    LifetimeLimits limits;
    LifetimeUsage usage;                     // its use_time is the first use
    std::optional<std::uint64_t> last_used;  // seconds since 1970
    SaStatistics statistics;
    std::vector<OtherAttribute> others;

    // Of the long replay state if there is one, otherwise of the header.
    [[nodiscard]] std::uint32_t replay_window() const {
        return replay && replay->extended ? replay->window : header_window;
    }
};

// The kernel does not tell the state of an SA; it follows from the rest.
enum class SaState : std::uint8_t {
    Larval,  // an SPI without keys yet
    Mature,
    Dying,  // past a soft limit
    Dead,   // past its time, about to be removed
};

// `now` in seconds since 1970.
[[nodiscard]] SaState state_of(const StoredSa& sa, std::uint64_t now);

// Past a soft limit, as far as the kernel has noticed: limits of packets and bytes are noticed by
// the packet that comes after.
[[nodiscard]] bool is_dying(const StoredSa& sa, std::uint64_t now);

}  // namespace xfrmd::xfrm
