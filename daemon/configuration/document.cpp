// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/document.h"

#include <algorithm>
#include <cctype>
#include <format>
#include <optional>
#include <toml++/toml.hpp>
#include <tuple>
#include <utility>

#include "netlink/model/address.h"
#include "netlink/model/result.h"
#include "netlink/model/secret.h"

namespace xfrmd::daemon {

namespace {

Diagnostic mistake(const SourceText& source, std::uint32_t line, std::uint32_t column,
                   std::string text, std::string hint) {
    return {.severity = Severity::Error,
            .file = source.file(),
            .line = line,
            .column = column,
            .text = std::move(text),
            .source_line = source.line(line),
            .hint = std::move(hint)};
}

// What the parser cannot bound: how deep dotted keys nest, which only the length of a line limits.
std::optional<Diagnostic> too_large(const SourceText& source, std::string_view text) {
    if (text.size() > kConfigurationFileSizeMax)
        return mistake(source, 0, 0,
                       std::format("the file is larger than {} octets", kConfigurationFileSizeMax),
                       "spread it over several files in conf.d");
    std::uint32_t number = 1;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end - begin > kConfigurationLineSizeMax) {
            Diagnostic diagnostic = mistake(
                source, number, 1,
                std::format("the line is longer than {} octets", kConfigurationLineSizeMax), "");
            diagnostic.source_line.clear();
            return diagnostic;
        }
        begin = end + 1;
    }
    return std::nullopt;
}

// ---- What somebody probably meant who wrote what TOML does not know
// -------------------------------------------

// A value that stands without quotes on a line, and the character where it begins.
struct Bare {
    std::string text;
    std::uint32_t column = 0;
};

