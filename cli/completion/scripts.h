// SPDX-License-Identifier: Apache-2.0
// What shells load to complete the words of xfrmctl. The scripts know no words: they ask
// "xfrmctl __complete WORD…", which answers with a suggestion on each line, a tab and its
// description behind it, or with ":files" or ":folders" for what the shell itself can list.
#pragma once

#include <array>
#include <string_view>

namespace xfrmd::cli::completion {

struct ScriptRow {
    std::string_view word;  // the shell
    std::string_view text;
};

extern const std::array<ScriptRow, 3> kScripts;

inline constexpr std::string_view kQuestion = "__complete";

}  // namespace xfrmd::cli::completion
