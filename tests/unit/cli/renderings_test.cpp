// SPDX-License-Identifier: Apache-2.0
// Replies and how they are shown, in renderings.txt. XFRMD_UPDATE_GOLDEN=1 writes the texts anew.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/render.h"
#include "daemon/api/json_text.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli;
using namespace std::chrono;

constexpr std::string_view kTitle = "### ";
constexpr std::string_view kAnswer = "--->";

// "### title", "RENDERER WIDTH", one reply on each line, "--->", the text.
struct Case {
    std::string title;
    std::string renderer;
    std::size_t width = 0;
    std::vector<std::string> replies;
    std::string answer;
};

std::vector<Case> read_table(const std::filesystem::path& path) {
    std::ifstream in{path};
    REQUIRE(in.good());
    std::vector<Case> table;
    bool in_answer = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(kTitle)) {
            table.push_back(
                {.title = line.substr(kTitle.size()), .renderer = {}, .replies = {}, .answer = {}});
            std::getline(in, line);
            std::istringstream{line} >> table.back().renderer >> table.back().width;
            in_answer = false;
        } else if (line == kAnswer) {
            in_answer = true;
        } else if (!table.empty() && in_answer) {
            table.back().answer += line + "\n";
        } else if (!table.empty() && !line.empty()) {
            table.back().replies.push_back(line);
        }
    }
    return table;
}

std::string render(const Case& wanted) {
    const Scene scene{{.colour = false, .unicode = true, .width = wanted.width},
                      sys_days{2026y / 11 / 23} + 12h};
    std::vector<Fields> replies;
    for (const std::string& reply : wanted.replies) {
        INFO(wanted.title);
        REQUIRE(api::parse_json(reply).has_value());
        replies.push_back(Fields::parse(reply));
    }
    const Fields first = replies.empty() ? Fields{} : replies.front();
    if (wanted.renderer == "status") return render_status(first, scene);
    if (wanted.renderer == "connections") return render_connections(replies, scene);
    if (wanted.renderer == "ike") return render_ike_sas(replies, scene);
    if (wanted.renderer == "children") return render_children(replies, scene);
    if (wanted.renderer == "policies") return render_policies(replies, scene);
    if (wanted.renderer == "sas") return render_sas(replies, scene);
    if (wanted.renderer == "show") return render_show(first, scene);
    if (wanted.renderer == "reload") return render_reload(first);
    if (wanted.renderer == "plan") return render_plan(first) + render_trial(first, scene);
    if (wanted.renderer == "flush") return render_flush(first);
    if (wanted.renderer == "log") return render_log_level(first);
    if (wanted.renderer == "down") return render_down(first);
    std::string all;
    for (const Fields& reply : replies) {
        if (wanted.renderer == "up") all += render_up(reply, scene);
        if (wanted.renderer == "monitor") all += render_event(reply, scene);
        if (wanted.renderer == "one") {
            const Fields connection = connection_named(reply, "db");
            all += connection ? render_connection(connection, scene) : "none\n";
        }
        if (wanted.renderer == "refusal") {
            const Refusal refusal = render_refusal(reply.raw("error"), reply.object("parameters"));
            all += std::to_string(static_cast<int>(refusal.exit_code)) + " " + refusal.text + "\n";
        }
    }
    INFO(wanted.renderer);
    REQUIRE_FALSE(all.empty());
    return all;
}

std::string without_blank_end(std::string text) {
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("each reply is shown as the table says", "[cli]") {
    const std::filesystem::path path = XFRMD_RENDERINGS;
    const auto table = read_table(path);
    REQUIRE(table.size() >= 20);
    const bool update = std::getenv("XFRMD_UPDATE_GOLDEN") != nullptr;
    std::string rewritten;
    for (const Case& wanted : table) {
        INFO(wanted.title);
        const std::string text = render(wanted);
        if (!update) CHECK(text == without_blank_end(wanted.answer));
        rewritten += std::string{kTitle} + wanted.title + "\n" + wanted.renderer + " " +
                     std::to_string(wanted.width) + "\n";
        for (const std::string& reply : wanted.replies) rewritten += reply + "\n";
        rewritten += std::string{kAnswer} + "\n" + text + "\n";
    }
    if (!update) return;
    std::ofstream out{path, std::ios::trunc};
    out << rewritten;
    REQUIRE(out.good());
}

// Whatever a daemon (or what claims to be one) says: no renderer may crash, and none may let a
// control character through.
TEST_CASE("replies of any shape are survived", "[cli]") {
    const std::vector<std::string> shapes{
        "{}",
        "[]",
        "null",
        "5",
        "\"x\"",
        "{\"status\":5}",
        "{\"status\":{\"connections\":{}}}",
        "{\"status\":{\"connections\":[5,null,{},{\"name\":7,\"state\":[],\"ike_sas\":[1],"
        "\"children\":\"x\"}]}}",
        "{\"connection\":{\"name\":\"\\u001b[2J\",\"state\":\"\\u0007\",\"since\":\"\\n\","
        "\"local\":\"\\u202e\"}}",
        "{\"ike_sa\":{\"connection\":\"\\r\",\"nat_local\":1}}",
        "{\"child\":{\"local\":[1,\"\\b\"],\"reqid\":\"x\"}}",
        "{\"policy\":{\"templates\":[{}],\"priority\":1e300}}",
        "{\"sa\":{\"bytes\":-5,\"packets\":18446744073709551615}}",
        "{\"event\":{\"type\":\"\\u001b\",\"at\":5,\"state\":{},\"retry_in\":1e308,\"count\":-1}}",
        "{\"warnings\":[{\"line\":-1,\"column\":1e9,\"source_line\":\"\\u001b\"},{}],"
        "\"connections\":\"x\"}",
        "{\"connection\":\"\\u009b\",\"state\":\"\\u0000\",\"step\":\"\\u0085\",\"milliseconds\":"
        "\"x\"}",
        "{\"diagnostics\":[[],{\"line\":99999999999999}],\"method\":5,\"needed\":{}}"};
    for (const std::size_t width : {0U, 1U, 20U, 80U}) {
        const Scene scene{{.colour = false, .unicode = true, .width = width}, {}};
        for (const std::string& shape : shapes) {
            INFO(shape);
            const std::vector<Fields> replies{Fields::parse(shape), Fields{}};
            std::string all;
            for (const Fields& reply : replies) {
                all += render_status(reply, scene) + render_show(reply, scene) +
                       render_up(reply, scene) + render_down(reply) + render_event(reply, scene) +
                       render_reload(reply) + render_connection(reply, scene);
                for (const auto error :
                     {"io.xfrmd.NegotiationFailed", "io.xfrmd.NotPermitted",
                      "io.xfrmd.ConfigurationInvalid", "io.xfrmd.UnknownConnection", "\x1b[2J"})
                    all += render_refusal(error, reply).text;
            }
            all += render_connections(replies, scene) + render_ike_sas(replies, scene) +
                   render_children(replies, scene) + render_policies(replies, scene) +
                   render_sas(replies, scene);
            for (const char c : all) {
                const auto octet = static_cast<unsigned char>(c);
                if (octet == '\n') continue;
                REQUIRE(octet >= 0x20);
                REQUIRE(octet != 0x7f);
            }
            CHECK_FALSE(all.contains("\u009b"));
            CHECK_FALSE(all.contains("\u202e"));
        }
    }
}
