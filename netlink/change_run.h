// SPDX-License-Identifier: Apache-2.0
// A list of changes on its way to the kernel: which messages it takes, what their answers mean, how
// it is taken back. Pure; the messages travel through whatever carries them. Not a public header.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "netlink/change.h"
#include "netlink/errors.h"
#include "netlink/transaction.h"
#include "netlink/undo_log.h"

namespace xfrmd::netlink {

// The first refusal ends it: what was changed, by earlier runs of the same log too, is taken back
// in reverse order. A policy that was removed comes back behind the others of its priority. Give
// next_steps() to the kernel whenever it wants more, each answer to part() and end().
class ChangeRun {
  public:
    // `log` is extended by what the changes did, and emptied when they are taken back.
    ChangeRun(std::vector<Change> changes, UndoLog& log);
    ChangeRun(const ChangeRun&) = delete;
    ChangeRun& operator=(const ChangeRun&) = delete;

    // So many messages at most are under way, however long the list.
    static constexpr std::size_t kStepsMax = 256;
    // Messages that follow those so far; nothing while it must wait for answers, or at its end.
    Steps next_steps();
    void part(std::uint32_t step, const AnswerPart& part);
    void end(std::uint32_t step, const std::optional<Refusal>& refusal);
    // Takes back what was done, as after a refusal; what the log held before, in any case.
    void take_back();

    [[nodiscard]] bool finished() const;
    // Changes that the kernel has confirmed.
    [[nodiscard]] std::size_t done() const { return done_; }
    // The SPIs of the reservations, in their order. When finished.
    [[nodiscard]] const std::vector<xfrm::EspSpi>& reserved() const { return reserved_; }
    [[nodiscard]] std::optional<ChangeRefusal> take_refusal();

  private:
    // The messages that one change takes, by what they are for.
    enum class Stage : std::uint8_t { Read, Remove, Write, TakeBack };
    // A change of which messages are under way.
    struct Active {
        Botan::secure_vector<std::uint8_t> former;  // what the kernel told of the entry before
        std::size_t outstanding = 0;
        bool updates = false;  // a ReplaceSa that leaves the SA in its place
        std::optional<xfrm::EspSpi> reserved;
    };

    void send(std::size_t position, Stage stage, Encoded message, Steps& steps);
    void start(std::size_t position, Steps& steps);
    void start_second_half(std::size_t position, Steps& steps);
    void start_undo(Steps& steps);
    void note_removal(std::size_t position, const Active& active);
    void note_writing(std::size_t position, const Active& active);
    void refuse(std::size_t position, Stage stage, const Refusal& refusal);
    [[nodiscard]] xfrm::KernelError explained(std::size_t position, const Refusal& refusal) const;
    void fail(std::size_t position, xfrm::KernelError why);
    void end_undo(const std::optional<Refusal>& refusal, std::size_t entry);
    void add_trouble(std::string what);

    std::vector<Change> changes_;
    UndoLog* log_;
    std::size_t next_ = 0;  // the first change of which nothing was sent
    std::size_t done_ = 0;
    std::map<std::size_t, Active> active_;
    // A ReplaceSa that must know what is there before anything else is sent.
    std::optional<std::size_t> waiting_;
    std::vector<xfrm::EspSpi> reserved_;
    std::optional<ChangeRefusal> refusal_;
    std::size_t undo_left_ = 0;  // entries of the log of which no message was sent
    std::size_t undo_outstanding_ = 0;
    bool undoing_ = false;
};

}  // namespace xfrmd::netlink
