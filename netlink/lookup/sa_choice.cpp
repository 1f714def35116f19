// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/sa_choice.h"

#include <algorithm>
#include <optional>

#include "netlink/lookup/sa_buckets.h"
#include "netlink/lookup/selectors.h"

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

constexpr std::uint8_t kWildcardReceiver = 8;  // XFRM_STATE_WILDRECV
constexpr std::uint8_t kOffloadPackets = 4;    // XFRM_OFFLOAD_PACKET

std::optional<std::uint32_t> device_of(const std::optional<Offload>& offload) {
    if (!offload || (offload->flags & kOffloadPackets) == 0) return std::nullopt;
    return offload->interface_index;
}

// What must agree whatever its source. net/xfrm/xfrm_state.c, xfrm_state_find()
std::optional<SaLost> mismatch(const StoredSa& sa, const WantedSa& wanted) {
    const StoredTemplate& model = *wanted.wanted;
    const StoredPolicy& policy = *wanted.policy;
    if (sa.protocol != model.protocol) return SaLost::Protocol;
    if (sa.mode != model.mode) return SaLost::Mode;
    if (sa.reqid != model.reqid) return SaLost::Reqid;
    if (sa.if_id != policy.if_id) return SaLost::IfId;
    if (!fits(sa.mark, policy.mark.value & policy.mark.mask)) return SaLost::Mark;
    if (model.spi != EspSpi{} && model.spi != sa.spi) return SaLost::Spi;
    if ((sa.flags & kWildcardReceiver) != 0) return SaLost::Receiver;
    if (device_of(sa.offload) != device_of(policy.offload)) return SaLost::Offload;
    return std::nullopt;
}

// Looks at one SA after the other, in the order of the kernel's bucket: the youngest first.
class Contest {
  public:
    Contest(const Flow& flow, const Tables& tables, SaChoice& choice)
        : flow_{flow}, tables_{tables}, choice_{choice} {}

    // net/xfrm/xfrm_state.c, xfrm_state_look_at()
    void look_at(const StoredSa& sa) {
        if (is_larval(sa)) {
            choice_.under_way = true;
            lose(sa, SaLost::Larval);
            return;
        }
        if (!takes(sa, flow_)) return lose(sa, SaLost::Selector);
        const StoredSa* best = choice_.winner;
        if (best == nullptr) {
            choice_.winner = &sa;
            return;
        }
        const bool best_dying = is_dying(*best, tables_.now);
        const bool dying = is_dying(sa, tables_.now);
        const bool equal = dying == best_dying && sa.usage.add_time == best->usage.add_time;
        if (equal && may_have_grown()) choice_.uncertain = true;
        const bool better =
            dying != best_dying ? best_dying : best->usage.add_time < sa.usage.add_time;
        if (better) choice_.winner = &sa;
        lose(better ? *best : sa, dying != best_dying ? SaLost::Dying : SaLost::Older);
    }
    void lose(const StoredSa& sa, SaLost why) { choice_.losers.push_back({&sa, why}); }
    [[nodiscard]] bool decided() const { return choice_.winner != nullptr || choice_.under_way; }

  private:
    // The table grows when it holds more SAs than buckets.
    bool may_have_grown() const { return tables_.sas.size() >= kFirstBuckets; }

    const Flow& flow_;
    const Tables& tables_;
    SaChoice& choice_;
};

bool has_wanted_source(const StoredSa& sa, const WantedSa& wanted) {
    return sa.source == wanted.source || sa.source.is_unspecified();
}

bool spi_is_taken(const WantedSa& wanted, const Tables& tables) {
    const std::uint32_t mark = wanted.policy->mark.value & wanted.policy->mark.mask;
    return wanted.wanted->spi != EspSpi{} &&
           std::ranges::any_of(tables.sas, [&](const StoredSa& sa) {
               return sa.spi == wanted.wanted->spi && sa.protocol == wanted.wanted->protocol &&
                      sa.destination == wanted.destination && fits(sa.mark, mark);
           });
}

}  // namespace

bool is_larval(const StoredSa& sa) {
    return state_of(sa, 0) == SaState::Larval;
}

bool is_exhausted(const StoredSa& sa, std::uint64_t more_packets) {
    return sa.usage.packets + more_packets >= sa.limits.hard_packets ||
           sa.usage.bytes >= sa.limits.hard_bytes;
}

SaChoice choose_sa(const Flow& flow, const WantedSa& wanted, const Tables& tables) {
    SaChoice choice;
    Contest contest{flow, tables, choice};
    const SaBuckets buckets{tables.sa_buckets};
    const std::uint32_t exact = buckets.of(wanted.source, wanted.destination, wanted.wanted->reqid);
    const std::uint32_t wildcard = buckets.of(Address::any(wanted.destination.family()),
                                              wanted.destination, wanted.wanted->reqid);
    std::vector<const StoredSa*> second_round;
    for (const StoredSa& sa : tables.sas) {
        if (sa.destination != wanted.destination) continue;
        if (const auto wrong = mismatch(sa, wanted)) {
            contest.lose(sa, *wrong);
            continue;
        }
        const std::uint32_t bucket = buckets.of(sa.source, sa.destination, sa.reqid);
        if (bucket == exact && has_wanted_source(sa, wanted))
            contest.look_at(sa);
        else if (bucket == wildcard)
            second_round.push_back(&sa);
        else
            contest.lose(sa, SaLost::Source);
    }
    // Only if nothing was found the kernel looks for SAs without a source. It does not compare
    // sources then, and so takes what shares their bucket, too.
    const bool decided = contest.decided();
    for (const StoredSa* sa : second_round) {
        if (decided)
            contest.lose(*sa, SaLost::Source);
        else
            contest.look_at(*sa);
    }
    choice.foreign_source = choice.winner != nullptr && !has_wanted_source(*choice.winner, wanted);
    if (choice.winner == nullptr && !choice.under_way)
        choice.spi_taken = spi_is_taken(wanted, tables);
    std::ranges::stable_sort(choice.losers, {}, &LosingSa::why);
    return choice;
}

}  // namespace xfrmd::lookup
