// SPDX-License-Identifier: Apache-2.0
// Replies of the control interface as text. Pure: the same reply, style and time give the same
// text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "cli/fields.h"
#include "cli/style.h"
#include "cli/times.h"

namespace xfrmd::cli {

struct Scene {
    Style style;
    WallTime now;
};

// How good a connection's state is.
[[nodiscard]] Paint paint_of_state(std::string_view state);
// It is up, or serves those that come: nobody has to look after it.
[[nodiscard]] bool is_well(const Fields& connection);
// In one or two sentences, why a connection is not up and what comes next: "peer said: …, 12s ago",
// "next attempt in 18s".
[[nodiscard]] std::vector<std::string> why_not_up(const Fields& connection, const Scene& scene);
// How many characters a label and its blanks take: values stand behind them in one column.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view value,
                                   std::size_t width);

// The reply of Status. First what is configured and not up, each with its reason, then what is up.
[[nodiscard]] std::string render_status(const Fields& reply, const Scene& scene);
// A connection of the overview; nothing if there is none of this name.
[[nodiscard]] Fields connection_named(const Fields& status_reply, std::string_view name);
[[nodiscard]] std::string render_connection(const Fields& connection, const Scene& scene);

// The replies of one of the lists, each with one object.
[[nodiscard]] std::string render_connections(const std::vector<Fields>& replies,
                                             const Scene& scene);
[[nodiscard]] std::string render_ike_sas(const std::vector<Fields>& replies, const Scene& scene);
[[nodiscard]] std::string render_children(const std::vector<Fields>& replies, const Scene& scene);
[[nodiscard]] std::string render_policies(const std::vector<Fields>& replies, const Scene& scene);
[[nodiscard]] std::string render_sas(const std::vector<Fields>& replies, const Scene& scene);

// The reply of Show.
[[nodiscard]] std::string render_show(const Fields& reply, const Scene& scene);
// One reply of Up: a step, or the end.
[[nodiscard]] std::string render_up(const Fields& reply, const Scene& scene);
[[nodiscard]] std::string render_down(const Fields& reply);
[[nodiscard]] std::string render_rekey(const Fields& reply);
// One event of Monitor, on one line.
[[nodiscard]] std::string render_event(const Fields& reply, const Scene& scene);
// The reply of Reload: what is in force, and the warnings.
[[nodiscard]] std::string render_reload(const Fields& reply);
[[nodiscard]] std::string render_flush(const Fields& reply);
// The reply of GetLogLevel or SetLogLevel.
[[nodiscard]] std::string render_log_level(const Fields& reply);
// The reply of Plan: each change with what it does to SAs.
[[nodiscard]] std::string render_plan(const Fields& reply);
// Of the reply of Apply: until when it is to be confirmed; empty if it is not.
[[nodiscard]] std::string render_trial(const Fields& reply, const Scene& scene);
// Diagnostics of the configuration, as the daemon tells them.
[[nodiscard]] std::string render_diagnostics(const std::vector<Fields>& diagnostics);

// A refusal by the daemon: what happened and what to do, on one or more lines.
struct Refusal {
    ExitCode exit_code = ExitCode::Failed;
    std::string text;
};
[[nodiscard]] Refusal render_refusal(std::string_view error, const Fields& parameters);

}  // namespace xfrmd::cli
