// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <format>
#include <span>

#include "cli/daemon_owners.h"
#include "cli/setkey/progress.h"
#include "cli/setkey/report.h"
#include "cli/setkey/script.h"
#include "cli/setkey/system_names.h"
#include "cli/setkey/table_editor.h"
#include "cli/setkey/table_reader.h"
#include "netlink/errors.h"
#include "netlink/model/result.h"

namespace xfrmd::setkey {

using cli::ExitCode;

namespace {

// Steps that are values at the same time: what is planned may be much.
constexpr std::size_t kPortion = 1024;

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
    [[nodiscard]] std::expected<Plan, xfrm::KernelError> current_plan();
    // The whole text on paper. False if something in it cannot be.
    bool rehearse(Plan& plan);
    void rehearse(Plan& plan, const action::ReserveSpi& reserve, Origin origin);
    void warn(const PlanNote& note, Origin origin);
    ExitCode carry_out(Plan rehearsed);
    // False after a refusal, which was told.
    bool apply_at_once(Plan& plan);
    bool apply_step_by_step(Plan& plan);
    bool take(Plan& plan, Action action, Origin origin);
    using Steps = std::vector<Plan::Step>;
    // Nothing if the kernel itself is to be asked.
    [[nodiscard]] std::unique_ptr<TableEditor> daemon_for(const Steps& steps) const;
    // Brings the kernel to where the plan is. False after a refusal, which was told.
    bool apply(Plan& plan, const Steps& steps);
    // Or the refusal, by the position of the step.
    std::expected<void, netlink::ChangeRefusal> carry(TableEditor& editor, Plan& plan,
                                                      const Steps& steps);
    bool reserve(Plan& plan, const action::ReserveSpi& reserve, Origin origin);
    bool show(const Action& action);
    // Should this process end in the middle, a later flush finds what it has done until then.
    void record_before(const Owned& planned);
    void record_after(const Owned& owned);
    void record(Owned owned);
    void tell(const netlink::ChangeRefusal& refusal, Origin origin);
    ExitCode refuse(const xfrm::KernelError& error);
    ExitCode finish(ExitCode code);

    const RunOptions& options_;
    dump::Streams streams_;
    SystemNames names_;
    Script script_;
    Report report_;
    std::optional<OwnedRecord> record_;
    Owned owned_;     // before
    Owned recorded_;  // what the record says
    cli::DaemonOwners owners_{options_.daemon};
    std::unique_ptr<TableEditor> editor_;
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
    if (plan->differs()) report_.expect_changes();
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
    owned_ = recorded_ = record_->read();
}

std::expected<Plan, xfrm::KernelError> StatementRun::current_plan() {
    auto tables = TRY(read_tables());
    Keepers keepers{.connections = {}, .neighbour_discovery = owners_.is_there()};
    for (const xfrm::ReqId reqid : tables.reqids)
        if (auto owner = owners_.owner_of(reqid)) keepers.connections[reqid] = std::move(owner->child);
    return Plan{std::move(tables), owned_, options_.scope, std::move(keepers)};
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
        else
            warn(*taken, origin);
        return true;
    });
    return script_.errors() == 0;
}

void StatementRun::warn(const PlanNote& note, Origin origin) {
    if (note.left_alone > 0)
        script_.warn(origin, std::format("{} of others stay as they are", note.left_alone),
                     "--flush-all removes what others have installed, too");
    if (note.kept > 0)
        script_.warn(origin, std::format("{} of xfrmd's connections stay as they are", note.kept),
                     "xfrmctl down ends a connection's SAs");
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
    auto editor = kernel_editor();
    if (!editor) return refuse(editor.error());
    editor_ = std::move(*editor);
    Plan plan = std::move(rehearsed);
    const bool good = needs_steps_ ? apply_step_by_step(plan) : apply_at_once(plan);
    return finish(good ? ExitCode::Ok : refused_);
}

