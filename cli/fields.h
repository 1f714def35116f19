// SPDX-License-Identifier: Apache-2.0
// Reads a reply without trusting it: what is missing or of another type is empty, and every text is
// printable.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xfrmd::cli {

// A JSON object, or nothing. Copies share the same tree.
class Fields {
  public:
    Fields() = default;
    // An empty object if the text is none.
    static Fields parse(std::string_view json);

    // True if there is an object at all.
    explicit operator bool() const { return node_ != nullptr; }
    [[nodiscard]] bool has(std::string_view key) const { return member(key) != nullptr; }
    // Printable.
    [[nodiscard]] std::string text(std::string_view key) const;
    // As it was sent: for comparisons, never for output.
    [[nodiscard]] std::string raw(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    // The digits of an integer; empty if it is missing.
    [[nodiscard]] std::string digits(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] Fields object(std::string_view key) const;
    // The objects of an array.
    [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
    // The texts of an array, printable.
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    // Members that are numbers, in the order of their names.
    [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> counts() const;

  private:
    Fields(std::shared_ptr<const nlohmann::json> root, const nlohmann::json* node)
        : root_{std::move(root)}, node_{node} {}
    const nlohmann::json* member(std::string_view key) const;

    std::shared_ptr<const nlohmann::json> root_;
    const nlohmann::json* node_ = nullptr;
};

// A text as a JSON string, in its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace xfrmd::cli
