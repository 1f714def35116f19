// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/run.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <format>

#include "cli/setkey/progress.h"
#include "cli/setkey/report.h"
#include "cli/setkey/script.h"
#include "cli/setkey/system_names.h"
#include "cli/setkey/table_reader.h"
#include "netlink/editor.h"
#include "netlink/errors.h"
#include "netlink/model/result.h"

namespace xfrmd::setkey {

using cli::ExitCode;

namespace {

// While tables are being changed, a signal takes everything back rather than leaving half.
volatile std::sig_atomic_t interrupted = 0;

class CatchSignals {
  public:
    CatchSignals() {
        struct sigaction caught {};
        caught.sa_handler = [](int) { interrupted = 1; };
        ::sigaction(SIGINT, &caught, &former_int_);
        ::sigaction(SIGTERM, &caught, &former_term_);
    }
    CatchSignals(const CatchSignals&) = delete;
    CatchSignals& operator=(const CatchSignals&) = delete;
    ~CatchSignals() {
        ::sigaction(SIGINT, &former_int_, nullptr);
        ::sigaction(SIGTERM, &former_term_, nullptr);
    }

  private:
    struct sigaction former_int_ {};
    struct sigaction former_term_ {};
};

// A plan cannot say what these will be: the kernel is asked when it has come that far.
bool needs_kernel(const Action& action) {
    return std::holds_alternative<action::ShowSa>(action) ||
           std::holds_alternative<action::ShowSas>(action) ||
           std::holds_alternative<action::ShowPolicies>(action) ||
           std::holds_alternative<action::ReserveSpi>(action);
}

xfrm::SaId id_of(const xfrm::AllocateSpi& request, xfrm::EspSpi spi) {
    return {request.source, request.destination, request.protocol, spi, request.mark};
}

ExitCode code_of(const xfrm::KernelError& error) {
    const bool denied = error.error_number == EPERM || error.error_number == EACCES;
    return denied ? ExitCode::Denied : ExitCode::Failed;
}

class StatementRun {
  public:
    StatementRun(std::vector<Input> inputs, const RunOptions& options, const dump::Streams& streams)
        : options_{options},
          streams_{streams},
          script_{std::move(inputs), names_, options.semantics, options.keys_in_arguments},
          report_{options.json, streams} {}

    ExitCode run();

  private:
    ExitCode check_only();
    void open_record();
    [[nodiscard]] std::expected<Plan, xfrm::KernelError> current_plan() const;
    // The whole text on paper. False if something in it cannot be.
    bool rehearse(Plan& plan);
    void rehearse(Plan& plan, const action::ReserveSpi& reserve, Origin origin);
    ExitCode carry_out(Plan rehearsed);
    // What is ours in the end, or nothing after a refusal, which was told.
    std::optional<Owned> apply_at_once(Plan plan);
    std::optional<Owned> apply_step_by_step();
    bool step(Plan& plan, Action action, Origin origin);
    // Brings the kernel to where the plan is.
    bool apply(Plan& plan);
    bool reserve(Plan& plan, const action::ReserveSpi& reserve, Origin origin);
    bool show(const Action& action);
    void tell(const netlink::ChangeRefusal& refusal, Origin origin);
    ExitCode refuse(const xfrm::KernelError& error);
    ExitCode finish(ExitCode code);

