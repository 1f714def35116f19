// SPDX-License-Identifier: Apache-2.0
// The methods of the control interface.
#include "daemon/control_methods.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "daemon/api/encode_event.h"
#include "daemon/api/encode_kernel.h"
#include "daemon/api/interface.h"

namespace xfrmd::daemon {
namespace {

using Json = nlohmann::json;

const ike::ConnectionSnapshot* find_connection(const ike::Snapshot& snapshot,
                                               std::string_view name) {
    const auto found =
        std::ranges::find(snapshot.connections, name, &ike::ConnectionSnapshot::name);
    return found == snapshot.connections.end() ? nullptr : &*found;
}

api::Owners owners_of(const ike::Snapshot& snapshot) {
    api::Owners owners;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        if (connection.connection == nullptr) continue;
        for (const ike::Child& child : connection.connection->children)
            owners[child.reqid] = connection.name + '/' + child.name;
    }
    return owners;
}

double milliseconds(ike::Duration duration) {
    return std::chrono::duration<double, std::milli>{duration}.count();
}

const std::string& connection_of(const ike::Event& event) {
    return std::visit([](const auto& what) -> const std::string& { return what.connection; },
                      event);
}

}  // namespace

void ControlMethods::handle(const Request& request) {
    using Method = void (ControlMethods::*)(const Request&);
    static constexpr auto kMethods = std::to_array<std::pair<std::string_view, Method>>({
        {api::method::kGetInfo, &ControlMethods::get_info},
        {api::method::kGetInterfaceDescription, &ControlMethods::get_interface_description},
        {api::method::kStatus, &ControlMethods::status},
        {api::method::kListConnections, &ControlMethods::list_connections},
        {api::method::kListIkeSas, &ControlMethods::list_ike_sas},
        {api::method::kListChildren, &ControlMethods::list_children},
        {api::method::kListPolicies, &ControlMethods::list_policies},
        {api::method::kListSas, &ControlMethods::list_sas},
        {api::method::kFindOwner, &ControlMethods::find_owner},
        {api::method::kShow, &ControlMethods::show},
        {api::method::kMetrics, &ControlMethods::metrics},
        {api::method::kUp, &ControlMethods::up},
        {api::method::kDown, &ControlMethods::down},
        {api::method::kRekey, &ControlMethods::rekey},
        {api::method::kMonitor, &ControlMethods::monitor},
        {api::method::kReload, &ControlMethods::reload},
        {api::method::kPlan, &ControlMethods::plan},
        {api::method::kApply, &ControlMethods::apply},
        {api::method::kConfirm, &ControlMethods::confirm},
        {api::method::kChangeTables, &ControlMethods::change_tables},
        {api::method::kExportKeys, &ControlMethods::export_keys},
        {api::method::kFlush, &ControlMethods::flush},
        {api::method::kGetLogLevel, &ControlMethods::get_log_level},
        {api::method::kSetLogLevel, &ControlMethods::set_log_level},
    });
    const std::string& method = request.call.method;
    const auto found =
        std::ranges::find(kMethods, method, &std::pair<std::string_view, Method>::first);
    if (found != kMethods.end()) return (this->*found->second)(request);

    const std::string interface =
        method.substr(0, method.rfind('.') == method.npos ? 0 : method.rfind('.'));
    if (api::interface_description(interface).empty())
        return fail(request.client, api::error::kInterfaceNotFound, {{"interface", interface}});
    fail(request.client, api::error::kMethodNotFound, {{"method", method}});
}

void ControlMethods::forget(ClientId client) {
    monitors_.erase(client);
    waiting_.erase(client);
    key_exports_.erase(client);
    services_.take_back_tables(client);
}

void ControlMethods::on_event(const ike::Event& event) {
    tell_monitors(api::event_type(event), connection_of(event), [&] {
        return api::encode_event(event, api::to_wall(services_.now(), services_.wall_offset()));
    });
    const auto* progress = std::get_if<ike::Progress>(&event);
    if (progress == nullptr) return tell_new_keys();
    for (const auto& [client, waiting] : std::map{waiting_}) {
        if (waiting.connection != connection_of(event)) continue;
        succeed(client,
                {{"connection", waiting.connection},
                 {"milliseconds", milliseconds(services_.now() - waiting.since)},
                 {"step", progress->step}},
                true);
    }
}

