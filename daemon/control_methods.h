// SPDX-License-Identifier: Apache-2.0
// The methods of io.xfrmd and org.varlink.service: from a call to the core's commands and back.
// Knows no sockets; what it needs of the daemon comes in as functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/api/encode_snapshot.h"
#include "daemon/configuration/diagnostic.h"
#include "daemon/configuration_plan.h"
#include "daemon/control_server.h"
#include "daemon/journal.h"
#include "daemon/monitor_filter.h"
#include "daemon/table_changes.h"
#include "ike/io.h"
#include "ike/key_export.h"
#include "ike/snapshot.h"

namespace xfrmd::daemon {

// What the drivers know beside the core.
struct DriverStatus {
    std::string version;
    ike::Time started;
    ike::Time configured;
    // Why what the files say is not in force as a whole.
    std::vector<Diagnostic> problems;
    std::string kernel_trouble;  // empty: the kernel answers in time
    std::size_t kernel_pending = 0;
    std::uint64_t kernel_resyncs = 0;
    std::uint64_t datagrams_received = 0;
    std::uint64_t datagrams_sent = 0;
    std::uint64_t send_errors = 0;
};

struct ReloadRefused {
    std::vector<Diagnostic> diagnostics;  // empty: the kernel or the core refused
    std::string what;
};
struct Reloaded {
    std::uint64_t configuration = 0;
    std::size_t connections = 0;
    std::vector<Diagnostic> warnings;
    std::optional<ike::Time> confirm_by = {};  // of what was applied for a time
};
struct Planned {
    ConfigurationPlan plan;
    std::optional<Level> log_level = {};  // if it would be another one
    std::vector<Diagnostic> warnings;
};
struct Flushed {
    std::size_t ike_sas = 0;
    std::size_t sas = 0;
    std::size_t policies = 0;
    bool confirmed = true;  // by every peer, in time
};
using FlushOutcome = std::expected<Flushed, std::string>;
using ReloadOutcome = std::expected<Reloaded, ReloadRefused>;

// Answers may come before the function returns, or later from the loop.
struct ControlServices {
    using CommandWhat = decltype(ike::Command::what);

    std::function<ike::Snapshot()> snapshot;
    std::function<DriverStatus()> status;
    std::function<void(CommandWhat, std::function<void(const ike::CommandReply&)>)> command;
    std::function<void(xfrm::KernelRequest, std::function<void(xfrm::KernelResult)>)> kernel;
    std::function<void(std::function<void(ReloadOutcome)>)> reload;
    std::function<std::expected<Planned, std::vector<Diagnostic>>()> plan;
    // A reload; with a time, the former configuration comes back after it unless it is confirmed.
    std::function<void(std::optional<ike::Duration>, std::function<void(ReloadOutcome)>)> apply;
    // The number of the configuration that stays; nothing if there was nothing to confirm.
    std::function<std::optional<std::uint64_t>()> confirm;
    // As in TableChanges.
    std::function<std::expected<void, TableRefusal>(ControlServer::ClientId,
                                                    const std::vector<std::string>&)>
        change_tables;
    std::function<std::size_t(ControlServer::ClientId, const Caller&)> keep_tables;
    std::function<std::string(ControlServer::ClientId)> take_back_tables;
    std::function<void(std::function<void(FlushOutcome)>)> flush;
    std::function<void(std::function<void(std::string)>)> metrics;
    std::function<Level()> log_level;
    // The level before.
    std::function<Level(Level, const Caller&)> set_log_level;
    // As ike::export_keys().
    std::function<std::vector<ike::ExportedKeys>(const std::set<ike::SpiPair>&)> keys;
    // Tells people that these go to somebody, and for how much longer more will.
    std::function<void(const Caller&, std::size_t, std::chrono::seconds)> tell_of_key_export;
    // Has end_key_exports() called then.
    std::function<void(ike::Time)> end_key_exports_at;
    std::function<bool()> stopping;
    std::function<ike::Time()> now;
    std::function<api::WallOffset()> wall_offset;
    std::function<void(ControlServer::ClientId, const api::Reply&)> reply;
    std::function<void(ControlServer::ClientId, ControlServer::Source)> stream;
};

class ControlMethods {
  public:
    explicit ControlMethods(ControlServices services) : services_{std::move(services)} {}

    // One call that its caller may make.
    void handle(const ControlServer::Request& request);
    // The client has gone: nobody waits for its reply, and what it has not kept is taken back.
    void forget(ControlServer::ClientId client);
    // Tells those who monitor, and those who wait for the connection in question.
    void on_event(const ike::Event& event);
    // A configuration is in force; `changes`: against the one before.
    void on_reloaded(std::uint64_t configuration, const ConfigurationPlan& changes);
    // Of those whose time is over.
    void end_key_exports();

  private:
    using Request = ControlServer::Request;
    using ClientId = ControlServer::ClientId;
    struct Waiting {
        std::string connection;
        ike::Time since;
    };
    struct KeyExport {
        ike::Time until;
        std::set<ike::SpiPair> sent;
    };

    void get_info(const Request& request);
    void get_interface_description(const Request& request);
    void status(const Request& request);
    void list_connections(const Request& request);
    void list_ike_sas(const Request& request);
    void list_children(const Request& request);
    void list_policies(const Request& request);
    void list_sas(const Request& request);
    void find_owner(const Request& request);
    void show(const Request& request);
    void metrics(const Request& request);
    void export_keys(const Request& request);
    void tell_new_keys();
    void up(const Request& request);
    void down(const Request& request);
    void rekey(const Request& request);
    // A command that is answered with the connection's state.
    void change(const Request& request, const std::string& connection,
                ControlServices::CommandWhat command);
    void monitor(const Request& request);
    // To the monitors that want it. `encode` is asked only if there are any.
    void tell_monitors(std::string_view type, std::string_view connection,
                       const std::function<nlohmann::json()>& encode);
    void reload(const Request& request);
    void answer_reload(ClientId client, const ReloadOutcome& outcome);
    void plan(const Request& request);
    void apply(const Request& request);
    void confirm(const Request& request);
    void change_tables(const Request& request);
    void flush(const Request& request);
    void get_log_level(const Request& request);
    void set_log_level(const Request& request);

    // The one parameter of a call; these reply InvalidParameter themselves if it is not there or of
    // another type, or if there are others.
    std::optional<nlohmann::json> only_parameter(const Request& request, const char* name);
    std::optional<std::string> text_parameter(const Request& request, const char* name);
    std::optional<std::uint32_t> number_parameter(const Request& request, const char* name);
    std::nullopt_t invalid(const Request& request, const std::string& parameter);
    bool no_parameters(const Request& request);
    bool expects_more(const Request& request);
    void finish_up(ClientId client, const ike::CommandReply& reply);
    void command_failed(ClientId client, const std::string& connection,
                        const ike::CommandFailure& failure);
    void stream_all(ClientId client, const char* field, std::vector<nlohmann::json> values);

    void succeed(ClientId client, const nlohmann::json& parameters, bool continues = false);
    void fail(ClientId client, std::string_view error, const nlohmann::json& parameters);
    [[nodiscard]] nlohmann::json overview() const;

    ControlServices services_;
    std::map<ClientId, MonitorFilter> monitors_;
    std::map<ClientId, Waiting> waiting_;  // for Up
    std::map<ClientId, KeyExport> key_exports_;
};

[[nodiscard]] nlohmann::json encode_diagnostics(const std::vector<Diagnostic>& diagnostics);

}  // namespace xfrmd::daemon
