// SPDX-License-Identifier: Apache-2.0
#include "netlink/transaction.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <utility>

#include "netlink/model/overloaded.h"
#include "netlink/xfrm_migrate.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

bool is_gone(const Refusal& refusal) {
    return !refusal.lost && (refusal.error_number == ESRCH || refusal.error_number == ENOENT);
}

// Undoing went wrong as well: say so, behind what went wrong first.
void add_trouble(std::optional<KernelError>& error, const KernelError& trouble) {
    if (error) error->what += "; and undoing the rest failed: " + trouble.what;
}

KernelResult result_of(std::optional<KernelError> error) {
    if (error) return std::unexpected{std::move(*error)};
    return Done{};
}

// One step for each item whose message could be encoded; why the first could not goes into
// `first_error`.
template <class Item>
Steps steps_for(std::vector<Item>& items, std::optional<KernelError>& first_error) {
    Steps steps;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
        Encoded& message = items[i].message;
        if (message)
            steps.push_back({i, std::move(*message)});
        else if (!first_error)
            first_error = message.error();
    }
    return steps;
}

}  // namespace

// ---- the variant --------------------

Transaction::Transaction(KernelRequest request) : kind_{kind_for(std::move(request))} {}

Transaction::Kind Transaction::kind_for(KernelRequest request) {
    return std::visit(
        Overloaded{[](InstallSas& sas) -> Kind { return SaInstallation{std::move(sas)}; },
                   [](InstallPolicies& policies) -> Kind {
                       return PolicyInstallation{std::move(policies)};
                   },
                   [](RemoveSas& sas) -> Kind { return Removal{std::move(sas)}; },
                   [](RemovePolicies& policies) -> Kind { return Removal{std::move(policies)}; },
                   [](Migrate& migrate) -> Kind { return Relocation{migrate}; },
                   [](auto& other) -> Kind { return Reading{std::move(other)}; }},
        request);
}

Steps Transaction::start() {
    return std::visit([](auto& kind) { return kind.start(); }, kind_);
}
void Transaction::part(std::uint32_t step, const AnswerPart& part) {
    std::visit([&](auto& kind) { kind.part(step, part); }, kind_);
}
void Transaction::again(std::uint32_t step) {
    std::visit([&](auto& kind) { kind.again(step); }, kind_);
}
Steps Transaction::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    return std::visit([&](auto& kind) { return kind.end(step, refusal); }, kind_);
}
bool Transaction::finished() const {
    return std::visit([](const auto& kind) { return kind.finished(); }, kind_);
}
KernelResult Transaction::take_result() {
    return std::visit([](auto& kind) { return kind.take_result(); }, kind_);
}

// ---- reading --------------------

Reading::Reading(KernelRequest request) : request_{std::move(request)} {}

Steps Reading::start() {
    again(0);
    auto message =
        std::visit(Overloaded{[](const AllocateSpi& spi) { return encode_allocate_spi(spi); },
                              [](const QuerySa& query) { return encode_query_sa(query.id); },
                              [](const DumpSas&) { return encode_dump_sas(); },
                              [](const DumpPolicies&) { return encode_dump_policies(); },
                              [](const auto&) -> Encoded { std::unreachable(); }},
                   request_);
    Steps steps;
    if (message)
        steps.push_back({0, std::move(*message)});
    else
        error_ = message.error();
    finished_ = steps.empty();
    return steps;
}

void Reading::part(std::uint32_t, const AnswerPart& part) {
    const auto take = [&](auto decoded, auto&& store) {
        if (decoded) return store(std::move(*decoded));
        // In a dump, somebody else's object that we cannot express is passed over.
        const bool is_dump = !std::holds_alternative<Done>(answer_);
        if (is_dump && decoded.error().error_number == EOPNOTSUPP) return;
        if (!error_) error_ = decoded.error();
    };
    std::visit(
        Overloaded{[&](const AllocateSpi&) {
                       if (part.type == XFRM_MSG_NEWSA)
                           take(decode_sa(part.payload, Keys::Skip),
                                [&](SaInfo sa) { answer_ = sa.spec.id.spi; });
                   },
                   [&](const QuerySa& query) {
                       if (part.type == XFRM_MSG_NEWSA)
                           take(decode_sa(part.payload, query.with_keys ? Keys::Read : Keys::Skip),
                                [&](SaInfo sa) { answer_ = std::move(sa); });
                   },
                   [&](const DumpSas& dump) {
                       if (part.type == XFRM_MSG_NEWSA)
                           take(decode_sa(part.payload, dump.with_keys ? Keys::Read : Keys::Skip),
                                [&](SaInfo sa) {
                                    std::get<std::vector<SaInfo>>(answer_).push_back(std::move(sa));
                                });
                   },
                   [&](const DumpPolicies&) {
                       if (part.type == XFRM_MSG_NEWPOLICY)
                           take(decode_policy(part.payload), [&](PolicyInfo policy) {
                               std::get<std::vector<PolicyInfo>>(answer_).push_back(
                                   std::move(policy));
                           });
                   },
                   [](const auto&) { std::unreachable(); }},
        request_);
}

