// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/target.h"

#include <cstdio>
#include <cstdlib>

namespace xfrmd::fuzz {

void require(bool holds, std::string_view sentence) {
    if (holds) return;
    std::fprintf(stderr, "%.*s\n", static_cast<int>(sentence.size()), sentence.data());
    std::abort();
}

}  // namespace xfrmd::fuzz
