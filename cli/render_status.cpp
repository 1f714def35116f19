// SPDX-License-Identifier: Apache-2.0
// The overview: first what is configured and not up.
#include <algorithm>
#include <array>
#include <format>

#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "daemon/api/failure_text.h"

namespace xfrmd::cli {

namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNameWidthMax = 24;

struct StateRow {
    std::string_view state;
    Paint paint;
    std::string_view explanation;  // where there is no failure to tell
};

// From the most urgent to the least.
constexpr auto kStates = std::to_array<StateRow>({
    {"policies_refused", Paint::Bad,
     "the kernel did not take its policies: its traffic is NOT protected"},
    {"retrying", Paint::Doubtful, ""},
    {"connecting", Paint::Doubtful, "the negotiation is under way"},
    {"held_down", Paint::Doubtful, "closed by command"},
    {"waiting_for_address", Paint::Doubtful, "no address of this host leads to the peer yet"},
    {"waiting_for_traffic", Paint::Plain, "its first packet starts the negotiation"},
    {"passive", Paint::Plain, "it waits for the peer to start"},
    {"serving", Paint::Good, ""},
    {"up", Paint::Good, ""},
});

const StateRow* row_of(std::string_view state) {
    const auto row = std::ranges::find(kStates, state, &StateRow::state);
    return row == kStates.end() ? nullptr : &*row;
}

// Of those in the same state, what has failed comes first.
std::size_t urgency(const Fields& connection) {
    const StateRow* const row = row_of(connection.raw("state"));
    const std::size_t place = row == nullptr ? 0 : static_cast<std::size_t>(row - kStates.data());
    return 2 * place + (connection.has("failed_at") ? 0 : 1);
}

bool is_up(const Fields& connection) {
    return connection.raw("state") == "up";
}

// Of its peers each has a connection of its own; it is as it should be.
bool is_serving(const Fields& connection) {
    return connection.raw("state") == "serving";
}

// "192.0.2.20 (db1.example.net)"
std::string peer_of(const Fields& connection) {
    const std::string id = connection.text("peer_id");
    const std::string remote = connection.text("remote");
    return id.empty() || id == remote ? remote : std::format("{} ({})", remote, id);
}

std::string heading(const Fields& status, const Scene& scene) {
    std::string line = std::format("xfrmd {}, running for {}", status.text("version"),
                                   elapsed_text(status.raw("started"), scene.now));
    line += std::format("; configuration {} since {}", status.digits("configuration"),
                        relative_text(status.raw("configured_at"), scene.now));
    const Fields kernel = status.object("kernel");
    if (kernel.raw("state") != "ready") {
        const std::string detail = kernel.text("detail");
        line += "; " + scene.style.paint(Paint::Bad, "kernel " + kernel.text("state")) +
                (detail.empty() ? "" : ": " + detail);
    }
    return line + "\n";
}

std::string count_line(std::string_view what, std::size_t count, std::size_t all,
                       const Scene& scene) {
    return "\n" +
           scene.style.paint(Paint::Bold, std::format("{}: {} of {} connection{}", what, count, all,
                                                      all == 1 ? "" : "s")) +
           "\n";
}

std::string block(const Fields& connection, std::size_t indent, std::size_t name_width,
                         const Scene& scene) {
    const std::string state = connection.text("state");
    const std::string name = connection.text("name");
    std::string text =
        std::string(indent, ' ') + scene.style.paint(Paint::Bold, name) +
        std::string(name_width - std::min(name_width, display_width(name)) + 2, ' ') +
        scene.style.paint(paint_of_state(connection.raw("state")), state) + " for " +
        elapsed_text(connection.raw("since"), scene.now) + ", peer " + peer_of(connection) + "\n";
    for (const std::string& line : why_not_up(connection, scene))
        text += std::string(indent + name_width + 2, ' ') + line + "\n";
    return text;
}

// All of one kind, under their heading; nothing if there are none.
std::string blocks(std::string_view heading, const std::vector<Fields>& connections, std::size_t all,
                   const Scene& scene) {
    if (connections.empty()) return {};
    std::size_t width = 0;
    for (const Fields& connection : connections)
        width = std::max(width, display_width(connection.text("name")));
    std::string text = count_line(heading, connections.size(), all, scene);
    for (const Fields& connection : connections)
        text += block(connection, kIndent, std::min(width, kNameWidthMax), scene);
    return text;
}

std::string up_table(const std::vector<Fields>& connections, const Scene& scene) {
    Table table{{{.title = "NAME"},
                 {.title = "PEER", .width_min = 12},
                 {.title = "SINCE", .right = true},
                 {.title = "CHILDREN", .right = true},
                 {.title = "SUITE", .width_min = 10}}};
    for (const Fields& connection : connections) {
        const auto ike_sas = connection.objects("ike_sas");
        const auto children = connection.objects("children");
        const std::string suite = !children.empty() ? children.front().text("suite")
                                  : ike_sas.empty() ? std::string{}
                                                    : ike_sas.front().text("suite");
        table.add({{connection.text("name"), Paint::Good},
                   peer_of(connection),
                   elapsed_text(connection.raw("since"), scene.now),
                   std::to_string(children.size()),
                   suite});
    }
    return table.render(scene.style);
}

std::string indented(const std::string& text) {
    std::string all;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && c != '\n') all.append(kIndent, ' ');
        line_begins = c == '\n';
        all += c;
    }
    return all;
}

