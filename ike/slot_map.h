// SPDX-License-Identifier: Apache-2.0
// Owns values under handles with generations: a handle of a value that is gone finds nobody.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ike/ids.h"

namespace xfrmd::ike {

// Values keep their address for as long as they live. T needs a default constructor.
template <class T>
class SlotMap {
  public:
    SaHandle insert(T value) {
        if (free_.empty()) {
            slots_.push_back({});
            free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        Slot& slot = slots_[index];
        slot.value = std::make_unique<T>(std::move(value));
        ++size_;
        return {index, slot.generation};
    }

    // Null if there is none (any more).
    T* find(SaHandle handle) {
        if (handle.index >= slots_.size()) return nullptr;
        Slot& slot = slots_[handle.index];
        return slot.generation == handle.generation ? slot.value.get() : nullptr;
    }

    void erase(SaHandle handle) {
        if (find(handle) == nullptr) return;
        Slot& slot = slots_[handle.index];
        slot.value.reset();
        ++slot.generation;
        free_.push_back(handle.index);
        --size_;
    }

    std::size_t size() const { return size_; }

    // The first value from slot `index` on for which `is_it` holds; null if there is none.
    template <class Predicate>
    const T* find_from(std::uint32_t index, Predicate is_it) const {
        for (; index < slots_.size(); ++index)
            if (slots_[index].value && is_it(static_cast<const T&>(*slots_[index].value))) return slots_[index].value.get();
        return nullptr;
    }

    // In the order of the slots, as long as there are many: not for what every message or every end of a value does.
    // `visit` must not insert or erase.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const Slot& slot : slots_)
            if (slot.value) visit(static_cast<const T&>(*slot.value));
    }
    template <class Visit>
    void for_each(Visit visit) {
        for (Slot& slot : slots_)
            if (slot.value) visit(*slot.value);
    }

  private:
    struct Slot {
        std::unique_ptr<T> value;
        std::uint32_t generation = 1;
    };
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

}  // namespace xfrmd::ike
