// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>

#include "cli/completion/scripts.h"
#include "cli/pki/command_line.h"
#include "daemon/api/interface.h"
#include "daemon/configuration/duration_text.h"

namespace xfrmd::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not up or not found, 4 xfrmd does not answer, 5 "
    "denied.";

}  // namespace

CommandLine::CommandLine()
    : app_{std::make_unique<CLI::App>(
          "Controls xfrmd, which protects traffic between hosts with IPsec.", "xfrmctl")},
      invocation_{.command = command::Status{}, .socket = {}},
      socket_{api::kDefaultSocket} {
    declare();
}

CommandLine::~CommandLine() = default;

std::variant<Invocation, ExitCode> CommandLine::parse(int argc, const char* const* argv) {
    if (argc > 1 && argv[1] == completion::kQuestion) return question(argc, argv);
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Help is no error; everything else is misuse, whatever number CLI11 has for it.
        return app_->exit(error) == 0 ? ExitCode::Ok : ExitCode::Usage;
    }
    invocation_.socket = socket_;
    return invocation_;
}

// Asked before the words are parsed, since they are not all there yet.
Invocation CommandLine::question(int argc, const char* const* argv) const {
    const std::vector<std::string> words{argv + 2, argv + argc};
    const char* const environment = std::getenv("XFRMD_SOCKET");
    return {.command = command::Suggest{completion::suggest(*app_, words)},
            .socket = environment != nullptr ? environment : api::kDefaultSocket};
}

template <class Kind>
CLI::App* CommandLine::declare_plain(const char* word, const char* description) {
    CLI::App* const sub = app_->add_subcommand(word, description);
    sub->callback([this] { invocation_.command = Kind{}; });
    return sub;
}

template <class Kind>
void CommandLine::declare_named(const char* word, const char* description) {
    CLI::App* const sub = app_->add_subcommand(word, description);
    sub->add_option("NAME", name_, "Name of a connection")->required()->type_name("CONNECTION");
    sub->callback([this] { invocation_.command = Kind{name_}; });
}

void CommandLine::declare_list() {
    CLI::App* const list = app_->add_subcommand("list", "Lists what there is, one on a line");
    list->require_subcommand(1);
    const auto add = [this, list](const char* word, ListOf what, const char* description) {
        CLI::App* const sub = list->add_subcommand(word, description);
        sub->callback([this, what] { invocation_.command = command::List{what, direct_}; });
        return sub;
    };
    add("connections", ListOf::Connections, "What is configured, and its state");
    add("ike", ListOf::Ike, "IKE SAs");
    add("children", ListOf::Children, "CHILD_SAs: pairs of ESP SAs");
    for (CLI::App* const sub :
         {add("policies", ListOf::Policies, "The kernel's policies, those of others included"),
          add("sas", ListOf::Sas, "The kernel's SAs, those of others included")})
        sub->add_flag(
            "--direct", direct_,
            "Ask the kernel, not the daemon: without owners, but with policies of sockets");
}

