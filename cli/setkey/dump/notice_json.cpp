// SPDX-License-Identifier: Apache-2.0
#include <format>
#include <nlohmann/json.hpp>

#include "cli/setkey/dump/json.h"
#include "cli/setkey/dump/notice_text.h"
#include "cli/setkey/dump/notice_words.h"
#include "cli/setkey/dump/words.h"
#include "daemon/api/json_text.h"
#include "daemon/api/timestamp.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;
using Json = nlohmann::json;

namespace {

Json step_json(const notice::MigrationStep& step) {
    return {{"protocol", protocol_word(step.protocol)},
            {"mode", mode_word(step.mode)},
            {"reqid", step.reqid.value},
            {"source", step.old_source.to_string()},
            {"destination", step.old_destination.to_string()},
            {"new_source", step.new_source.to_string()},
            {"new_destination", step.new_destination.to_string()}};
}

Json endpoint_json(const Endpoint& end) {
    return {{"address", end.address.to_string()}, {"port", end.port}};
}

// One overload for each kind of notice; each gives the event without its time.
class Teller {
  public:
    explicit Teller(bool with_keys) : with_keys_{with_keys} {}

    Json operator()(const notice::Acquire& told) const {
        return {{"type", "acquire"},
                {"sequence", told.sequence},
                {"protocol", protocol_word(told.protocol)},
                {"spi", spi_text(told.spi)},
                {"source", told.source.to_string()},
                {"destination", told.destination.to_string()},
                {"packet", traffic_json(told.packet)},
                {"policy", policy_json(told.policy, with_keys_)}};
    }
    Json operator()(const notice::SaChanged& told) const {
        return {{"type", std::format("sa_{}", change_word(told.change))},
                {"sa", sa_json(told.sa, with_keys_)}};
    }
    Json operator()(const notice::SaExpired& told) const {
        return {{"type", "sa_expired"}, {"hard", told.hard}, {"sa", sa_json(told.sa, with_keys_)}};
    }
    Json operator()(const notice::SasFlushed& told) const {
        return {{"type", "sas_flushed"}, {"protocol", flushed_word(told.protocol)}};
    }
    Json operator()(const notice::PolicyChanged& told) const {
        return {{"type", std::format("policy_{}", change_word(told.change))},
                {"policy", policy_json(told.policy, with_keys_)}};
    }
    Json operator()(const notice::PolicyExpired& told) const {
        return {{"type", "policy_expired"},
                {"hard", told.hard},
                {"policy", policy_json(told.policy, with_keys_)}};
    }
    Json operator()(const notice::PoliciesFlushed& told) const {
        return {{"type", "policies_flushed"}, {"policy_type", policy_type_word(told.type)}};
    }
    Json operator()(const notice::DefaultsChanged& told) const {
        return {{"type", "policy_defaults"},
                {"in", default_word(told.in)},
                {"forward", default_word(told.forward)},
                {"out", default_word(told.out)}};
    }
    Json operator()(const notice::CountersTold& told) const;
    Json operator()(const notice::Report& told) const {
        Json json{{"type", "report"},
                  {"protocol", protocol_word(told.protocol)},
                  {"packet", traffic_json(told.packet)}};
        if (told.care_of) json["care_of"] = told.care_of->to_string();
        return json;
    }
    Json operator()(const notice::Migrated& told) const;
    Json operator()(const notice::MappingChanged& told) const {
        return {{"type", "mapping_changed"},
                {"destination", told.destination.to_string()},
                {"protocol", protocol_word(told.protocol)},
                {"spi", spi_text(told.spi)},
                {"reqid", told.reqid.value},
                {"before", endpoint_json(told.before)},
                {"after", endpoint_json(told.after)}};
    }
    Json operator()(const notice::Other& told) const {
        Json json{{"type", "other"}, {"message_type", told.type}, {"size", told.size}};
        if (!told.why.empty()) json["why"] = told.why;
        return json;
    }
    Json operator()(const notice::Lost&) const { return {{"type", "lost"}}; }

  private:
    bool with_keys_;
};

Json Teller::operator()(const notice::CountersTold& told) const {
    Json json{{"type", "counters"},
              {"source", told.source.to_string()},
              {"destination", told.destination.to_string()},
              {"protocol", protocol_word(told.protocol)},
              {"spi", spi_text(told.spi)},
              {"reqid", told.reqid.value},
              {"causes", cause_words(told.flags)}};
    if (is_set(told.mark)) json["mark"] = mark_text(told.mark);
    if (told.replay) json["replay"] = replay_json(*told.replay);
    if (told.usage) {
        json["bytes"] = told.usage->bytes;
        json["packets"] = told.usage->packets;
    }
    if (told.replay_threshold) json["replay_threshold"] = *told.replay_threshold;
    if (told.timer_threshold) json["timer_threshold"] = *told.timer_threshold;
    return json;
}

Json Teller::operator()(const notice::Migrated& told) const {
    Json json{{"type", "migrated"},
              {"direction", policy_direction_word(told.direction)},
              {"policy_type", policy_type_word(told.type)},
              {"traffic", traffic_json(told.selector)},
              {"steps", Json::array()}};
    for (const notice::MigrationStep& step : told.steps) json["steps"].push_back(step_json(step));
    if (told.encapsulation) json["encapsulation"] = encapsulation_text(*told.encapsulation);
    return json;
}

}  // namespace

std::string notice_json_line(const Notice& notice, EventTime at, bool with_keys) {
    Json event = std::visit(Teller{with_keys}, notice);
    event["at"] = api::rfc3339(at);
    return api::to_text(Json{{"event", std::move(event)}}) + '\n';
}

}  // namespace xfrmd::setkey::dump
