// SPDX-License-Identifier: Apache-2.0
// A TOML file as a tree of values that know where they stand. The one seam to toml++: its types and
// exceptions end here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/configuration/diagnostic.h"

namespace xfrmd::daemon {

// More than anybody writes by hand, and far less than would hurt.
inline constexpr std::size_t kConfigurationFileSizeMax = 1024 * 1024;
inline constexpr std::size_t kConfigurationLineSizeMax = 4096;
inline constexpr std::size_t kConfigurationDepthMax = 16;

// The lines of a file as diagnostics may show them: what follows an inline secret is cut off.
class SourceText {
  public:
    // `readable_by_others`: group or others may read the file, so that it must not hold a secret.
    SourceText(std::string file, std::string_view text, bool readable_by_others);

    const std::string& file() const { return file_; }
    bool readable_by_others() const { return readable_by_others_; }
    // Line `number`, counted from 1; empty if there is no such line.
    std::string line(std::uint32_t number) const;
    // True if this line may hold an inline secret, so that nothing that was read there may be
    // repeated.
    bool hides(std::uint32_t number) const;

  private:
    struct Line {
        std::string shown;
        bool hidden = false;
    };
    std::string file_;
    bool readable_by_others_ = false;
    std::vector<Line> lines_;
};

// A position in a file. Line and column from 1, columns in characters; 0 = the whole file.
struct Place {
    const SourceText* source = nullptr;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

template <class T>
struct Located {
    T value;
    Place place;
};

struct Entry;

struct Value {
    enum class Kind : std::uint8_t { String, Integer, Float, Boolean, DateTime, Array, Table };

    Kind kind = Kind::Table;
    Place place;
    std::string text;             // String
    std::int64_t integer = 0;     // Integer
    bool boolean = false;         // Boolean
    std::vector<Value> elements;  // Array
    std::vector<Entry> entries;   // Table, in the order of the file; no key twice
};

struct Entry {
    Located<std::string> key;
    Value value;
};

// Overwrites every string in the value: any may be a secret.
void wipe(Value& value);

// "a string", "an integer", … for sentences.
[[nodiscard]] std::string_view kind_name(Value::Kind kind);

struct Document {
    std::unique_ptr<const SourceText> source;  // the places in `root` point to it
    Value root;                                // a table
};

// Parses a whole file. Every error is one of syntax; the parser stops at the first.
[[nodiscard]] std::expected<Document, Diagnostic> parse_document(const std::string& file,
                                                                 std::string_view text,
                                                                 bool readable_by_others);

}  // namespace xfrmd::daemon