void CommandLine::declare_setkey() {
    using namespace setkey;
    CLI::App* const sub = app_->add_subcommand(
        "setkey",
        "Manual keys and policies in setkey's language, and the kernel's tables as it shows them");
    CLI::Option_group* const what = sub->add_option_group("what");
    RunOptions& run = statements_.options;
    const CLI::Option* const files =
        what->add_option("-f", statements_.files,
                         "Carry out the statements of FILE, - for standard input")
            ->type_name("FILE")
            ->allow_extra_args(false);
    const CLI::Option* const input =
        what->add_flag("-c", "Carry out the statements of standard input");
    const CLI::Option* const flush =
        what->add_flag("-F", "Remove the SAs that statements have added");
    const CLI::Option* const dump = what->add_flag("-D", "Show the SAs");
    const CLI::Option* const watch =
        what->add_flag("-x", "Tell what happens to the tables; -xx: with the time in seconds");
    const CLI::Option* const version = what->add_flag("-V", "Show the version");
    what->require_option(1);
    const CLI::Option* const policies = sub->add_flag("-P", "With -D and -F: the policies");
    sub->add_flag("-n", run.parse_only, "Only say what is wrong with the statements");
    sub->add_flag("--dry-run", run.dry_run, "Only say what would change");
    sub->add_flag("-v", run.verbose, "Say what has changed");
    sub->add_flag("--flush-all", "Let flush and spdflush remove what others have installed, too")
        ->each([&run](const std::string&) { run.scope = FlushScope::Everybody; });
    sub->add_flag(
        "--direct", statements_.direct,
        "Ask the kernel alone, though xfrmd may run: what is xfrmd's can be changed, too");
    sub->add_flag("-k", "An in policy is not for forwarded packets, too")
        ->each([&run](const std::string&) { run.semantics = Semantics::Kernel; });
    sub->add_flag("-r", "An in policy is for forwarded packets, too (the default)");
    sub->add_flag("-a", table_.with_dead, "Dead SAs too");
    sub->add_flag("-p", table_.options.with_ports, "Ports of ends too");
    sub->add_flag("-l", table_.forever, "In the short form, again each second");
    sub->add_flag("-N", table_.without_sockets, "No policies of sockets");
    sub->add_flag("-H", watch_.hex, "With -x: the octets of each message too");
    sub->add_flag("--keys", table_.options.with_keys, "Keys too; for root only");
    sub->add_flag("--details", table_.options.with_details,
                  "Lines for what setkey does not show: AEAD, ESN, marks, if_id, …");
    sub->callback([this, files, input, flush, dump, watch, policies, version] {
        const bool of_policies = policies->count() > 0;
        if (of_policies) table_.table = dump::Table::Policies;
        if (watch->count() > 1) watch_.stamp = dump::Stamp::Seconds;
        watch_.options = table_.options;
        statements_.options.with_keys = table_.options.with_keys;
        if (input->count() > 0) statements_.files = {"-"};
        if (flush->count() > 0) statements_.words = {of_policies ? "spdflush" : "flush"};
        if (dump->count() > 0)
            invocation_.command = command::SetkeyDump{table_};
        else if (watch->count() > 0)
            invocation_.command = command::SetkeyWatch{watch_};
        else if (version->count() > 0)
            invocation_.command = command::Version{};
        else if (files->count() + input->count() + flush->count() > 0)
            invocation_.command = statements_;
    });
}

void CommandLine::declare_apply() {
    CLI::App* const plan = app_->add_subcommand(
        "plan", "What the files would change, and what that does to the SAs there are");
    plan->add_flag("--exit-code", plan_.exit_code, "Exit with 1 if there is a difference");
    plan->callback([this] { invocation_.command = plan_; });
    CLI::App* const apply = app_->add_subcommand(
        "apply", "Puts the files into force as a whole, or not at all, and tells what changes");
    apply
        ->add_option(
            "--confirm", confirm_,
            "Goes back to what was in force unless xfrmctl confirm comes within TIME, as 60s")
        ->type_name("TIME")
        ->check([](const std::string& text) {
            return daemon::parse_duration(text) ? std::string{} : "a time has a unit: 60s, 5m, 1h";
        });
    apply->callback([this] {
        command::Apply command;
        if (!confirm_.empty()) command.confirm = daemon::parse_duration(confirm_);
        invocation_.command = command;
    });
    declare_plain<command::Confirm>("confirm", "Keeps what apply --confirm has put into force");
}

void CommandLine::declare_migrate() {
    CLI::App* const migrate = app_->add_subcommand(
        "migrate",
        "Makes a configuration of the files of racoon and setkey, and tells what changes");
    const auto file = [migrate](const char* name, std::vector<std::filesystem::path>& paths,
                                const char* description) {
        return migrate->add_option(name, paths, description)->type_name("FILE");
    };
    file("--racoon", migrate_.racoon,
         "racoon.conf; without any file the usual ones, such as /etc/racoon/racoon.conf")
        ->expected(1);
    file("--setkey", migrate_.setkey,
         "A file of setkey, such as /etc/setkey.conf; may be repeated");
    file("--psk", migrate_.psk, "psk.txt, if it is not where racoon.conf says")->expected(1);
    file("-o,--output", migrate_.output,
         "Write it there, and secrets beside it; otherwise it is printed, without secrets")
        ->expected(1);
    migrate->add_flag("--force", migrate_.force, "Replace files that are there");
    migrate->footer(
        "Exit codes: 0 done, 1 failed, 10 done, and something is to be decided before it is used.");
    migrate->callback([this] { invocation_.command = migrate_; });
}

