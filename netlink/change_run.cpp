// SPDX-License-Identifier: Apache-2.0
#include "netlink/change_run.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <utility>

#include "netlink/model/overloaded.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

constexpr std::uint32_t kStages = 4;

bool is_gone(const Refusal& refusal) {
    return !refusal.lost && (refusal.error_number == ESRCH || refusal.error_number == ENOENT);
}

bool same_key(const Secret& left, const Secret& right) {
    return equal_in_constant_time(left.view(), right.view());
}

bool same_algorithm(const AeadAlgorithm& left, const AeadAlgorithm& right) {
    return left.name == right.name && left.icv_bits == right.icv_bits &&
           same_key(left.key, right.key);
}
bool same_algorithm(const EncryptionAlgorithm& left, const EncryptionAlgorithm& right) {
    return left.name == right.name && same_key(left.key, right.key);
}
bool same_algorithm(const IntegrityAlgorithm& left, const IntegrityAlgorithm& right) {
    return left.name == right.name && left.truncated_bits == right.truncated_bits &&
           same_key(left.key, right.key);
}
bool same_algorithm(const CompressionAlgorithm& left, const CompressionAlgorithm& right) {
    return left.name == right.name;
}

template <class Algorithm>
bool same(const std::optional<Algorithm>& left, const std::optional<Algorithm>& right) {
    return left.has_value() == right.has_value() && (!left || same_algorithm(*left, *right));
}

// XFRM_MSG_UPDSA changes limits, selector and UDP ports of an SA; of anything else it would keep
// what was there without a word.
bool can_be_updated(const SaSpec& former, const SaSpec& wanted) {
    return same(former.aead, wanted.aead) && same(former.encryption, wanted.encryption) &&
           same(former.integrity, wanted.integrity) &&
           same(former.compression, wanted.compression) && former.mode == wanted.mode &&
           former.reqid == wanted.reqid && former.if_id == wanted.if_id &&
           former.id.source == wanted.id.source && former.replay_window == wanted.replay_window &&
           former.extended_sequence_numbers == wanted.extended_sequence_numbers &&
           former.align4 == wanted.align4 && former.output_mark == wanted.output_mark &&
           former.encapsulation.has_value() == wanted.encapsulation.has_value();
}

}  // namespace

ChangeRun::ChangeRun(std::vector<Change> changes, UndoLog& log)
    : changes_{std::move(changes)}, log_{&log} {}

bool ChangeRun::finished() const {
    if (!active_.empty()) return false;
    if (!refusal_) return next_ == changes_.size() && !waiting_;
    return undoing_ && undo_left_ == 0 && undo_outstanding_ == 0;
}

std::optional<ChangeRefusal> ChangeRun::take_refusal() {
    return std::exchange(refusal_, std::nullopt);
}

void ChangeRun::take_back() {
    fail(next_, {ECANCELED, "interrupted"});
}

// ---- forward --------------------

Steps ChangeRun::next_steps() {
    Steps steps;
    if (refusal_) {
        start_undo(steps);
        return steps;
    }
    if (waiting_) {
        if (active_.at(*waiting_).outstanding == 0)
            start_second_half(*std::exchange(waiting_, {}), steps);
        return steps;
    }
    while (!refusal_ && !waiting_ && next_ < changes_.size() && active_.size() + 1 < kStepsMax / 2)
        start(next_++, steps);
    return steps;
}

void ChangeRun::send(std::size_t position, Stage stage, Encoded message, Steps& steps) {
    if (!message) return fail(position, std::move(message).error());
    const auto number = static_cast<std::uint32_t>(position * kStages + std::to_underlying(stage));
    steps.push_back({number, std::move(*message)});
    ++active_[position].outstanding;
}

