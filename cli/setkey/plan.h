// SPDX-License-Identifier: Apache-2.0
// What a text as a whole makes of the kernel's tables: its statements take effect on a copy of
// them, one after another, and what differs in the end is what the kernel is asked for. So a policy
// that is flushed and added again stays in its place, with no moment without it; so everything that
// cannot be is found before anything is changed. An SA that is removed and added again is new: its
// sequence numbers and its replay window begin anew, as both ends of manual keys expect. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cli/setkey/actions.h"
#include "cli/setkey/tables.h"
#include "netlink/change.h"

namespace xfrmd::setkey {

// Whom `flush` and `spdflush` are about.
enum class FlushScope : std::uint8_t { Owned, Everybody };

// Which statement asked for something: a number of the caller's, from 1 on.
using Origin = std::uint32_t;

// Why a statement cannot take effect.
struct PlanRefusal {
    std::string text;
    std::string hint;
};

// What a statement did that is worth a word.
struct PlanNote {
    std::size_t left_alone = 0;  // entries of others that a flush did not touch
    std::size_t kept = 0;        // and those that no flush touches, since somebody keeps them
};

// One entry that comes, goes or becomes another, for people.
struct Difference {
    enum class Kind : std::uint8_t { Added, Removed, Replaced };
    Kind kind = Kind::Added;
    std::variant<xfrm::SaId, xfrm::PolicySpec> entry;
    const xfrm::SaSpec* added = nullptr;     // an SA that comes; lives until its step is a value
    std::optional<xfrm::PolicySpec> before;  // of a policy that is replaced
};

class Plan {
  public:
    // What is kept by somebody no statement removes or replaces.
    Plan(Tables tables, const Owned& owned, FlushScope scope, Keepers keepers = {});

    // Not for ShowSa, ShowSas, ShowPolicies and ReserveSpi, which are no part of a plan.
    std::expected<PlanNote, PlanRefusal> take(Action action, Origin origin);
    // A reservation that the kernel has made.
    void reserved(const xfrm::SaId& id);

    [[nodiscard]] bool differs() const;
    [[nodiscard]] std::vector<Difference> differences() const;
    [[nodiscard]] std::size_t unchanged_policies() const;
    [[nodiscard]] bool has_sa(const SaKey& key) const;

    class Step;
    // What the kernel is asked for, to be as the plan is, in its order.
    [[nodiscard]] std::vector<Step> steps();
    // One of them as a value, once: the keys of an SA go with it. As long as the plan takes nothing
    // else.
    [[nodiscard]] netlink::Change change(const Step& step);
    // From now on the kernel is as the plan is.
    void done();
    // What is ours once the steps have taken effect.
    [[nodiscard]] Owned owned() const;

  private:
    struct SaEntry {
        std::optional<TableSa> before;
        bool present = false;
        bool removed = false;  // what was there before is not what is there
        std::optional<xfrm::SaSpec> wanted;
        bool replaces = false;  // `wanted` came by `update`
        bool is_owned = false;
        const std::string* keeper = nullptr;
        xfrm::Address source;
        Origin origin = 0;
    };
    struct PolicyEntry {
        std::unique_ptr<const TablePolicy> before;
        std::optional<xfrm::PolicySpec> now;
        bool is_copy = false;  // `now` was made by the program for an `in` policy
        bool is_anew = false;  // it was not there, or was removed, when it was added
        bool is_owned = false;
        const std::string* keeper = nullptr;
        std::optional<std::uint32_t> since;  // as in Owned
        Origin origin = 0;                   // 0: nobody has asked for it
        std::uint32_t turn = 0;              // in which order they were added
    };
    using SaItem = std::pair<const SaKey, SaEntry>;
    using PolicyItem = std::pair<const xfrm::PolicyId, PolicyEntry>;
    using Taken = std::expected<PlanNote, PlanRefusal>;

    Taken take_action(action::AddSa& add, Origin origin);
    Taken take_action(action::RemoveSa& remove, Origin origin);
    Taken take_action(action::RemoveSasBetween& remove, Origin origin);
    Taken take_action(action::FlushSas& flush, Origin origin);
    Taken take_action(action::AddPolicy& add, Origin origin);
    Taken take_action(action::RemovePolicy& remove, Origin origin);
    Taken take_action(action::FlushPolicies& flush, Origin origin);
    template <class Other>
    Taken take_action(Other&, Origin) {
        return PlanNote{};
    }

    static std::optional<Difference::Kind> difference_of(const PolicyEntry& entry);
    [[nodiscard]] const std::string* keeper_of(xfrm::ReqId reqid) const;
    [[nodiscard]] const std::string* keeper_of(const xfrm::PolicySpec& policy) const;
    template <class Entry>
    void flush(Entry& entry, Origin origin, PlanNote& note) const;
    static void remove(SaEntry& entry, Origin origin);
    static void remove(PolicyEntry& entry, Origin origin);
    Taken add_policy(xfrm::PolicySpec spec, bool update, bool is_copy, Origin origin);
    void number_unique(action::AddPolicy& add);
    [[nodiscard]] xfrm::ReqId free_reqid();
    using Steps = std::vector<Step>;
    void put_sas(Steps& to);
    void put_policies(Steps& to);
    void put_policy(PolicyItem& item, bool behind, Steps& to);
    void put_policy_removals(Steps& to);
    void put_sa_removals(Steps& to, bool in_the_way);
    [[nodiscard]] bool is_in_the_way(const SaKey& key) const;

    std::map<SaKey, SaEntry> sas_;
    std::map<xfrm::PolicyId, PolicyEntry> policies_;
    std::set<xfrm::ReqId> reqids_;
    Keepers keepers_;
    std::uint32_t next_reqid_;
    std::uint32_t next_turn_ = 1;
    std::uint32_t next_since_ = 1;
    FlushScope scope_;
};

// One thing that the kernel is asked for.
class Plan::Step {
  public:
    [[nodiscard]] Origin origin() const { return origin_; }
    [[nodiscard]] bool brings_sa() const {
        return kind_ == Kind::AddSa || kind_ == Kind::ReplaceSa;
    }

  private:
    friend class Plan;
    enum class Kind : std::uint8_t {
        RemoveSa,
        AddSa,
        ReplaceSa,
        AddPolicy,
        MoveAside,  // the same policy beside its place
        ReplacePolicy,
        RemovePolicy,
    };
    Step(Kind kind, SaItem& sa) : kind_{kind}, origin_{sa.second.origin}, sa_{&sa} {}
    Step(Kind kind, PolicyItem& policy)
        : kind_{kind}, origin_{policy.second.origin}, policy_{&policy} {}

    Kind kind_;
    Origin origin_;
    SaItem* sa_ = nullptr;
    PolicyItem* policy_ = nullptr;
};

}  // namespace xfrmd::setkey
