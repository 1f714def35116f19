// SPDX-License-Identifier: Apache-2.0
// The rules between the rooms of the source, as far as a reader of text can hold them: who includes whom, and which words
// have no place in the core.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::tidy {

struct Complaint {
    std::string path;
    std::size_t line = 0;
    std::string what;
};

// What is wrong with one file. `path` is relative to the checkout, with '/' between its parts.
std::vector<Complaint> check_file(std::string_view path, std::string_view text);

// The text with comments and the contents of literals blanked out, line by line as before.
std::string without_comments_and_literals(std::string_view text);

}  // namespace xfrmd::tidy
