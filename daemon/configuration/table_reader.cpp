// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/table_reader.h"

#include <algorithm>
#include <format>

#include "daemon/configuration/did_you_mean.h"

namespace xfrmd::daemon {

TableReader::TableReader(const Value& table, std::string what, Diagnostics& diagnostics)
    : table_{table}, what_{std::move(what)}, diagnostics_{diagnostics} {}

std::optional<Located<std::string>> TableReader::text(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->value.kind != Value::Kind::String) {
        wrong_type(entry->value, key, "a string");
        return std::nullopt;
    }
    if (entry->value.text.empty()) {
        diagnostics_.error(entry->value.place, std::format("{} of {} is empty", key, what_),
                           std::format("leave {} out, or give it a value", key));
        return std::nullopt;
    }
    return Located<std::string>{entry->value.text, entry->value.place};
}

std::optional<Located<bool>> TableReader::boolean(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->value.kind != Value::Kind::Boolean) {
        wrong_type(entry->value, key, "true or false");
        return std::nullopt;
    }
    return Located<bool>{entry->value.boolean, entry->value.place};
}

std::optional<Located<std::int64_t>> TableReader::integer(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->value.kind != Value::Kind::Integer) {
        wrong_type(entry->value, key, "an integer");
        return std::nullopt;
    }
    return Located<std::int64_t>{entry->value.integer, entry->value.place};
}

std::optional<Located<std::vector<Located<std::string>>>> TableReader::texts(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    Located<std::vector<Located<std::string>>> all{{}, entry->value.place};
    if (entry->value.kind == Value::Kind::String) {
        const auto one = text(key);
        if (!one) return std::nullopt;
        all.value.push_back(*one);
        return all;
    }
    if (entry->value.kind != Value::Kind::Array) {
        wrong_type(entry->value, key, "a string or an array of strings");
        return std::nullopt;
    }
    bool good = true;
    for (const Value& element : entry->value.elements) {
        if (element.kind == Value::Kind::String && !element.text.empty()) {
            all.value.push_back({element.text, element.place});
            continue;
        }
        good = false;
        diagnostics_.error(element.place,
                           element.kind == Value::Kind::String
                               ? std::format("{} of {} holds an empty string", key, what_)
                               : std::format("{} of {} is an array of strings, not of {}", key,
                                             what_, kind_name(element.kind)),
                           element.kind == Value::Kind::String ? "" : "put it into quotes");
    }
    if (good && all.value.empty()) {
        diagnostics_.error(entry->value.place, std::format("{} of {} is empty", key, what_),
                           std::format("leave {} out, or name at least one", key));
        good = false;
    }
    if (!good) return std::nullopt;
    return all;
}

const Value* TableReader::table(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return nullptr;
    if (entry->value.kind == Value::Kind::Table) return &entry->value;
    wrong_type(entry->value, key, "a table");
    return nullptr;
}

std::vector<const Value*> TableReader::tables(std::string_view key) {
    const Entry* entry = find(key);
    if (entry == nullptr) return {};
    std::vector<const Value*> all;
    if (entry->value.kind != Value::Kind::Array) {
        wrong_type(entry->value, key, "an array of tables");
        return {};
    }
    for (const Value& element : entry->value.elements) {
        if (element.kind == Value::Kind::Table)
            all.push_back(&element);
        else
            wrong_type(element, key, "an array of tables");
    }
    return all;
}

std::vector<const Entry*> TableReader::named_tables(std::string_view key) {
    std::vector<const Entry*> all;
    const Value* tables = table(key);
    if (tables == nullptr) return {};
    for (const Entry& entry : tables->entries) {
        if (entry.value.kind == Value::Kind::Table) {
            all.push_back(&entry);
        } else {
            diagnostics_.error_at_key(entry.key,
                                      std::format("{}.{} must be a table, not {}", key,
                                                  entry.key.value, kind_name(entry.value.kind)),
                                      std::format("give it a name: [{}.NAME]", key));
        }
    }
    return all;
}

void TableReader::finish(std::span<const std::string_view> later) {
    for (const Entry& entry : table_.entries) {
        const std::string& key = entry.key.value;
        if (std::ranges::contains(known_, key)) continue;
        if (std::ranges::contains(later, std::string_view{key})) {
            diagnostics_.error_at_key(entry.key,
                                      std::format("{} is not supported in this version", key),
                                      "remove it; it is refused so that nobody relies on it");
            continue;
        }
        std::string hint = "known here: " + one_of(known_);
        if (const auto meant = did_you_mean(key, known_))
            hint = std::format("did you mean {}?", *meant);
        diagnostics_.error_at_key(entry.key, std::format("unknown key {} in {}", key, what_),
                                  std::move(hint));
    }
}

const Entry* TableReader::find(std::string_view key) {
    if (!std::ranges::contains(known_, key)) known_.emplace_back(key);
    const auto found = std::ranges::find(
        table_.entries, key, [](const Entry& entry) { return std::string_view{entry.key.value}; });
    return found == table_.entries.end() ? nullptr : &*found;
}

void TableReader::wrong_type(const Value& value, std::string_view key, std::string_view wanted) {
    std::string hint;
    if (wanted == "a table")
        hint = std::format("write {} = {{ … }}, or a section of its own", key);
    else if (wanted == "an array of tables")
        hint = std::format("two brackets: [[….{}]]", key);
    else if (wanted.contains("string") && value.kind != Value::Kind::Table &&
             value.kind != Value::Kind::Array)
        hint = std::format("put the value of {} into quotes", key);
    diagnostics_.error(
        value.place,
        std::format("{} of {} must be {}, not {}", key, what_, wanted, kind_name(value.kind)),
        std::move(hint));
}

void TableReader::unknown_word(std::string_view key, const Located<std::string>& written,
                               std::span<const std::string> known) {
    std::string hint = "one of: " + one_of(known);
    if (const auto meant = did_you_mean(written.value, known))
        hint = std::format("did you mean \"{}\"?", *meant);
    diagnostics_.error(written.place,
                       std::format("\"{}\" is no {} ({})", written.value, key, what_),
                       std::move(hint));
}

}  // namespace xfrmd::daemon
