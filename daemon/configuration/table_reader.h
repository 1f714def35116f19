// SPDX-License-Identifier: Apache-2.0
// Reads one table by the names of its keys. What has the wrong type is told, and so is every key
// that nobody asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/document.h"

namespace xfrmd::daemon {

// The words of an enumeration as they are written.
template <class Enum>
struct Word {
    std::string_view word;
    Enum value;
};

class TableReader {
  public:
    // `what` names the table in sentences: `connection "db"`. `name` is where it is defined.
    TableReader(const Value& table, std::string what, Diagnostics& diagnostics);

    const std::string& what() const { return what_; }
    // Whether the key is there at all; makes it known.
    bool has(std::string_view key) { return find(key) != nullptr; }
    // Each: nothing if the key is absent or was refused with a diagnostic.
    std::optional<Located<std::string>> text(std::string_view key);
    std::optional<Located<bool>> boolean(std::string_view key);
    std::optional<Located<std::int64_t>> integer(std::string_view key);
    // One string, or an array of strings that is not empty.
    std::optional<Located<std::vector<Located<std::string>>>> texts(std::string_view key);
    const Value* table(std::string_view key);
    // `[[…]]`, or an array of inline tables.
    std::vector<const Value*> tables(std::string_view key);
    // The tables of a table of tables, by name.
    std::vector<const Entry*> named_tables(std::string_view key);

    template <class Enum>
    std::optional<Located<Enum>> word(std::string_view key, std::span<const Word<Enum>> words) {
        const auto written = text(key);
        if (!written) return std::nullopt;
        std::vector<std::string> known;
        for (const auto& [word, value] : words) {
            if (word == written->value) return Located<Enum>{value, written->place};
            known.emplace_back(word);
        }
        unknown_word(key, *written, known);
        return std::nullopt;
    }

    // To be called last: tells the keys that are unknown. `later` names keys of versions to come.
    void finish(std::span<const std::string_view> later = {});

  private:
    const Entry* find(std::string_view key);
    void wrong_type(const Value& value, std::string_view key, std::string_view wanted);
    void unknown_word(std::string_view key, const Located<std::string>& written,
                      std::span<const std::string> known);

    const Value& table_;
    std::string what_;
    Diagnostics& diagnostics_;
    std::vector<std::string> known_;
};

}  // namespace xfrmd::daemon
