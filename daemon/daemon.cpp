// SPDX-License-Identifier: Apache-2.0
// The daemon at work: inputs to the core, effects to the drivers, stopping.
#include "daemon/daemon.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <utility>

#include "daemon/event_lines.h"
#include "daemon/service_notify.h"
#include "daemon/version.h"
#include "ike/auth/run_job.h"
#include "netlink/model/result.h"

namespace xfrmd::daemon {
namespace {

// How long the kernel gets to end what it has been asked for.
constexpr std::chrono::seconds kStopWait{3};
constexpr std::chrono::milliseconds kLastRepliesWait{500};
// The kernel answers within milliseconds, unless it loads modules.
constexpr std::chrono::seconds kKernelPatience{5};
// Changes come in bursts; one line of status afterwards is enough.
constexpr std::chrono::milliseconds kStatusDelay{300};

// Anybody who can send us a datagram can make one of these.
bool is_from_a_stranger(const ike::Event& event) {
    const auto* failed = std::get_if<ike::NegotiationFailed>(&event);
    return failed != nullptr && failed->connection.empty();
}

Diagnostic flushed_warning() {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::Warning;
    diagnostic.text = "everything was taken out of the kernel by command: nothing is protected";
    diagnostic.hint = "xfrmctl reload puts the configuration into force again";
    return diagnostic;
}

// A few hashes of some hundred octets.
CryptoPool::Pace pace_of(const ike::CryptoJob& job) {
    return std::holds_alternative<ike::AuthenticateWithSecret>(job) ? CryptoPool::Pace::AtOnce
                                                                    : CryptoPool::Pace::Beside;
}

std::chrono::microseconds wall_now() {
    return std::chrono::floor<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

Daemon::~Daemon() = default;

std::expected<void, std::string> Daemon::run() {
    settle();
    return loop_->run();
}

// ---- The core ---------------------------------------------------------------------------------

void Daemon::input(ike::Input input) {
    apply(host_->step(EventLoop::now(), std::move(input)));
}

void Daemon::apply(ike::Effects effects) {
    for (ike::Effect& effect : effects)
        std::visit([this](auto& what) { apply(std::move(what)); }, effect);
}

void Daemon::apply(ike::Transmit effect) {
    udp_->queue(std::move(effect));
}

void Daemon::apply(ike::Keepalive effect) {
    udp_->send_keepalive(effect.path);
}

void Daemon::apply(ike::KernelRequest effect) {
    kernel_->submit(std::move(effect.request), [this, id = effect.id](xfrm::KernelResult result) {
        input(ike::KernelReply{.id = id, .result = std::move(result)});
    });
}

void Daemon::apply(ike::CryptoRequest effect) {
    const ike::WallTime now{std::chrono::floor<std::chrono::seconds>(wall_now()).count()};
    const CryptoPool::Pace pace = pace_of(effect.job);
    // The job keeps the credentials it was made under: a reload may replace them while it waits.
    pool_->submit(
        effect.id,
        [job = std::move(effect.job), credentials = credentials_, now] {
            return ike::run_job(job, *credentials, now);
        },
        pace);
}

void Daemon::apply(ike::CommandReply effect) {
    auto waiting = commands_.extract(effect.id);
    if (!waiting.empty() && waiting.mapped()) waiting.mapped()(effect);
}

void Daemon::apply(ike::Event effect) {
    counted_.count(effect);
    LogLine line = describe(effect);
    if (is_from_a_stranger(effect)) {
        const auto passed_over = strangers_.admit(EventLoop::now());
        if (!passed_over) return;
        if (*passed_over > 0) line.fields.push_back({"passed_over", std::to_string(*passed_over)});
    }
    journal_.write(line.level, line.message, line.fields);
    methods_->on_event(effect);
    status_due_.set(EventLoop::now() + kStatusDelay);
}

void Daemon::carry_on() {
    for (bool more = true; more;) {
        std::vector<ike::CryptoResult> done = pool_->take_done_at_once();
        more = !done.empty();
        for (ike::CryptoResult& result : done) input(std::move(result));
        if (kernel_->pending() > 0 && kernel_->deliver_replies()) more = true;
    }
    settle();
}

void Daemon::settle() {
    pool_->announce();
    udp_->flush();
    if (const auto deadline = host_->next_deadline()) {
        deadline_.set(deadline->at);
    } else {
        deadline_.clear();
    }
    if (stopping_ && kernel_->pending() == 0) end_stop();
}

void Daemon::command(ControlServices::CommandWhat what, OnCommandReply on_reply) {
    const ike::CommandId id{next_command_++};
    commands_.emplace(id, std::move(on_reply));
    input(ike::Command{.id = id, .what = std::move(what)});
    settle();
}

void Daemon::on_kernel_events(std::vector<xfrm::KernelEvent> events) {
    for (xfrm::KernelEvent& event : events) {
        const bool network = std::holds_alternative<xfrm::AddressChanged>(event) ||
                             std::holds_alternative<xfrm::RouteChanged>(event);
        if (network && !waiting_.empty()) load_again_.set(EventLoop::now() + kStatusDelay);
        input(ike::KernelEvent{std::move(event)});
    }
    carry_on();
}

// ---- For people -------------------------------------------------------------------------------

void Daemon::tell_status() {
    if (record_ && record_->trouble() != last_record_trouble_) {
        last_record_trouble_ = record_->trouble();
        if (!last_record_trouble_.empty())
            journal_.write(Level::Warning, last_record_trouble_, {{"event", "record_trouble"}});
    }
    const std::string status = status_line();
    if (status == last_status_) return;
    service::notify_status(status);
    last_status_ = status;
}

std::string Daemon::status_line() const {
    const ike::Snapshot snapshot = host_->snapshot();
    const auto up = std::ranges::count(snapshot.connections, ike::ConnectionState::Up,
                                       &ike::ConnectionSnapshot::state);
    const auto serving = std::ranges::count_if(snapshot.connections, api::is_serving);
    std::string text = std::format("{}/{} up, configuration {}", up,
                                   std::ssize(snapshot.connections) - serving, snapshot.configuration);
    if (!waiting_.empty()) text += std::format("; waiting for the network: {}", waiting_.size());
    if (flushed_) text += "; flushed: nothing is protected until a reload";
    const auto mistake = std::ranges::find(mistakes_, Severity::Error, &Diagnostic::severity);
    if (mistake != mistakes_.end()) text += "; the last reload was refused: " + one_line(*mistake);
    return text;
}

DriverStatus Daemon::driver_status() const {
    const ike::Duration silent = kernel_->silent_for();
    std::string trouble;
    if (silent > kKernelPatience)
        trouble = std::format("no answer for {} s",
                              std::chrono::floor<std::chrono::seconds>(silent).count());
    std::vector<Diagnostic> problems = waiting_;
    problems.insert(problems.end(), mistakes_.begin(), mistakes_.end());
    if (flushed_) problems.push_back(flushed_warning());
    return {.version = kVersion,
            .started = started_,
            .configured = configured_,
            .problems = std::move(problems),
            .kernel_trouble = std::move(trouble),
            .kernel_pending = kernel_->pending(),
            .kernel_resyncs = kernel_->resyncs(),
            .datagrams_received = udp_->counters().received,
            .datagrams_sent = udp_->counters().sent,
            .send_errors = udp_->counters().refused};
}

ControlServices Daemon::control_services() {
    return {
        .snapshot = [this] { return host_->snapshot(); },
        .status = [this] { return driver_status(); },
        .command = [this](auto what,
                          auto on_reply) { command(std::move(what), std::move(on_reply)); },
        .kernel = [this](
                      auto request,
                      auto on_reply) { kernel_->submit(std::move(request), std::move(on_reply)); },
        .reload = [this](auto on_done) { reload(std::move(on_done)); },
        .plan = [this] { return plan(); },
        .apply = [this](auto within, auto on_done) { apply(within, std::move(on_done)); },
        .confirm = [this] { return confirm(); },
        .change_tables = [this](
                             auto client,
                             const auto& statements) { return tables_.change(client, statements); },
        .keep_tables = [this](auto client,
                              const Caller& caller) { return keep_tables(client, caller); },
        .take_back_tables = [this](auto client) { return tables_.take_back(client); },
        .flush = [this](auto on_done) { flush(std::move(on_done)); },
        .metrics = [this](auto on_text) { gather_metrics(std::move(on_text)); },
        .log_level = [this] { return journal_.threshold(); },
        .set_log_level = [this](Level level,
                                const Caller& caller) {
            return set_log_level(level, std::format("user {} (process {})", caller.user, caller.process));
        },
        .keys = [this](const auto& known) { return ike::export_keys(*host_, known); },
        .tell_of_key_export = [this](const Caller& caller, std::size_t count,
                                     auto seconds) { tell_of_key_export(caller, count, seconds); },
        .end_key_exports_at = [this](ike::Time at) { key_exports_end_.set(at); },
        .stopping = [this] { return stopping_; },
        .now = [] { return EventLoop::now(); },
        .wall_offset = [] { return wall_now() - EventLoop::now().time_since_epoch(); },
        .reply = [this](auto client, const api::Reply& reply) { control_->reply(client, reply); },
        .stream = [this](auto client,
                         auto source) { control_->stream(client, std::move(source)); }};
}

std::string Daemon::owner_of(xfrm::ReqId reqid) const {
    if (!in_force_) return {};
    for (const ike::Connection& connection : in_force_->connections)
        for (const ike::Child& child : connection.children)
            if (child.reqid == reqid) return connection.name + '/' + child.name;
    return {};
}

std::size_t Daemon::keep_tables(ControlServer::ClientId client, const Caller& caller) {
    const std::size_t changes = tables_.keep(client);
    if (changes > 0)
        journal_.notice(
            std::format("{} changes of the kernel's tables by statements of user {} "
                        "(process {})",
                        changes, caller.user, caller.process));
    return changes;
}

// Told at whichever of the two levels has more, so that a gap in the log has its reason before it.
Level Daemon::set_log_level(Level level, const std::string& by) {
    const Level former = journal_.threshold();
    journal_.set_threshold(std::max(former, level));
    journal_.notice(std::format("the log level is {} instead of {}, by {}", level_name(level), level_name(former), by));
    journal_.set_threshold(level);
    return former;
}

// What somebody has said meanwhile stays unless the files say something.
Level Daemon::log_level_with(const DaemonSettings& settings) const {
    if (settings.log_level) return *settings.log_level;
    return settings_.log_level ? first_log_level_ : journal_.threshold();
}

void Daemon::tell_of_key_export(const Caller& caller, std::size_t count, std::chrono::seconds seconds) {
    std::string text = std::format("the keys of {} IKE SAs go to user {} (process {}), who can read their messages with them",
                                   count, caller.user, caller.process);
    if (seconds.count() > 0) text += std::format("; for {} s also those that come up", seconds.count());
    journal_.write(Level::Notice, text, {{"event", "keys_exported"}});
}

// ---- Stop -------------------------------------------------------------------------------------

// Nothing is closed: traffic goes on through what is in the kernel, and the next run takes it over.
void Daemon::begin_stop(const char* why) {
    if (stopping_) return end_stop();  // asked twice: at once
    stopping_ = true;
    journal_.write(Level::Notice,
                   std::format("stopping on {}; policies and SAs stay in the kernel", why),
                   {{"event", "stopping"}});
    service::notify_stopping("policies and SAs stay in the kernel");
    for (auto& [id, on_reply] : std::exchange(commands_, {}))
        if (on_reply)
            on_reply({id, std::unexpected{ike::CommandFailure{
                              ike::CommandFailure::Code::ShuttingDown, "xfrmd is stopping"}}});
    stop_at_latest_.set(EventLoop::now() + kStopWait);
    settle();
}

void Daemon::end_stop() {
    udp_->flush();
    control_->finish(kLastRepliesWait);
    loop_->stop();
}

}  // namespace xfrmd::daemon
