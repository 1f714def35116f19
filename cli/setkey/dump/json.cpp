// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/dump/json.h"

#include <linux/xfrm.h>

#include <chrono>
#include <format>
#include <nlohmann/json.hpp>

#include "cli/setkey/dump/words.h"
#include "daemon/api/json_text.h"
#include "daemon/api/timestamp.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;
using Json = nlohmann::json;

namespace {

void put_time(Json& json, const char* name, std::uint64_t seconds) {
    // The year 9999 is the last that RFC 3339 has.
    constexpr std::uint64_t kLatest = 253'402'300'799;
    if (seconds == 0) return;
    json[name] = api::rfc3339(api::WallTime{std::chrono::seconds{std::min(seconds, kLatest)}});
}

void put_mark(Json& json, const char* name, const Mark& mark) {
    if (is_set(mark)) json[name] = mark_text(mark);
}

// Name, length and key of one algorithm, under names that begin with what it is for.
void put_algorithm(Json& json, const std::string& what,
                   const std::optional<StoredAlgorithm>& algorithm, bool with_keys) {
    if (!algorithm) return;
    json[what] = algorithm->name;
    if (algorithm->key_bits != 0) json[what + "_key_bits"] = algorithm->key_bits;
    if (algorithm->icv_bits != 0) json["icv_bits"] = algorithm->icv_bits;
    if (with_keys && !algorithm->key.empty())
        json[what + "_key"] = "0x" + to_hex(algorithm->key.view());
}

void put_limit(Json& json, const char* name, std::uint64_t value, std::uint64_t none) {
    if (value != none) json[name] = value;
}

Json limits_json(const LifetimeLimits& limits) {
    constexpr std::uint64_t kNone = LifetimeLimits::kUnlimited;
    Json json = Json::object();
    put_limit(json, "soft_bytes", limits.soft_bytes, kNone);
    put_limit(json, "hard_bytes", limits.hard_bytes, kNone);
    put_limit(json, "soft_packets", limits.soft_packets, kNone);
    put_limit(json, "hard_packets", limits.hard_packets, kNone);
    put_limit(json, "soft_add_seconds", limits.soft_add_seconds, 0);
    put_limit(json, "hard_add_seconds", limits.hard_add_seconds, 0);
    put_limit(json, "soft_use_seconds", limits.soft_use_seconds, 0);
    put_limit(json, "hard_use_seconds", limits.hard_use_seconds, 0);
    return json;
}

Json security_context_json(const SecurityContext& context) {
    return {{"domain", context.domain},
            {"algorithm", context.algorithm},
            {"length", context.length},
            {"label", context.label}};
}

Json offload_json(const Offload& offload) {
    return {{"interface_index", offload.interface_index}, {"flags", offload_words(offload.flags)}};
}

void put_others(Json& json, const std::vector<OtherAttribute>& others, bool with_keys) {
    if (others.empty()) return;
    Json& list = json["other_attributes"] = Json::array();
    for (const OtherAttribute& other : others) {
        Json one{{"type", other.type}, {"size", other.size}};
        if (with_keys && !other.octets.empty()) one["octets"] = to_hex(other.octets.view());
        list.push_back(std::move(one));
    }
}

template <class Value>
void put_if_there(Json& json, const char* name, const std::optional<Value>& value) {
    if (value) json[name] = *value;
}

void put_traffic(Json& json, const StoredSa& sa) {
    put_mark(json, "mark", sa.mark);
    if (sa.output_mark) json["output_mark"] = mark_text(*sa.output_mark);
    if (sa.if_id.value != 0) json["if_id"] = sa.if_id.value;
    if (sa.selector) {
        json["traffic"] = traffic_json(*sa.selector);
        if (restricts(*sa.selector)) json["selector"] = sa.selector->to_string();
    }
    if (sa.encapsulation) {
        json["encapsulation"] = encapsulation_text(*sa.encapsulation);
        if (sa.encapsulation->original)
            json["original_address"] = sa.encapsulation->original->to_string();
    }
    if (sa.care_of) json["care_of"] = sa.care_of->to_string();
}

Json template_json(const StoredTemplate& wanted) {
    Json json{{"source", wanted.source.to_string()},
              {"destination", wanted.destination.to_string()},
              {"protocol", protocol_word(wanted.protocol)},
              {"mode", mode_word(wanted.mode)},
              {"reqid", wanted.reqid.value},
              {"optional", wanted.optional}};
    const auto put_algorithms = [&](const char* name, std::uint32_t mask) {
        if (mask != StoredTemplate::kEveryAlgorithm) json[name] = std::format("{:#x}", mask);
    };
    put_algorithms("integrity_algorithms", wanted.integrity_algorithms);
    put_algorithms("encryption_algorithms", wanted.encryption_algorithms);
    put_algorithms("compression_algorithms", wanted.compression_algorithms);
    if (wanted.spi.value != 0) json["spi"] = spi_text(wanted.spi);
    if (wanted.share != XFRM_SHARE_ANY) json["share"] = share_word(wanted.share);
    return json;
}

}  // namespace