// What is there is read in the same breath as it is overwritten or removed: the kernel takes the
// messages of one socket in their order.
void ChangeRun::start(std::size_t position, Steps& steps) {
    const auto to_send = [&](Stage stage, Encoded message) {
        if (!refusal_) send(position, stage, std::move(message), steps);
    };
    std::visit(Overloaded{[&](const change::AddSa& add) {
                              to_send(Stage::Write, encode_install_sa(add.spec, SaEntry::New));
                          },
                          [&](const change::ReplaceSa& replace) {
                              to_send(Stage::Read, encode_query_sa(replace.spec.id));
                              waiting_ = position;
                          },
                          [&](const change::ReserveSpi& reserve) {
                              to_send(Stage::Write, encode_allocate_spi(reserve.request));
                          },
                          [&](const change::RemoveSa& remove) {
                              to_send(Stage::Read, encode_query_sa(remove.id));
                              to_send(Stage::Remove, encode_remove_sa(remove.id));
                          },
                          [&](const change::AddPolicy& add) {
                              to_send(Stage::Write,
                                      encode_install_policy(add.spec, PolicyEntry::New));
                          },
                          [&](const change::ReplacePolicy& replace) {
                              to_send(Stage::Read, encode_query_policy(replace.spec.id));
                              to_send(Stage::Write,
                                      encode_install_policy(replace.spec, PolicyEntry::Overwrite));
                          },
                          [&](const change::RemovePolicy& remove) {
                              to_send(Stage::Read, encode_query_policy(remove.id));
                              to_send(Stage::Remove, encode_remove_policy(remove.id));
                          }},
               changes_[position]);
}

// Of a ReplaceSa, once it is known what is there.
void ChangeRun::start_second_half(std::size_t position, Steps& steps) {
    const SaSpec& wanted = std::get<change::ReplaceSa>(changes_[position]).spec;
    Active& active = active_.at(position);
    const auto former = decode_sa(active.former, Keys::Read);
    active.updates = former && !former->larval && can_be_updated(former->spec, wanted);
    if (active.updates || (former && former->larval))
        return send(position, Stage::Write, encode_install_sa(wanted, SaEntry::CompleteReservation),
                    steps);
    send(position, Stage::Remove, encode_remove_sa(wanted.id), steps);
    if (!refusal_) send(position, Stage::Write, encode_install_sa(wanted, SaEntry::New), steps);
}

void ChangeRun::part(std::uint32_t step, const AnswerPart& part) {
    const auto active = active_.find(step / kStages);
    if (active == active_.end()) return;
    if (part.type != XFRM_MSG_NEWSA && part.type != XFRM_MSG_NEWPOLICY) return;
    if (static_cast<Stage>(step % kStages) == Stage::Read)
        active->second.former.assign(part.payload.begin(), part.payload.end());
    else if (const auto larval = decode_sa(part.payload, Keys::Skip))
        active->second.reserved = larval->spec.id.spi;
}

void ChangeRun::end(std::uint32_t step, const std::optional<Refusal>& refusal) {
    const std::size_t position = step / kStages;
    const auto stage = static_cast<Stage>(step % kStages);
    if (stage == Stage::TakeBack) return end_undo(refusal, position);
    Active& active = active_.at(position);
    --active.outstanding;
    // What may have taken effect is taken back as if it had.
    const bool effect = !refusal || refusal->lost;
    if (effect && stage == Stage::Remove) note_removal(position, active);
    if (effect && stage == Stage::Write) note_writing(position, active);
    if (refusal) refuse(position, stage, *refusal);
    const bool half = waiting_ == position && !refusal_;
    if (active.outstanding != 0 || half) return;
    active_.erase(position);
    if (waiting_ == position) waiting_.reset();
    if (!refusal_) ++done_;
}

void ChangeRun::note_removal(std::size_t position, const Active& active) {
    if (active.former.empty())
        add_trouble("what was removed could not be read before");
    else if (std::holds_alternative<change::RemovePolicy>(changes_[position]))
        log_->push_back(undo::PutBackPolicy{to_bytes(active.former)});
    else
        log_->push_back(undo::PutBackSa{Secret{View{active.former}}});
}

