// SPDX-License-Identifier: Apache-2.0
// Prints the description of the control interface as sections of a manual page, for scdoc: a heading for each type,
// method and error, its comment as text, its definition as it is written.
#include <cstdio>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/api/interface.h"

namespace {

using Lines = std::vector<std::string_view>;

// What scdoc would take for markup. A line that begins with one of its signs gets nothing before it but the backslash.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view{"*_\\#[]|-.`~"}.contains(c)) result += '\\';
        result += c;
    }
    return result;
}

// The blocks between empty lines.
std::vector<Lines> blocks_of(std::string_view text) {
    std::vector<Lines> blocks(1);
    for (const auto range : std::views::split(text, '\n')) {
        const std::string_view line{range.begin(), range.end()};
        if (!line.empty())
            blocks.back().push_back(line);
        else if (!blocks.back().empty())
            blocks.emplace_back();
    }
    if (blocks.back().empty()) blocks.pop_back();
    return blocks;
}

// "method Status() -> (…" is "method Status".
std::string heading_of(std::string_view definition) {
    return std::string{definition.substr(0, definition.find_first_of("( ", definition.find(' ') + 1))};
}

std::string section_of(const Lines& block) {
    std::string comment;
    std::string definition;
    std::string heading;
    for (const std::string_view line : block) {
        if (definition.empty() && line.starts_with('#')) {
            comment += (comment.empty() ? "" : "\n") + escaped(line.substr(line.starts_with("# ") ? 2 : 1));
            continue;
        }
        if (heading.empty()) heading = heading_of(line);
        definition += std::string{line} + "\n";
    }
    if (heading.starts_with("interface ")) return comment + "\n\n# INTERFACE\n\n";
    std::string section;
    if (!heading.empty()) section += "## " + heading + "\n\n";
    if (!comment.empty()) section += comment + "\n\n";
    if (!definition.empty()) section += "```\n" + definition + "```\n\n";
    return section;
}

}  // namespace

int main() {
    std::string page;
    for (const Lines& block : blocks_of(xfrmd::api::interface_description(xfrmd::api::kInterface)))
        page += section_of(block);
    page += "# SEE ALSO\n\nxfrmd(8), xfrmctl(1), varlinkctl(1)\n";
    return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
