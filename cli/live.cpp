// SPDX-License-Identifier: Apache-2.0
#include "cli/live.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cli/top.h"
#include "daemon/api/interface.h"

namespace xfrmd::cli {

namespace {

namespace method = api::method;
using Unanswered = Session::Unanswered;

// Cursor to the corner, everything off.
constexpr std::string_view kClear = "\x1b[H\x1b[J";

struct Picture {
    std::string text;
    ExitCode code = ExitCode::Ok;
};
using Draw = std::function<std::expected<Picture, Unanswered>()>;

// How many lines fit; nothing if that is not known.
std::optional<std::size_t> rows_of(std::FILE* out) {
    winsize size{};
    if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_row < 2) return std::nullopt;
    return size.ws_row - std::size_t{1};
}

// The first lines, since the terminal would scroll the most urgent ones away.
std::string_view fitting(std::string_view text, std::size_t rows) {
    std::size_t end = 0;
    for (; rows > 0 && end < text.size(); --rows) end = std::min(text.find('\n', end), text.size() - 1) + 1;
    return text.substr(0, end);
}

std::string frame(const std::string& text, bool first, const Options& options) {
    if (options.json) return text;
    if (!options.style.redraws) return (first ? "" : "\n") + text;
    const auto rows = rows_of(options.out);
    return std::string{kClear} + std::string{rows ? fitting(text, *rows) : text};
}

ExitCode draw_again(Session& session, const command::Repeat& repeat, const Options& options, const Draw& draw) {
    for (std::uint32_t done = 0;;) {
        const auto picture = draw();
        if (!picture && done == 0) {
            session.print_error(picture.error().what);
            return picture.error().code;
        }
        const std::string text = picture ? picture->text : "xfrmctl: " + picture.error().what + "\n";
        if (picture || !options.json) session.print(frame(text, done == 0, options));
        const ExitCode code = picture ? picture->code : picture.error().code;
        ++done;
        if (session.output_failed() || done == repeat.count) return session.finish(code);
        std::this_thread::sleep_for(repeat.interval);
    }
}

std::expected<Picture, Unanswered> draw_status(Session& session, const std::string& name, const Options& options) {
    auto replies = session.ask(method::kStatus, false);
    if (!replies) return std::unexpected{std::move(replies.error())};
    if (replies->empty()) return Picture{};
    const Session::Answer& reply = replies->front();
    if (options.json) return Picture{reply.json + "\n"};
    if (name.empty()) return Picture{render_status(reply.fields, session.scene())};
    const Fields connection = connection_named(reply.fields, name);
    if (!connection)
        return std::unexpected{Unanswered{ExitCode::NotUpOrNotFound, render_refusal(api::error::kUnknownConnection,
                                                                                   Fields::parse(with_text("connection", name)))
                                                                         .text}};
    return Picture{render_connection(connection, session.scene()),
                   is_well(connection) ? ExitCode::Ok : ExitCode::NotUpOrNotFound};
}

std::expected<Look, Unanswered> look(Session& session) {
    auto status = session.ask(method::kStatus, false);
    if (!status) return std::unexpected{std::move(status.error())};
    auto sas = session.ask(method::kListSas, true);
    if (!sas) return std::unexpected{std::move(sas.error())};
    std::vector<Fields> replies;
    for (Session::Answer& answer : *sas) replies.push_back(std::move(answer.fields));
    return make_look(std::chrono::steady_clock::now(), status->empty() ? Fields{} : status->front().fields,
                     std::move(replies));
}

}  // namespace

ExitCode watch_status(Session& session, const command::Status& status, const Options& options) {
    return draw_again(session, *status.watch, options, [&] { return draw_status(session, status.name, options); });
}

ExitCode run_top(Session& session, const command::Top& top, const Options& options) {
    std::optional<Look> before;
    return draw_again(session, top.repeat, options, [&]() -> std::expected<Picture, Unanswered> {
        if (!before) {
            // Rates need two looks, so the first picture takes as long as the others.
            auto first = look(session);
            if (!first) return std::unexpected{std::move(first.error())};
            before = *std::move(first);
            std::this_thread::sleep_for(top.repeat.interval);
        }
        auto now = look(session);
        if (!now) {
            before.reset();
            return std::unexpected{std::move(now.error())};
        }
        Picture picture{options.json ? top_json(*before, *now) : render_top(*before, *now, session.scene())};
        before = *std::move(now);
        return picture;
    });
}

}  // namespace xfrmd::cli
