// SPDX-License-Identifier: Apache-2.0
// TRY: hand an error of std::expected to the caller, or go on with the value.
#pragma once

#include <expected>
#include <utility>

namespace xfrmd {

template <class T, class E>
using Result = std::expected<T, E>;

}  // namespace xfrmd

// Evaluates `expression`, a std::expected. On error the enclosing function returns that error;
// otherwise the macro is the value. A GNU statement expression: GCC and Clang both have it. It is the
// first in its own statement to make anything that has a destructor: GCC 14 does not destroy what
// the same expression has made before it, temporaries and members of an aggregate, when it returns.
#define TRY(...)                                                              \
    __extension__({                                                           \
        auto try_result_ = (__VA_ARGS__);                                     \
        if (!try_result_) return std::unexpected{std::move(try_result_).error()}; \
        *std::move(try_result_);                                              \
    })

// The same for std::expected<void, E>, as a statement.
#define TRY_VOID(...)                                                         \
    do {                                                                      \
        if (auto try_result_ = (__VA_ARGS__); !try_result_)                   \
            return std::unexpected{std::move(try_result_).error()};           \
    } while (false)
