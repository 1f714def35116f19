// SPDX-License-Identifier: Apache-2.0
// The lists: one row for each reply.
#include <algorithm>
#include <format>
#include <functional>

#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"

namespace xfrmd::cli {

namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

// The rows of a table, or a line that says there are none.
std::string render_list(const std::vector<Fields>& replies, std::string_view key, Table table,
                        std::string_view none, const Scene& scene,
                        const std::function<std::vector<Cell>(const Fields&)>& row_of) {
    for (const Fields& reply : replies)
        if (const Fields item = reply.object(key)) table.add(row_of(item));
    return table.empty() ? std::string{none} + "\n" : table.render(scene.style);
}

// "esp/tunnel 192.0.2.1 -> 192.0.2.2 reqid 7"
std::string template_text(const Fields& wanted) {
    std::string text = wanted.text("protocol") + "/" + wanted.text("mode");
    if (wanted.raw("mode") != "transport")
        text += std::format(" {} -> {}", wanted.text("source"), wanted.text("destination"));
    text += " reqid " + wanted.digits("reqid");
    return text + (wanted.flag("optional") ? " (or in clear)" : "");
}

std::string what_a_policy_does(const Fields& policy) {
    if (policy.raw("action") == "block") return "block";
    std::vector<std::string> templates;
    for (const Fields& wanted : policy.objects("templates"))
        templates.push_back(template_text(wanted));
    return templates.empty() ? "allow in clear" : joined(templates);
}

std::string algorithms_of(const Fields& sa) {
    std::vector<std::string> names;
    for (const auto key : {"aead", "encryption", "integrity", "compression"})
        if (const std::string name = sa.text(key); !name.empty()) names.push_back(name);
    return joined(names);
}

std::string octets_of(const Fields& sa, std::string_view key) {
    const auto octets = sa.integer(key);
    return octets && *octets >= 0 ? octets_text(static_cast<std::uint64_t>(*octets)) : "";
}

Paint paint_of_action(const Fields& policy) {
    if (policy.raw("action") == "block") return Paint::Bad;
    return policy.objects("templates").empty() ? Paint::Doubtful : Paint::Plain;
}

}  // namespace

std::string render_connections(const std::vector<Fields>& replies, const Scene& scene) {
    const Table table{{{.title = "NAME", .width_min = 12},
                       {.title = "STATE"},
                       {.title = "FOR", .right = true},
                       {.title = "LOCAL", .width_min = 9},
                       {.title = "REMOTE", .width_min = 9},
                       {.title = "PEER", .width_min = 12},
                       {.title = "START"},
                       {.title = "REASON", .width_min = 12}}};
    return render_list(
        replies, "connection", table, "no connections are configured", scene, [&](const Fields& c) {
            const std::string reason = c.text("reason");
            return std::vector<Cell>{c.text("name"),
                                     {c.text("state"), paint_of_state(c.raw("state"))},
                                     elapsed_text(c.raw("since"), scene.now),
                                     c.text("local"),
                                     c.text("remote"),
                                     c.text("peer_id"),
                                     c.text("start"),
                                     c.raw("state") == "up" || reason == "none" ? "" : reason};
        });
}

std::string render_ike_sas(const std::vector<Fields>& replies, const Scene& scene) {
    const Table table{{{.title = "CONNECTION", .width_min = 12},
                       {.title = "STATE"},
                       {.title = "FOR", .right = true},
                       {.title = "ROLE"},
                       {.title = "INITIATOR SPI"},
                       {.title = "RESPONDER SPI"},
                       {.title = "LOCAL", .width_min = 13},
                       {.title = "REMOTE", .width_min = 13},
                       {.title = "PEER", .width_min = 12},
                       {.title = "SUITE", .width_min = 10}}};
    return render_list(replies, "ike_sa", table, "there are no IKE SAs", scene,
                       [&](const Fields& sa) {
                           const std::string connection = sa.text("connection");
                           const bool established = sa.raw("state") == "established";
                           return std::vector<Cell>{
                               connection.empty() ? "(not known yet)" : connection,
                               {sa.text("state"), established ? Paint::Good : Paint::Doubtful},
                               elapsed_text(sa.raw("since"), scene.now),
                               sa.text("role"),
                               sa.text("initiator_spi"),
                               sa.text("responder_spi"),
                               sa.text("local"),
                               sa.text("remote"),
                               sa.text("peer_id"),
                               sa.text("suite")};
                       });
}

