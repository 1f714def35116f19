// SPDX-License-Identifier: Apache-2.0
// One KernelRequest on its way: which messages it takes, what their answers mean, how it is undone.
// Pure; the messages travel through whatever carries them. Not a public header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netlink/errors.h"
#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// A message and the number under which its answer comes back to the transaction.
struct Step {
    std::uint32_t number = 0;
    Message message;
};
using Steps = std::vector<Step>;

// One message of data in an answer.
struct AnswerPart {
    std::uint16_t type = 0;
    View payload;
};

// AllocateSpi, QuerySa, DumpSas, DumpPolicies: one message, whose data is the answer.
class Reading {
  public:
    explicit Reading(xfrm::KernelRequest request);
    Steps start();
    void part(std::uint32_t step, const AnswerPart& part);
    void again(std::uint32_t step);
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const { return finished_; }
    xfrm::KernelResult take_result();

  private:
    xfrm::KernelError explained(const Refusal& refusal) const;

    xfrm::KernelRequest request_;
    xfrm::KernelAnswer answer_;  // Done until there is data
    std::optional<KernelError> error_;
    bool finished_ = false;
};

// RemoveSas, RemovePolicies: one message for each; every one is tried, what is gone already counts
// as done.
class Removal {
  public:
    explicit Removal(xfrm::RemoveSas request);
    explicit Removal(xfrm::RemovePolicies request);
    Steps start();
    void part(std::uint32_t, const AnswerPart&) {}
    void again(std::uint32_t) {}
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const { return outstanding_ == 0; }
    xfrm::KernelResult take_result();

  private:
    struct Item {
        std::string name;
        Encoded message;
    };
    std::vector<Item> items_;
    std::size_t outstanding_ = 0;
    std::optional<KernelError> first_error_;
};

// Migrate: one message for each; every one is tried.
class Relocation {
  public:
    explicit Relocation(const xfrm::Migrate& request);
    Steps start();
    void part(std::uint32_t, const AnswerPart&) {}
    void again(std::uint32_t) {}
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const { return outstanding_ == 0; }
    xfrm::KernelResult take_result();

  private:
    struct Item {
        xfrm::PolicyId policy;
        Encoded message;
    };
    std::vector<Item> items_;
    std::size_t outstanding_ = 0;
    std::optional<KernelError> first_error_;
};

// InstallSas: all at once, then, if one was refused, what succeeded is taken out again in reverse
// order.
class SaInstallation {
  public:
    explicit SaInstallation(xfrm::InstallSas request);
    Steps start();
    void part(std::uint32_t, const AnswerPart&) {}
    void again(std::uint32_t) {}
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const { return finished_; }
    xfrm::KernelResult take_result();

  private:
    enum class Phase : std::uint8_t { Install, InstallLapsed, Undo };
    struct Item {
        xfrm::SaSpec spec;
        bool reserved = false;  // a larval SA of ours may stand in the table
        bool ours = false;      // something of ours stands, or may stand, in the table
    };

    std::uint32_t number(Phase phase, std::size_t item) const;
    Steps end_install(Item& item, std::size_t index, Phase phase,
                      const std::optional<Refusal>& refusal);
    void end_undo(const Item& item, const std::optional<Refusal>& refusal);
    Steps settle();
    Steps undo();

    std::vector<Item> items_;
    std::size_t outstanding_ = 0;
    bool undoing_ = false;
    bool finished_ = false;
    std::optional<KernelError> error_;
};

// InstallPolicies. With `replace`, what stands under the same ids is read first; a refusal then
// puts it back, and takes out what was not there before. At every moment each id has the former or
// the new policy, never none.
class PolicyInstallation {
  public:
    explicit PolicyInstallation(xfrm::InstallPolicies request);
    Steps start();
    void part(std::uint32_t step, const AnswerPart& part);
    void again(std::uint32_t) {}
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const { return finished_; }
    xfrm::KernelResult take_result();

  private:
    enum class Phase : std::uint8_t { Fetch, Install, Undo };
    struct Item {
        xfrm::PolicySpec spec;
        Bytes former;            // the payload of the policy that stood there; empty if none
        bool installed = false;  // ours stands, or may stand, in the table
    };

    std::uint32_t number(Phase phase, std::size_t item) const;
    Steps fetch();
    Steps install();
    Steps refuse(const KernelError& error, const Item& item);
    Steps undo();
    Steps settle();

    std::vector<Item> items_;
    bool replace_ = false;
    Phase phase_ = Phase::Install;
    std::size_t outstanding_ = 0;
    bool finished_ = false;
    std::optional<KernelError> error_;
};

// Whichever of them a request takes. Give start()'s messages to the kernel, then each answer in the
// order of its messages: part() for data, end() once, whose messages follow. When finished(), take
// the result.
class Transaction {
  public:
    explicit Transaction(xfrm::KernelRequest request);

    Steps start();
    void part(std::uint32_t step, const AnswerPart& part);
    // The parts so far are void: the dump begins anew.
    void again(std::uint32_t step);
    Steps end(std::uint32_t step, const std::optional<Refusal>& refusal);
    bool finished() const;
    xfrm::KernelResult take_result();

  private:
    using Kind = std::variant<Reading, Removal, Relocation, SaInstallation, PolicyInstallation>;
    static Kind kind_for(xfrm::KernelRequest request);
    Kind kind_;
};

}  // namespace xfrmd::netlink
