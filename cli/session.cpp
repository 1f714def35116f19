// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <cerrno>
#include <format>
#include <utility>

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

bool Session::daemon_runs() const {
    const auto client = api::Client::connect(options_.socket);
    return client || client.error().code != Code::NotRunning;
}

std::expected<std::vector<Session::Answer>, Session::Unanswered> Session::ask(std::string_view method, bool more) const {
    const auto unanswered = [](const api::ClientError& error) {
        return std::unexpected{Unanswered{exit_code_of(error.code), printable(error.what)}};
    };
    auto client = api::Client::connect(options_.socket);
    if (!client) return unanswered(client.error());
    const auto sent = client->send({.method = std::string{method}, .parameters = "{}", .more = more});
    if (!sent) return unanswered(sent.error());
    std::vector<Answer> answers;
    for (bool continues = true; continues;) {
        auto reply = client->receive(options_.reply_max);
        if (!reply) return unanswered(reply.error());
        Fields fields = Fields::parse(reply->parameters);
        if (reply->failed()) {
            Refusal refusal = render_refusal(reply->error, fields);
            return std::unexpected{Unanswered{refusal.exit_code, std::move(refusal.text)}};
        }
        continues = reply->continues;
        answers.push_back({std::move(reply->parameters), std::move(fields)});
    }
    return answers;
}

ExitCode Session::call(std::string_view method, const std::string& parameters, bool more,
                       std::chrono::milliseconds wait_max,
                       const std::function<ExitCode(const Fields&)>& on_reply) {
    auto client = api::Client::connect(options_.socket);
    if (!client) return unreachable(client.error());
    return talk(*client, method, parameters, more, wait_max, on_reply);
}

ExitCode Session::talk(api::Client& client, std::string_view method, const std::string& parameters,
                       bool more, std::chrono::milliseconds wait_max,
                       const std::function<ExitCode(const Fields&)>& on_reply) {
    const auto sent =
        client.send({.method = std::string{method}, .parameters = parameters, .more = more});
    if (!sent) return unreachable(sent.error());
    ExitCode code = ExitCode::Ok;
    for (;;) {
        const auto reply = client.receive(wait_max);
        if (!reply) return unreachable(reply.error());
        if (reply->failed()) return refused(*reply);
        const Fields fields = Fields::parse(reply->parameters);
        if (options_.json) print(reply->parameters + "\n");
        code = on_reply(fields);
        if (!reply->continues || output_failed_) return finish(code);
    }
}

ExitCode Session::collect(std::string_view method, std::string_view what,
                          const std::function<void(const std::vector<Fields>&)>& on_replies,
                          const std::function<ExitCode()>& if_not_running) {
    auto client = api::Client::connect(options_.socket);
    if (!client && client.error().code == Code::NotRunning && if_not_running)
        return if_not_running();
    if (!client) return unreachable(client.error());
    Rows rows;
    const ExitCode code =
        talk(*client, method, "{}", true, options_.reply_max, [&](const Fields& reply) {
            if (!options_.json) rows.add(reply);
            return ExitCode::Ok;
        });
    if (code != ExitCode::Ok || options_.json) return code;
    return show_rows(rows, what, on_replies);
}

ExitCode Session::collect_direct(
    KernelTable table, std::string_view what,
    const std::function<void(const std::vector<Fields>&)>& on_replies) {
    Rows rows;
    const auto walked = for_each_reply(table, [&](const std::string& line) {
        if (options_.json)
            print(line);
        else
            rows.add(Fields::parse(line));
        return !output_failed_;
    });
    if (!walked) {
        print_error(walked.error().what);
        return walked.error().error_number == EPERM ? ExitCode::Denied : ExitCode::Failed;
    }
    return options_.json ? finish(ExitCode::Ok) : show_rows(rows, what, on_replies);
}

ExitCode Session::show_rows(const Rows& rows, std::string_view what,
                            const std::function<void(const std::vector<Fields>&)>& on_replies) {
    if (rows.too_many)
        print_error(
            std::format("only the first {} {} are shown; use --json for all", kRowsMax, what));
    on_replies(rows.all);
    return finish(ExitCode::Ok);
}

void Session::Rows::add(Fields row) {
    too_many = too_many || all.size() >= kRowsMax;
    if (!too_many) all.push_back(std::move(row));
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
