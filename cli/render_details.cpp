// SPDX-License-Identifier: Apache-2.0
// One connection in full, the steps of a negotiation, the stream of events.
#include <format>

#include "cli/render.h"
#include "cli/text.h"
#include "daemon/api/failure_text.h"

namespace xfrmd::cli {

namespace {

constexpr std::size_t kLabelWidth = 14;

std::string line(std::string_view label, std::string_view value) {
    return labelled(label, value, kLabelWidth);
}

// The values below each other, the label beside the first.
std::string lines(std::string_view label, const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += line(all.empty() ? label : "", value);
    return all;
}

std::string title(const Scene& scene, const std::string& text) {
    return "\n" + scene.style.paint(Paint::Bold, text) + "\n";
}

std::string nat_text(const Fields& sa) {
    if (sa.flag("nat_local") && sa.flag("nat_remote")) return "both ends are behind a NAT";
    if (sa.flag("nat_local")) return "we are behind a NAT";
    return sa.flag("nat_remote") ? "the peer is behind a NAT" : "";
}

std::string mobike_text(const Fields& sa) {
    return sa.flag("mobike") ? "yes, the ends may change their addresses" : "";
}

std::string ike_sa_block(const Fields& sa, const Scene& scene) {
    return title(scene, "IKE SA") +
           line("state", sa.text("state") + " for " + elapsed_text(sa.raw("since"), scene.now)) +
           line("role", sa.text("role")) +
           line("spis", sa.text("initiator_spi") + " " + sa.text("responder_spi")) +
           line("local", sa.text("local") + " " + sa.text("local_id")) +
           line("remote", sa.text("remote") + " " + sa.text("peer_id")) +
           line("suite", sa.text("suite")) + line("nat", nat_text(sa)) +
           line("mobike", mobike_text(sa)) + lines("peer also at", sa.texts("peer_addresses"));
}

// Nothing without compression.
std::string compression_text(const Fields& child) {
    if (child.text("inbound_cpi").empty()) return "";
    return "deflate, CPIs in " + child.text("inbound_cpi") + ", out " + child.text("outbound_cpi");
}

std::string child_block(const Fields& child, const Scene& scene) {
    return title(scene, "CHILD_SA " + child.text("name")) +
           line("since", relative_text(child.raw("since"), scene.now)) +
           line("mode", child.text("mode") + (child.flag("encapsulated") ? ", ESP in UDP" : "")) +
           line("spis", "in " + child.text("inbound_spi") + ", out " + child.text("outbound_spi")) +
           line("compression", compression_text(child)) + line("reqid", child.digits("reqid")) + lines("local", child.texts("local")) +
           lines("remote", child.texts("remote")) + line("suite", child.text("suite"));
}

std::string configured_child_block(const Fields& child, const Scene& scene) {
    return title(scene, "Child " + child.text("name") + " as configured") +
           line("mode", child.text("mode")) + line("reqid", child.digits("reqid")) +
           lines("local", child.texts("local")) + lines("remote", child.texts("remote")) +
           lines("esp", child.texts("proposals")) +
           line("priority", child.digits("policy_priority")) +
           line("replay window", child.digits("replay_window"));
}

// "12:03:04.123"
std::string clock_text(const Fields& event) {
    const auto time = parse_rfc3339(event.raw("at"));
    return time ? std::format("{:%T}", *time) : event.text("at");
}

Paint paint_of_event(const Fields& event) {
    const std::string type = event.raw("type");
    if (type == "ike_sa_up" || type == "ike_sa_rekeyed" || type == "child_up" ||
        type == "child_rekeyed" || type == "policies_installed" ||
        type == "reloaded")
        return Paint::Good;
    if (type == "negotiation_failed" || type == "policy_failed") return Paint::Bad;
    if (type == "ike_sa_down" || type == "child_down") return Paint::Doubtful;
    return type == "connection_state" ? paint_of_state(event.object("state").raw("state"))
                                      : Paint::Plain;
}

// What an event says besides its type and connection. In the order of the fields, whichever are
// there.
std::string details_of(const Fields& event, const Scene& scene) {
    std::string all;
    const auto add = [&all](const std::string& what) {
        if (!what.empty()) all += (all.empty() ? "" : ", ") + what;
    };
    const auto add_named = [&](std::string_view name, std::string_view key) {
        if (const std::string value = event.text(key); !value.empty())
            add(std::format("{} {}", name, value));
    };
    if (const Fields state = event.object("state")) {
        add(state.text("state"));
        for (const std::string& why : why_not_up(state, {{}, scene.now})) add(why);
    }
    add(event.text("step"));
    if (event.has("role")) add("as " + event.text("role"));
    add_named("peer", "peer_id");
    add_named("at", "remote");
    add(event.text("suite"));
    if (event.has("initiator_spi"))
        add("ike " + event.text("initiator_spi") + " " + event.text("responder_spi"));
    add_named("in", "inbound_spi");
    add_named("out", "outbound_spi");
    if (const auto number = event.integer("configuration"))
        add(std::format("configuration {}", *number));
    add(api::failure_text(event.text("detail"), event.text("reason")));
    if (const auto retry = event.number("retry_in"); retry && *retry > 0)
        add("next attempt in " + milliseconds_text(*retry * 1000));
    if (const auto count = event.integer("count")) add(std::format("{} policies", *count));
    return all;
}

}  // namespace

std::string render_show(const Fields& reply, const Scene& scene) {
    const Fields connection = reply.object("connection");
    const std::string state = connection.raw("state");
    std::string text =
        scene.style.paint(Paint::Bold, connection.text("name")) + "\n" +
        line("state", scene.style.paint(paint_of_state(state), connection.text("state")) + " for " +
                          elapsed_text(connection.raw("since"), scene.now));
    if (state != "up") text += lines("why", why_not_up(connection, scene));
    text += line("configured", connection.text("origin")) +
            line("local", connection.text("local") + " " + connection.text("local_id")) +
            line("remote", connection.text("remote") + " " + connection.text("peer_id")) +
            line("start", connection.text("start")) +
            line("when down", connection.text("when_down")) +
            lines("ike", reply.texts("ike_proposals"));
    for (const Fields& child : reply.objects("configured_children"))
        text += configured_child_block(child, scene);
    for (const Fields& sa : connection.objects("ike_sas")) text += ike_sa_block(sa, scene);
    for (const Fields& child : connection.objects("children")) text += child_block(child, scene);
    return text;
}

std::string render_up(const Fields& reply, const Scene& scene) {
    const std::string elapsed = milliseconds_text(reply.number("milliseconds").value_or(0));
    const std::string step = reply.text("step");
    if (!step.empty()) return std::format("{:>10}  {}\n", elapsed, step);
    const std::string state = reply.text("state");
    return std::format(
        "{} is {} after {}\n", reply.text("connection"),
        scene.style.paint(paint_of_state(reply.raw("state")), state.empty() ? "up" : state),
        elapsed);
}

std::string render_rekey(const Fields& reply) {
    return reply.text("connection") + ": new keys are being negotiated\n";
}

std::string render_down(const Fields& reply) {
    const std::string name = reply.text("connection");
    const std::string state = reply.text("state");
    return std::format("{} is {}, until: xfrmctl up {}\n", name, state.empty() ? "down" : state,
                       name);
}

std::string render_log_level(const Fields& reply) {
    const std::string former = reply.text("former");
    return std::format("log level {}{}\n", reply.text("level"),
                       former.empty() ? "" : ", before it was " + former);
}

std::string render_event(const Fields& reply, const Scene& scene) {
    const Fields event = reply.object("event");
    const std::string type = event.text("type");
    if (event.raw("type") == "synchronized")
        return scene.style.paint(Paint::Dim, "-- what follows are changes --") + "\n";
    std::string who = event.text("connection");
    if (event.has("child")) who += "/" + event.text("child");
    const std::string details = details_of(event, scene);
    return clock_text(event) + "  " + (who.empty() ? "" : who + "  ") +
           scene.style.paint(paint_of_event(event), type) +
           (details.empty() ? "" : ": " + details) + "\n";
}

}  // namespace xfrmd::cli
