// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/machine.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ike/auth/run_job.h"
#include "tests/sim/checkers/tamper_checker.h"

namespace xfrmd::sim {

namespace {

constexpr std::uint16_t kPort = 500;
constexpr std::uint16_t kNatPort = 4500;

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Machine::Machine(Stage& stage, Side side, Site site, Prng prng)
    : stage_{stage}, side_{side}, site_{std::move(site)}, prng_{prng}, kernel_{prng.split("kernel"), site_.addresses} {
    kernel_.set_listening(false);
}

Machine::~Machine() = default;

// ---- The daemon

void Machine::start() {
    if (daemon_) return;
    note("daemon starts");
    ++incarnation_;
    daemon_ = std::make_unique<Daemon>(prng_.split("daemon" + std::to_string(incarnation_)));
    kernel_.set_listening(true);
    remove_leftovers();
    command(ike::Configure{site_.configuration});
}

void Machine::crash() {
    if (!daemon_) return;
    note("daemon crashes");
    daemon_.reset();
    kernel_.set_listening(false);
    unanswered_commands_.clear();
}

// As the real daemon at its start: nobody holds the IKE half of these SAs any more.
void Machine::remove_leftovers() {
    xfrm::RemoveSas request;
    for (const KernelModel::Sa& sa : kernel_.sas())
        for (const ike::Connection& connection : site_.configuration->connections)
            for (const ike::Child& child : connection.children)
                if (sa.spec.reqid == child.reqid) request.sas.push_back(sa.spec.id);
    if (request.sas.empty()) return;
    note(describe(xfrm::KernelRequest{request}) + " (leftovers)");
    (void)kernel_.run(std::move(request));
}

void Machine::up() { command(ike::Up{site_.configuration->connections[0].name}); }
void Machine::down() { command(ike::Down{site_.configuration->connections[0].name}); }
void Machine::shut_down() { command(ike::Shutdown{}); }

void Machine::command(std::variant<ike::Configure, ike::Up, ike::Down, ike::Shutdown> what) {
    if (!daemon_) return;
    const ike::CommandId id{++last_command_};
    constexpr std::array<const char*, 4> kNames{"configure", "up", "down", "shutdown"};
    note("command " + std::to_string(id.value) + " " + kNames[what.index()]);
    unanswered_commands_.emplace(id, kNames[what.index()]);
    last_reply_.reset();
    step(ike::Command{id, std::move(what)});
}

ike::Snapshot Machine::snapshot() const { return daemon_ ? daemon_->host.snapshot() : ike::Snapshot{}; }

std::uint64_t Machine::next_random() const { return daemon_ ? daemon_->random.peek() : 0; }

std::uint64_t Machine::integrity_failures() const {
    std::uint64_t failures = 0;
    for (const KernelModel::Sa& sa : kernel_.sas()) failures += sa.integrity_failures;
    return failures;
}

// ---- Steps of the core

void Machine::step(ike::Input input) {
    if (!daemon_ || stage_.violation) return;
    const bool is_tick = std::holds_alternative<ike::Tick>(input);
    ike::Effects effects = daemon_->host.step(stage_.world.now(), std::move(input));
    for (const ike::Effect& effect : effects) {
        if (std::holds_alternative<ike::KernelRequest>(effect) || std::holds_alternative<ike::CryptoRequest>(effect))
            ++daemon_->outstanding;
    }
    stage_.fail_if(site_.name, daemon_->progress.stepped(stage_.world.now(), daemon_->host, is_tick, effects,
                                                         daemon_->outstanding));
    for (ike::Effect& effect : effects) carry_out(std::move(effect));
    set_alarm();
}

void Machine::step_with_datagram(ike::Datagram datagram, bool tampered) {
    if (!tampered) {
        daemon_->messages.received(datagram.octets);
        return step(std::move(datagram));
    }
    if (!must_change_nothing(datagram.octets)) return step(std::move(datagram));
    const std::string before = describe(daemon_->host.snapshot());
    const Bytes octets = datagram.octets;
    ike::Effects effects = daemon_->host.step(stage_.world.now(), std::move(datagram));
    const std::string after = describe(daemon_->host.snapshot());
    stage_.fail_if(site_.name, check_tampered(octets, before, after, effects));
    for (ike::Effect& effect : effects) {
        if (std::holds_alternative<ike::CryptoRequest>(effect)) ++daemon_->outstanding;
        carry_out(std::move(effect));
    }
    set_alarm();
}

void Machine::carry_out(ike::Effect effect) {
    std::visit(Overloaded{
                   [&](ike::Transmit& what) { transmit(what); },
                   [&](ike::KernelRequest& what) { request_kernel(std::move(what)); },
                   [&](ike::CryptoRequest& what) { request_crypto(std::move(what)); },
                   [&](ike::CommandReply& what) { take_reply(std::move(what)); },
                   [&](ike::Event& what) { take_event(std::move(what)); },
               },
               effect);
}

void Machine::transmit(const ike::Transmit& what) {
    stage_.digest_octets(what.octets);
    const Frame frame{IkeDatagram{what.path.local, what.path.remote, what.path.encapsulated, what.octets}, false};
    note("-> " + (stage_.ladder.is_enabled() ? describe(frame) : ""));
    if (what.path.encapsulated != (what.path.local.port == kNatPort))
        stage_.fail(site_.name, "a message leaves port " + std::to_string(what.path.local.port) +
                                    (what.path.encapsulated ? " with" : " without") + " a non-ESP marker");
    if (!std::ranges::contains(site_.addresses, what.path.local.address))
        stage_.fail(site_.name, "a message leaves from " + what.path.local.to_string());
    stage_.fail_if(site_.name, daemon_->messages.sent(what.octets));
    stage_.transmit(frame);
}

void Machine::take_event(ike::Event event) {
    if (stage_.ladder.is_enabled()) note("   * " + describe(event));
    if (std::holds_alternative<ike::PoliciesInstalled>(event)) stage_.oracle.policies_installed(side_);
    events_.push_back(std::move(event));
}

void Machine::take_reply(ike::CommandReply reply) {
    note("   * " + describe(reply));
    if (unanswered_commands_.erase(reply.id) == 0)
        stage_.fail(site_.name, "command " + std::to_string(reply.id.value) + " was answered twice, or never given");
    last_reply_ = std::move(reply);
}

void Machine::set_alarm() {
    if (!daemon_) return;
    const auto deadline = daemon_->host.next_deadline();
    if (!deadline || daemon_->alarm == deadline->at) return;
    daemon_->alarm = deadline->at;
    later(deadline->at, [this, at = deadline->at] {
        if (daemon_->alarm != at) return;  // moved since
        daemon_->alarm.reset();
        step(ike::Tick{});
    });
}

void Machine::later(Time when, World::Action action) {
    stage_.world.at(when, [this, incarnation = incarnation_, action = std::move(action)]() mutable {
        if (daemon_ && incarnation == incarnation_) action();
    });
}

ike::Duration Machine::draw(ike::Duration most) {
    return ike::Duration{static_cast<std::int64_t>(prng_.between(1, static_cast<std::uint64_t>(most.count())))};
}

ike::WallTime Machine::wall_time() const {
    const auto since_start =
        std::chrono::duration_cast<std::chrono::seconds>(stage_.world.now().time_since_epoch());
    return {wall_seconds_at_start() + since_start.count()};
}

// ---- Jobs and requests

void Machine::request_crypto(ike::CryptoRequest request) {
    const Time when = stage_.world.now() + draw(faults_.crypto_latency_max);
    later(when, [this, request = std::move(request)]() mutable {
        ike::CryptoOutcome outcome = run_job(request.job, *site_.credentials, wall_time());
        if (stage_.ladder.is_enabled()) note("   crypto " + describe(request.job) + ": " + describe(outcome));
        --daemon_->outstanding;
        step(ike::CryptoResult{request.id, std::move(outcome)});
    });
}

void Machine::request_kernel(ike::KernelRequest request) {
    const Time carried_out = std::max(stage_.world.now(), daemon_->kernel_free) + draw(faults_.kernel_latency_max);
    daemon_->kernel_free = carried_out;
    const Time answered = std::max(carried_out + draw(faults_.kernel_latency_max), daemon_->last_reply);
    daemon_->last_reply = answered;
    // A request that is on its way to the kernel is carried out even if the daemon dies; only the answer is lost.
    stage_.world.at(carried_out, [this, answered, incarnation = incarnation_, request = std::move(request)]() mutable {
        const std::string text = stage_.ladder.is_enabled() ? describe(request.request) : "";
        auto result = std::make_unique<xfrm::KernelResult>(run_kernel(std::move(request.request)));
        if (stage_.ladder.is_enabled()) note("   kernel " + text + ": " + describe(*result));
        if (!daemon_ || incarnation != incarnation_) return;
        later(answered, [this, id = request.id, result = std::move(result)]() mutable {
            --daemon_->outstanding;
            step(ike::KernelReply{id, std::move(*result)});
        });
    });
}

xfrm::KernelResult Machine::run_kernel(xfrm::KernelRequest request) {
    kernel_.advance(stage_.world.now());
    if (auto refused = refuse(request)) return *std::move(refused);
    auto result = kernel_.run(std::move(request));
    kernel_acted();
    return result;
}

// Out of memory, now and then: only where something new is wanted, as in Linux.
std::optional<xfrm::KernelResult> Machine::refuse(const xfrm::KernelRequest& request) {
    const auto* install = std::get_if<xfrm::InstallSas>(&request);
    const bool refusable = install != nullptr || std::holds_alternative<xfrm::AllocateSpi>(request);
    if (!refusable || !prng_.chance(faults_.kernel_refusals)) return std::nullopt;
    if (install != nullptr) {
        // The contract of InstallSas: what was reserved for it is gone too.
        xfrm::RemoveSas reserved;
        for (std::size_t i = 0; i < install->sas.size(); ++i)
            if (install->reserved[i]) reserved.sas.push_back(install->sas[i].id);
        (void)kernel_.run(std::move(reserved));
    }
    return std::unexpected{xfrm::KernelError{ENOMEM, "the simulated kernel is out of memory"}};
}

void Machine::kernel_acted() {
    for (xfrm::KernelEvent& event : kernel_.take_events()) {
        if (!daemon_) continue;
        if (stage_.ladder.is_enabled()) note("   kernel says: " + describe(event));
        later(stage_.world.now() + draw(faults_.kernel_latency_max),
              [this, event = std::move(event)]() mutable { step(ike::KernelEvent{std::move(event)}); });
    }
    if (const auto timer = kernel_.next_timer()) {
        stage_.world.at(*timer, [this] {
            const auto due = kernel_.next_timer();
            if (!due || *due > stage_.world.now()) return;
            kernel_.advance(stage_.world.now());
            kernel_acted();
        });
    }
}

// ---- Frames and packets

void Machine::receive(const Frame& frame) {
    if (const auto* packet = std::get_if<WirePacket>(&frame.content)) return receive_packet(*packet);
    const auto& datagram = std::get<IkeDatagram>(frame.content);
    if (!daemon_) return;
    const std::uint16_t port = datagram.destination.port;
    if (port != (datagram.encapsulated ? kNatPort : kPort)) return;  // no socket there that reads it so
    if (stage_.ladder.is_enabled()) note("<- " + describe(frame));
    step_with_datagram({{datagram.destination, datagram.source, datagram.encapsulated}, datagram.octets},
                       frame.tampered);
}

void Machine::receive_packet(const WirePacket& packet) {
    kernel_.advance(stage_.world.now());
    const auto delivered = kernel_.input(packet);
    if (stage_.ladder.is_enabled())
        note("<- " + describe(Frame{packet, false}) + (delivered ? "" : std::string{": "} + drop_name(delivered.error())));
    if (delivered)
        stage_.fail_if(site_.name, stage_.oracle.delivered(side_, *site_.configuration, *delivered));
    kernel_acted();
}

void Machine::send_probe(const Packet& packet) {
    kernel_.advance(stage_.world.now());
    const auto wire = kernel_.output(packet);
    if (stage_.ladder.is_enabled())
        note(wire ? "-> " + describe(Frame{*wire, false})
                  : "-| probe " + std::to_string(packet.probe) + ": " + drop_name(wire.error()));
    if (wire) {
        stage_.fail_if(site_.name, stage_.oracle.left(side_, *site_.configuration, packet, *wire));
        stage_.transmit(Frame{*wire, false});
    }
    kernel_acted();
}

void Machine::expire_an_sa() {
    std::vector<xfrm::SaId> installed;
    for (const KernelModel::Sa& sa : kernel_.sas())
        if (!sa.larval) installed.push_back(sa.spec.id);
    if (installed.empty()) return;
    note("the kernel gives up an SA");
    kernel_.advance(stage_.world.now());
    kernel_.expire_now(installed[static_cast<std::size_t>(prng_.below(installed.size()))]);
    kernel_acted();
}

}  // namespace xfrmd::sim
