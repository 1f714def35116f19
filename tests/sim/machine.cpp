// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/machine.h"

#include <algorithm>
#include <utility>

#include "netlink/model/overloaded.h"
#include "tests/sim/checkers/bounds_checker.h"
#include "tests/sim/checkers/table_checker.h"
#include "tests/sim/checkers/tamper_checker.h"
#include "tests/sim/checkers/zombie_checker.h"
#include "tests/sim/wiretap.h"

namespace xfrmd::sim {

namespace {

constexpr std::uint16_t kNatPort = 4500;

const char* command_name(const decltype(ike::Command::what)& what) {
    return std::visit(Overloaded{[](const ike::Configure&) { return "configure"; },
                                 [](const ike::Up&) { return "up"; },
                                 [](const ike::Down&) { return "down"; },
                                 [](const ike::Rekey&) { return "rekey"; },
                                 [](const ike::Shutdown&) { return "shutdown"; }},
                      what);
}

}  // namespace

Machine::Machine(Stage& stage, Site site, Prng prng)
    : stage_{stage},
      site_{std::move(site)},
      configuration_{site_.configuration},
      prng_{prng},
      kernel_{prng.split("kernel"), site_.addresses} {
    boot();
}

Machine::~Machine() = default;

// ---- The daemon

void Machine::start() {
    if (daemon_) return;
    note("daemon starts");
    ++incarnation_;
    ike::HostOptions options;
    options.crash_secret = Secret{as_view(site_.name + " keeps this on its disk")};
    daemon_ = std::make_unique<Daemon>(prng_.split("daemon" + std::to_string(incarnation_)),
                                       std::move(options));
    kernel_.set_listening(true);
    command(ike::Configure{localized(), former_sas()});
}

void Machine::crash() {
    if (!daemon_) return;
    note("daemon crashes");
    daemon_.reset();
    kernel_.set_listening(false);
    unanswered_commands_.clear();
}

void Machine::configure(std::shared_ptr<const ike::Configuration> configuration) {
    configuration_ = std::move(configuration);
    command(ike::Configure{localized(), {}});
}

void Machine::power_off() {
    crash();
    note("power off");
    ++boots_;
    kernel_ = KernelModel{prng_.split("kernel" + std::to_string(boots_)), site_.addresses};
    stage_.oracle.policies_gone(host());
    boot();
}

void Machine::boot() {
    kernel_.set_listening(false);
    if (site_.others_policies.empty()) return;
    if (!kernel_.run(xfrm::InstallPolicies{.policies = site_.others_policies})) return stage_.fail(site_.name, "cannot boot");
    for (const std::string& connection : site_.served) stage_.oracle.policies_installed(host(), connection);
}

std::string Machine::known_as(const std::string& connection) const {
    if (!site_.served.contains(connection)) return connection;
    const std::string made = connection_of(snapshot(), connection).name;
    return made.empty() ? connection : made;
}

void Machine::roam(const xfrm::Address& address) {
    const xfrm::Address before = site_.address;
    if (address == before) return;
    note("has address " + address.to_string() + " now");
    former_addresses_.insert(before);
    former_addresses_.erase(address);
    site_.address = site_.addresses.front() = address;
    kernel_.advance(stage_.world.now());
    kernel_.set_own_addresses(site_.addresses);
    if (!daemon_) return;
    say(xfrm::AddressChanged{before, 1, false});
    say(xfrm::AddressChanged{address, 1, true});
    tell_overrun();
}

void Machine::sleep(ike::Duration duration) {
    if (is_asleep()) return;
    note("sleeps");
    asleep_until_ = stage_.world.now() + duration;
    sleep_ = duration;
}

void Machine::command(decltype(ike::Command::what) what) {
    if (!daemon_) return;
    const ike::CommandId id{++last_command_};
    const std::string name = command_name(what);
    note("command " + std::to_string(id.value) + " " + name);
    unanswered_commands_.emplace(id, name);
    last_reply_.reset();
    step(ike::Command{id, std::move(what)});
}

ike::Snapshot Machine::snapshot() const { return daemon_ ? daemon_->host.snapshot() : ike::Snapshot{}; }

// ---- Steps of the core

void Machine::step(ike::Input input) {
    if (!daemon_ || stage_.violation) return;
    const bool is_tick = std::holds_alternative<ike::Tick>(input);
    ike::Effects effects = daemon_->host.step(stage_.world.now(), std::move(input));
    check_step(is_tick, effects);
    for (ike::Effect& effect : effects) carry_out(std::move(effect));
    set_alarm();
}

void Machine::step_with_datagram(ike::Datagram datagram, bool tampered) {
    if (!tampered) {
        daemon_->messages.received(datagram.octets);
        return step(std::move(datagram));
    }
    if (!must_change_nothing(core_of(daemon_->host), datagram.octets)) return step(std::move(datagram));
    // After a sleep: what time has changed is not the datagram's doing.
    if (const auto deadline = daemon_->host.next_deadline(); deadline && deadline->at <= stage_.world.now())
        step(ike::Tick{});
    const std::string before = describe(daemon_->host.snapshot());
    const Bytes octets = datagram.octets;
    ike::Effects effects = daemon_->host.step(stage_.world.now(), std::move(datagram));
    const std::string after = describe(daemon_->host.snapshot());
    stage_.fail_if(site_.name, check_tampered(octets, before, after, effects));
    check_step(false, effects);
    for (ike::Effect& effect : effects) carry_out(std::move(effect));
    set_alarm();
}

void Machine::check_step(bool was_tick, const ike::Effects& effects) {
    for (const ike::Effect& effect : effects) {
        if (std::holds_alternative<ike::KernelRequest>(effect) || std::holds_alternative<ike::CryptoRequest>(effect))
            ++daemon_->outstanding;
        if (const auto* event = std::get_if<ike::Event>(&effect)) daemon_->events.happened(*event);
    }
    ike::Core& core = core_of(daemon_->host);
    const ike::Snapshot snapshot = daemon_->host.snapshot();
    stage_.fail_if(site_.name, daemon_->progress.stepped(stage_.world.now(), daemon_->host, was_tick));
    stage_.fail_if(site_.name, check_bounds(core, effects, daemon_->outstanding));
    stage_.fail_if(site_.name, check_no_zombies(core));
    stage_.fail_if(site_.name, daemon_->events.check(snapshot));
    core.ike_sas.for_each([&](const ike::IkeSa& sa) { stage_.probes.passed(sa); });
    stage_.probes.counted(snapshot.statistics);
}

void Machine::carry_out(ike::Effect effect) {
    std::visit(Overloaded{
                   [&](ike::Transmit& what) { transmit(what); },
                   [&](ike::Keepalive& what) { transmit(what); },
                   [&](ike::KernelRequest& what) { request_kernel(std::move(what)); },
                   [&](ike::CryptoRequest& what) { request_crypto(std::move(what)); },
                   [&](ike::CommandReply& what) { take_reply(std::move(what)); },
                   [&](ike::Event& what) { take_event(std::move(what)); },
               },
               effect);
}

void Machine::transmit(const ike::Transmit& what) {
    ike::Core& core = core_of(daemon_->host);
    const Bytes octets = twist_ ? twist_(core, what.octets) : what.octets;
    if (octets.empty()) return;
    stage_.digest_octets(octets);
    xfrm::Endpoint source = what.path.local;
    if (source.address.is_unspecified()) source.address = site_.address;  // the kernel chooses
    if (former_addresses_.contains(source.address)) return note("cannot send from " + source.to_string());
    IkeDatagram datagram{source, what.path.remote, what.path.encapsulated, octets, {}};
    const auto opened = open_sent(core, octets);
    if (opened && stage_.is_read) datagram.contents = describe(*opened);
    if (stage_.ladder.is_enabled()) {
        note("-> " + describe(Frame{datagram, false}));
    }
    if (!twist_) {
        check_transmit(what.path, octets);
        if (opened) stage_.probes.sent(*opened);
        if (opened) stage_.fail_if(site_.name, daemon_->deletions.sent(*opened));
    }
    stage_.transmit(host(), Frame{std::move(datagram), false});
}

void Machine::transmit(const ike::Keepalive& what) {
    if (former_addresses_.contains(what.path.local.address)) return;
    stage_.probes.hit("sent NAT keepalive");
    stage_.transmit(host(), Frame{keepalive_between(what.path.local, what.path.remote), false});
}

void Machine::check_transmit(const ike::Path& path, const Bytes& octets) {
    if (path.encapsulated != (path.local.port == kNatPort))
        stage_.fail(site_.name, "a message leaves port " + std::to_string(path.local.port) +
                                    (path.encapsulated ? " with" : " without") + " a non-ESP marker");
    if (!path.local.address.is_unspecified() && !std::ranges::contains(site_.addresses, path.local.address))
        stage_.fail(site_.name, "a message leaves from " + path.local.to_string());
    stage_.fail_if(site_.name, daemon_->messages.sent(octets));
}

void Machine::take_event(ike::Event event) {
    if (stage_.ladder.is_enabled()) note("   * " + describe(event));
    if (const auto* installed = std::get_if<ike::PoliciesInstalled>(&event))
        stage_.oracle.policies_installed(host(), installed->connection);
    stage_.probes.happened(event);
    if (stage_.told) stage_.told(host(), event);
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
        when_awake(incarnation, std::move(action));
    });
}

void Machine::when_awake(std::uint64_t incarnation, World::Action action) {
    if (!daemon_ || incarnation != incarnation_) return;
    if (!is_asleep()) return action();
    // Late by the whole sleep, so that what was to come in an order still does.
    stage_.world.in(sleep_, [this, incarnation, action = std::move(action)]() mutable {
        when_awake(incarnation, std::move(action));
    });
}

}  // namespace xfrmd::sim