bool StatementRun::apply_at_once(Plan& plan) {
    const auto steps = plan.steps();
    const Owned planned = plan.owned();
    record_before(planned);
    const bool good = apply(plan, steps);
    record_after(good ? planned : owned_);
    return good;
}

bool StatementRun::apply_step_by_step(Plan& rehearsed) {
    record_before(rehearsed.owned());
    auto plan = current_plan();
    if (!plan) {
        report_.complain(plan.error().what);
        refused_ = code_of(plan.error());
        return false;
    }
    bool good = true;
    script_.read([&](Action action, Origin origin) {
        return good = take(*plan, std::move(action), origin);
    });
    good = good && apply(*plan, plan->steps());
    if (!good) {
        const std::string trouble = editor_->take_back();
        if (!trouble.empty()) report_.complain("not everything is as it was before: " + trouble);
    }
    record_after(good ? plan->owned() : owned_);
    return good;
}

bool StatementRun::take(Plan& plan, Action action, Origin origin) {
    if (!needs_kernel(action)) {
        const auto taken = plan.take(std::move(action), origin);
        if (!taken) script_.complain(origin, taken.error().text, taken.error().hint);
        return taken.has_value();
    }
    if (!apply(plan, plan.steps())) return false;
    plan.done();
    if (const auto* const wanted = std::get_if<action::ReserveSpi>(&action))
        return reserve(plan, *wanted, origin);
    return show(action);
}

std::unique_ptr<TableEditor> StatementRun::daemon_for(const Steps& steps) const {
    const bool keys = std::ranges::any_of(steps, &Plan::Step::brings_sa);
    if (options_.daemon.empty() || needs_steps_ || keys || steps.empty()) return nullptr;
    return daemon_editor(options_.daemon);
}

bool StatementRun::apply(Plan& plan, const Steps& steps) {
    auto done = std::expected<void, netlink::ChangeRefusal>{};
    const auto daemon = daemon_for(steps);
    if (daemon) done = carry(*daemon, plan, steps);
    const bool has_no_words = !done && done.error().why.error_number == ENOTSUP;
    if (has_no_words) daemon->take_back();
    if (!daemon || has_no_words) done = carry(*editor_, plan, steps);
    if (!done)
        tell(done.error(), steps[std::min(done.error().position, steps.size() - 1)].origin());
    return done.has_value();
}

std::expected<void, netlink::ChangeRefusal> StatementRun::carry(TableEditor& editor, Plan& plan,
                                                                const Steps& steps) {
    Progress progress{streams_.err, steps.size()};
    for (std::size_t start = 0; start < steps.size();) {
        const auto portion =
            std::span{steps}.subspan(start, std::min(kPortion, steps.size() - start));
        std::vector<netlink::Change> changes;
        changes.reserve(portion.size());
        for (const Plan::Step& step : portion) changes.push_back(plan.change(step));
        auto applied = editor.apply(std::move(changes), [&](std::size_t done) {
            progress.show(start + done);
            return interrupted == 0;
        });
        if (!applied) {
            applied.error().position += start;
            return std::unexpected{std::move(applied.error())};
        }
        start += portion.size();
    }
    // Step by step the whole text is one transaction, of which this is a part.
    if (needs_steps_) return {};
    return editor.keep();
}

bool StatementRun::reserve(Plan& plan, const action::ReserveSpi& wanted, Origin origin) {
    std::vector<netlink::Change> changes;
    changes.emplace_back(netlink::change::ReserveSpi{wanted.request});
    const auto applied = editor_->apply(std::move(changes), {});
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

void StatementRun::record_before(const Owned& planned) {
    Owned either = planned;
    either.sas.insert(owned_.sas.begin(), owned_.sas.end());
    either.policies.insert(owned_.policies.begin(), owned_.policies.end());
    if (either != owned_) record(std::move(either));
}

void StatementRun::record_after(const Owned& owned) {
    if (owned != recorded_) record(owned);
}

void StatementRun::record(Owned owned) {
    if (!record_) return;
    if (const auto written = record_->write(owned); !written) report_.complain(written.error());
    recorded_ = std::move(owned);
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