void ControlMethods::on_reloaded(std::uint64_t configuration, const ConfigurationPlan& changes) {
    constexpr std::size_t kNamesMax = 1000;  // of each kind: more is what Plan and ListConnections are for
    tell_monitors(api::event::kReloaded, {}, [&]() -> Json {
        return {{"at", api::rfc3339(api::to_wall(services_.now(), services_.wall_offset()))},
                {"type", api::event::kReloaded},
                {"configuration", configuration},
                {"added", names_of(changes, ChangeKind::Added, kNamesMax)},
                {"changed", names_of(changes, ChangeKind::Changed, kNamesMax)},
                {"removed", names_of(changes, ChangeKind::Removed, kNamesMax)},
                {"detail", summary_of(changes)}};
    });
}

void ControlMethods::tell_monitors(std::string_view type, std::string_view connection,
                                   const std::function<Json()>& encode) {
    // First who, then the telling: a monitor that does not keep up is forgotten while we tell it so.
    std::vector<ClientId> interested;
    for (const auto& [client, filter] : monitors_)
        if (filter.admits(type, connection)) interested.push_back(client);
    if (interested.empty()) return;
    const Json parameters{{"event", encode()}};
    for (const ClientId client : interested) succeed(client, parameters, true);
}

// ---- org.varlink.service ----------------------------------------------------------------------

void ControlMethods::get_info(const Request& request) {
    if (!no_parameters(request)) return;
    succeed(request.client, {{"vendor", api::kVendor},
                             {"product", api::kProduct},
                             {"version", services_.status().version},
                             {"url", api::kUrl},
                             {"interfaces", {api::kServiceInterface, api::kInterface}}});
}

void ControlMethods::get_interface_description(const Request& request) {
    const auto interface = text_parameter(request, "interface");
    if (!interface) return;
    const std::string_view description = api::interface_description(*interface);
    if (description.empty())
        return fail(request.client, api::error::kInterfaceNotFound, {{"interface", *interface}});
    succeed(request.client, {{"description", description}});
}

// ---- Reading ----------------------------------------------------------------------------------

void ControlMethods::status(const Request& request) {
    if (!no_parameters(request)) return;
    succeed(request.client, {{"status", overview()}});
}

Json ControlMethods::overview() const {
    const ike::Snapshot snapshot = services_.snapshot();
    const DriverStatus driver = services_.status();
    const api::WallOffset offset = services_.wall_offset();
    Json kernel{{"state", driver.kernel_trouble.empty() ? "ready" : "silent"},
                {"pending", driver.kernel_pending},
                {"resyncs", driver.kernel_resyncs}};
    if (!driver.kernel_trouble.empty()) kernel["detail"] = driver.kernel_trouble;
    Json statistics = api::encode_statistics(snapshot.statistics);
    statistics["datagrams_received"] = driver.datagrams_received;
    statistics["datagrams_sent"] = driver.datagrams_sent;
    statistics["send_errors"] = driver.send_errors;
    Json status{{"version", driver.version},
                {"configuration", snapshot.configuration},
                {"started", api::rfc3339(api::to_wall(driver.started, offset))},
                {"configured_at", api::rfc3339(api::to_wall(driver.configured, offset))},
                {"configuration_problems", encode_diagnostics(driver.problems)},
                {"kernel", std::move(kernel)},
                {"connections", Json::array()},
                {"half_open", Json::array()},
                {"ikev1_peers", Json::array()},
                {"statistics", std::move(statistics)}};
    for (const auto& connection : snapshot.connections)
        status["connections"].push_back(api::encode_connection(snapshot, connection, offset));
    for (const auto& ike_sa : snapshot.unassigned)
        status["half_open"].push_back(api::encode_ike_sa(ike_sa, offset));
    for (const auto& peer : snapshot.ikev1_peers)
        status["ikev1_peers"].push_back(api::encode_ikev1_peer(peer, offset));
    if (snapshot.last_unassigned_failure)
        status["last_unassigned_failure"] =
            api::encode_failure(*snapshot.last_unassigned_failure, offset);
    return status;
}

void ControlMethods::list_connections(const Request& request) {
    if (!no_parameters(request) || !expects_more(request)) return;
    const ike::Snapshot snapshot = services_.snapshot();
    std::vector<Json> all;
    for (const auto& connection : snapshot.connections)
        all.push_back(api::encode_connection(snapshot, connection, services_.wall_offset()));
    stream_all(request.client, "connection", std::move(all));
}