    const RunOptions& options_;
    dump::Streams streams_;
    SystemNames names_;
    Script script_;
    Report report_;
    std::optional<OwnedRecord> record_;
    Owned owned_;
    std::optional<netlink::Editor> editor_;
    bool needs_steps_ = false;  // it asks what only the kernel can answer
    ExitCode refused_ = ExitCode::Failed;
};

ExitCode StatementRun::run() {
    if (options_.parse_only) return check_only();
    open_record();
    auto plan = current_plan();
    if (!plan) return refuse(plan.error());
    if (!rehearse(*plan)) {
        report_.expect_changes();
        return finish(ExitCode::Failed);
    }
    if (!plan->differences().empty()) report_.expect_changes();
    if (options_.dry_run || options_.verbose) report_.add_differences(*plan);
    return options_.dry_run ? finish(ExitCode::Ok) : carry_out(std::move(*plan));
}

ExitCode StatementRun::check_only() {
    script_.read([](const Action&, Origin) { return true; });
    return finish(script_.errors() == 0 ? ExitCode::Ok : ExitCode::Failed);
}

// Without a record all works, but for what a later flush will know.
void StatementRun::open_record() {
    auto record = OwnedRecord::open(options_.record_folder);
    if (!record)
        return report_.complain("a later flush will leave alone what is installed now: " +
                                record.error());
    record_.emplace(std::move(*record));
    owned_ = record_->read();
}

std::expected<Plan, xfrm::KernelError> StatementRun::current_plan() const {
    auto tables = TRY(read_tables());
    return Plan{std::move(tables), owned_, options_.scope};
}

// ---- on paper --------------------

bool StatementRun::rehearse(Plan& plan) {
    script_.read([&](Action action, Origin origin) {
        needs_steps_ = needs_steps_ || needs_kernel(action);
        if (const auto* const reserve = std::get_if<action::ReserveSpi>(&action)) {
            rehearse(plan, *reserve, origin);
            return true;
        }
        const auto taken = plan.take(std::move(action), origin);
        if (!taken)
            script_.complain(origin, taken.error().text, taken.error().hint);
        else if (taken->left_alone > 0)
            script_.warn(origin, std::format("{} of others stay as they are", taken->left_alone),
                         "--flush-all removes what others have installed, too");
        return true;
    });
    return script_.errors() == 0;
}

void StatementRun::rehearse(Plan& plan, const action::ReserveSpi& reserve, Origin origin) {
    const xfrm::SaId id = id_of(reserve.request, reserve.request.spi);
    if (plan.has_sa(SaKey::of(id)))
        script_.complain(origin, netlink::name_of(id) + ": exists already");
    else if (id.spi.value != 0)
        plan.reserved(id);
}

// ---- in the kernel --------------------

ExitCode StatementRun::carry_out(Plan rehearsed) {
    const CatchSignals signals;
    auto editor = netlink::Editor::open();
    if (!editor) return refuse(editor.error());
    editor_.emplace(std::move(*editor));
    // Should this process end in the middle, a later flush finds what it has done until then.
    Owned either = rehearsed.owned();
    either.sas.insert(owned_.sas.begin(), owned_.sas.end());
    either.policies.insert(owned_.policies.begin(), owned_.policies.end());
    if (record_ && either != owned_)
        if (const auto written = record_->write(either); !written)
            report_.complain(written.error());

    const auto owned = needs_steps_ ? apply_step_by_step() : apply_at_once(std::move(rehearsed));
    if (record_)
        if (const auto written = record_->write(owned ? *owned : owned_); !written)
            report_.complain(written.error());
    return finish(owned ? ExitCode::Ok : refused_);
}

std::optional<Owned> StatementRun::apply_at_once(Plan plan) {
    if (!apply(plan)) return std::nullopt;
    return plan.owned();
}

std::optional<Owned> StatementRun::apply_step_by_step() {
    auto plan = current_plan();
    if (!plan) {
        report_.complain(plan.error().what);
        refused_ = code_of(plan.error());
        return std::nullopt;
    }
    bool good = true;
    script_.read([&](Action action, Origin origin) {
        return good = step(*plan, std::move(action), origin);
    });
    if (!good || !apply(*plan)) {
        const std::string trouble = editor_->take_back();
        if (!trouble.empty()) report_.complain("not everything is as it was before: " + trouble);
        return std::nullopt;
    }
    return plan->owned();
}

bool StatementRun::step(Plan& plan, Action action, Origin origin) {
    if (!needs_kernel(action)) {
        const auto taken = plan.take(std::move(action), origin);
        if (!taken) script_.complain(origin, taken.error().text, taken.error().hint);
        return taken.has_value();
    }
    if (!apply(plan)) return false;
    if (const auto* const wanted = std::get_if<action::ReserveSpi>(&action))
        return reserve(plan, *wanted, origin);
    return show(action);
}

bool StatementRun::apply(Plan& plan) {
    auto [changes, origins] = plan.take_changes();
    if (changes.empty()) return true;
    Progress progress{streams_.err, changes.size()};
    const auto applied = editor_->apply(std::move(changes), [&](std::size_t done) {
        progress.show(done);
        return interrupted == 0;
    });
    if (!applied)
        tell(applied.error(), origins.at(std::min(applied.error().position, origins.size() - 1)));
    return applied.has_value();
}

bool StatementRun::reserve(Plan& plan, const action::ReserveSpi& wanted, Origin origin) {
    std::vector<netlink::Change> changes;
    changes.emplace_back(netlink::change::ReserveSpi{wanted.request});
    const auto applied = editor_->apply(std::move(changes));
    if (!applied) {
        tell(applied.error(), origin);
        return false;
    }
    const xfrm::SaId id = id_of(wanted.request, applied->at(0));
    plan.reserved(id);
    return show(action::ShowSa{id});
}

bool StatementRun::show(const Action& action) {
    dump::TableRequest request;
    request.json = options_.json;
    request.options.with_keys = options_.with_keys;
    if (const auto* const one = std::get_if<action::ShowSa>(&action)) {
        refused_ = dump::show_sa(one->id, request, streams_);
        return refused_ == ExitCode::Ok;
    }
    if (const auto* const sas = std::get_if<action::ShowSas>(&action))
        request.protocol =
            sas->protocol ? static_cast<std::uint8_t>(*sas->protocol) : std::uint8_t{0};
    else
        request.table = dump::Table::Policies;
    refused_ = dump::show_table(request, streams_);
    return refused_ == ExitCode::Ok;
}

void StatementRun::tell(const netlink::ChangeRefusal& refusal, Origin origin) {
    refused_ = code_of(refusal.why);
    if (refusal.why.error_number == ECANCELED)
        report_.complain("interrupted");
    else
        script_.complain(origin, refusal.why.what);
    if (!refusal.trouble.empty())
        report_.complain("not everything is as it was before: " + refusal.trouble);
}

ExitCode StatementRun::refuse(const xfrm::KernelError& error) {
    report_.complain(error.what);
    return finish(code_of(error));
}

ExitCode StatementRun::finish(ExitCode code) {
    return report_.finish(script_.told(), code);
}

}  // namespace

ExitCode run_statements(std::vector<Input> inputs, const RunOptions& options,
                        const dump::Streams& streams) {
    return StatementRun{std::move(inputs), options, streams}.run();
}

}  // namespace xfrmd::setkey