void Reading::again(std::uint32_t) {
    error_.reset();
    answer_ = Done{};
    if (std::holds_alternative<DumpSas>(request_)) answer_ = std::vector<SaInfo>{};
    if (std::holds_alternative<DumpPolicies>(request_)) answer_ = std::vector<PolicyInfo>{};
}

Steps Reading::end(std::uint32_t, const std::optional<Refusal>& refusal) {
    if (refusal)
        error_ = explained(*refusal);
    else if (!error_ && std::holds_alternative<Done>(answer_))
        error_ = KernelError{EBADMSG, "the kernel's answer holds no data"};
    finished_ = true;
    return {};
}

KernelResult Reading::take_result() {
    if (error_) return std::unexpected{std::move(*error_)};
    return std::move(answer_);
}

KernelError Reading::explained(const Refusal& refusal) const {
    return std::visit(
        Overloaded{[&](const AllocateSpi& spi) { return explain(refusal, spi); },
                   [&](const QuerySa& query) {
                       if (refusal.error_number == ESRCH && !refusal.lost)
                           return KernelError{ESRCH, name_of(query.id) + ": does not exist"};
                       return explain(refusal, name_of(query.id));
                   },
                   [&](const DumpSas&) { return explain(refusal, "dump of all SAs"); },
                   [&](const auto&) { return explain(refusal, "dump of all policies"); }},
        request_);
}

// ---- removing --------------------

Removal::Removal(RemoveSas request) {
    for (const SaId& id : request.sas) items_.push_back({name_of(id), encode_remove_sa(id)});
}

Removal::Removal(RemovePolicies request) {
    for (const PolicyId& id : request.policies)
        items_.push_back({name_of(id), encode_remove_policy(id)});
}

Steps Removal::start() {
    Steps steps = steps_for(items_, first_error_);
    outstanding_ = steps.size();
    return steps;
}

Steps Removal::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    --outstanding_;
    if (refusal && !is_gone(*refusal) && !first_error_)
        first_error_ = explain(*refusal, items_.at(step).name);
    return {};
}

KernelResult Removal::take_result() {
    return result_of(std::move(first_error_));
}

// ---- moving --------------------

Relocation::Relocation(const Migrate& request) {
    for (const Migration& migration : request.migrations)
        items_.push_back({migration.policy, encode_migrate(migration)});
}

Steps Relocation::start() {
    Steps steps = steps_for(items_, first_error_);
    outstanding_ = steps.size();
    return steps;
}

Steps Relocation::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    --outstanding_;
    if (refusal && !first_error_)
        first_error_ = explain_migration(*refusal, items_.at(step).policy);
    return {};
}

KernelResult Relocation::take_result() {
    return result_of(std::move(first_error_));
}

// ---- installing SAs --------------------

SaInstallation::SaInstallation(InstallSas request) {
    for (std::size_t i = 0; i < request.sas.size(); ++i) {
        const bool reserved = i < request.reserved.size() && request.reserved[i];
        items_.push_back({std::move(request.sas[i]), reserved, reserved});
    }
}

std::uint32_t SaInstallation::number(Phase phase, std::size_t item) const {
    return static_cast<std::uint32_t>(std::to_underlying(phase) * items_.size() + item);
}

Steps SaInstallation::start() {
    Steps steps;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const Item& item = items_[i];
        auto message = encode_install_sa(
            item.spec, item.reserved ? SaEntry::CompleteReservation : SaEntry::New);
        if (!message) {  // one that cannot even be written: send none, but give the reservations up
            error_ = KernelError{message.error().error_number,
                                 name_of(item.spec.id) + ": " + message.error().what};
            return undo();
        }
        steps.push_back({number(Phase::Install, i), std::move(*message)});
    }
    outstanding_ = steps.size();
    finished_ = steps.empty();
    return steps;
}

Steps SaInstallation::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    --outstanding_;
    const std::size_t index = step % items_.size();
    const auto phase = static_cast<Phase>(step / items_.size());
    Item& item = items_[index];
    if (phase != Phase::Undo) return end_install(item, index, phase, refusal);
    end_undo(item, refusal);
    finished_ = outstanding_ == 0;
    return {};
}

