// SPDX-License-Identifier: Apache-2.0
// JSON between text and value, within limits.
#include "daemon/api/json_text.h"

#include <algorithm>
#include <format>
#include <nlohmann/json.hpp>

namespace xfrmd::api {

std::expected<nlohmann::json, std::string> parse_json(std::string_view text) {
    if (text.size() > kMessageSizeMax)
        return std::unexpected{std::format("more than {} octets", kMessageSizeMax)};
    if (nesting_depth(text) > kMessageDepthMax)
        return std::unexpected{std::format("nested deeper than {} levels", kMessageDepthMax)};
    // The non-throwing form: a discarded value stands for every syntax error, malformed UTF-8 among
    // them.
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded()) return std::unexpected{std::string{"not valid JSON"}};
    return value;
}

std::string to_text(const nlohmann::json& value) {
    // The default error handler throws on text that is not UTF-8, and a peer's identity may be any
    // octets.
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::size_t nesting_depth(std::string_view text) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace xfrmd::api
