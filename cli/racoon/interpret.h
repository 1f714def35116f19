// SPDX-License-Identifier: Apache-2.0
// The parts of interpret(): what else reads the statements of a block. Internal to this folder.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/racoon/arguments.h"
#include "cli/racoon/configuration.h"

namespace xfrmd::racoon {

// A remote with its block; `before` are those it may inherit from.
[[nodiscard]] std::optional<Remote> read_remote(const Statement& statement,
                                                const std::vector<Remote>& before,
                                                Mistakes& mistakes);
[[nodiscard]] std::optional<Sainfo> read_sainfo(const Statement& statement, Mistakes& mistakes);

// TYPE [file|tag] ["TEXT"]
[[nodiscard]] std::optional<Identifier> read_identifier(Arguments& arguments);

// lifetime time|byte NUMBER UNIT; of the two, what is not there is nothing.
struct Lifetime {
    std::optional<std::chrono::seconds> time;
    std::optional<std::uint64_t> bytes;
};
[[nodiscard]] Lifetime read_lifetime(const Statement& statement, Mistakes& mistakes);

// Warns of directives without which racoon refuses the block.
void warn_of_missing(const Statement& block, std::string_view what,
                     std::initializer_list<std::string_view> words, Mistakes& mistakes);

// The value, if there is one, in place of what was there.
template <class T>
void set(std::optional<Said<T>>& where, std::optional<T> value, const Statement& statement) {
    if (value) where = Said<T>{*std::move(value), &statement};
}

}  // namespace xfrmd::racoon
