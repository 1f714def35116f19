// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <unistd.h>

#include <algorithm>
#include <format>
#include <optional>

#include "cli/check.h"
#include "cli/completion/connection_names.h"
#include "cli/completion/scripts.h"
#include "cli/direct_flush.h"
#include "cli/live.h"
#include "cli/migrate/migrate.h"
#include "cli/session.h"
#include "cli/text.h"
#include "daemon/api/interface.h"

namespace xfrmd::cli {

namespace {

namespace method = api::method;
using namespace std::chrono_literals;

using Renderer = std::string (*)(const std::vector<Fields>&, const Scene&);

struct ListRow {
    std::string_view method;
    std::string_view what;
    Renderer render;
};

ListRow row_of(ListOf list) {
    switch (list) {
        case ListOf::Connections:
            return {method::kListConnections, "connections", render_connections};
        case ListOf::Ike:
            return {method::kListIkeSas, "IKE SAs", render_ike_sas};
        case ListOf::Children:
            return {method::kListChildren, "CHILD_SAs", render_children};
        case ListOf::Policies:
            return {method::kListPolicies, "policies", render_policies};
        case ListOf::Sas:
            return {method::kListSas, "SAs", render_sas};
    }
    return {};
}

std::optional<KernelTable> kernel_table_of(ListOf list) {
    if (list == ListOf::Sas) return KernelTable::Sas;
    if (list == ListOf::Policies) return KernelTable::Policies;
    return std::nullopt;
}

class Runner {
  public:
    explicit Runner(const Options& options) : options_{options}, session_{options} {}

    ExitCode operator()(const command::Status& status);
    ExitCode operator()(const command::Top& top) { return run_top(session_, top, options_); }
    ExitCode operator()(const command::List& list);
    ExitCode operator()(const command::Show& show);
    ExitCode operator()(const command::Up& up);
    ExitCode operator()(const command::Down& down);
    ExitCode operator()(const command::Rekey& rekey);
    ExitCode operator()(const command::Monitor& monitor);
    ExitCode operator()(const command::Reload&);
    ExitCode operator()(const command::Flush&);
    ExitCode operator()(const command::Metrics&);
    ExitCode operator()(const command::Log& log);
    ExitCode operator()(const command::Plan& plan);
    ExitCode operator()(const command::Apply& apply);
    ExitCode operator()(const command::Confirm&);
    ExitCode operator()(const command::Check& check);
    ExitCode operator()(const command::Migrate& migrate);
    ExitCode operator()(const command::Version&);
    ExitCode operator()(const command::SetkeyDump& dump);
    ExitCode operator()(const command::SetkeyWatch& watch);
    ExitCode operator()(const command::Completion& completion);
    ExitCode operator()(const command::Suggest& suggest);
    ExitCode operator()(const pki::Command& command) { return pki::run(command, options_); }
    ExitCode operator()(const command::SetkeyRun& run);
    ExitCode operator()(const command::Explain& asked);
    ExitCode operator()(const command::ExportKeys& wanted);

  private:
    // Prints unless --json has printed the reply as it is.
    ExitCode show(const std::string& text) {
        if (!options_.json) session_.print(text);
        return ExitCode::Ok;
    }
    ExitCode one_connection(const Fields& reply, const std::string& name);

