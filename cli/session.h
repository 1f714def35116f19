// SPDX-License-Identifier: Apache-2.0
// One conversation with the daemon: calls, replies as text or JSON, errors with what to do about
// them.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/direct_list.h"
#include "daemon/api/client.h"

namespace xfrmd::cli {

class Session {
  public:
    explicit Session(const Options& options) : options_{options} {}

    // Calls a method and hands each reply to `on_reply`; with --json, prints the replies instead.
    // `wait_max` is for each reply. Errors are told here.
    ExitCode call(std::string_view method, const std::string& parameters, bool more,
                  std::chrono::milliseconds wait_max,
                  const std::function<ExitCode(const Fields&)>& on_reply);
    // The same, but every reply is collected first: for tables. If no daemon runs,
    // `if_not_running` is done instead, if there is something to do.
    ExitCode collect(std::string_view method, std::string_view what,
                     const std::function<void(const std::vector<Fields>&)>& on_replies,
                     const std::function<ExitCode()>& if_not_running = {});
    struct Answer {
        std::string json;  // as it came
        Fields fields;
    };
    struct Unanswered {
        ExitCode code = ExitCode::Failed;
        std::string what;  // for people
    };
    // The replies to a call without parameters. Prints nothing.
    [[nodiscard]] std::expected<std::vector<Answer>, Unanswered> ask(std::string_view method, bool more) const;
    // False if nobody listens on the socket.
    [[nodiscard]] bool daemon_runs() const;
    // The kernel's tables without the daemon.
    ExitCode collect_direct(KernelTable table, std::string_view what,
                            const std::function<void(const std::vector<Fields>&)>& on_replies);

    // To standard output. What cannot be written makes the command fail.
    void print(const std::string& text);
    void print_error(const std::string& text);
    Scene scene() const { return {options_.style, options_.now()}; }
    [[nodiscard]] bool output_failed() const { return output_failed_; }
    // `code`, unless output was lost.
    ExitCode finish(ExitCode code);

  private:
    // What a table is made of.
    struct Rows {
        std::vector<Fields> all;
        bool too_many = false;
        void add(Fields row);
    };
    ExitCode talk(api::Client& client, std::string_view method, const std::string& parameters,
                  bool more, std::chrono::milliseconds wait_max,
                  const std::function<ExitCode(const Fields&)>& on_reply);
    ExitCode show_rows(const Rows& rows, std::string_view what,
                       const std::function<void(const std::vector<Fields>&)>& on_replies);
    ExitCode unreachable(const api::ClientError& error);
    ExitCode refused(const api::Reply& reply);

    const Options& options_;
    bool output_failed_ = false;
};

// The parameters of a call with one text.
[[nodiscard]] std::string with_text(std::string_view key, std::string_view value);

}  // namespace xfrmd::cli