void ControlMethods::list_ike_sas(const Request& request) {
    if (!no_parameters(request) || !expects_more(request)) return;
    const ike::Snapshot snapshot = services_.snapshot();
    const api::WallOffset offset = services_.wall_offset();
    std::vector<Json> all;
    for (const auto& connection : snapshot.connections)
        for (const auto& ike_sa : connection.ike_sas)
            all.push_back(api::encode_ike_sa(ike_sa, offset));
    for (const auto& ike_sa : snapshot.unassigned)
        all.push_back(api::encode_ike_sa(ike_sa, offset));
    stream_all(request.client, "ike_sa", std::move(all));
}

void ControlMethods::list_children(const Request& request) {
    if (!no_parameters(request) || !expects_more(request)) return;
    const ike::Snapshot snapshot = services_.snapshot();
    std::vector<Json> all;
    for (const auto& connection : snapshot.connections)
        for (const auto& ike_sa : connection.ike_sas)
            for (const auto& child : ike_sa.children)
                all.push_back(api::encode_child(child, ike_sa, services_.wall_offset()));
    stream_all(request.client, "child", std::move(all));
}

void ControlMethods::list_policies(const Request& request) {
    if (!no_parameters(request) || !expects_more(request)) return;
    services_.kernel(
        xfrm::DumpPolicies{}, [this, client = request.client](xfrm::KernelResult result) {
            if (!result)
                return fail(client, api::error::kKernelFailed, {{"detail", result.error().what}});
            const api::Owners owners = owners_of(services_.snapshot());
            std::vector<Json> all;
            if (const auto* policies = std::get_if<std::vector<xfrm::PolicyInfo>>(&*result))
                for (const auto& policy : *policies)
                    all.push_back(api::encode_policy(policy, owners));
            stream_all(client, "policy", std::move(all));
        });
}

void ControlMethods::list_sas(const Request& request) {
    if (!no_parameters(request) || !expects_more(request)) return;
    services_.kernel(xfrm::DumpSas{.with_keys = false}, [this, client = request.client](
                                                            xfrm::KernelResult result) {
        if (!result)
            return fail(client, api::error::kKernelFailed, {{"detail", result.error().what}});
        const api::Owners owners = owners_of(services_.snapshot());
        std::vector<Json> all;
        if (const auto* sas = std::get_if<std::vector<xfrm::SaInfo>>(&*result))
            for (const auto& sa : *sas) all.push_back(api::encode_sa(sa, owners));
        stream_all(client, "sa", std::move(all));
    });
}

void ControlMethods::find_owner(const Request& request) {
    const auto reqid = number_parameter(request, "reqid");
    if (!reqid) return;
    const ike::Snapshot snapshot = services_.snapshot();
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        if (connection.connection == nullptr) continue;
        for (const ike::Child& child : connection.connection->children)
            if (child.reqid == xfrm::ReqId{*reqid})
                return succeed(request.client, {{"connection", connection.name},
                                                {"child", child.name},
                                                {"origin", connection.connection->origin}});
    }
    succeed(request.client, Json::object());
}

void ControlMethods::show(const Request& request) {
    const auto name = text_parameter(request, "name");
    if (!name) return;
    const ike::Snapshot snapshot = services_.snapshot();
    const auto* connection = find_connection(snapshot, *name);
    if (connection == nullptr)
        return fail(request.client, api::error::kUnknownConnection, {{"connection", *name}});
    Json parameters{{"connection", api::encode_connection(snapshot, *connection, services_.wall_offset())},
                    {"configured_children", Json::array()},
                    {"ike_proposals", Json::array()}};
    if (const ike::Connection* wanted = connection->connection) {
        for (const ike::Child& child : wanted->children)
            parameters["configured_children"].push_back(api::encode_configured_child(child));
        parameters["ike_proposals"] = api::encode_proposals(wanted->ike_proposals);
    }
    succeed(request.client, parameters);
}

void ControlMethods::metrics(const Request& request) {
    if (!no_parameters(request)) return;
    services_.metrics([this, client = request.client](std::string text) {
        succeed(client, {{"text", std::move(text)}});
    });
}

