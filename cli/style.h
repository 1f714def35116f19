// SPDX-License-Identifier: Apache-2.0
// How output may look: what the terminal can do and what the user wants.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xfrmd::cli {

enum class Paint { Plain, Bold, Dim, Good, Doubtful, Bad };

struct Style {
    bool colour = false;
    bool unicode = true;
    std::size_t width = 0;  // columns of the terminal; 0 = no limit, as for a pipe
    bool redraws = false;   // a picture may take the place of another

    // The text between the escapes of a colour, if there is colour. Colour never says what words do
    // not.
    [[nodiscard]] std::string paint(Paint paint, std::string_view text) const;
    [[nodiscard]] std::string_view ellipsis() const { return unicode ? "…" : ".."; }
};

// Of standard output in this environment: NO_COLOR, TERM=dumb, a pipe, the locale, COLUMNS.
[[nodiscard]] Style style_of_stdout();

}  // namespace xfrmd::cli
