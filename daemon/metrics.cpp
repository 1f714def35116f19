// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <format>
#include <functional>
#include <initializer_list>
#include <ranges>
#include <set>
#include <utility>

#include "daemon/journal.h"

namespace xfrmd::daemon {
namespace {

using Label = std::pair<std::string_view, std::string_view>;

std::string escaped_label(std::string_view value) {
    std::string text;
    for (const char c : escaped(value)) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

std::uint64_t seconds_of(api::WallTime at) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count());
}

// The text, family by family.
class Writer {
  public:
    void gauge(std::string_view name, std::string_view help) { family(name, "gauge", help); }
    // Its samples are NAME_total.
    void counter(std::string_view name, std::string_view help) { family(name, "counter", help); }

    void sample(std::uint64_t value, std::initializer_list<Label> labels = {}) {
        text_ += family_;
        text_ += suffix_;
        char separator = '{';
        for (const auto& [name, content] : labels) {
            text_ += std::format("{}{}=\"{}\"", separator, name, escaped_label(content));
            separator = ',';
        }
        if (separator == ',') text_ += '}';
        text_ += std::format(" {}\n", value);
    }
    void info(std::string_view name, std::string_view help, std::initializer_list<Label> labels) {
        family(name, "info", help);
        suffix_ = "_info";
        sample(1, labels);
    }
    std::string end() && { return std::move(text_) + "# EOF\n"; }

  private:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        family_ = std::format("xfrmd_{}", name);
        suffix_ = type == "counter" ? "_total" : "";
        text_ += std::format("# TYPE {} {}\n# HELP {} {}\n", family_, type, family_, help);
    }

    std::string text_;
    std::string family_;
    std::string_view suffix_;
};

// What the kernel has counted for one child, over all SAs that it has at the moment.
struct Traffic {
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t last_packet = 0;
};

struct ChildRow {
    std::string_view connection;
    std::string_view child;
    bool up = false;
    Traffic in;
    Traffic out;
};

void add(Traffic& traffic, const xfrm::SaInfo& sa) {
    traffic.bytes += sa.usage.bytes;
    traffic.packets += sa.usage.packets;
    traffic.last_packet = std::max(traffic.last_packet, sa.last_used.value_or(0));
}

bool has_child(const ike::ConnectionSnapshot& connection, std::string_view child) {
    return std::ranges::any_of(connection.ike_sas, [&](const ike::IkeSaSnapshot& sa) {
        return std::ranges::any_of(sa.children, [&](const ike::ChildSnapshot& each) {
            return each.name == child && each.is_in_use();
        });
    });
}

std::vector<ChildRow> children_of(const MetricsInput& input) {
    std::map<xfrm::ReqId, std::vector<const xfrm::SaInfo*>> by_reqid;
    for (const xfrm::SaInfo& sa : input.sas)
        if (!sa.larval && sa.spec.id.protocol != xfrm::IpsecProtocol::Ipcomp) by_reqid[sa.spec.reqid].push_back(&sa);
    std::vector<ChildRow> rows;
    for (const ike::ConnectionSnapshot& connection : input.snapshot.connections) {
        if (connection.connection == nullptr) continue;
        std::set<xfrm::Address> remotes{connection.connection->remote};
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) remotes.insert(sa.remote.address);
        for (const ike::Child& child : connection.connection->children) {
            ChildRow row{connection.name, child.name, has_child(connection, child.name), {}, {}};
            for (const xfrm::SaInfo* sa : by_reqid[child.reqid])
                add(remotes.contains(sa->spec.id.destination) ? row.out : row.in, *sa);
            rows.push_back(row);
        }
    }
    return rows;
}

void write_connections(Writer& out, const MetricsInput& input) {
    const auto& connections = input.snapshot.connections;
    out.gauge("connection_configured", "Connections of the configuration in force; always 1.");
    // What serves others' policies is never up itself: its peers' connections are told beside it.
    auto may_be_up = connections | std::views::filter(std::not_fn(api::is_serving));
    for (const auto& connection : may_be_up) out.sample(1, {{"connection", connection.name}});
    out.gauge("connection_up", "Whether the connection has a child that carries its traffic.");
    for (const auto& connection : may_be_up)
        out.sample(connection.state == ike::ConnectionState::Up ? 1 : 0, {{"connection", connection.name}});
    out.gauge("connection_state", "The state it is in, as a word; always 1.");
    for (const auto& connection : connections)
        out.sample(1, {{"connection", connection.name}, {"state", api::state_word(connection)}});
    out.gauge("connection_since_timestamp_seconds", "Since when it is in that state.");
    for (const auto& connection : connections)
        out.sample(seconds_of(api::to_wall(connection.since, input.wall)), {{"connection", connection.name}});
    out.gauge("connection_last_failure_timestamp_seconds", "When its last attempt failed, and why.");
    for (const auto& connection : connections)
        if (connection.last_failure)
            out.sample(seconds_of(api::to_wall(connection.last_failure->at, input.wall)),
                       {{"connection", connection.name}, {"reason", ike::reason_name(connection.last_failure->reason)}});
    out.gauge("connection_next_attempt_timestamp_seconds", "When it is tried again.");
    for (const auto& connection : connections)
        if (connection.next_attempt)
            out.sample(seconds_of(api::to_wall(*connection.next_attempt, input.wall)),
                       {{"connection", connection.name}});
}

