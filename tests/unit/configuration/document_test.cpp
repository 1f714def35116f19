// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/document.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "netlink/model/secret.h"

using namespace xfrmd::daemon;

namespace {

Document parse(std::string_view text) {
    auto document = parse_document("a.toml", text, false);
    INFO((document ? "" : render(document.error())));
    REQUIRE(document.has_value());
    return *std::move(document);
}

Diagnostic refusal(std::string_view text) {
    const auto document = parse_document("a.toml", text, false);
    REQUIRE_FALSE(document.has_value());
    return document.error();
}

}  // namespace

TEST_CASE("values know their kind and place, in the order of the file", "[configuration]") {
    const Document document =
        parse("z = 'x'\n[t]\nn = 1\n  f = 1.5\nb = true\nd = 2026-11-23\na = [ 1, 'ü', [2] ]\n");
    REQUIRE(document.root.entries.size() == 2);
    CHECK(document.root.entries[0].key.value == "z");
    CHECK(document.root.entries[0].value.text == "x");
    const Value& table = document.root.entries[1].value;
    REQUIRE(table.entries.size() == 5);
    CHECK(table.entries[0].value.integer == 1);
    CHECK(table.entries[1].value.kind == Value::Kind::Float);
    CHECK(table.entries[1].key.place.line == 4);
    CHECK(table.entries[1].key.place.column == 3);
    CHECK(table.entries[1].value.place.column == 7);
    CHECK(table.entries[2].value.boolean);
    CHECK(table.entries[3].value.kind == Value::Kind::DateTime);
    CHECK(table.entries[4].value.elements.at(1).text == "ü");
    CHECK(table.entries[4].value.elements.at(2).place.column == 15);
    CHECK(table.entries[4].value.elements.at(2).place.source->line(7) == "a = [ 1, 'ü', [2] ]");
}

TEST_CASE("a diagnostic is shown with its line and a caret", "[configuration]") {
    const Diagnostic diagnostic{.severity = Severity::Error,
                                .file = "a.toml",
                                .line = 12,
                                .column = 6,
                                .text = "it is wrong",
                                .source_line = "\tü = x\x1b[0m",
                                .hint = "do better"};
    CHECK(render(diagnostic) ==
          "a.toml:12:6: error: it is wrong\n"
          "  12 | \tü = x\\x1b[0m\n"
          "     | \t    ^\n"
          "  hint: do better\n");
}

TEST_CASE("the caret stands after a line where something is missing, and nowhere beyond",
          "[configuration]") {
    Diagnostic diagnostic{.severity = Severity::Warning,
                          .file = "a",
                          .line = 1,
                          .column = 4,
                          .text = "t",
                          .source_line = "abc",
                          .hint = {}};
    CHECK(render(diagnostic) == "a:1:4: warning: t\n  1 | abc\n    |    ^\n");
    diagnostic.column = 5;
    CHECK(render(diagnostic) == "a:1:5: warning: t\n  1 | abc\n");
    diagnostic.line = 0;
    CHECK(render(diagnostic) == "a: warning: t\n");
}

TEST_CASE("a line that is no UTF-8 is shown escaped, without a caret", "[configuration]") {
    const Diagnostic diagnostic{.severity = Severity::Error,
                                .file = "a",
                                .line = 1,
                                .column = 2,
                                .text = "t",
                                .source_line = "\xc3\xbc \xff",
                                .hint = {}};
    CHECK(render(diagnostic) == "a:1:2: error: t\n  1 | \\xc3\\xbc \\xff\n");
}

TEST_CASE("many diagnostics end in their count", "[configuration]") {
    const Diagnostic error{
        .severity = Severity::Error, .file = "a", .text = "e", .source_line = {}, .hint = {}};
    const Diagnostic warning{
        .severity = Severity::Warning, .file = "a", .text = "w", .source_line = {}, .hint = {}};
    CHECK(render(std::vector{error, error, warning}).ends_with("\n2 errors, 1 warning\n"));
    CHECK(render(std::vector{warning, warning}).ends_with("\n2 warnings\n"));
    CHECK(render(std::vector{error}).ends_with("\n1 error\n"));
    CHECK(render(std::vector<Diagnostic>{}).empty());
}

TEST_CASE("columns count characters, not octets", "[configuration]") {
    const Diagnostic diagnostic = refusal("\"üü\" = { x = maybe }\n");
    CHECK(diagnostic.line == 1);
    CHECK(diagnostic.column == 14);
    CHECK(diagnostic.hint == "words are strings: quote them: \"maybe\"");
}

TEST_CASE("what is no text is refused", "[configuration]") {
    CHECK(refusal("a = '\xff'\n").line == 1);
    CHECK(refusal(std::string_view{"a = 1\n\0", 7}).line == 2);
    CHECK(refusal("a = 1\r b = 2\n").line == 1);
}

TEST_CASE("a text that is wiped leaves nothing in its memory", "[configuration]") {
    std::string text(100, 's');
    const char* const octets = text.data();
    xfrmd::wipe_text(text);
    CHECK(text.empty());
    CHECK(std::all_of(octets, octets + 100, [](char octet) { return octet == '\0'; }));
}

TEST_CASE("a document that is wiped holds no string, however deep", "[configuration]") {
    Document document = parse("a = 'x'\n[t]\nb = { c = ['x', ['x']], d = 1 }\n[[u]]\ne = 'x'\n");
    wipe(document.root);
    const auto holds_text = [](this const auto& self, const Value& value) -> bool {
        return !value.text.empty() || std::ranges::any_of(value.elements, self) ||
               std::ranges::any_of(value.entries, self, &Entry::value);
    };
    CHECK_FALSE(holds_text(document.root));
    CHECK(document.root.entries.size() == 3);
}