void ChangeRun::note_writing(std::size_t position, const Active& active) {
    std::visit(
        Overloaded{
            [&](const change::AddSa& add) { log_->push_back(undo::RemoveSa{add.spec.id}); },
            [&](const change::ReplaceSa& replace) {
                // A reservation does not come back: nothing has used it yet.
                if (active.updates) log_->push_back(undo::PutBackSa{Secret{View{active.former}}});
                log_->push_back(undo::RemoveSa{replace.spec.id});
            },
            [&](const change::ReserveSpi& reserve) {
                const AllocateSpi& asked = reserve.request;
                const EspSpi spi = active.reserved.value_or(asked.spi);
                log_->push_back(undo::RemoveSa{
                    {asked.source, asked.destination, asked.protocol, spi, asked.mark}});
                reserved_.push_back(spi);
            },
            [&](const change::AddPolicy& add) { log_->push_back(undo::RemovePolicy{add.spec.id}); },
            [&](const change::ReplacePolicy& replace) {
                if (active.former.empty())
                    log_->push_back(undo::RemovePolicy{replace.spec.id});
                else
                    log_->push_back(undo::PutBackPolicy{to_bytes(active.former)});
            },
            [](const auto&) {}},
        changes_[position]);
}

void ChangeRun::refuse(std::size_t position, Stage stage, const Refusal& refusal) {
    // Nothing there: of what is to be removed the other message will say so, and a policy need not
    // be there to be replaced.
    const bool must_be_there = std::holds_alternative<change::ReplaceSa>(changes_[position]);
    if (stage == Stage::Read && is_gone(refusal) && !must_be_there) return;
    fail(position, explained(position, refusal));
}

KernelError ChangeRun::explained(std::size_t position, const Refusal& refusal) const {
    const auto removal = [&](const std::string& name) {
        if (is_gone(refusal)) return KernelError{refusal.error_number, name + ": does not exist"};
        return explain(refusal, name);
    };
    return std::visit(
        Overloaded{
            [&](const change::RemoveSa& remove) { return removal(name_of(remove.id)); },
            [&](const change::RemovePolicy& remove) { return removal(name_of(remove.id)); },
            [&](const change::ReserveSpi& reserve) { return explain(refusal, reserve.request); },
            [&](const auto& written) { return explain(refusal, written.spec); }},
        changes_[position]);
}

void ChangeRun::fail(std::size_t position, KernelError why) {
    if (!refusal_) refusal_ = ChangeRefusal{position, std::move(why), {}};
}

// ---- backward --------------------

void ChangeRun::start_undo(Steps& steps) {
    if (waiting_ && active_.at(*waiting_).outstanding == 0)
        active_.erase(*std::exchange(waiting_, {}));
    if (!active_.empty()) return;
    if (!undoing_) undo_left_ = log_->size();
    undoing_ = true;
    while (undo_left_ > 0 && undo_outstanding_ < kStepsMax) {
        Encoded message = encode((*log_)[--undo_left_]);
        if (!message) {
            add_trouble(message.error().what);
            continue;
        }
        const auto number =
            static_cast<std::uint32_t>(undo_left_ * kStages + std::to_underlying(Stage::TakeBack));
        steps.push_back({number, std::move(*message)});
        ++undo_outstanding_;
    }
    if (undo_left_ == 0 && undo_outstanding_ == 0) log_->clear();
}

void ChangeRun::end_undo(const std::optional<Refusal>& refusal, std::size_t entry) {
    --undo_outstanding_;
    if (refusal) {
        const UndoStep& what = (*log_)[entry];
        // As it should be already: gone, or, if the answer about its removal was lost, still there.
        const bool put_back = std::holds_alternative<undo::PutBackSa>(what);
        const bool fine = put_back ? refusal->error_number == EEXIST : is_gone(*refusal);
        if (!fine) add_trouble(explain(*refusal, name_of(what)).what);
    }
    if (undo_left_ == 0 && undo_outstanding_ == 0) log_->clear();
}

void ChangeRun::add_trouble(std::string what) {
    if (!refusal_) fail(next_, {EIO, "the former state is not known"});
    if (!refusal_->trouble.empty()) refusal_->trouble += "; ";
    refusal_->trouble += std::move(what);
}

}  // namespace xfrmd::netlink
