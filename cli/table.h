// SPDX-License-Identifier: Apache-2.0
// Aligned columns. On a narrow terminal the widest columns give way, their middles first.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/style.h"

namespace xfrmd::cli {

struct Cell {
    std::string text;  // printable
    Paint paint = Paint::Plain;

    Cell(std::string what, Paint how = Paint::Plain) : text{std::move(what)}, paint{how} {}
    Cell(const char* what) : text{what} {}
};

class Table {
  public:
    struct Column {
        std::string title;
        bool right = false;  // numbers
        // The fewest columns to which it may shrink; 0 = never.
        std::size_t width_min = 0;
    };

    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    // One cell for each column.
    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }
    // With the titles. Columns in which no row has anything are left out. Each line ends in a
    // newline.
    [[nodiscard]] std::string render(const Style& style) const;

  private:
    std::vector<std::size_t> widths(const Style& style) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace xfrmd::cli
