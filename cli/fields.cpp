// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <nlohmann/json.hpp>

#include "cli/text.h"
#include "daemon/api/json_text.h"

namespace xfrmd::cli {

using Json = nlohmann::json;

Fields Fields::parse(std::string_view json) {
    auto value = api::parse_json(json);
    auto root = std::make_shared<const Json>(value && value->is_object() ? *std::move(value)
                                                                         : Json::object());
    const Json* const node = root.get();
    return {std::move(root), node};
}

const Json* Fields::member(std::string_view key) const {
    if (node_ == nullptr) return nullptr;
    const auto found = node_->find(key);
    return found == node_->end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::text(std::string_view key) const {
    return printable(raw(key));
}

std::string Fields::raw(std::string_view key) const {
    const Json* const value = member(key);
    return value != nullptr && value->is_string() ? value->get_ref<const std::string&>()
                                                  : std::string{};
}

std::optional<std::int64_t> Fields::integer(std::string_view key) const {
    const Json* const value = member(key);
    if (value == nullptr || !value->is_number_integer()) return std::nullopt;
    return value->get<std::int64_t>();
}

std::optional<double> Fields::number(std::string_view key) const {
    const Json* const value = member(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->get<double>();
}

std::string Fields::digits(std::string_view key) const {
    const auto value = integer(key);
    return value ? std::to_string(*value) : std::string{};
}

bool Fields::flag(std::string_view key) const {
    const Json* const value = member(key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
}

Fields Fields::object(std::string_view key) const {
    const Json* const value = member(key);
    if (value == nullptr || !value->is_object()) return {};
    return {root_, value};
}

std::vector<Fields> Fields::objects(std::string_view key) const {
    std::vector<Fields> all;
    const Json* const value = member(key);
    if (value == nullptr || !value->is_array()) return all;
    for (const Json& element : *value)
        if (element.is_object()) all.push_back(Fields{root_, &element});
    return all;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
    std::vector<std::string> all;
    const Json* const value = member(key);
    if (value == nullptr || !value->is_array()) return all;
    for (const Json& element : *value)
        if (element.is_string()) all.push_back(printable(element.get_ref<const std::string&>()));
    return all;
}

std::vector<std::pair<std::string, std::int64_t>> Fields::counts() const {
    std::vector<std::pair<std::string, std::int64_t>> all;
    if (node_ == nullptr) return all;
    for (const auto& [key, value] : node_->items())
        if (value.is_number_integer()) all.emplace_back(printable(key), value.get<std::int64_t>());
    return all;
}

std::string json_string(std::string_view text) {
    return api::to_text(Json(text));
}

}  // namespace xfrmd::cli
