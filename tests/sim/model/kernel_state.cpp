// SPDX-License-Identifier: Apache-2.0
// The kernel model's tables: SAD and SPD, as requests change them and time wears them out.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/model/kernel_model.h"
#include "tests/support/sa_spec_copy.h"

namespace xfrmd::sim {

using namespace xfrm;

namespace {

constexpr std::uint64_t kWallSecondsAtStart = 1'767'225'600;  // 2026-01-01

std::unexpected<KernelError> refuse(int error_number, std::string what) {
    return std::unexpected{KernelError{error_number, std::move(what)}};
}

std::string describe(const SaId& id) {
    return "SA " + std::to_string(id.spi.value) + " to " + id.destination.to_string();
}

// Linux looks an SA up by destination, protocol and SPI, and by the marks under the found one's mask.
bool answers_to(const SaId& kept, const SaId& asked) {
    return kept.destination == asked.destination && kept.protocol == asked.protocol && kept.spi == asked.spi &&
           (asked.mark.value & asked.mark.mask & kept.mark.mask) == kept.mark.value;
}

// net/xfrm/xfrm_user.c, verify_newsa_info(), and xfrm_init_replay()
std::expected<void, KernelError> check(const SaSpec& spec) {
    const bool separate = spec.encryption.has_value();
    switch (spec.id.protocol) {
        case IpsecProtocol::Esp:
            if (spec.aead.has_value() == separate) return refuse(EINVAL, "ESP needs one cipher");
            break;
        case IpsecProtocol::Ah:
            if (!spec.integrity || separate || spec.aead) return refuse(EINVAL, "AH needs integrity alone");
            break;
        case IpsecProtocol::Ipcomp:
            if (!spec.compression) return refuse(EINVAL, "IPComp needs a compression");
            break;
    }
    if (spec.id.source.family() != spec.id.destination.family()) return refuse(EINVAL, "families differ");
    if (spec.extended_sequence_numbers && spec.replay_window == 0)
        return refuse(EINVAL, "ESN replay window must be > 0");
    if (spec.replay_window > 4096) return refuse(EINVAL, "the replay window is too large");
    return {};
}

}  // namespace

KernelModel::KernelModel(Prng prng, std::vector<Address> own_addresses)
    : prng_{prng}, own_addresses_{std::move(own_addresses)} {}

KernelResult KernelModel::run(KernelRequest request) {
    return std::visit([&](auto& what) { return carry_out(what); }, request);
}

std::vector<xfrm::KernelEvent> KernelModel::take_events() { return std::exchange(events_, {}); }

void KernelModel::set_listening(bool listening) {
    listening_ = listening;
    if (!listening) events_.clear();
}

void KernelModel::set_own_addresses(std::vector<Address> addresses) { own_addresses_ = std::move(addresses); }

bool KernelModel::owns(const Address& address) const { return std::ranges::contains(own_addresses_, address); }

// ---- Security associations

KernelResult KernelModel::carry_out(const AllocateSpi& request) {
    // RFC 4303 §2.1 reserves values below 256, RFC 3173 §3.3 those of a CPI above 61439.
    const bool compression = request.protocol == IpsecProtocol::Ipcomp;
    const std::uint32_t lowest = compression ? 0x100 : 0xc000'0000;
    const std::uint32_t highest = compression ? 0xefff : 0xcfff'ffff;
    SaSpec larval;
    larval.id = {request.source, request.destination, request.protocol, {}, request.mark};
    do {
        larval.id.spi = EspSpi{static_cast<std::uint32_t>(prng_.between(lowest, highest))};
    } while (find(larval.id) != nullptr);
    larval.mode = request.mode;
    larval.reqid = request.reqid;
    larval.if_id = request.if_id;
    larval.limits.hard_add_seconds = std::chrono::duration_cast<std::chrono::seconds>(kReservationLifetime).count();
    const EspSpi spi = larval.id.spi;
    add(std::move(larval), true);
    return spi;
}

KernelResult KernelModel::carry_out(InstallSas& request) {
    for (std::size_t i = 0; i < request.sas.size(); ++i) {
        const bool reserved = i < request.reserved.size() && request.reserved[i];
        auto installed = install(request.sas[i], reserved);
        if (installed) continue;
        for (std::size_t j = 0; j < request.sas.size(); ++j) {
            const bool larval = j < request.reserved.size() && request.reserved[j];
            if (j < i || (larval && find(request.sas[j].id) != nullptr && find(request.sas[j].id)->larval))
                remove(request.sas[j].id);
        }
        return std::unexpected{std::move(installed).error()};
    }
    return Done{};
}

std::expected<void, KernelError> KernelModel::install(const SaSpec& spec, bool reserved) {
    if (auto sound = check(spec); !sound) return sound;
    if (const Sa* present = find(spec.id); present != nullptr) {
        if (!reserved || !present->larval) return refuse(EEXIST, describe(spec.id) + " exists");
        remove(spec.id);
    }
    end_acquire(spec);
    add(test::copy(spec, true), false);
    return {};
}

// net/xfrm/xfrm_state.c, xfrm_state_add(): by the acquire's number, else by ends, protocol, mode and reqid.
void KernelModel::end_acquire(const SaSpec& answer) {
    const auto is_answered = [&](const Sa& sa) {
        return sa.larval && sa.spec.id.spi == EspSpi{} && sa.spec.id.protocol == answer.id.protocol &&
               sa.spec.id.destination == answer.id.destination &&
               ((answer.acquire_sequence != 0 && sa.spec.acquire_sequence == answer.acquire_sequence) ||
                (sa.spec.id.source == answer.id.source && sa.spec.mode == answer.mode &&
                 sa.spec.reqid == answer.reqid && sa.spec.if_id == answer.if_id));
    };
    const auto at = std::ranges::find_if(sas_, is_answered);
    if (at != sas_.end()) sas_.erase(at);
}

KernelModel::Sa& KernelModel::add(SaSpec spec, bool larval) {
    Sa& sa = sas_.emplace_back();
    sa.spec = std::move(spec);
    sa.larval = larval;
    sa.added = now_;
    sa.usage.add_time = wall_seconds();
    return sa;
}

KernelModel::Sa* KernelModel::find(const SaId& id) {
    const auto at = std::ranges::find_if(sas_, [&](const Sa& sa) { return answers_to(sa.spec.id, id); });
    return at == sas_.end() ? nullptr : &*at;
}

void KernelModel::remove(const SaId& id) {
    const auto at = std::ranges::find_if(sas_, [&](const Sa& sa) { return answers_to(sa.spec.id, id); });
    if (at != sas_.end()) sas_.erase(at);
}

KernelResult KernelModel::carry_out(const RemoveSas& request) {
    for (const SaId& id : request.sas) remove(id);
    return Done{};
}

KernelResult KernelModel::carry_out(const QuerySa& request) {
    const Sa* sa = find(request.id);
    if (sa == nullptr) return refuse(ESRCH, "no " + describe(request.id));
    return info_of(*sa, request.with_keys);
}

KernelResult KernelModel::carry_out(const DumpSas& request) {
    std::vector<SaInfo> all;
    for (const Sa& sa : sas_) all.push_back(info_of(sa, request.with_keys));
    return all;
}

SaInfo KernelModel::info_of(const Sa& sa, bool with_keys) const {
    SaInfo info;
    info.spec = test::copy(sa.spec, with_keys);
    info.usage = sa.usage;
    info.replay_errors = sa.replay_errors;
    info.integrity_failures = sa.integrity_failures;
    info.larval = sa.larval;
    return info;
}

// ---- Policies

KernelResult KernelModel::carry_out(const InstallPolicies& request) {
    const auto former = policies_;
    for (const PolicySpec& policy : request.policies) {
        auto installed = install(policy, request.replace);
        if (installed) continue;
        policies_ = former;
        return std::unexpected{std::move(installed).error()};
    }
    return Done{};
}

std::expected<void, KernelError> KernelModel::install(const PolicySpec& policy, bool replace) {
    const std::string name = "policy " + policy.id.selector.to_string();
    if (policy.templates.size() > kTemplatesMax) return refuse(EINVAL, name + ": too many templates");
    if (policy.id.selector.source.address.family() != policy.id.selector.destination.address.family())
        return refuse(EINVAL, name + ": families differ");
    const auto has_id = [&](const PolicyInfo& info) { return info.spec.id == policy.id; };
    if (const auto at = std::ranges::find_if(policies_, has_id); at != policies_.end()) {
        if (!replace) return refuse(EEXIST, name + " exists");
        at->spec = policy;
        return {};
    }
    last_index_ += 8;
    policies_.push_back({policy, last_index_ + static_cast<std::uint32_t>(policy.id.direction), {}});
    policies_.back().usage.add_time = wall_seconds();
    return {};
}

KernelResult KernelModel::carry_out(const RemovePolicies& request) {
    for (const PolicyId& id : request.policies)
        std::erase_if(policies_, [&](const PolicyInfo& info) { return info.spec.id == id; });
    return Done{};
}

KernelResult KernelModel::carry_out(const DumpPolicies&) { return policies_; }

// ---- Time

std::uint64_t KernelModel::wall_seconds() const {
    return kWallSecondsAtStart +
           static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count());
}