std::string failure_line(const Fields& failure, const Scene& scene) {
    return std::format("\nLast refused peer, {}: {}\n",
                       relative_text(failure.raw("at"), scene.now),
                       api::failure_text(failure.text("detail"), failure.text("reason")));
}

}  // namespace

Paint paint_of_state(std::string_view state) {
    const StateRow* const row = row_of(state);
    return row == nullptr ? Paint::Plain : row->paint;
}

bool is_well(const Fields& connection) {
    return is_up(connection) || is_serving(connection);
}

std::string labelled(std::string_view label, std::string_view value, std::size_t width) {
    if (value.empty()) return {};
    return std::format("{}{}  {}\n", std::string(width - std::min(width, label.size()), ' '), label,
                       value);
}

std::vector<std::string> why_not_up(const Fields& connection, const Scene& scene) {
    std::vector<std::string> lines;
    const std::string state = connection.raw("state");
    const StateRow* const row = row_of(state);
    if (row != nullptr && !row->explanation.empty()) lines.emplace_back(row->explanation);
    if (const auto kept = connection.integer("kept_sas").value_or(0); kept > 0)
        lines.push_back(std::format("{} SA{} of a former run of xfrmd carr{} its traffic meanwhile", kept,
                                    kept == 1 ? "" : "s", kept == 1 ? "ies" : "y"));
    if (state == "serving") {
        const auto peers = connection.integer("peers_up").value_or(0);
        lines.push_back(std::format("{} peer{} up; it serves the policies that others have installed",
                                    peers, peers == 1 ? "" : "s"));
    }
    if (state == "connecting")
        for (const Fields& ike_sa : connection.objects("ike_sas"))
            lines.push_back(std::format("as {}, in state {} for {}", ike_sa.text("role"),
                                        ike_sa.text("state"),
                                        elapsed_text(ike_sa.raw("since"), scene.now)));
    if (const std::string reason = connection.text("reason"); !reason.empty() && reason != "none") {
        const std::string when = connection.has("failed_at")
                                     ? ", " + relative_text(connection.raw("failed_at"), scene.now)
                                     : "";
        lines.push_back(api::failure_text(connection.text("detail"), reason) + when);
    }
    if (connection.has("next_attempt"))
        lines.push_back("next attempt " + relative_text(connection.raw("next_attempt"), scene.now));
    else if (state == "held_down")
        lines.push_back("nothing is tried by itself; try: xfrmctl up " + connection.text("name"));
    if (connection.raw("when_down") == "clear" && !is_well(connection))
        lines.push_back(scene.style.paint(
            Paint::Bad, "its traffic passes in clear until it is up (when_down = \"clear\")"));
    return lines;
}

std::string render_status(const Fields& reply, const Scene& scene) {
    const Fields status = reply.object("status");
    std::vector<Fields> connections = status.objects("connections");
    std::ranges::stable_sort(connections, {}, [](const Fields& c) {
        return std::pair{urgency(c), c.raw("name")};
    });
    const auto first_up = std::ranges::find_if(connections, is_up);
    const auto first_serving = std::find_if(connections.begin(), first_up, is_serving);
    const std::vector<Fields> down{connections.begin(), first_serving};
    const std::vector<Fields> serving{first_serving, first_up};
    const std::vector<Fields> up{first_up, connections.end()};

    std::string text = heading(status, scene);
    if (const auto problems = status.objects("configuration_problems"); !problems.empty())
        text += "\n" + scene.style.paint(Paint::Bold, "Not in force as the files say:") + "\n" +
                indented(render_diagnostics(problems));
    if (connections.empty())
        text +=
            "\nNo connections are configured: write one into /etc/xfrmd/xfrmd.toml, then: xfrmctl "
            "reload\n";
    text += blocks("Not up", down, connections.size(), scene);
    text += blocks("Serving", serving, connections.size(), scene);
    if (!up.empty()) {
        Scene narrower = scene;
        if (narrower.style.width > kIndent) narrower.style.width -= kIndent;
        text += count_line("Up", up.size(), connections.size(), scene) +
                indented(up_table(up, narrower));
    }
    if (const auto half_open = status.objects("half_open"); !half_open.empty())
        text += std::format("\n{} peer{} negotiating, not known yet\n", half_open.size(),
                            half_open.size() == 1 ? " is" : "s are");
    for (const Fields& peer : status.objects("ikev1_peers"))
        text += std::format("\n{} still speaks IKEv1, last {}\n", peer.text("address"),
                            relative_text(peer.raw("last_seen"), scene.now));
    if (const Fields failure = status.object("last_unassigned_failure"))
        text += failure_line(failure, scene);
    return text;
}

Fields connection_named(const Fields& status_reply, std::string_view name) {
    for (const Fields& connection : status_reply.object("status").objects("connections"))
        if (connection.raw("name") == name) return connection;
    return {};
}

std::string render_connection(const Fields& connection, const Scene& scene) {
    if (is_up(connection)) return up_table({connection}, scene);
    return block(connection, 0, std::min(display_width(connection.text("name")), kNameWidthMax), scene);
}

}  // namespace xfrmd::cli
