// SPDX-License-Identifier: Apache-2.0
// What a configuration would change, as text.
#include <algorithm>
#include <format>

#include "cli/render.h"
#include "cli/times.h"

namespace xfrmd::cli {

namespace {

std::string count_of(std::int64_t count, std::string_view what) {
    return std::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

char sign_of(std::string_view impact) {
    if (impact == "added") return '+';
    return impact == "removed" ? '-' : '~';
}

std::string effect_of(const Fields& change) {
    const std::string impact = change.raw("impact");
    const std::int64_t children = change.integer("children").value_or(0);
    const std::string sas =
        children == 0 ? "none now"
                      : std::format("{} {}", children, children == 1 ? "child" : "children");
    if (impact == "added") return "comes";
    if (impact == "removed") return std::format("goes, with its policies and SAs ({})", sas);
    if (impact == "keeps_sas") return "keeps its SAs; the next ones live by it";
    if (impact == "replaces_children") return "closes the children that differ, and makes new ones; the others stay";
    return std::format("closes its SAs ({}) and makes new ones; nothing passes meanwhile", sas);
}

}  // namespace

std::string render_plan(const Fields& reply) {
    std::string text = render_diagnostics(reply.objects("warnings"));
    const auto changes = reply.objects("changes");
    std::size_t width = 0;
    for (const Fields& change : changes) width = std::max(width, change.text("connection").size());
    for (const Fields& change : changes) {
        text += std::format("{} {:<{}}  {}", sign_of(change.raw("impact")),
                            change.text("connection"), width, effect_of(change));
        std::string settings;
        for (const std::string& setting : change.texts("settings"))
            settings += (settings.empty() ? "" : ", ") + setting;
        if (!settings.empty()) text += std::format("\n  {:<{}}  {}", "", width, settings);
        text += std::format("  ({})\n", change.text("origin"));
    }
    if (reply.flag("limits_differ")) text += "~ limits of the whole host\n";
    if (reply.has("log_level")) text += std::format("~ log level, to {}\n", reply.text("log_level"));
    const std::int64_t unchanged = reply.integer("unchanged").value_or(0);
    if (changes.empty() && !reply.flag("limits_differ") && !reply.has("log_level"))
        return text + std::format("nothing would change: {}\n", count_of(unchanged, "connection"));
    if (unchanged == 0) return text;
    return text + std::format("{} as {} now\n", count_of(unchanged, "connection"),
                              unchanged == 1 ? "it is" : "they are");
}

std::string render_trial(const Fields& reply, const Scene& scene) {
    const auto at = parse_rfc3339(reply.raw("confirm_by"));
    if (!at) return {};
    const auto left = std::max(std::chrono::seconds{0},
                               std::chrono::round<std::chrono::seconds>(*at - scene.now));
    return std::format("what was in force comes back in {} s, unless you say: xfrmctl confirm\n",
                       left.count());
}

}  // namespace xfrmd::cli