    const Options& options_;
    Session session_;
};

ExitCode Runner::operator()(const command::Status& status) {
    if (status.watch) return watch_status(session_, status, options_);
    return session_.call(method::kStatus, "{}", false, options_.reply_max,
                         [&](const Fields& reply) {
                             if (!status.name.empty()) return one_connection(reply, status.name);
                             return show(render_status(reply, session_.scene()));
                         });
}

ExitCode Runner::one_connection(const Fields& reply, const std::string& name) {
    const Fields connection = connection_named(reply, name);
    if (!connection) {
        session_.print_error(render_refusal(api::error::kUnknownConnection,
                                            Fields::parse(with_text("connection", name)))
                                 .text);
        return ExitCode::NotUpOrNotFound;
    }
    show(render_connection(connection, session_.scene()));
    return is_well(connection) ? ExitCode::Ok : ExitCode::NotUpOrNotFound;
}

ExitCode Runner::operator()(const command::List& list) {
    const ListRow row = row_of(list.what);
    const auto show_table = [&](const std::vector<Fields>& replies) {
        session_.print(row.render(replies, session_.scene()));
    };
    const auto table = kernel_table_of(list.what);
    if (!table) return session_.collect(row.method, row.what, show_table);
    const auto ask_the_kernel = [&] {
        return session_.collect_direct(*table, row.what, show_table);
    };
    if (list.direct) return ask_the_kernel();
    // Whoever may not ask the kernel needs the daemon.
    if (geteuid() != 0) return session_.collect(row.method, row.what, show_table);
    return session_.collect(row.method, row.what, show_table, [&] {
        session_.print_error("xfrmd does not run: this is what the kernel says, without owners");
        return ask_the_kernel();
    });
}

ExitCode Runner::operator()(const command::Show& shown) {
    return session_.call(
        method::kShow, with_text("name", shown.name), false, options_.reply_max,
        [&](const Fields& reply) { return show(render_show(reply, session_.scene())); });
}

ExitCode Runner::operator()(const command::Up& up) {
    return session_.call(
        method::kUp, with_text("connection", up.name), true, options_.negotiation_max,
        [&](const Fields& reply) { return show(render_up(reply, session_.scene())); });
}

ExitCode Runner::operator()(const command::Down& down) {
    return session_.call(method::kDown, with_text("connection", down.name), false,
                         options_.reply_max,
                         [&](const Fields& reply) { return show(render_down(reply)); });
}

ExitCode Runner::operator()(const command::Rekey& rekey) {
    return session_.call(method::kRekey, with_text("connection", rekey.name), false,
                         options_.reply_max,
                         [&](const Fields& reply) { return show(render_rekey(reply)); });
}

ExitCode Runner::operator()(const command::Monitor& monitor) {
    std::string parameters;
    const auto add = [&parameters](std::string_view key, const std::vector<std::string>& words) {
        if (words.empty()) return;
        std::string list;
        for (const std::string& word : words) list += (list.empty() ? "" : ",") + json_string(word);
        parameters += std::format("{}{}:[{}]", parameters.empty() ? "" : ",", json_string(key), list);
    };
    add("connections", monitor.connections);
    add("events", monitor.events);
    return session_.call(
        method::kMonitor, "{" + parameters + "}", true, api::Client::kForever,
        [&](const Fields& reply) { return show(render_event(reply, session_.scene())); });
}

ExitCode Runner::operator()(const command::Reload&) {
    return session_.call(method::kReload, "{}", false, options_.reply_max,
                         [&](const Fields& reply) { return show(render_reload(reply)); });
}

// Made by the daemon of names in the configuration and of numbers: fit for a file as it is.
ExitCode Runner::operator()(const command::Metrics&) {
    return session_.call(method::kMetrics, "{}", false, options_.reply_max,
                         [&](const Fields& reply) { return show(reply.raw("text")); });
}

ExitCode Runner::operator()(const command::Log& log) {
    const bool change = !log.level.empty();
    return session_.call(change ? method::kSetLogLevel : method::kGetLogLevel,
                         change ? with_text("level", log.level) : "{}", false, options_.reply_max,
                         [&](const Fields& reply) { return show(render_log_level(reply)); });
}

ExitCode Runner::operator()(const command::Flush&) {
    const auto ask_the_daemon = [&] {
        return session_.call(method::kFlush, "{}", false, options_.reply_max,
                             [&](const Fields& reply) { return show(render_flush(reply)); });
    };
    // Whoever may not change the kernel needs the daemon.
    if (geteuid() != 0 || session_.daemon_runs()) return ask_the_daemon();
    const auto gone = flush_directly(options_.socket.parent_path() / api::kRecordName);
    if (!gone) {
        session_.print_error(gone.error());
        return ExitCode::Failed;
    }
    const std::string reply =
        std::format("{{\"ike_sas\":0,\"sas\":{},\"policies\":{},\"confirmed\":false}}", gone->sas,
                    gone->policies);
    session_.print(options_.json ? reply + "\n" : render_flush(Fields::parse(reply)));
    return session_.finish(ExitCode::Ok);
}

ExitCode Runner::operator()(const command::Plan& plan) {
    return session_.call(method::kPlan, "{}", false, options_.reply_max, [&](const Fields& reply) {
        show(render_plan(reply));
        const bool same = reply.objects("changes").empty() && !reply.flag("limits_differ") && !reply.has("log_level");
        return same || !plan.exit_code ? ExitCode::Ok : ExitCode::Failed;
    });
}

ExitCode Runner::operator()(const command::Apply& apply) {
    const std::string parameters =
        apply.confirm ? std::format("{{\"confirm_within\":{}}}", apply.confirm->count()) : "{}";
    if (!options_.json)
        if (const ExitCode planned = (*this)(command::Plan{}); planned != ExitCode::Ok)
            return planned;
    return session_.call(
        method::kApply, parameters, false, options_.reply_max, [&](const Fields& reply) {
            return show(render_reload(reply) + render_trial(reply, session_.scene()));
        });
}

ExitCode Runner::operator()(const command::Confirm&) {
    return session_.call(
        method::kConfirm, "{}", false, options_.reply_max, [&](const Fields& reply) {
            return show(std::format("configuration {} stays\n", reply.digits("configuration")));
        });
}

ExitCode Runner::operator()(const command::Check& check) {
    const CheckResult result = check_configuration(check.files, options_.now());
    session_.print(options_.json ? result.json + "\n" : result.text);
    return session_.finish(result.good ? ExitCode::Ok : ExitCode::Failed);
}

ExitCode Runner::operator()(const command::Migrate& command) {
    const auto only = [](const std::vector<std::filesystem::path>& paths) {
        return paths.empty() ? std::nullopt : std::optional{paths.front()};
    };
    const migrate::Result result = migrate::migrate({.wanted = {.racoon = only(command.racoon),
                                                                .setkey = command.setkey,
                                                                .psk = only(command.psk)},
                                                     .output = only(command.output),
                                                     .force = command.force,
                                                     .json = options_.json,
                                                     .style = options_.style});
    std::fputs(result.err.c_str(), options_.err);
    session_.print(result.out);
    return session_.finish(result.code);
}

ExitCode Runner::operator()(const command::Version&) {
    // The version of a daemon that runs is worth knowing, one that does not run is no failure.
    std::string daemon_version;
    if (auto client = api::Client::connect(options_.socket)) {
        const auto reply =
            client->call({.method = std::string{method::kGetInfo}},
                         std::min<std::chrono::milliseconds>(5s, options_.reply_max));
        if (reply && !reply->failed())
            daemon_version = Fields::parse(reply->parameters).raw("version");
    }
    const std::string ours = XFRMD_VERSION;
    if (options_.json)
        session_.print(std::format("{{\"xfrmctl\":{},\"xfrmd\":{}}}\n", json_string(ours),
                                   daemon_version.empty() ? "null" : json_string(daemon_version)));
    else
        session_.print(
            std::format("xfrmctl {}\nxfrmd {}\n", ours,
                        daemon_version.empty() ? "does not answer" : printable(daemon_version)));
    return session_.finish(ExitCode::Ok);
}

ExitCode Runner::operator()(const command::SetkeyDump& dump) {
    setkey::dump::TableRequest request = dump.request;
    request.json = options_.json;
    return setkey::dump::show_table(request, {options_.out, options_.err});
}

ExitCode Runner::operator()(const command::Explain& asked) {
    explain::Request request = asked.request;
    request.json = options_.json;
    return explain::run(request,
                        {.socket = options_.socket,
                         .reply_max = std::min<std::chrono::milliseconds>(5s, options_.reply_max),
                         .style = options_.style,
                         .out = options_.out,
                         .err = options_.err});
}

ExitCode Runner::operator()(const command::ExportKeys& wanted) {
    return keys::run(wanted.request,
                     {.socket = options_.socket,
                      .reply_max = options_.reply_max,
                      .json = options_.json,
                      .out = options_.out,
                      .err = options_.err});
}

ExitCode Runner::operator()(const command::SetkeyWatch& watch) {
    setkey::dump::WatchRequest request = watch.request;
    request.json = options_.json;
    return setkey::dump::watch(request, {options_.out, options_.err});
}

ExitCode Runner::operator()(const command::SetkeyRun& run) {
    std::vector<setkey::Input> inputs;
    if (!run.words.empty()) inputs.push_back(setkey::input_of(run.words));
    for (const std::string& file : run.files) {
        auto input = setkey::read_input(file);
        if (!input) {
            session_.print_error(input.error());
            return ExitCode::Failed;
        }
        inputs.push_back(std::move(*input));
    }
    setkey::RunOptions options = run.options;
    options.json = options_.json;
    if (!run.direct) options.daemon = options_.socket;
    return setkey::run_statements(std::move(inputs), options, {options_.out, options_.err});
}

ExitCode Runner::operator()(const command::Completion& wanted) {
    const auto row =
        std::ranges::find(completion::kScripts, wanted.shell, &completion::ScriptRow::word);
    if (row == completion::kScripts.end()) return ExitCode::Usage;
    session_.print(std::string{row->text});
    return session_.finish(ExitCode::Ok);
}

ExitCode Runner::operator()(const command::Suggest& suggest) {
    const completion::Suggestions& found = suggest.suggestions;
    std::vector<completion::Suggestion> all = found.words;
    if (found.others == completion::Others::Connections)
        for (auto& name : completion::connection_names(
                 found.socket.empty() ? options_.socket : std::filesystem::path{found.socket}))
            if (name.word.starts_with(found.begun)) all.push_back(std::move(name));
    std::string text;
    for (const auto& [word, description] : all) text += word + "\t" + description + "\n";
    if (found.others == completion::Others::Files) text += ":files\n";
    if (found.others == completion::Others::Folders) text += ":folders\n";
    session_.print(text);
    return session_.finish(ExitCode::Ok);
}

}  // namespace

ExitCode run(const Command& command, const Options& options) {
    return std::visit(Runner{options}, command);
}

}  // namespace xfrmd::cli
