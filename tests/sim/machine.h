// SPDX-License-Identifier: Apache-2.0
// One machine: a kernel that stays, and a daemon that may crash. Does what the real daemon's drivers do around the core:
// carries datagrams, kernel requests and crypto jobs to and fro, and keeps the core's deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ike/core.h"
#include "ike/host.h"
#include "tests/sim/checkers/deletion_checker.h"
#include "tests/sim/checkers/event_checker.h"
#include "tests/sim/checkers/message_checker.h"
#include "tests/sim/checkers/progress_checker.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/site.h"
#include "tests/sim/stage.h"

namespace xfrmd::sim {

class Machine {
  public:
    struct Faults {
        ike::Duration kernel_latency_max = std::chrono::milliseconds{1};
        ike::Duration crypto_latency_max = std::chrono::milliseconds{1};
        double kernel_refusals = 0;      // of reservations and installations
        double lost_events = 0;          // then the event socket overruns, and says so
        bool reordered_replies = false;
    };

    Machine(Stage& stage, Site site, Prng prng);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    // ---- The daemon
    void start();
    void crash();
    [[nodiscard]] bool is_running() const { return daemon_ != nullptr; }
    void up(const std::string& connection) { command(ike::Up{known_as(connection)}); }
    void down(const std::string& connection) { command(ike::Down{known_as(connection)}); }
    void rekey(const std::string& connection, bool ike_sa, bool children) {
        command(ike::Rekey{known_as(connection), ike_sa, children});
    }
    void configure(std::shared_ptr<const ike::Configuration> configuration);
    void shut_down() { command(ike::Shutdown{}); }
    void command(decltype(ike::Command::what) what);
    void set_faults(const Faults& faults) { faults_ = faults; }
    // Alters what the daemon is about to send: a peer that has the keys and no manners. What it keeps to is not checked.
    void set_twist(std::function<Bytes(ike::Core&, Bytes)> twist) { twist_ = std::move(twist); }

    // ---- The machine
    void receive(const Frame& frame);
    void send_probe(const Packet& packet);
    // The kernel gives up one of its SAs, softly or for good.
    void expire_an_sa(bool hard);
    // The same for the oldest inbound SA of a child. False if the kernel has none.
    bool expire_child(std::string_view name, bool hard);
    // The kernel forgets everything, and the daemon is gone.
    void power_off();
    // Nothing runs for so long; then all that is due does.
    void sleep(ike::Duration duration);
    // The network gives the host another address for IKE and ESP, and takes the one before.
    void roam(const xfrm::Address& address);
    void jump_wall_clock(std::chrono::seconds by) { wall_offset_ += by; }
    void correct_wall_clock() { wall_offset_ = {}; }

    // ---- For checkers
    [[nodiscard]] const Site& site() const { return site_; }
    [[nodiscard]] HostIndex host() const { return site_.host; }
    [[nodiscard]] const ike::Configuration& configuration() const { return *configuration_; }
    [[nodiscard]] const KernelModel& kernel() const { return kernel_; }
    [[nodiscard]] ike::Snapshot snapshot() const;
    // Null while the daemon does not run.
    [[nodiscard]] ike::Core* core() { return daemon_ ? &core_of(daemon_->host) : nullptr; }
    [[nodiscard]] const std::vector<ike::Event>& events() const { return events_; }
    // The outcome of the last command: empty while it is under way.
    [[nodiscard]] const std::optional<ike::CommandReply>& last_reply() const { return last_reply_; }
    [[nodiscard]] std::size_t unanswered_commands() const { return unanswered_commands_.size(); }
    [[nodiscard]] const std::map<ike::CommandId, std::string>& unanswered() const { return unanswered_commands_; }
    // Whether the kernel has (had) this inbound SA.
    [[nodiscard]] bool has_ever_received_on(xfrm::IpsecProtocol protocol, xfrm::EspSpi spi) const {
        return ever_installed_.contains({protocol, spi});
    }
    // Differs as soon as two runs differ.
    [[nodiscard]] std::uint64_t next_random() const { return daemon_ ? daemon_->random.peek() : 0; }

