// SPDX-License-Identifier: Apache-2.0
// The kernel's SAs and policies as JSON.
#include "daemon/api/encode_kernel.h"

#include <chrono>
#include <format>
#include <nlohmann/json.hpp>

#include "daemon/api/encode_words.h"
#include "daemon/api/timestamp.h"
#include "netlink/model/neighbour_discovery.h"

namespace xfrmd::api {
namespace {

using Json = nlohmann::json;

void put_time(Json& json, const char* name, std::uint64_t seconds) {
    if (seconds != 0) json[name] = rfc3339(WallTime{std::chrono::seconds{seconds}});
}

void put_owner(Json& json, xfrm::ReqId reqid, const Owners& owners) {
    if (const auto found = owners.find(reqid); found != owners.end()) json["owner"] = found->second;
}

void put_mark(Json& json, const xfrm::Mark& mark) {
    if (mark.mask != 0) json["mark"] = std::format("{:#x}/{:#x}", mark.value, mark.mask);
}

void put_algorithms(Json& json, const xfrm::SaSpec& spec) {
    if (spec.aead) {
        json["aead"] = spec.aead->name;
        json["icv_bits"] = spec.aead->icv_bits;
    }
    if (spec.encryption) json["encryption"] = spec.encryption->name;
    if (spec.integrity) {
        json["integrity"] = spec.integrity->name;
        json["icv_bits"] = spec.integrity->truncated_bits;
    }
    if (spec.compression) json["compression"] = spec.compression->name;
}

Json encode_template(const xfrm::Template& wanted) {
    Json json{
        {"source", wanted.source.to_string()}, {"destination", wanted.destination.to_string()},
        {"protocol", word(wanted.protocol)},   {"mode", word(wanted.mode)},
        {"reqid", wanted.reqid.value},         {"optional", wanted.optional}};
    if (wanted.spi.value != 0) json["spi"] = spi_text(wanted.spi);
    return json;
}

}  // namespace

Json encode_sa(const xfrm::SaInfo& sa, const Owners& owners) {
    const xfrm::SaSpec& spec = sa.spec;
    Json json{{"source", spec.id.source.to_string()},
              {"destination", spec.id.destination.to_string()},
              {"protocol", word(spec.id.protocol)},
              {"spi", spi_text(spec.id.spi)},
              {"mode", word(spec.mode)},
              {"reqid", spec.reqid.value},
              {"larval", sa.larval},
              {"replay_window", spec.replay_window},
              {"extended_sequence_numbers", spec.extended_sequence_numbers},
              {"bytes", sa.usage.bytes},
              {"packets", sa.usage.packets},
              {"replay_errors", sa.replay_errors},
              {"integrity_failures", sa.integrity_failures}};
    put_owner(json, spec.reqid, owners);
    put_algorithms(json, spec);
    put_mark(json, spec.id.mark);
    if (spec.selector) json["selector"] = spec.selector->to_string();
    if (spec.if_id.value != 0) json["if_id"] = spec.if_id.value;
    if (const auto& udp = spec.encapsulation)
        json["encapsulation"] = std::format("udp {}>{}", udp->source_port, udp->destination_port);
    put_time(json, "added_at", sa.usage.add_time);
    put_time(json, "used_at", sa.last_used.value_or(sa.usage.use_time));
    return json;
}

Json encode_policy(const xfrm::PolicyInfo& policy, const Owners& owners) {
    const xfrm::PolicySpec& spec = policy.spec;
    Json json{{"direction", word(spec.id.direction)}, {"selector", spec.id.selector.to_string()},
              {"action", word(spec.action)},          {"priority", spec.priority},
              {"templates", Json::array()},           {"index", policy.index}};
    for (const xfrm::Template& wanted : spec.templates) {
        json["templates"].push_back(encode_template(wanted));
        put_owner(json, wanted.reqid, owners);
    }
    if (xfrm::is_neighbour_discovery(spec)) json["owner"] = xfrm::kNeighbourDiscovery;
    put_mark(json, spec.id.mark);
    if (spec.id.if_id.value != 0) json["if_id"] = spec.id.if_id.value;
    put_time(json, "added_at", policy.usage.add_time);
    put_time(json, "used_at", policy.usage.use_time);
    return json;
}

}  // namespace xfrmd::api
