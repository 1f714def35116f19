// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <format>

#include "cli/text.h"

namespace xfrmd::cli {

namespace {

using Code = api::ClientError::Code;

// A table is laid out when all of its rows are known, so this is what one may hold; --json has no
// limit, since it keeps nothing.
constexpr std::size_t kRowsMax = 100'000;

ExitCode exit_code_of(Code code) {
    switch (code) {
        case Code::NotRunning:
        case Code::Disconnected:
        case Code::TimedOut:
            return ExitCode::Unreachable;
        case Code::Denied:
            return ExitCode::Denied;
        case Code::Protocol:
        case Code::System:
            return ExitCode::Failed;
    }
    return ExitCode::Failed;
}

std::string_view word_of(Code code) {
    switch (code) {
        case Code::NotRunning:
            return "not_running";
        case Code::Disconnected:
            return "disconnected";
        case Code::TimedOut:
            return "timed_out";
        case Code::Denied:
            return "denied";
        case Code::Protocol:
            return "protocol";
        case Code::System:
            return "system";
    }
    return "system";
}

}  // namespace

std::string with_text(std::string_view key, std::string_view value) {
    return std::format("{{{}:{}}}", json_string(key), json_string(value));
}

ExitCode Session::call(std::string_view method, const std::string& parameters, bool more,
                       std::chrono::milliseconds wait_max,
                       const std::function<ExitCode(const Fields&)>& on_reply) {
    auto client = api::Client::connect(options_.socket);
    if (!client) return unreachable(client.error());
    const auto sent =
        client->send({.method = std::string{method}, .parameters = parameters, .more = more});
    if (!sent) return unreachable(sent.error());
    ExitCode code = ExitCode::Ok;
    for (;;) {
        const auto reply = client->receive(wait_max);
        if (!reply) return unreachable(reply.error());
        if (reply->failed()) return refused(*reply);
        const Fields fields = Fields::parse(reply->parameters);
        if (options_.json) print(reply->parameters + "\n");
        code = on_reply(fields);
        if (!reply->continues || output_failed_) return finish(code);
    }
}

ExitCode Session::collect(std::string_view method, std::string_view what,
                          const std::function<void(const std::vector<Fields>&)>& on_replies) {
    std::vector<Fields> replies;
    bool too_many = false;
    const ExitCode code = call(method, "{}", true, options_.reply_max, [&](const Fields& reply) {
        too_many = too_many || replies.size() >= kRowsMax;
        if (!options_.json && !too_many) replies.push_back(reply);
        return ExitCode::Ok;
    });
    if (code != ExitCode::Ok || options_.json) return code;
    if (too_many)
        print_error(
            std::format("only the first {} {} are shown; use --json for all", kRowsMax, what));
    on_replies(replies);
    return finish(ExitCode::Ok);
}

void Session::print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), options_.out) != text.size() ||
        std::fflush(options_.out) != 0)
        output_failed_ = true;
}

void Session::print_error(const std::string& text) {
    const std::string line = "xfrmctl: " + text + (text.ends_with('\n') ? "" : "\n");
    std::fwrite(line.data(), 1, line.size(), options_.err);
}

ExitCode Session::finish(ExitCode code) {
    if (!output_failed_) return code;
    print_error("the output could not be written");
    return ExitCode::Failed;
}

ExitCode Session::unreachable(const api::ClientError& error) {
    if (options_.json) {
        const std::string line =
            std::format("{{\"error\":{},\"message\":{}}}\n", json_string(word_of(error.code)),
                        json_string(error.what));
        std::fwrite(line.data(), 1, line.size(), options_.err);
    } else {
        print_error(printable(error.what));
    }
    return exit_code_of(error.code);
}

ExitCode Session::refused(const api::Reply& reply) {
    const Refusal refusal = render_refusal(reply.error, Fields::parse(reply.parameters));
    if (options_.json) {
        const std::string line = std::format("{{\"error\":{},\"parameters\":{}}}\n",
                                             json_string(reply.error), reply.parameters);
        std::fwrite(line.data(), 1, line.size(), options_.err);
    } else {
        print_error(refusal.text);
    }
    return refusal.exit_code;
}

}  // namespace xfrmd::cli