void ControlMethods::monitor(const Request& request) {
    const auto filter = parse_monitor_filter(request.call.parameters);
    if (!filter) return void(invalid(request, filter.error()));
    if (!expects_more(request)) return;
    // State first, changes later, nothing in between: both are told from this one thread.
    const ike::Snapshot snapshot = services_.snapshot();
    for (const std::string& name : filter->connections)
        if (find_connection(snapshot, name) == nullptr)
            return fail(request.client, api::error::kUnknownConnection, {{"connection", name}});
    const api::WallOffset offset = services_.wall_offset();
    const std::string at = api::rfc3339(api::to_wall(services_.now(), offset));
    monitors_.insert_or_assign(request.client, *filter);
    for (const auto& connection : snapshot.connections) {
        if (!filter->admits(api::event::kConnectionState, connection.name)) continue;
        succeed(request.client,
                {{"event",
                  {{"at", at},
                   {"type", api::event::kConnectionState},
                   {"connection", connection.name},
                   {"state", api::encode_connection(snapshot, connection, offset)}}}},
                true);
    }
    succeed(request.client, {{"event", {{"at", at}, {"type", api::event::kSynchronized}}}}, true);
}

// ---- Changing ---------------------------------------------------------------------------------

void ControlMethods::up(const Request& request) {
    const auto name = text_parameter(request, "connection");
    if (!name) return;
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    waiting_[request.client] = {.connection = *name, .since = services_.now()};
    services_.command(ike::Up{*name},
                      [this, client = request.client](const ike::CommandReply& reply) {
                          finish_up(client, reply);
                      });
}

void ControlMethods::finish_up(ClientId client, const ike::CommandReply& reply) {
    const auto waiting = waiting_.extract(client);
    if (waiting.empty()) return;
    const auto& [connection, since] = waiting.mapped();
    if (!reply.result) return command_failed(client, connection, reply.result.error());
    Json parameters{{"connection", connection},
                    {"milliseconds", milliseconds(services_.now() - since)}};
    const ike::Snapshot snapshot = services_.snapshot();
    if (const auto* state = find_connection(snapshot, connection))
        parameters["state"] = api::state_word(*state);
    succeed(client, parameters);
}

void ControlMethods::down(const Request& request) {
    const auto name = text_parameter(request, "connection");
    if (name) change(request, *name, ike::Down{*name});
}

void ControlMethods::rekey(const Request& request) {
    const auto name = text_parameter(request, "connection");
    if (name) change(request, *name, ike::Rekey{*name});
}

void ControlMethods::change(const Request& request, const std::string& connection,
                            ControlServices::CommandWhat command) {
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    const auto answer = [this, client = request.client,
                         connection](const ike::CommandReply& reply) {
        if (!reply.result) return command_failed(client, connection, reply.result.error());
        Json parameters{{"connection", connection}};
        const ike::Snapshot snapshot = services_.snapshot();
        if (const auto* state = find_connection(snapshot, connection))
            parameters["state"] = api::state_word(*state);
        succeed(client, parameters);
    };
    services_.command(std::move(command), answer);
}

void ControlMethods::command_failed(ClientId client, const std::string& connection,
                                    const ike::CommandFailure& failure) {
    using Code = ike::CommandFailure::Code;
    if (failure.code == Code::UnknownConnection)
        return fail(client, api::error::kUnknownConnection, {{"connection", connection}});
    if (failure.code == Code::ShuttingDown)
        return fail(client, api::error::kShuttingDown, Json::object());
    const char* const reason =
        failure.code == Code::Superseded ? "superseded" : ike::reason_name(failure.reason);
    fail(client, api::error::kNegotiationFailed,
         {{"connection", connection}, {"reason", reason}, {"detail", failure.what}});
}

void ControlMethods::reload(const Request& request) {
    if (!no_parameters(request)) return;
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    services_.reload([this, client = request.client](const ReloadOutcome& outcome) {
        answer_reload(client, outcome);
    });
}

void ControlMethods::answer_reload(ClientId client, const ReloadOutcome& outcome) {
    if (outcome) {
        Json reply{{"configuration", outcome->configuration},
                   {"connections", outcome->connections},
                   {"warnings", encode_diagnostics(outcome->warnings)}};
        if (outcome->confirm_by)
            reply["confirm_by"] =
                api::rfc3339(api::to_wall(*outcome->confirm_by, services_.wall_offset()));
        return succeed(client, reply);
    }
    if (outcome.error().diagnostics.empty())
        return fail(client, api::error::kKernelFailed, {{"detail", outcome.error().what}});
    fail(client, api::error::kConfigurationInvalid,
         {{"diagnostics", encode_diagnostics(outcome.error().diagnostics)}});
}