void write_children(Writer& out, const MetricsInput& input) {
    const std::vector<ChildRow> rows = children_of(input);
    const auto both = [&](auto&& value) {
        for (const ChildRow& row : rows) {
            out.sample(value(row.in), {{"connection", row.connection}, {"child", row.child}, {"direction", "in"}});
            out.sample(value(row.out), {{"connection", row.connection}, {"child", row.child}, {"direction", "out"}});
        }
    };
    out.gauge("child_up", "Whether the child carries traffic.");
    for (const ChildRow& row : rows)
        out.sample(row.up ? 1 : 0, {{"connection", row.connection}, {"child", row.child}});
    out.counter("child_bytes", "Octets through the SAs that the child has now; begins anew with new keys.");
    both([](const Traffic& traffic) { return traffic.bytes; });
    out.counter("child_packets", "Packets through the SAs that the child has now; begins anew with new keys.");
    both([](const Traffic& traffic) { return traffic.packets; });
    out.gauge("child_last_packet_timestamp_seconds", "When the last packet passed; 0: none has.");
    both([](const Traffic& traffic) { return traffic.last_packet; });
}

void write_ike(Writer& out, const MetricsInput& input) {
    std::map<std::string_view, std::uint64_t> states{{"established", 0}, {"half_open", 0}};
    for (const auto& connection : input.snapshot.connections)
        for (const auto& sa : connection.ike_sas) ++states[sa.state == "established" ? "established" : "half_open"];
    const ike::Statistics& statistics = input.snapshot.statistics;
    states["half_open"] += input.snapshot.unassigned.size();
    out.gauge("ike_sas", "IKE SAs of connections, and handshakes under way.");
    for (const auto& [state, count] : states) out.sample(count, {{"state", state}});
    out.gauge("half_open", "Handshakes that peers have begun and not finished.");
    out.sample(statistics.half_open);
    out.counter("ike_sas_established", "IKE SAs that came up.");
    out.sample(statistics.established_total);
    out.counter("ike_sas_ended", "IKE SAs that ended, by reason.");
    for (const auto& [reason, count] : input.events.ike_sa_ends) out.sample(count, {{"reason", reason}});
    out.counter("negotiation_failures", "Negotiations that failed, by reason; strangers' too.");
    for (const auto& [reason, count] : input.events.failures) out.sample(count, {{"reason", reason}});
    out.counter("rekeys", "New keys without a gap.");
    out.sample(input.events.ike_rekeys, {{"kind", "ike_sa"}});
    out.sample(input.events.child_rekeys, {{"kind", "child"}});
    out.counter("cookies_sent", "Initiators that were asked to prove their address.");
    out.sample(statistics.cookies_sent);
    out.counter("datagrams_dropped", "Datagrams that changed nothing, by cause.");
    for (std::size_t i = 0; i < statistics.dropped.size(); ++i)
        out.sample(statistics.dropped[i], {{"cause", ike::dropped_name(static_cast<ike::Dropped>(i))}});
    out.counter("datagrams", "IKE messages, keepalives not counted.");
    out.sample(input.datagrams_received, {{"direction", "in"}});
    out.sample(input.datagrams_sent, {{"direction", "out"}});
    out.counter("send_errors", "Datagrams that the system refused to send.");
    out.sample(input.send_errors);
}

void write_host(Writer& out, const MetricsInput& input) {
    out.info("build", "What runs.", {{"version", input.version}});
    out.gauge("start_timestamp_seconds", "When xfrmd started.");
    out.sample(input.started);
    out.gauge("config_generation", "Counts the configurations that were put into force since the start.");
    out.sample(input.snapshot.configuration);
    out.gauge("config_last_reload_success", "0: the files have mistakes, and the former configuration is in force.");
    out.sample(input.last_reload_succeeded ? 1 : 0);
    out.gauge("cert_expiry_timestamp_seconds", "When the certificate of an identity of ours ends.");
    for (const auto& [identity, end] : input.certificate_ends)
        out.sample(static_cast<std::uint64_t>(std::max<std::int64_t>(end, 0)), {{"identity", identity}});
    out.counter("kernel_resyncs", "How often events of the kernel were lost and its tables read again.");
    out.sample(input.kernel_resyncs);
    out.counter("xfrm_stat", "The kernel's own error counters, of the whole host: /proc/net/xfrm_stat.");
    for (const auto& [name, count] : input.xfrm_stat) out.sample(count, {{"counter", name}});
}

}  // namespace

void EventCounters::count(const ike::Event& event) {
    if (std::holds_alternative<ike::IkeSaRekeyed>(event)) ++counts_.ike_rekeys;
    if (std::holds_alternative<ike::ChildRekeyed>(event)) ++counts_.child_rekeys;
    if (const auto* failed = std::get_if<ike::NegotiationFailed>(&event))
        ++counts_.failures[ike::reason_name(failed->reason)];
    if (const auto* ended = std::get_if<ike::IkeSaDown>(&event))
        ++counts_.ike_sa_ends[ike::reason_name(ended->reason)];
}

std::string render_metrics(const MetricsInput& input) {
    Writer out;
    write_host(out, input);
    write_connections(out, input);
    write_children(out, input);
    write_ike(out, input);
    return std::move(out).end();
}

std::vector<std::pair<std::string, std::uint64_t>> parse_xfrm_stat(std::string_view text) {
    std::vector<std::pair<std::string, std::uint64_t>> counters;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t name_end = line.find_first_of(" \t");
        const std::size_t value = line.find_first_not_of(" \t", name_end);
        std::uint64_t count = 0;
        if (name_end == line.npos || value == line.npos) continue;
        const char* const end = line.data() + line.size();
        if (std::from_chars(line.data() + value, end, count).ptr != line.data() + value)
            counters.emplace_back(line.substr(0, name_end), count);
    }
    return counters;
}

}  // namespace xfrmd::daemon
