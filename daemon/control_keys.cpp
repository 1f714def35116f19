// SPDX-License-Identifier: Apache-2.0
// ExportKeys: keys of IKE SAs for root, at once and for as long as root has said. No copy of them stays in memory.
#include <algorithm>
#include <format>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "daemon/api/interface.h"
#include "daemon/api/json_text.h"
#include "daemon/control_methods.h"
#include "ike/crypto/registry.h"

namespace xfrmd::daemon {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kExportMax = std::chrono::hours{24};

std::string_view word_of(const ike::TransformRow* row) {
    return row == nullptr ? std::string_view{} : row->word;
}

void add_key(std::string& text, std::string_view name, const Secret& key) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += std::format(",\"{}\":\"", name);
    for (const std::uint8_t octet : key.view()) {
        text += kDigits[octet >> 4];
        text += kDigits[octet & 0x0f];
    }
    text += '"';
}

// Written by hand: the library would leave copies of the keys behind.
api::Reply reply_with(const ike::ExportedKeys& keys, bool continues) {
    const ike::IkeSuite& suite = keys.suite;
    const bool has_integrity = suite.integrity != ike::IntegrityId::None;
    const std::string head =
        std::format("{{\"keys\":{{\"connection\":{},\"initiator_spi\":\"{:016x}\",\"responder_spi\":\"{:016x}\","
                    "\"encryption\":\"{}\",\"integrity\":\"{}\"",
                    api::to_text(Json(keys.connection)), keys.spis.first.value, keys.spis.second.value,
                    word_of(ike::transform_row(suite.encryption, suite.key_bits)),
                    has_integrity ? word_of(ike::transform_row(suite.integrity)) : std::string_view{});
    const std::size_t octets = keys.ei.size() + keys.er.size() + keys.ai.size() + keys.ar.size();
    constexpr std::size_t kRest = 64;  // the names of the keys, and what ends the text
    api::Reply reply{.parameters = {}, .error = {}, .continues = continues, .secret = true};
    reply.parameters.reserve(head.size() + 2 * octets + kRest);  // growth would leave a copy behind
    reply.parameters += head;
    add_key(reply.parameters, "ei", keys.ei);
    add_key(reply.parameters, "er", keys.er);
    add_key(reply.parameters, "ai", keys.ai);
    add_key(reply.parameters, "ar", keys.ar);
    reply.parameters += "}}";
    return reply;
}

// The parameter `seconds`; zero without it, nothing if it is no such number or if there is another one.
std::optional<std::chrono::seconds> seconds_of(const std::string& parameters) {
    const auto all = api::parse_json(parameters);
    if (!all || !all->is_object()) return std::nullopt;
    const auto seconds = all->find("seconds");
    if (all->size() != (seconds == all->end() ? 0U : 1U)) return std::nullopt;
    if (seconds == all->end() || seconds->is_null()) return std::chrono::seconds{0};
    if (!seconds->is_number_unsigned() ||
        seconds->get<std::uint64_t>() > static_cast<std::uint64_t>(kExportMax.count()))
        return std::nullopt;
    return std::chrono::seconds{seconds->get<std::int64_t>()};
}

std::vector<ControlServer::ClientId> clients_of(const auto& exports) {
    return std::views::keys(exports) | std::ranges::to<std::vector>();
}

}  // namespace

void ControlMethods::export_keys(const Request& request) {
    const auto seconds = seconds_of(request.call.parameters);
    if (!seconds) return void(invalid(request, "seconds"));
    if (!expects_more(request)) return;
    auto all = services_.keys({});
    services_.tell_of_key_export(request.caller, all.size(), *seconds);
    const bool goes_on = seconds->count() > 0;
    if (goes_on) {
        KeyExport& one = key_exports_[request.client];
        one.until = services_.now() + *seconds;
        for (const ike::ExportedKeys& keys : all) one.sent.insert(keys.spis);
        end_key_exports();  // sets the time
    }
    if (all.empty() && !goes_on) return succeed(request.client, Json::object());
    services_.stream(request.client, [all = std::move(all), next = std::size_t{0},
                                      goes_on]() mutable -> std::optional<api::Reply> {
        if (next == all.size()) return std::nullopt;
        const ike::ExportedKeys keys = std::move(all[next++]);
        return reply_with(keys, goes_on || next < all.size());
    });
}

void ControlMethods::tell_new_keys() {
    // A client that does not keep up is forgotten while we tell it so.
    for (const ClientId client : clients_of(key_exports_)) {
        for (const ike::ExportedKeys& keys : services_.keys(key_exports_.at(client).sent)) {
            const auto one = key_exports_.find(client);
            if (one == key_exports_.end()) break;
            one->second.sent.insert(keys.spis);
            api::Reply reply = reply_with(keys, true);
            services_.reply(client, reply);
            wipe_text(reply.parameters);
        }
    }
}

void ControlMethods::end_key_exports() {
    std::optional<ike::Time> next;
    for (const ClientId client : clients_of(key_exports_)) {
        const ike::Time until = key_exports_.at(client).until;
        if (until > services_.now()) {
            next = std::min(next.value_or(until), until);
        } else {
            key_exports_.erase(client);
            succeed(client, Json::object());
        }
    }
    if (next) services_.end_key_exports_at(*next);
}

}  // namespace xfrmd::daemon