std::optional<Time> KernelModel::timer_of(const Sa& sa) const {
    if (sa.expired) return now_;
    std::optional<Time> earliest;
    const auto consider = [&](std::optional<Time> from, std::uint64_t seconds) {
        if (!from || seconds == 0) return;
        const Time due = *from + std::chrono::seconds{seconds};
        if (!earliest || due < *earliest) earliest = due;
    };
    consider(sa.added, sa.spec.limits.hard_add_seconds);
    consider(sa.first_used, sa.spec.limits.hard_use_seconds);
    if (!sa.dying) {
        consider(sa.added, sa.spec.limits.soft_add_seconds);
        consider(sa.first_used, sa.spec.limits.soft_use_seconds);
    }
    return earliest;
}

std::optional<Time> KernelModel::next_timer() const {
    std::optional<Time> earliest;
    for (const Sa& sa : sas_)
        if (const auto due = timer_of(sa); due && (!earliest || *due < *earliest)) earliest = due;
    return earliest;
}

void KernelModel::advance(Time now) {
    for (auto due = next_timer(); due && *due <= now; due = next_timer()) {
        now_ = std::max(now_, *due);
        const auto at = std::ranges::find_if(sas_, [&](const Sa& sa) {
            const auto timer = timer_of(sa);
            return timer && *timer <= *due;
        });
        run_timer(*at);
    }
    now_ = std::max(now_, now);
}