bool looks_like_address(std::string_view text) {
    const std::string_view address = text.substr(0, text.find('/'));
    const bool digits_and_dots =
        std::ranges::all_of(address, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return xfrm::Address::parse(address).has_value() ||
           (digits_and_dots && std::ranges::count(address, '.') > 1);
}

bool separates(char c) {
    return c == '=' || c == ',' || c == '[' || c == '{' || c == '\t' || c == ' ';
}
bool ends_value(char c) {
    return c == ',' || c == ']' || c == '}' || c == '#' || c == ' ' || c == '\t';
}
bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

// Where character `column` (from 1) begins in the line; its end if there is none.
std::size_t offset_of(std::string_view line, std::uint32_t column) {
    std::uint32_t characters = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
        if (begins_character(line[i]) && ++characters == column) return i;
    return line.size();
}

std::uint32_t column_of(std::string_view line, std::size_t offset) {
    return static_cast<std::uint32_t>(
               std::ranges::count_if(line.substr(0, offset), begins_character)) +
           1;
}

// The value around character `column`, if it stands where a value may begin and looks like a word
// or an address.
std::optional<Bare> bare_value(std::string_view line, std::uint32_t column) {
    std::size_t begin = offset_of(line, column);
    while (begin > 0 && !separates(line[begin - 1])) --begin;
    std::size_t end = begin;
    while (end < line.size() && !ends_value(line[end])) ++end;
    const std::string_view text = line.substr(begin, end - begin);

    const std::size_t before = line.substr(0, begin).find_last_not_of(" \t");
    const bool value_begins = before != std::string_view::npos && separates(line[before]) &&
                              line.substr(0, begin).contains('=');
    const bool is_word =
        !text.empty() && (std::isalpha(static_cast<unsigned char>(text.front())) != 0 ||
                          text.front() == '@' || text.front() == '/');
    const bool plain = text.find_first_of("\"'=") == std::string_view::npos;
    if (!value_begins || !plain || !(is_word || looks_like_address(text))) return std::nullopt;
    return Bare{std::string{text}, column_of(line, begin)};
}

std::string hint_for(std::string_view description, bool at_line_end) {
    if (description.contains("cannot redefine"))
        return "each key and each section stands once in a file";
    if (at_line_end && description.starts_with("inline table"))
        return "an inline table stands on one line; a longer one is a section of its own";
    return "";
}

Diagnostic syntax_mistake(const SourceText& source, const toml::parse_error& error) {
    const auto line = static_cast<std::uint32_t>(error.source().begin.line);
    const auto column = static_cast<std::uint32_t>(error.source().begin.column);
    if (source.hides(line))
        return mistake(source, line, column, "not valid TOML, on a line that holds a secret",
                       "a string stands in quotes on one line; put the secret into a file: psk = "
                       "\"/etc/xfrmd/NAME.psk\"");
    if (const auto bare = bare_value(source.line(line), column)) {
        const bool address = looks_like_address(bare->text);
        const bool yes_or_no = bare->text == "yes" || bare->text == "no" || bare->text == "True" ||
                               bare->text == "False";
        return mistake(source, line, bare->column,
                       std::format("{} is not a value of TOML", bare->text),
                       yes_or_no ? "write true or false"
                                 : std::format("{} are strings: quote them: \"{}\"",
                                               address ? "addresses" : "words", bare->text));
    }
    std::string what{error.description()};
    constexpr std::string_view kPrefix = "Error while parsing ";
    if (what.starts_with(kPrefix)) what.erase(0, kPrefix.size());
    const bool at_line_end = column == column_of(source.line(line), source.line(line).size());
    if (at_line_end && what.starts_with("string: "))
        return mistake(source, line, column, "the string does not end on its line",
                       "close it with the quote it began with");
    return mistake(source, line, column, "not valid TOML: " + what, hint_for(what, at_line_end));
}

// ---- From toml++'s tree to ours
// --------------------------------------------------------------------------------

class Converter {
  public:
    explicit Converter(const SourceText& source) : source_{source} {}

    std::expected<Value, Diagnostic> convert(const toml::node& node, std::size_t depth) const;

  private:
    Place place_of(const toml::source_region& region) const {
        return {&source_, static_cast<std::uint32_t>(region.begin.line),
                static_cast<std::uint32_t>(region.begin.column)};
    }

    const SourceText& source_;
};

std::expected<Value, Diagnostic> Converter::convert(const toml::node& node,
                                                    std::size_t depth) const {
    Value value;
    value.place = place_of(node.source());
    if (depth > kConfigurationDepthMax)
        return std::unexpected{
            mistake(source_, value.place.line, value.place.column,
                    std::format("nested deeper than {} levels", kConfigurationDepthMax), "")};
    if (const auto* text = node.as_string()) {
        value.kind = Value::Kind::String;
        value.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
        value.kind = Value::Kind::Integer;
        value.integer = integer->get();
    } else if (const auto* boolean = node.as_boolean()) {
        value.kind = Value::Kind::Boolean;
        value.boolean = boolean->get();
    } else if (node.is_floating_point()) {
        value.kind = Value::Kind::Float;
    } else if (const auto* array = node.as_array()) {
        value.kind = Value::Kind::Array;
        for (const toml::node& element : *array)
            value.elements.push_back(TRY(convert(element, depth + 1)));
    } else if (const auto* table = node.as_table()) {
        for (const auto& [key, element] : *table) {
            auto converted = TRY(convert(element, depth + 1));
            value.entries.push_back(
                {{std::string{key.str()}, place_of(key.source())}, std::move(converted)});
        }
        std::ranges::stable_sort(value.entries, {}, [](const Entry& entry) {
            return std::tuple{entry.key.place.line, entry.key.place.column};
        });
    } else {
        value.kind = Value::Kind::DateTime;
    }
    return value;
}

// toml++ hands out its own strings; what it copied while parsing is out of reach.
void wipe_strings(toml::node& node) {
    if (auto* text = node.as_string()) wipe_text(text->get());
    if (auto* array = node.as_array())
        for (toml::node& element : *array) wipe_strings(element);
    if (auto* table = node.as_table())
        for (auto&& [key, element] : *table) wipe_strings(element);
}

}  // namespace

void wipe(Value& value) {
    wipe_text(value.text);
    for (Value& element : value.elements) wipe(element);
    for (Entry& entry : value.entries) wipe(entry.value);
}

std::string_view kind_name(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::String:
            return "a string";
        case Value::Kind::Integer:
            return "an integer";
        case Value::Kind::Float:
            return "a floating-point number";
        case Value::Kind::Boolean:
            return "a boolean";
        case Value::Kind::DateTime:
            return "a date or time";
        case Value::Kind::Array:
            return "an array";
        case Value::Kind::Table:
            return "a table";
    }
    std::unreachable();
}

std::expected<Document, Diagnostic> parse_document(const std::string& file, std::string_view text,
                                                   bool readable_by_others) {
    auto source = std::make_unique<const SourceText>(file, text, readable_by_others);
    if (auto diagnostic = too_large(*source, text)) return std::unexpected{*std::move(diagnostic)};
    try {
        toml::table table = toml::parse(text);
        auto converted = Converter{*source}.convert(table, 0);
        wipe_strings(table);
        auto root = TRY(std::move(converted));
        return Document{std::move(source), std::move(root)};
    } catch (const toml::parse_error& error) {
        return std::unexpected{syntax_mistake(*source, error)};
    }
}

}  // namespace xfrmd::daemon
