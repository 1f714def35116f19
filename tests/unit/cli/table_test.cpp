// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <catch2/catch_test_macros.hpp>

#include "cli/text.h"

using namespace xfrmd::cli;

namespace {

Table people() {
    Table table{{{.title = "NAME", .width_min = 6},
                 {.title = "AGE", .right = true},
                 {.title = "NOTE"},
                 {.title = "FROM", .width_min = 5}}};
    table.add({"Ada", "36", "", "London"});
    table.add({"Bartholomew the Great", "7", "", "Constantinople"});
    return table;
}

}  // namespace

TEST_CASE("columns are aligned and empty ones left out", "[cli]") {
    CHECK(people().render({}) ==
          "NAME                   AGE  FROM\n"
          "Ada                     36  London\n"
          "Bartholomew the Great    7  Constantinople\n");
}

TEST_CASE("on a narrow terminal the widest columns shrink down to their least width", "[cli]") {
    CHECK(people().render({.width = 30}) ==
          "NAME         AGE  FROM\n"
          "Ada           36  London\n"
          "Barth…Great    7  Consta…nople\n");
    const std::string narrow = people().render({.width = 10});
    CHECK(narrow ==
          "NAME    AGE  FROM\n"
          "Ada      36  Lo…on\n"
          "Bar…at    7  Co…le\n");
}

TEST_CASE("a table without rows has its titles", "[cli]") {
    const Table table{{{.title = "NAME"}, {.title = "AGE", .right = true}}};
    CHECK(table.empty());
    CHECK(table.render({}) == "NAME  AGE\n");
}

TEST_CASE("wide characters and colours do not disturb the columns", "[cli]") {
    Table table{{{.title = "A"}, {.title = "B", .right = true}, {.title = "C"}}};
    table.add({{"図書館", Paint::Good}, {"1", Paint::Bad}, "x"});
    table.add({"ü", "22", "y"});
    CHECK(table.render({}) ==
          "A        B  C\n"
          "図書館   1  x\n"
          "ü       22  y\n");
    CHECK(table.render({.colour = true}) ==
          "\x1b[1mA\x1b[0m        \x1b[1mB\x1b[0m  \x1b[1mC\x1b[0m\n"
          "\x1b[32m図書館\x1b[0m   \x1b[1;31m1\x1b[0m  x\n"
          "ü       22  y\n");
}

TEST_CASE("rows that are too short or too long are survived", "[cli]") {
    Table table{{{.title = "A"}, {.title = "B"}}};
    table.add({"1"});
    table.add({"1", "2", "3"});
    CHECK(table.render({}) == "A  B\n1\n1  2\n");
}
