// SPDX-License-Identifier: Apache-2.0
// Which owner wants to be woken when. One deadline an owner, its earliest.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "ike/time.h"

namespace xfrmd::ike {

template <class Owner>
class Deadlines {
  public:
    // Replaces the owner's deadline; nothing removes it.
    void set(const Owner& owner, std::optional<Time> at) {
        const auto found = by_owner_.find(owner);
        if (found != by_owner_.end()) {
            if (at == found->second) return;
            by_time_.erase({found->second, owner});
            by_owner_.erase(found);
        }
        if (!at) return;
        by_owner_.emplace(owner, *at);
        by_time_.emplace(*at, owner);
    }

    // The earliest deadline and whose it is.
    [[nodiscard]] std::optional<std::pair<Time, Owner>> earliest_owner() const {
        if (by_time_.empty()) return std::nullopt;
        return *by_time_.begin();
    }

    // The owner whose deadline has come, if any; its deadline is removed.
    [[nodiscard]] std::optional<Owner> take_due(Time now) {
        if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
        Owner owner = by_time_.begin()->second;
        set(owner, std::nullopt);
        return owner;
    }

  private:
    std::set<std::pair<Time, Owner>> by_time_;
    std::map<Owner, Time> by_owner_;
};

}  // namespace xfrmd::ike
