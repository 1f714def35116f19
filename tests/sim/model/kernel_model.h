// SPDX-License-Identifier: Apache-2.0
// An XFRM kernel without Linux: SAD, SPD, larval states, acquires, lifetimes, and the way of a packet through them.
// Held to the real one by tests/kernel/kernel_contract.h. It outlives a crash of the daemon.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/time.h"
#include "netlink/model/kernel.h"
#include "tests/sim/model/packet.h"
#include "tests/sim/prng.h"

namespace xfrmd::sim {

using ike::Duration;
using ike::Time;

// What became of a packet that a kernel did not hand on.
enum class Drop : std::uint8_t {
    Blocked,            // a block policy
    WaitingForSa,       // a policy wants an SA that is not there (yet)
    SaExhausted,        // hard limit reached
    SequenceExhausted,  // 2^32 packets without extended sequence numbers
    NoSuchSa,           // a protected packet with an SPI nobody has
    WrongProtection,    // a packet that does not open with the SA's keys
    Replayed,
    WrongEncapsulation, // in UDP where the SA is not, or the reverse
    NotProtected,       // a clear packet where a policy wants ESP, or the wrong SA
    NoPolicy,           // out of a tunnel without an inbound policy for it
};
const char* drop_name(Drop drop);

struct Delivered {
    Packet packet;
    bool was_protected = false;
};

class KernelModel {
  public:
    // net.core.xfrm_acq_expires
    static constexpr Duration kReservationLifetime = std::chrono::seconds{30};
    // XFRM_MAX_DEPTH
    static constexpr std::size_t kTemplatesMax = 6;

    KernelModel(Prng prng, std::vector<xfrm::Address> own_addresses);

    // ---- The requests of netlink/model/kernel.h
    xfrm::KernelResult run(xfrm::KernelRequest request);
    // The events since the last call, oldest first. Nobody listens while the daemon is down: then none is kept, and a
    // packet without SA makes no larval state, as in Linux.
    std::vector<xfrm::KernelEvent> take_events();
    void set_listening(bool listening);
    // The host gets other addresses: it answers to these, and sends from the first of each family.
    void set_own_addresses(std::vector<xfrm::Address> addresses);

    // ---- Time
    // Moves the clock and runs what is due. Never backwards.
    void advance(Time now);
    [[nodiscard]] std::optional<Time> next_timer() const;

    // ---- Packets
    // An application's packet on its way out.
    std::expected<WirePacket, Drop> output(const Packet& packet);
    // A packet that came in.
    std::expected<Delivered, Drop> input(const WirePacket& packet);

    // The kernel gives up this SA at once, as at its hard limit, or warns of that, as at its soft limit.
    void expire_now(const xfrm::SaId& id, bool hard);

    // ---- For checkers
    struct Sa {
        xfrm::SaSpec spec;
        bool larval = false;
        bool dying = false;    // the soft event is out
        bool expired = false;  // hard limit reached, about to go
        xfrm::LifetimeUsage usage;
        std::uint32_t replay_errors = 0;
        std::uint32_t integrity_failures = 0;
        std::uint64_t sequence = 0;                 // of the last packet out, or the highest in
        std::vector<std::uint64_t> seen;            // inbound numbers within the window
        Time added;
        std::optional<Time> first_used;
    };
    [[nodiscard]] const std::deque<Sa>& sas() const { return sas_; }
    [[nodiscard]] const std::vector<xfrm::PolicyInfo>& policies() const { return policies_; }
    // The policy that Linux would take for a packet in this direction; null if none.
    [[nodiscard]] const xfrm::PolicyInfo* find_policy(const Packet& packet, xfrm::Direction direction) const;
    [[nodiscard]] bool owns(const xfrm::Address& address) const;
    // What IpsecHeader::protection is made of.
    static Bytes protection_of(const xfrm::SaSpec& spec);
    // As if so many packets had gone through this SA already.
    void wind_sequence(const xfrm::SaId& id, std::uint64_t sequence);
    // The ends of an SA.
    struct Ends {
        xfrm::Address source;
        xfrm::Address destination;
    };

  private:
    xfrm::KernelResult carry_out(const xfrm::AllocateSpi& request);
    xfrm::KernelResult carry_out(xfrm::InstallSas& request);
    xfrm::KernelResult carry_out(const xfrm::RemoveSas& request);
    xfrm::KernelResult carry_out(const xfrm::InstallPolicies& request);
    xfrm::KernelResult carry_out(const xfrm::RemovePolicies& request);
    xfrm::KernelResult carry_out(const xfrm::Migrate& request);
    xfrm::KernelResult carry_out(const xfrm::FindSource& request);
    xfrm::KernelResult carry_out(const xfrm::QuerySa& request);
    xfrm::KernelResult carry_out(const xfrm::DumpSas& request);
    xfrm::KernelResult carry_out(const xfrm::DumpPolicies& request);

    std::expected<void, xfrm::KernelError> install(const xfrm::SaSpec& spec, bool reserved);
    Sa& add(xfrm::SaSpec spec, bool larval);
    Sa* find(const xfrm::SaId& id);
    void remove(const xfrm::SaId& id);
    void end_acquire(const xfrm::SaSpec& answer);
    std::expected<void, xfrm::KernelError> migrate(const xfrm::Migration& migration);
    std::expected<void, xfrm::KernelError> move_sa(const xfrm::Migration& migration);
    std::expected<void, xfrm::KernelError> install(const xfrm::PolicySpec& policy, bool replace);

    enum class Lookup : std::uint8_t { Found, AcquireInProgress, Missing, Expired };
    std::pair<Lookup, Sa*> find_outbound(const xfrm::Template& wanted, const Ends& ends, const Packet& packet);
    void acquire(const xfrm::PolicyInfo& policy, const xfrm::Template& wanted, const Ends& ends, const Packet& packet);
    bool admits(Sa& sa);  // counts towards the limits; false once the hard one is reached
    // `sas` innermost first.
    std::expected<WirePacket, Drop> protect(const std::vector<Sa*>& sas, const Packet& packet);
    std::expected<const Sa*, Drop> open(const IpsecHeader& header, const std::optional<UdpPorts>& udp,
                                        const Packet& inner);
    std::optional<Drop> check_policy(const Packet& packet, const std::vector<const Sa*>& opened) const;
    void tell_mapping(const Sa& sa, const xfrm::Endpoint& from);
    static bool is_replay(const Sa& sa, std::uint64_t sequence);
    static void remember(Sa& sa, std::uint64_t sequence);

    std::optional<Time> timer_of(const Sa& sa) const;
    void run_timer(Sa& sa);
    void expire(const Sa& sa, bool hard);
    void raise(xfrm::KernelEvent event);
    [[nodiscard]] std::uint64_t wall_seconds() const;
    [[nodiscard]] xfrm::SaInfo info_of(const Sa& sa, bool with_keys) const;

    Prng prng_;
    std::vector<xfrm::Address> own_addresses_;
    Time now_{};
    bool listening_ = true;
    std::deque<Sa> sas_;  // references stay when one is added
    std::vector<xfrm::PolicyInfo> policies_;
    std::vector<xfrm::KernelEvent> events_;
    std::uint32_t last_index_ = 0;
    std::uint32_t last_acquire_ = 0;
};

// Whether a packet is what the selector says.
bool matches(const xfrm::Selector& selector, const Packet& packet);

}  // namespace xfrmd::sim