void KernelModel::expire_now(const SaId& id, bool hard) {
    Sa* sa = find(id);
    if (sa == nullptr) return;
    sa->expired = sa->expired || hard;
    if (!hard && !sa->dying) {
        sa->dying = true;
        expire(*sa, false);
    }
    advance(now_);
}

void KernelModel::wind_sequence(const SaId& id, std::uint64_t sequence) {
    if (Sa* sa = find(id); sa != nullptr) sa->sequence = sequence;
}

// net/xfrm/xfrm_state.c, xfrm_timer_handler()
void KernelModel::run_timer(Sa& sa) {
    const auto reached = [&](std::optional<Time> from, std::uint64_t seconds) {
        return from && seconds != 0 && *from + std::chrono::seconds{seconds} <= now_;
    };
    const LifetimeLimits& limits = sa.spec.limits;
    const bool hard = sa.expired || reached(sa.added, limits.hard_add_seconds) ||
                      reached(sa.first_used, limits.hard_use_seconds);
    if (!hard) {
        sa.dying = true;
        expire(sa, false);
        return;
    }
    // An acquire that nobody answered goes silently.
    const bool acquire = sa.larval && sa.spec.id.spi == EspSpi{};
    if (!acquire) expire(sa, true);
    sas_.erase(std::ranges::find_if(sas_, [&](const Sa& other) { return &other == &sa; }));
}

void KernelModel::expire(const Sa& sa, bool hard) {
    raise(SaExpired{sa.spec.id, sa.spec.reqid, sa.spec.mode, hard, sa.usage});
}

void KernelModel::raise(xfrm::KernelEvent event) {
    if (listening_) events_.push_back(std::move(event));
}

}  // namespace xfrmd::sim
