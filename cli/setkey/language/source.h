// SPDX-License-Identifier: Apache-2.0
// The text of one file in the setkey language: which part of it is meant, where that stands, and
// how its lines may be shown to people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/secret.h"

namespace xfrmd::setkey {

// A part of a text: offsets of octets, the end exclusive.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// From the beginning of the first to the end of the last.
constexpr Span join(Span first, Span last) {
    return {first.begin, last.end};
}

// The text may hold keys: it is wiped when the source goes, and lines are shown without them.
class Source {
  public:
    // Longer texts are refused by who reads them; offsets have 32 bits.
    static constexpr std::size_t kOctetsMax = 256 * 1024 * 1024;

    // `name` is what people call the text: a path, "standard input", "command line".
    Source(std::string name, Secret text);
    Source(std::string name, std::string_view text)
        : Source{std::move(name), Secret{as_view(text)}} {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] std::string_view text(Span span) const {
        return text().substr(span.begin, span.end - span.begin);
    }

    struct Place {
        std::uint32_t line = 1;    // from 1
        std::uint32_t column = 1;  // in characters, from 1
    };
    [[nodiscard]] Place place_of(std::uint32_t offset) const;

    // The line that this offset is in, without its end, each character of a key replaced by '*'.
    [[nodiscard]] std::string shown_line(std::uint32_t offset) const;

  private:
    [[nodiscard]] std::size_t line_index(std::uint32_t offset) const;

    std::string name_;
    Secret text_;
    std::vector<std::uint32_t> line_begins_;
};

}  // namespace xfrmd::setkey