void ControlMethods::plan(const Request& request) {
    if (!no_parameters(request)) return;
    const auto planned = services_.plan();
    if (!planned)
        return fail(request.client, api::error::kConfigurationInvalid,
                    {{"diagnostics", encode_diagnostics(planned.error())}});
    const ike::Snapshot snapshot = services_.snapshot();
    Json changes = Json::array();
    for (const PlannedChange& change : planned->plan.changes) {
        std::size_t children = 0;
        if (const auto* connection = find_connection(snapshot, change.connection))
            for (const auto& ike_sa : connection->ike_sas) children += ike_sa.children.size();
        changes.push_back({{"connection", change.connection},
                           {"impact", word_for(change.impact)},
                           {"settings", change.settings},
                           {"children", children},
                           {"origin", change.origin}});
    }
    Json reply{{"changes", std::move(changes)},
               {"unchanged", planned->plan.unchanged},
               {"limits_differ", planned->plan.limits_differ},
               {"warnings", encode_diagnostics(planned->warnings)}};
    if (planned->log_level) reply["log_level"] = level_name(*planned->log_level);
    succeed(request.client, reply);
}

void ControlMethods::apply(const Request& request) {
    constexpr double kLongest = 24 * 3600;
    auto parameters = api::parse_json(request.call.parameters);
    if (!parameters || !parameters->is_object()) return void(invalid(request, "parameters"));
    std::optional<ike::Duration> within;
    for (const auto& [key, value] : parameters->items()) {
        if (key != "confirm_within") return void(invalid(request, key));
        if (value.is_null()) continue;
        if (!value.is_number() || value.get<double>() < 1 || value.get<double>() > kLongest)
            return void(invalid(request, key));
        within = std::chrono::duration_cast<ike::Duration>(
            std::chrono::duration<double>{value.get<double>()});
    }
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    services_.apply(within, [this, client = request.client](const ReloadOutcome& outcome) {
        answer_reload(client, outcome);
    });
}

void ControlMethods::confirm(const Request& request) {
    if (!no_parameters(request)) return;
    if (const auto number = services_.confirm())
        return succeed(request.client, {{"configuration", *number}});
    fail(request.client, api::error::kNothingToConfirm, Json::object());
}

void ControlMethods::change_tables(const Request& request) {
    auto parameters = api::parse_json(request.call.parameters);
    if (!parameters || !parameters->is_object()) return void(invalid(request, "parameters"));
    std::vector<std::string> statements;
    std::string then;
    for (const auto& [key, value] : parameters->items()) {
        if (key == "then" && (value == "keep" || value == "take_back"))
            then = value.get<std::string>();
        else if (key == "statements" && value.is_array() &&
                 value.size() <= TableChanges::kStatementsMax &&
                 std::ranges::all_of(value, &Json::is_string))
            statements = value.get<std::vector<std::string>>();
        else if (key != "then" || !value.is_null())
            return void(invalid(request, key));
    }
    if (!parameters->contains("statements")) return void(invalid(request, "statements"));
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    if (const auto changed = services_.change_tables(request.client, statements); !changed) {
        const TableRefusal& refusal = changed.error();
        Json told{{"position", refusal.position},
                  {"detail", refusal.detail},
                  {"errno", refusal.error_number}};
        if (!refusal.trouble.empty()) told["trouble"] = refusal.trouble;
        return fail(request.client, api::error::kChangeRefused, told);
    }
    Json reply{{"changes", 0}};
    if (then == "keep") reply["changes"] = services_.keep_tables(request.client, request.caller);
    if (then == "take_back")
        if (auto trouble = services_.take_back_tables(request.client); !trouble.empty())
            reply["trouble"] = std::move(trouble);
    succeed(request.client, reply);
}

