// SPDX-License-Identifier: Apache-2.0
// Statements that together use every word of the language.
#pragma once

#include <string_view>
#include <vector>

namespace xfrmd::test {

// A statement as people write it, and as it is printed.
struct SampleStatement {
    std::string_view written;
    std::string_view printed;
};
[[nodiscard]] const std::vector<SampleStatement>& sample_statements();

}  // namespace xfrmd::test