std::string sa_json_line(const StoredSa& sa, bool with_keys, std::uint64_t now) {
    Json json = sa_json(sa, with_keys);
    const SaState state = state_of(sa, now);
    json["state"] = state_word(state);
    json["larval"] = state == SaState::Larval;
    return api::to_text(Json{{"sa", std::move(json)}}) + '\n';
}

std::string policy_json_line(const StoredPolicy& policy, bool with_keys) {
    return api::to_text(Json{{"policy", policy_json(policy, with_keys)}}) + '\n';
}

Json sa_json(const StoredSa& sa, bool with_keys) {
    Json json{{"source", sa.source.to_string()},
              {"destination", sa.destination.to_string()},
              {"protocol", protocol_word(sa.protocol)},
              {"spi", spi_text(sa.spi)},
              {"mode", mode_word(sa.mode)},
              {"reqid", sa.reqid.value},
              {"sequence", sa.sequence},
              {"flags", flag_words(sa.flags, sa.extra_flags)},
              {"replay_window", sa.replay_window()},
              {"extended_sequence_numbers", (sa.flags & XFRM_STATE_ESN) != 0},
              {"limits", limits_json(sa.limits)},
              {"bytes", sa.usage.bytes},
              {"packets", sa.usage.packets},
              {"replay_window_errors", sa.statistics.outside_replay_window},
              {"replay_errors", sa.statistics.replayed},
              {"integrity_failures", sa.statistics.integrity_failures}};
    put_algorithm(json, "aead", sa.aead, with_keys);
    put_algorithm(json, "encryption", sa.encryption, with_keys);
    put_algorithm(json, "integrity", sa.integrity, with_keys);
    put_algorithm(json, "compression", sa.compression, with_keys);
    put_traffic(json, sa);
    if (sa.replay) json["replay"] = replay_json(*sa.replay);
    if (sa.security_context) json["security_context"] = security_context_json(*sa.security_context);
    if (sa.offload) json["offload"] = offload_json(*sa.offload);
    if (sa.direction) json["direction"] = sa_direction_word(*sa.direction);
    put_if_there(json, "tfc_padding", sa.tfc_padding);
    put_if_there(json, "cpu", sa.cpu);
    put_if_there(json, "nat_keepalive_seconds", sa.nat_keepalive_seconds);
    put_if_there(json, "mapping_report_seconds", sa.mapping_report_seconds);
    put_time(json, "added_at", sa.usage.add_time);
    put_time(json, "first_used_at", sa.usage.use_time);
    put_time(json, "used_at", sa.last_used.value_or(sa.usage.use_time));
    put_others(json, sa.others, with_keys);
    return json;
}

Json policy_json(const StoredPolicy& policy, bool with_keys) {
    Json json{{"direction", policy_direction_word(policy.direction)},
              {"socket", policy.is_of_a_socket()},
              {"selector", policy.selector.to_string()},
              {"traffic", traffic_json(policy.selector)},
              {"action", policy.action == XFRM_POLICY_ALLOW ? "allow" : "block"},
              {"priority", policy.priority},
              {"templates", Json::array()},
              {"index", policy.index},
              {"type", policy_type_word(policy.type)},
              {"share", share_word(policy.share)},
              {"flags", policy_flag_words(policy.flags)},
              {"limits", limits_json(policy.limits)},
              {"bytes", policy.usage.bytes},
              {"packets", policy.usage.packets}};
    for (const StoredTemplate& wanted : policy.templates)
        json["templates"].push_back(template_json(wanted));
    put_mark(json, "mark", policy.mark);
    if (policy.if_id.value != 0) json["if_id"] = policy.if_id.value;
    if (policy.security_context)
        json["security_context"] = security_context_json(*policy.security_context);
    if (policy.offload) json["offload"] = offload_json(*policy.offload);
    put_time(json, "added_at", policy.usage.add_time);
    put_time(json, "used_at", policy.usage.use_time);
    put_others(json, policy.others, with_keys);
    return json;
}

Json traffic_json(const Selector& selector) {
    const auto prefix = [](const Prefix& side) {
        return std::format("{}/{}", side.address.to_string(), side.length);
    };
    Json json{{"source", prefix(selector.source)},
              {"destination", prefix(selector.destination)},
              {"protocol", selector.protocol}};
    const auto put_port = [&](const char* name, const char* mask_name, const PortMask& port) {
        if (port == PortMask::any()) return;
        json[name] = port.port;
        if (port.mask != 0xffff) json[mask_name] = std::format("0x{:04x}", port.mask);
    };
    put_port("source_port", "source_port_mask", selector.source_port);
    put_port("destination_port", "destination_port_mask", selector.destination_port);
    if (selector.interface_index != 0) json["interface_index"] = selector.interface_index;
    return json;
}

Json replay_json(const ReplayState& replay) {
    Json words = Json::array();
    for (const std::uint32_t word : replay.bitmap) words.push_back(std::format("0x{:08x}", word));
    return {{"inbound_sequence", replay.inbound_sequence},
            {"outbound_sequence", replay.outbound_sequence},
            {"bitmap", std::move(words)}};
}

std::string encapsulation_text(const StoredEncapsulation& encapsulation) {
    return std::format("{} {}>{}", encapsulation_word(encapsulation.type),
                       encapsulation.source_port, encapsulation.destination_port);
}

}  // namespace xfrmd::setkey::dump
