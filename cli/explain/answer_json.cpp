// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/answer_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/explain/reason.h"
#include "cli/setkey/dump/json.h"
#include "daemon/api/json_text.h"

namespace xfrmd::explain {

using namespace xfrm;
using Json = nlohmann::json;

namespace {

Json counters_json(const std::vector<Counter>& counters) {
    Json json = Json::object();
    for (const Counter& counter : counters)
        if (counter.value != 0) json[counter.name] = counter.value;
    return json;
}

Json policy_json(const StoredPolicy& policy, const Origins& origins) {
    Json json = setkey::dump::policy_json(policy, false);
    if (const auto found = origins.find(policy.index); found != origins.end()) {
        json["owner"] = found->second.owner;
        json["origin"] = found->second.place;
    }
    return json;
}

void put_choice(Json& json, const lookup::PolicyChoice& choice, const Origins& origins) {
    if (choice.winner != nullptr) json["policy"] = policy_json(*choice.winner, origins);
    Json& losers = json["losers"] = Json::array();
    for (const lookup::LosingPolicy& loser : choice.losers)
        losers.push_back({{"policy", policy_json(*loser.policy, origins)},
                          {"why", word_of(loser.why)},
                          {"detail", why_lost(loser, choice)}});
}

Json losers_json(const std::vector<lookup::LosingSa>& losers, const StoredTemplate& wanted,
                 const Address& source) {
    Json all = Json::array();
    for (const lookup::LosingSa& loser : losers)
        all.push_back({{"sa", setkey::dump::sa_json(*loser.sa, false)},
                       {"why", word_of(loser.why)},
                       {"detail", why_lost(loser, wanted, source)}});
    return all;
}

Json resolution_json(const lookup::Resolution& resolution) {
    Json json{{"wanted", template_text(*resolution.wanted)}, {"state", word_of(resolution.state)}};
    if (resolution.state == lookup::Resolution::State::Untried) return json;
    const lookup::SaChoice& choice = resolution.choice;
    json["source"] = resolution.source.to_string();
    json["destination"] = resolution.destination.to_string();
    json["asked_for"] = resolution.asked_for;
    json["under_way"] = choice.under_way;
    json["uncertain"] = choice.uncertain;
    if (choice.winner != nullptr) json["sa"] = setkey::dump::sa_json(*choice.winner, false);
    json["losers"] = losers_json(choice.losers, *resolution.wanted, resolution.source);
    return json;
}

Json expectation_json(const lookup::Expectation& expectation) {
    Json json{{"wanted", template_text(*expectation.wanted)},
              {"state", expectation.sa != nullptr      ? "found"
                        : expectation.wanted->optional ? "passed"
                                                       : "missing"},
              {"source", expectation.source.to_string()},
              {"destination", expectation.destination.to_string()}};
    if (expectation.sa != nullptr) json["sa"] = setkey::dump::sa_json(*expectation.sa, false);
    json["losers"] = losers_json(expectation.losers, *expectation.wanted, expectation.source);
    return json;
}

Json departure_json(const lookup::Outbound& departure, const Origins& origins) {
    Json json{{"direction", "out"},
              {"verdict", word_of(departure.verdict())},
              {"cause", word_of(departure.cause)},
              {"uncertain", departure.uncertain},
              {"templates", Json::array()}};
    put_choice(json, departure.policy, origins);
    for (const lookup::Resolution& resolution : departure.templates)
        json["templates"].push_back(resolution_json(resolution));
    return json;
}

Json arrival_json(const Arrival& arrival, const Origins& origins) {
    Json json{{"direction", word_of(arrival.direction)},
              {"verdict", word_of(verdict_of(arrival.cause()))},
              {"cause", word_of(arrival.cause())},
              {"in_clear", word_of(arrival.in_clear.verdict())},
              {"uncertain", arrival.in_clear.uncertain()},
              {"templates", Json::array()}};
    put_choice(json, arrival.policy(), origins);
    for (const lookup::Expectation& expectation : arrival.expected.templates)
        json["templates"].push_back(expectation_json(expectation));
    return json;
}

Json packet_json(const Survey& survey) {
    const lookup::Flow& flow = survey.flow;
    Json json{{"source", flow.source.to_string()},
              {"destination", flow.destination.to_string()},
              {"protocol", flow.protocol},
              {"source_port", flow.source_port},
              {"destination_port", flow.destination_port},
              {"mark", flow.mark},
              {"if_id", flow.if_id.value},
              {"way", word_of(survey.journey)}};
    if (!survey.comes_by.empty()) json["comes_in_by"] = survey.comes_by;
    if (!survey.leaves_by.empty()) json["leaves_by"] = survey.leaves_by;
    return json;
}

Json steps_json(const Answer& answer, const Survey& survey, const Origins& origins) {
    Json steps = Json::array();
    if (answer.arrival) steps.push_back(arrival_json(*answer.arrival, origins));
    if (answer.departure) steps.push_back(departure_json(*answer.departure, origins));
    if (survey.journey == Journey::Loop && steps.size() == 2) std::swap(steps[0], steps[1]);
    return steps;
}

}  // namespace

std::string answer_json_line(const Answer& answer, const Survey& survey, const Origins& origins,
                             const std::optional<std::vector<Counter>>& later) {
    Json json{{"verdict", word_of(answer.verdict)},
              {"cause", word_of(answer.cause)},
              {"detail", headline(answer, survey)},
              {"packet", packet_json(survey)},
              {"steps", steps_json(answer, survey, origins)},
              {"key_manager", survey.outbound.key_manager},
              {"larval_drop", survey.larval_drop},
              {"socket_policies", Json::array()},
              {"unreadable", survey.unreadable},
              {"counters_of_cause", counters_of(answer.cause, answer.cause_is_outbound)},
              {"counters", counters_json(survey.counters)}};
    for (const StoredPolicy& policy : survey.policies)
        if (policy.is_of_a_socket())
            json["socket_policies"].push_back(policy_json(policy, origins));
    if (later) json["counters_moved"] = counters_json(moved(survey.counters, *later));
    return api::to_text(json) + "\n";
}

}  // namespace xfrmd::explain