std::string render_children(const std::vector<Fields>& replies, const Scene& scene) {
    const Table table{{{.title = "CHILD", .width_min = 12},
                       {.title = "MODE"},
                       {.title = "FOR", .right = true},
                       {.title = "IN SPI"},
                       {.title = "OUT SPI"},
                       {.title = "REQID", .right = true},
                       {.title = "LOCAL", .width_min = 12},
                       {.title = "REMOTE", .width_min = 12},
                       {.title = "SUITE", .width_min = 10},
                       {.title = "OVER"}}};
    return render_list(
        replies, "child", table, "there are no CHILD_SAs", scene, [&](const Fields& child) {
            return std::vector<Cell>{child.text("connection") + "/" + child.text("name"),
                                     child.text("mode"),
                                     elapsed_text(child.raw("since"), scene.now),
                                     child.text("inbound_spi"),
                                     child.text("outbound_spi"),
                                     child.digits("reqid"),
                                     joined(child.texts("local")),
                                     joined(child.texts("remote")),
                                     child.text("suite"),
                                     child.flag("encapsulated") ? "udp" : ""};
        });
}

std::string render_policies(const std::vector<Fields>& replies, const Scene& scene) {
    const Table table{{{.title = "DIRECTION"},
                       {.title = "PRIORITY", .right = true},
                       {.title = "SELECTOR", .width_min = 20},
                       {.title = "ACTION", .width_min = 16},
                       {.title = "OWNER", .width_min = 12},
                       {.title = "MARK"},
                       {.title = "IF_ID", .right = true}}};
    return render_list(
        replies, "policy", table, "the kernel has no policies", scene, [](const Fields& policy) {
            return std::vector<Cell>{
                policy.text("direction") + (policy.flag("socket") ? " (socket)" : ""),
                policy.digits("priority"),
                policy.text("selector"),
                {what_a_policy_does(policy), paint_of_action(policy)},
                policy.text("owner"),
                policy.text("mark"),
                policy.digits("if_id")};
        });
}

std::string render_sas(const std::vector<Fields>& replies, const Scene& scene) {
    const Table table{{{.title = "SOURCE", .width_min = 9},
                       {.title = "DESTINATION", .width_min = 9},
                       {.title = "PROTOCOL"},
                       {.title = "SPI"},
                       {.title = "MODE"},
                       {.title = "REQID", .right = true},
                       {.title = "ALGORITHMS", .width_min = 12},
                       {.title = "BYTES", .right = true},
                       {.title = "PACKETS", .right = true},
                       {.title = "LAST USED", .right = true},
                       {.title = "ERRORS", .right = true},
                       {.title = "OWNER", .width_min = 12}}};
    return render_list(replies, "sa", table, "the kernel has no SAs", scene, [&](const Fields& sa) {
        const std::int64_t errors =
            sa.integer("replay_errors").value_or(0) + sa.integer("integrity_failures").value_or(0);
        const std::string used = sa.raw("used_at");
        return std::vector<Cell>{sa.text("source"),
                                 sa.text("destination"),
                                 sa.text("protocol"),
                                 sa.text("spi"),
                                 sa.text("mode"),
                                 sa.digits("reqid"),
                                 sa.flag("larval") ? "(being negotiated)" : algorithms_of(sa),
                                 octets_of(sa, "bytes"),
                                 sa.digits("packets"),
                                 used.empty() ? "" : relative_text(used, scene.now),
                                 {errors == 0 ? "" : std::to_string(errors), Paint::Bad},
                                 sa.text("owner")};
    });
}

}  // namespace xfrmd::cli
