// SPDX-License-Identifier: Apache-2.0
#include "cli/top.h"

#include <algorithm>
#include <format>
#include <set>
#include <tuple>
#include <utility>

#include "cli/table.h"
#include "cli/text.h"

namespace xfrmd::cli {

namespace {

std::uint64_t count_of(const Fields& sa, std::string_view key) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(sa.integer(key).value_or(0), 0));
}

std::string key_of(const Fields& sa) {
    return sa.raw("protocol") + ' ' + sa.raw("destination") + ' ' + sa.raw("spi");
}

// What has passed since `before`; all of it if the SA is new, or its counters were set back.
Traffic since(const Look& before, const Fields& sa) {
    const Traffic now{count_of(sa, "bytes"), count_of(sa, "packets")};
    const auto found = before.by_spi.find(key_of(sa));
    if (found == before.by_spi.end() || found->second.packets > now.packets) return now;
    return {now.octets - found->second.octets, now.packets - found->second.packets};
}

void add(TopRow& row, const Fields& sa, const Traffic& traffic, bool inbound, double seconds) {
    (inbound ? row.in_octets : row.out_octets) += static_cast<double>(traffic.octets) / seconds;
    (inbound ? row.in_packets : row.out_packets) += static_cast<double>(traffic.packets) / seconds;
    row.used_at = std::max(row.used_at, sa.raw("used_at"));
}

double busyness(const TopRow& row) {
    return row.in_octets + row.out_octets;
}

std::string rate_text(double octets) {
    return octets < 0.5 ? "-" : octets_text(static_cast<std::uint64_t>(octets + 0.5)) + "/s";
}

std::string packets_text(double packets) {
    return packets < 0.05 ? "-" : packets < 10 ? std::format("{:.1f}", packets) : std::format("{:.0f}", packets);
}

// The rows of a connection: one for each child that is configured, as it may be without SAs.
void add_rows(std::vector<TopRow>& rows, const Fields& connection) {
    const TopRow row{.connection = connection.text("name"),
                     .child = {},
                     .state = connection.text("state"),
                     .peer = connection.text("remote"),
                     .used_at = {}};
    std::vector<std::string> names = connection.texts("child_names");
    if (names.empty()) names.emplace_back();
    for (std::string& name : names) {
        rows.push_back(row);
        rows.back().child = std::move(name);
    }
}

}  // namespace

Look make_look(std::chrono::steady_clock::time_point at, Fields status, std::vector<Fields> sas) {
    Look look{.at = at, .status = std::move(status), .by_spi = {}, .sas = std::move(sas)};
    for (const Fields& reply : look.sas) {
        const Fields sa = reply.object("sa");
        if (sa && !sa.flag("larval")) look.by_spi[key_of(sa)] = {count_of(sa, "bytes"), count_of(sa, "packets")};
    }
    return look;
}

std::vector<TopRow> top_rows(const Look& before, const Look& now) {
    const double seconds = std::max(std::chrono::duration<double>{now.at - before.at}.count(), 0.001);
    std::vector<TopRow> rows;
    std::set<std::string> inbound;
    std::set<std::string> peers;  // where SAs of a former run go
    for (const Fields& connection : now.status.object("status").objects("connections")) {
        add_rows(rows, connection);
        peers.insert(connection.raw("remote"));
        for (const Fields& child : connection.objects("children")) inbound.insert(child.raw("inbound_spi"));
    }
    for (const Fields& reply : now.sas) {
        const Fields sa = reply.object("sa");
        // Compression counts inside of what ESP counts.
        if (!sa || sa.flag("larval") || sa.raw("protocol") == "ipcomp") continue;
        const std::string owner = sa.text("owner");
        const auto row = std::ranges::find_if(rows, [&](const TopRow& each) {
            return each.connection + '/' + each.child == owner;
        });
        if (row == rows.end()) continue;
        const bool is_inbound = inbound.contains(sa.raw("spi")) || !peers.contains(sa.raw("destination"));
        add(*row, sa, since(before, sa), is_inbound, seconds);
    }
    std::ranges::stable_sort(rows, {}, [](const TopRow& row) {
        return std::tuple{-busyness(row), row.state == "up", row.connection, row.child};
    });
    return rows;
}

std::string render_top(const Look& before, const Look& now, const Scene& scene) {
    const std::vector<TopRow> rows = top_rows(before, now);
    const auto connections = now.status.object("status").objects("connections");
    const auto up = std::ranges::count_if(connections, [](const Fields& each) { return each.raw("state") == "up"; });
    double in = 0;
    double out = 0;
    Table table{{{.title = "CONNECTION", .width_min = 10},
                 {.title = "CHILD", .width_min = 6},
                 {.title = "STATE"},
                 {.title = "PEER", .width_min = 10},
                 {.title = "IN", .right = true},
                 {.title = "OUT", .right = true},
                 {.title = "PACKETS IN", .right = true},
                 {.title = "OUT", .right = true},
                 {.title = "LAST PACKET", .right = true}}};
    for (const TopRow& row : rows) {
        in += row.in_octets;
        out += row.out_octets;
        table.add({row.connection, row.child, {row.state, paint_of_state(row.state)}, row.peer, rate_text(row.in_octets),
                   rate_text(row.out_octets), packets_text(row.in_packets), packets_text(row.out_packets),
                   row.used_at.empty() ? std::string{} : relative_text(row.used_at, scene.now)});
    }
    std::string text = std::format("{}/{} up; in {}, out {}\n\n", up, connections.size(), rate_text(in), rate_text(out));
    return text + (table.empty() ? "No connections are configured\n" : table.render(scene.style));
}

std::string top_json(const Look& before, const Look& now) {
    std::string text = "{\"children\":[";
    for (const TopRow& row : top_rows(before, now)) {
        if (!text.ends_with('[')) text += ',';
        text += std::format(
            "{{\"connection\":{},\"child\":{},\"state\":{},\"remote\":{},\"in_octets_per_second\":{:.1f},"
            "\"out_octets_per_second\":{:.1f},\"in_packets_per_second\":{:.1f},\"out_packets_per_second\":{:.1f}",
            json_string(row.connection), json_string(row.child), json_string(row.state), json_string(row.peer),
            row.in_octets, row.out_octets, row.in_packets, row.out_packets);
        if (!row.used_at.empty()) text += ",\"used_at\":" + json_string(row.used_at);
        text += '}';
    }
    return text + "]}\n";
}

}  // namespace xfrmd::cli