  private:
    struct Daemon {
        Daemon(Prng prng, ike::HostOptions options)
            : random{prng}, host{random, std::move(options)} {}
        SimulatedRandom random;
        ike::Host host;
        MessageChecker messages;
        DeletionChecker deletions;
        EventChecker events;
        ProgressChecker progress;
        std::size_t outstanding = 0;      // jobs and requests not answered yet
        std::optional<Time> alarm;        // the deadline that is on the agenda
        Time kernel_free{};               // requests are carried out one after another
        Time last_reply{};
        bool overrun = false;             // events were lost, and it has not been told yet
    };

    // ---- machine.cpp
    void step(ike::Input input);
    void step_with_datagram(ike::Datagram datagram, bool tampered);
    void check_step(bool was_tick, const ike::Effects& effects);
    void carry_out(ike::Effect effect);
    void transmit(const ike::Transmit& transmit);
    void transmit(const ike::Keepalive& what);
    void check_transmit(const ike::Path& path, const Bytes& octets);
    void take_event(ike::Event event);
    void take_reply(ike::CommandReply reply);
    void set_alarm();
    // Runs `action` later, if the daemon of now still lives then, and the machine is awake.
    void later(Time when, World::Action action);
    void when_awake(std::uint64_t incarnation, World::Action action);
    [[nodiscard]] bool is_asleep() const { return stage_.world.now() < asleep_until_; }
    void note(std::string_view text) { stage_.note(site_.name, text); }

    // ---- machine_drivers.cpp
    void request_kernel(ike::KernelRequest request);
    xfrm::KernelResult run_kernel(xfrm::KernelRequest request);
    std::optional<xfrm::KernelResult> refuse(const xfrm::KernelRequest& request);
    void request_crypto(ike::CryptoRequest request);
    [[nodiscard]] std::vector<ike::FormerSa> former_sas() const;
    // After anything the kernel did: its events to the daemon, its timers to the agenda.
    void kernel_acted();
    void tell_daemon(xfrm::KernelEvent event);
    // As the kernel says it: it may be lost.
    void say(xfrm::KernelEvent event);
    void tell_overrun();
    // The host is switched on: what others than the daemon put into the kernel is there.
    void boot();
    // The connection that commands are to mean: of one that serves policies, the one that was made from it.
    [[nodiscard]] std::string known_as(const std::string& connection) const;
    // As a daemon reads it that starts now: where the ends follow the routes, ours is the present one; and of what it serves
    // it knows the pattern.
    [[nodiscard]] std::shared_ptr<const ike::Configuration> localized() const;
    void receive_packet(const WirePacket& packet);
    ike::Duration draw(ike::Duration most);
    [[nodiscard]] ike::WallTime wall_time() const;

    Stage& stage_;
    Site site_;
    std::shared_ptr<const ike::Configuration> configuration_;
    Prng prng_;
    KernelModel kernel_;
    Faults faults_;
    std::function<Bytes(ike::Core&, Bytes)> twist_;
    std::unique_ptr<Daemon> daemon_;
    std::uint64_t incarnation_ = 0;
    std::uint64_t boots_ = 0;
    std::chrono::seconds wall_offset_{};
    std::set<xfrm::Address> former_addresses_;
    Time asleep_until_{};
    ike::Duration sleep_{};
    std::uint64_t last_command_ = 0;
    std::map<ike::CommandId, std::string> unanswered_commands_;
    std::optional<ike::CommandReply> last_reply_;
    std::vector<ike::Event> events_;
    std::set<std::pair<xfrm::IpsecProtocol, xfrm::EspSpi>> ever_installed_;  // inbound
};

}  // namespace xfrmd::sim
