// SPDX-License-Identifier: Apache-2.0
// Golden files of questions and answers:
//
//   ### title
//   question, in lines
//   --->
//   answer, in lines
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace xfrmd::test {

// Checks each answer of the file against what `answer_to` says to its question, both with a newline
// at their ends. With XFRMD_UPDATE_GOLDEN=1 it writes the answers anew instead. Fewer rows than
// `rows_min` are a failure.
void check_golden_table(const std::filesystem::path& path, std::size_t rows_min,
                        const std::function<std::string(const std::string& question)>& answer_to);

}  // namespace xfrmd::test
