// SPDX-License-Identifier: Apache-2.0
// Varlink on a stream: encoding, decoding, framing.
#include "daemon/api/varlink.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "netlink/model/result.h"

namespace xfrmd::api {
namespace {

using Json = nlohmann::json;

std::string quoted(const std::string& text) {
    return to_text(Json(text));
}

// A member that must be a boolean if it is there.
std::expected<bool, std::string> flag(const Json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || found->is_null()) return false;
    if (!found->is_boolean()) return std::unexpected{std::string{name} + " is not a boolean"};
    return found->get<bool>();
}

std::expected<std::string, std::string> parameters_of(const Json& message) {
    const auto found = message.find("parameters");
    if (found == message.end() || found->is_null()) return "{}";
    if (!found->is_object()) return std::unexpected{std::string{"parameters are not an object"}};
    return to_text(*found);
}

std::expected<Json, std::string> object_of(std::string_view message) {
    Json value = TRY(parse_json(message));
    if (!value.is_object()) return std::unexpected{std::string{"not a JSON object"}};
    return value;
}

}  // namespace

std::string encode(const Call& call) {
    std::string text = "{\"method\":" + quoted(call.method) + ",\"parameters\":" + call.parameters;
    if (call.more) text += ",\"more\":true";
    if (call.oneway) text += ",\"oneway\":true";
    if (call.upgrade) text += ",\"upgrade\":true";
    text += '}';
    text += '\0';
    return text;
}

std::string encode(const Reply& reply) {
    constexpr std::size_t kRest = 64;  // what stands around the two
    std::string text;
    text.reserve(reply.parameters.size() + reply.error.size() + kRest);  // so that no growth leaves copies
    text += '{';
    if (reply.failed()) text += "\"error\":" + quoted(reply.error) + ',';
    text += "\"parameters\":" + reply.parameters;
    if (reply.continues) text += ",\"continues\":true";
    text += '}';
    text += '\0';
    return text;
}

std::expected<Call, std::string> decode_call(std::string_view message) {
    const Json value = TRY(object_of(message));
    Call call;
    const auto method = value.find("method");
    if (method == value.end() || !method->is_string())
        return std::unexpected{std::string{"no method is named"}};
    call.method = method->get<std::string>();
    call.parameters = TRY(parameters_of(value));
    call.more = TRY(flag(value, "more"));
    call.oneway = TRY(flag(value, "oneway"));
    call.upgrade = TRY(flag(value, "upgrade"));
    return call;
}

std::expected<Reply, std::string> decode_reply(std::string_view message) {
    const Json value = TRY(object_of(message));
    Reply reply;
    if (const auto error = value.find("error"); error != value.end() && !error->is_null()) {
        if (!error->is_string() || error->get<std::string>().empty())
            return std::unexpected{std::string{"the error has no name"}};
        reply.error = error->get<std::string>();
    }
    reply.parameters = TRY(parameters_of(value));
    reply.continues = TRY(flag(value, "continues"));
    return reply;
}

bool Deframer::feed(std::string_view octets) {
    buffer_.erase(0, std::exchange(consumed_, 0));
    buffer_.append(octets);
    for (std::size_t end = octets.find('\0'); end != octets.npos; end = octets.find('\0')) {
        if (open_ + end > size_max_) return false;
        ++whole_;
        open_ = 0;
        octets.remove_prefix(end + 1);
    }
    open_ += octets.size();
    return open_ <= size_max_;
}

std::optional<std::string> Deframer::next() {
    if (whole_ == 0) return std::nullopt;
    --whole_;
    const std::size_t end = buffer_.find('\0', consumed_);
    std::string message = buffer_.substr(consumed_, end - consumed_);
    consumed_ = end + 1;
    return message;
}

}  // namespace xfrmd::api