// A statement stands on the command line as in a file: everything behind its verb is its own, but
// for options that begin with two hyphens, which the language has not.
void CommandLine::declare_statements() {
    constexpr auto kVerbs = std::to_array<std::array<const char*, 2>>({
        {"add", "Adds an SA; its keys are better kept in a file"},
        {"update", "Replaces an SA, or completes a reserved one"},
        {"getspi", "Reserves an SPI"},
        {"get", "Shows an SA"},
        {"delete", "Removes an SA"},
        {"deleteall", "Removes all SAs of one protocol between two hosts"},
        {"dump", "Shows the SAs"},
        {"spdadd", "Adds a policy"},
        {"spdupdate", "Adds a policy, or replaces it"},
        {"spddelete", "Removes a policy"},
        {"spdflush", "Removes the policies that statements have added"},
        {"spddump", "Shows the policies"},
    });
    for (const auto& [verb, description] : kVerbs) {
        CLI::App* const sub = app_->add_subcommand(verb, description);
        sub->prefix_command();
        sub->fallthrough(false);
        sub->group("Statements");
        sub->set_help_flag();
        sub->callback([this, sub] { take_statement(sub->get_name(), sub->remaining()); });
    }
}

void CommandLine::take_statement(const std::string& verb, std::vector<std::string> words) {
    setkey::RunOptions& run = statements_.options;
    statements_.words = {verb};
    for (std::string& word : words) {
        if (!word.starts_with("--"))
            statements_.words.push_back(std::move(word));
        else if (word == "--dry-run")
            run.dry_run = true;
        else if (word == "--flush-all")
            run.scope = setkey::FlushScope::Everybody;
        else if (word == "--keys-in-arguments")
            run.keys_in_arguments = true;
        else if (word == "--direct")
            statements_.direct = true;
        else if (word == "--keys")
            run.with_keys = true;
        else if (word == "--json")
            invocation_.json = true;
        else
            throw CLI::ExtrasError{verb, {word}};
    }
    invocation_.command = statements_;
}

void CommandLine::declare_explain() {
    CLI::App* const explain = app_->add_subcommand(
        "explain", "What the kernel does with a packet, and why: its policies and SAs as they are");
    explain::Words& words = explain_.words;
    explain->add_option("SRC", words.source, "From this address; - for that of the route")
        ->required();
    explain->add_option("DST", words.destination, "To this address")->required();
    explain->add_option("PROTO", words.protocol, "Protocol: a name, a number, or any");
    explain->add_option("SPORT", words.source_port, "Source port, or type of ICMP; - for none");
    explain->add_option("DPORT", words.destination_port, "Destination port, or code of ICMP");
    explain->add_flag("--in", explain_.inbound, "The packet comes in");
    explain->add_option("--mark", words.mark, "Mark of the packet (fwmark)");
    explain->add_option("--if-id", words.if_id, "Of the xfrm interface that it goes through");
    explain->add_option("--interface", explain_.interface,
                        "Where it comes in, or what its socket is bound to");
    explain->add_flag("--all", explain_.all, "Every policy and SA that lost, not only the closest");
    explain->add_option("--watch", explain_.watch_seconds,
                        "Then tell which of the kernel's counters move in so many seconds");
    explain->footer("Exit codes: 0 protected, 10 passes in clear, 11 blocked, 12 would negotiate.");
    explain->callback([this] { invocation_.command = command::Explain{explain_}; });
}

void CommandLine::declare_keys() {
    CLI::App* const keys = app_->add_subcommand("keys", "Keys of SAs, for root");
    keys->require_subcommand(1);
    CLI::App* const sub = keys->add_subcommand(
        "export", "Writes the keys of ESP and IKE SAs into files for Wireshark");
    sub->add_option("FOLDER", export_keys_.folder, "Where the files go; made if it is not there")
        ->required()
        ->type_name("FOLDER");
    sub->add_flag("--force", export_keys_.force, "Replace files that are there");
    sub->add_option("--watch", export_keys_.watch_seconds,
                    "Then add the keys of what comes up in so many seconds")
        ->check(CLI::Range(0, 24 * 60 * 60));
    sub->callback([this] { invocation_.command = command::ExportKeys{export_keys_}; });
}

