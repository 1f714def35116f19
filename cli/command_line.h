// SPDX-License-Identifier: Apache-2.0
// The words of the command line, declared once: parsing, help, completion and the check of the
// manual page read them here. CLI11 and its exceptions stay behind this header.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace xfrmd::cli {

// What the words came to.
struct Invocation {
    Command command;
    std::filesystem::path socket;
    bool json = false;
};

class CommandLine {
  public:
    CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;
    ~CommandLine();

    // As main() has them. An exit code if that is all: help or a complaint was printed.
    [[nodiscard]] std::variant<Invocation, ExitCode> parse(int argc, const char* const* argv);
    // All subcommands and options, for those who describe them.
    [[nodiscard]] const CLI::App& app() const { return *app_; }

  private:
    // What may stand next, for completion.
    [[nodiscard]] Invocation question(int argc, const char* const* argv) const;
    void declare();
    void declare_completion();
    void declare_log();
    void declare_monitor();
    void declare_status();
    void declare_repeat(CLI::App& sub);
    void declare_list();
    void declare_setkey();
    void declare_apply();
    void declare_migrate();
    void declare_statements();
    void take_statement(const std::string& verb, std::vector<std::string> words);
    void declare_explain();
    void declare_keys();
    // A command about one connection.
    template <class Kind>
    void declare_named(const char* word, const char* description);
    template <class Kind>
    CLI::App* declare_plain(const char* word, const char* description);

    std::unique_ptr<CLI::App> app_;
    Invocation invocation_;
    std::string socket_;
    std::string name_;
    command::Repeat repeat_;
    double interval_ = 2;
    bool watches_ = false;
    std::vector<std::filesystem::path> files_;
    bool direct_ = false;
    command::Monitor monitor_;
    command::Migrate migrate_;
    command::Plan plan_;
    std::string confirm_;
    setkey::dump::TableRequest table_;
    setkey::dump::WatchRequest watch_;
    command::SetkeyRun statements_;
    explain::Request explain_;
    keys::Request export_keys_;
};

}  // namespace xfrmd::cli
