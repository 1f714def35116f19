// SPDX-License-Identifier: Apache-2.0
// From the text of a racoon.conf to its statements. Pure: who parses says how included files are
// found.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/racoon/tree.h"

namespace xfrmd::racoon {

// racoon's own bound, and ours on what all files together may hold.
inline constexpr std::size_t kIncludeDepthMax = 10;
inline constexpr std::size_t kIncludedFilesMax = 256;
inline constexpr std::size_t kIncludedSizeMax = 8 * kFileSizeMax;

struct IncludedFile {
    std::string name;  // the same file has the same name each time
    std::string text;
};

// The files that an include statement names: a pattern with *, ? and ~, which is relative to
// `folder` unless it begins with '/' or '~'. `folder` is that of `path include`, empty if none was
// given: then that of the main file. In the order of their names; the error is a sentence.
using Includes = std::function<std::expected<std::vector<IncludedFile>, std::string>(
    const std::string& folder, const std::string& pattern)>;

// Parses a whole file and what it includes. Total: there is always a tree, and `mistakes` has
// errors if it is not what the file says.
[[nodiscard]] Tree parse(std::string file, std::string text, const Includes& includes,
                         Mistakes& mistakes);

}  // namespace xfrmd::racoon