void ControlMethods::flush(const Request& request) {
    if (!no_parameters(request)) return;
    if (services_.stopping())
        return fail(request.client, api::error::kShuttingDown, Json::object());
    services_.flush([this, client = request.client](FlushOutcome outcome) {
        if (!outcome) return fail(client, api::error::kKernelFailed, {{"detail", outcome.error()}});
        succeed(client, {{"ike_sas", outcome->ike_sas},
                         {"sas", outcome->sas},
                         {"policies", outcome->policies},
                         {"confirmed", outcome->confirmed}});
    });
}

void ControlMethods::get_log_level(const Request& request) {
    if (!no_parameters(request)) return;
    succeed(request.client, {{"level", level_name(services_.log_level())}});
}

void ControlMethods::set_log_level(const Request& request) {
    const auto word = text_parameter(request, "level");
    if (!word) return;
    const auto level = parse_level(*word);
    if (!level) return void(invalid(request, "level"));
    const Level former = services_.set_log_level(*level, request.caller);
    succeed(request.client, {{"level", level_name(*level)}, {"former", level_name(former)}});
}

// ---- Parameters and replies -------------------------------------------------------------------

std::optional<Json> ControlMethods::only_parameter(const Request& request, const char* name) {
    auto parameters = api::parse_json(request.call.parameters);
    if (!parameters || !parameters->is_object()) return invalid(request, "parameters");
    for (const auto& [key, value] : parameters->items())
        if (key != name) return invalid(request, key);
    const auto found = parameters->find(name);
    if (found == parameters->end()) return invalid(request, name);
    return std::move(*found);
}

std::optional<std::string> ControlMethods::text_parameter(const Request& request,
                                                          const char* name) {
    const auto value = only_parameter(request, name);
    if (!value) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    invalid(request, name);
    return std::nullopt;
}

std::optional<std::uint32_t> ControlMethods::number_parameter(const Request& request,
                                                              const char* name) {
    const auto value = only_parameter(request, name);
    if (!value) return std::nullopt;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kMax)
        return static_cast<std::uint32_t>(value->get<std::uint64_t>());
    invalid(request, name);
    return std::nullopt;
}

std::nullopt_t ControlMethods::invalid(const Request& request, const std::string& parameter) {
    fail(request.client, api::error::kInvalidParameter, {{"parameter", parameter}});
    return std::nullopt;
}

bool ControlMethods::no_parameters(const Request& request) {
    const auto parameters = api::parse_json(request.call.parameters);
    if (parameters && parameters->is_object() && parameters->empty()) return true;
    const std::string which =
        parameters && parameters->is_object() ? parameters->begin().key() : "parameters";
    fail(request.client, api::error::kInvalidParameter, {{"parameter", which}});
    return false;
}

bool ControlMethods::expects_more(const Request& request) {
    if (request.call.more) return true;
    fail(request.client, api::error::kExpectedMore, Json::object());
    return false;
}

// One value per reply, at the speed of the client. The last reply ends the call; with no value it
// is empty.
void ControlMethods::stream_all(ClientId client, const char* field, std::vector<Json> values) {
    if (values.empty()) return succeed(client, Json::object());
    services_.stream(client, [field, values = std::move(values), next = std::size_t{0}]() mutable {
        Json parameters = Json::object();
        parameters[field] = std::move(values[next++]);
        return std::optional<api::Reply>{{.parameters = api::to_text(parameters),
                                          .error = {},
                                          .continues = next < values.size()}};
    });
}

void ControlMethods::succeed(ClientId client, const Json& parameters, bool continues) {
    services_.reply(client,
                    {.parameters = api::to_text(parameters), .error = {}, .continues = continues});
}

void ControlMethods::fail(ClientId client, std::string_view error, const Json& parameters) {
    services_.reply(
        client,
        {.parameters = api::to_text(parameters), .error = std::string{error}, .continues = false});
}

Json encode_diagnostics(const std::vector<Diagnostic>& diagnostics) {
    Json all = Json::array();
    for (const Diagnostic& diagnostic : diagnostics) {
        Json json{{"severity", diagnostic.severity == Severity::Error ? "error" : "warning"},
                  {"file", diagnostic.file},
                  {"line", diagnostic.line},
                  {"column", diagnostic.column},
                  {"text", diagnostic.text}};
        if (!diagnostic.source_line.empty()) json["source_line"] = diagnostic.source_line;
        if (!diagnostic.hint.empty()) json["hint"] = diagnostic.hint;
        all.push_back(std::move(json));
    }
    return all;
}

}  // namespace xfrmd::daemon