void CommandLine::declare_completion() {
    std::vector<std::string> shells;
    for (const completion::ScriptRow& row : completion::kScripts) shells.emplace_back(row.word);
    CLI::App* const sub = app_->add_subcommand(
        "completion", "Prints what a shell loads to complete these words; packages install it");
    sub->add_option("SHELL", name_, "Which shell")->required()->check(CLI::IsMember{shells});
    sub->callback([this] { invocation_.command = command::Completion{name_}; });
}

void CommandLine::declare_monitor() {
    CLI::App* const sub = app_->add_subcommand("monitor", "Tells what happens, until interrupted");
    sub->add_option("NAME", monitor_.connections, "Only what is about these connections")
        ->type_name("CONNECTION");
    sub->add_option("--event", monitor_.events, "Only events of this type; may be repeated")
        ->check(CLI::IsMember{std::vector<std::string>{api::kEventTypes.begin(), api::kEventTypes.end()}})
        ->allow_extra_args(false);
    sub->callback([this] { invocation_.command = monitor_; });
}

void CommandLine::declare_log() {
    CLI::App* const sub = app_->add_subcommand(
        "log", "How much xfrmd writes into its log; with LEVEL, changes it until xfrmd ends");
    sub->add_option("LEVEL", name_, "From now on")
        ->check(CLI::IsMember{std::vector<std::string>{api::kLogLevels.begin(), api::kLogLevels.end()}});
    sub->callback([this] { invocation_.command = command::Log{name_}; });
}

void CommandLine::declare_repeat(CLI::App& sub) {
    sub.add_option("--interval", interval_, "Seconds between two pictures")
        ->check(CLI::Range{0.1, 3600.0})
        ->capture_default_str();
    sub.add_option("--count", repeat_.count, "End after so many pictures; 0 for never")->capture_default_str();
}

void CommandLine::declare_status() {
    const auto repeat = [this] {
        repeat_.interval = std::chrono::milliseconds{static_cast<std::int64_t>(interval_ * 1000)};
        return repeat_;
    };
    CLI::App* const status =
        app_->add_subcommand("status", "What is not up and why, then what is up (the default)");
    status->add_option("NAME", name_, "Only this connection; exit code 3 if it is not up")
        ->type_name("CONNECTION");
    status->add_flag("--watch", watches_, "Again and again, until interrupted");
    declare_repeat(*status);
    status->callback([this, repeat] {
        invocation_.command =
            command::Status{name_, watches_ ? std::optional{repeat()} : std::nullopt};
    });
    CLI::App* const top =
        app_->add_subcommand("top", "Who sends how much, the busiest first, until interrupted");
    declare_repeat(*top);
    top->callback([this, repeat] { invocation_.command = command::Top{repeat()}; });
}

void CommandLine::declare() {
    app_->footer(kFooter);
    app_->fallthrough();
    app_->require_subcommand(0, 1);
    app_->add_option("--socket", socket_, "Socket of the daemon")
        ->envname("XFRMD_SOCKET")
        ->type_name("FILE")
        ->capture_default_str();
    app_->add_flag("--json", invocation_.json, "Print the daemon's replies as JSON, one on a line");

    declare_status();
    declare_list();
    declare_named<command::Show>("show", "One connection in full");
    declare_named<command::Up>("up", "Brings a connection up, and tells each step");
    declare_named<command::Down>("down", "Closes a connection and keeps it down");
    declare_named<command::Rekey>("rekey", "Makes new keys for a connection that is up");
    declare_monitor();
    declare_apply();
    declare_plain<command::Reload>("reload",
                                   "Puts the configuration into force, all of it or nothing");
    declare_plain<command::Metrics>("metrics", "Counters and states in OpenMetrics' text form");
    declare_log();
    declare_plain<command::Flush>("flush",
                                  "Closes everything and takes it out of the kernel: nothing is "
                                  "protected any more, until reload");
    CLI::App* const check =
        app_->add_subcommand("check", "Checks configuration files, without the daemon");
    check
        ->add_option("FILE", files_,
                     "Files to check as one configuration; those of the daemon if none is named")
        ->type_name("FILE");
    check->callback([this] { invocation_.command = command::Check{files_}; });
    declare_setkey();
    declare_statements();
    pki::declare(*app_, [this](pki::Command command) { invocation_.command = std::move(command); });
    declare_migrate();
    declare_explain();
    declare_keys();
    declare_completion();
    declare_plain<command::Version>("version", "Versions of xfrmctl and of the daemon");
}

}  // namespace xfrmd::cli