Steps SaInstallation::end_install(Item& item, std::size_t index, Phase phase,
                                  const std::optional<Refusal>& refusal) {
    const bool lapsed = refusal && !refusal->lost && refusal->error_number == ESRCH &&
                        item.reserved && phase == Phase::Install;
    if (lapsed) {
        // The larval SA lives for net.core.xfrm_acq_expires, 30 s by default, and a negotiation on
        // a lossy path may take longer. The peer knows the SPI: it is still good if nobody has
        // taken it since.
        item.ours = false;
        auto message = encode_install_sa(item.spec, SaEntry::New);
        if (message && !error_) {
            ++outstanding_;
            Steps steps;
            steps.push_back({number(Phase::InstallLapsed, index), std::move(*message)});
            return steps;
        }
    } else if (!refusal || refusal->lost) {
        item.ours = true;
    }
    if (refusal && !error_) error_ = explain(*refusal, item.spec);
    return settle();
}

Steps SaInstallation::settle() {
    if (outstanding_ != 0) return {};
    if (error_) return undo();
    finished_ = true;
    return {};
}

Steps SaInstallation::undo() {
    undoing_ = true;
    Steps steps;
    for (std::size_t i = items_.size(); i-- > 0;) {
        if (!items_[i].ours) continue;
        if (auto message = encode_remove_sa(items_[i].spec.id))
            steps.push_back({number(Phase::Undo, i), std::move(*message)});
    }
    outstanding_ = steps.size();
    finished_ = steps.empty();
    return steps;
}

void SaInstallation::end_undo(const Item& item, const std::optional<Refusal>& refusal) {
    if (refusal && !is_gone(*refusal))
        add_trouble(error_, explain(*refusal, name_of(item.spec.id)));
}

KernelResult SaInstallation::take_result() {
    return result_of(std::move(error_));
}

// ---- installing policies --------------------

PolicyInstallation::PolicyInstallation(InstallPolicies request) : replace_{request.replace} {
    for (PolicySpec& policy : request.policies) items_.push_back({std::move(policy), {}, false});
}

std::uint32_t PolicyInstallation::number(Phase phase, std::size_t item) const {
    return static_cast<std::uint32_t>(std::to_underlying(phase) * items_.size() + item);
}

Steps PolicyInstallation::start() {
    return replace_ ? fetch() : install();
}

void PolicyInstallation::part(std::uint32_t step, const AnswerPart& part) {
    const bool fetched = static_cast<Phase>(step / items_.size()) == Phase::Fetch;
    if (fetched && part.type == XFRM_MSG_NEWPOLICY)
        items_[step % items_.size()].former = to_bytes(part.payload);
}

Steps PolicyInstallation::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    --outstanding_;
    Item& item = items_[step % items_.size()];
    switch (phase_) {
        case Phase::Fetch:
            if (refusal && !is_gone(*refusal) && !error_) error_ = explain(*refusal, item.spec);
            break;
        case Phase::Install:
            item.installed = !refusal || refusal->lost;
            if (refusal && !error_) error_ = explain(*refusal, item.spec);
            break;
        case Phase::Undo:
            if (refusal && !is_gone(*refusal))
                add_trouble(error_, explain(*refusal, name_of(item.spec.id)));
            break;
    }
    return settle();
}

Steps PolicyInstallation::settle() {
    if (outstanding_ != 0) return {};
    if (phase_ == Phase::Fetch && !error_) return install();
    if (phase_ == Phase::Install && error_) return undo();
    finished_ = true;
    return {};
}

Steps PolicyInstallation::fetch() {
    phase_ = Phase::Fetch;
    Steps steps;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        auto message = encode_query_policy(items_[i].spec.id);
        if (!message) return refuse(message.error(), items_[i]);
        steps.push_back({number(Phase::Fetch, i), std::move(*message)});
    }
    outstanding_ = steps.size();
    finished_ = steps.empty();
    return steps;
}

Steps PolicyInstallation::install() {
    phase_ = Phase::Install;
    Steps steps;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        auto message = encode_install_policy(items_[i].spec,
                                             replace_ ? PolicyEntry::Overwrite : PolicyEntry::New);
        if (!message) return refuse(message.error(), items_[i]);
        steps.push_back({number(Phase::Install, i), std::move(*message)});
    }
    outstanding_ = steps.size();
    finished_ = steps.empty();
    return steps;
}

// One that cannot even be written: send none.
Steps PolicyInstallation::refuse(const KernelError& error, const Item& item) {
    error_ = KernelError{error.error_number, name_of(item.spec.id) + ": " + error.what};
    finished_ = true;
    return {};
}

Steps PolicyInstallation::undo() {
    phase_ = Phase::Undo;
    Steps steps;
    for (std::size_t i = items_.size(); i-- > 0;) {
        const Item& item = items_[i];
        if (!item.installed) continue;
        auto message = item.former.empty() ? encode_remove_policy(item.spec.id)
                                           : encode_restore_policy(item.former);
        if (message)
            steps.push_back({number(Phase::Undo, i), std::move(*message)});
        else
            add_trouble(error_, message.error());
    }
    outstanding_ = steps.size();
    finished_ = steps.empty();
    return steps;
}

KernelResult PolicyInstallation::take_result() {
    return result_of(std::move(error_));
}

}  // namespace xfrmd::netlink
