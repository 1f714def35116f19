// SPDX-License-Identifier: Apache-2.0
// One machine: a kernel that stays, and a daemon that may crash. Does what the real daemon's drivers do around the core:
// carries datagrams, kernel requests and crypto jobs to and fro, and keeps the core's deadline.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ike/host.h"
#include "tests/sim/checkers/message_checker.h"
#include "tests/sim/checkers/progress_checker.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/options.h"
#include "tests/sim/site.h"
#include "tests/sim/stage.h"

namespace xfrmd::sim {

class Machine {
  public:
    struct Faults {
        ike::Duration kernel_latency_max = std::chrono::milliseconds{1};
        ike::Duration crypto_latency_max = std::chrono::milliseconds{1};
        double kernel_refusals = 0;
    };

    Machine(Stage& stage, Side side, Site site, Prng prng);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    // ---- The daemon
    void start();
    void crash();
    [[nodiscard]] bool is_running() const { return daemon_ != nullptr; }
    void up();
    void down();
    void shut_down();
    void set_faults(const Faults& faults) { faults_ = faults; }

    // ---- The machine
    void receive(const Frame& frame);
    void send_probe(const Packet& packet);
    // The kernel gives up one of its SAs.
    void expire_an_sa();

    // ---- For checkers
    [[nodiscard]] const Site& site() const { return site_; }
    [[nodiscard]] Side side() const { return side_; }
    [[nodiscard]] const KernelModel& kernel() const { return kernel_; }
    [[nodiscard]] ike::Snapshot snapshot() const;
    [[nodiscard]] const std::vector<ike::Event>& events() const { return events_; }
    // The outcome of the last up(): empty while it is under way.
    [[nodiscard]] const std::optional<ike::CommandReply>& last_reply() const { return last_reply_; }
    [[nodiscard]] std::size_t unanswered_commands() const { return unanswered_commands_.size(); }
    // Differs as soon as two runs differ.
    [[nodiscard]] std::uint64_t next_random() const;
    [[nodiscard]] std::uint64_t integrity_failures() const;

  private:
    struct Daemon {
        explicit Daemon(Prng prng) : random{prng} {}
        SimulatedRandom random;
        ike::Host host{random};
        MessageChecker messages;
        ProgressChecker progress;
        std::size_t outstanding = 0;      // jobs and requests not answered yet
        std::optional<Time> alarm;        // the deadline that is on the agenda
        Time kernel_free{};               // requests are carried out one after another
        Time last_reply{};
    };

    void step(ike::Input input);
    void step_with_datagram(ike::Datagram datagram, bool tampered);
    void carry_out(ike::Effect effect);
    void transmit(const ike::Transmit& transmit);
    void request_kernel(ike::KernelRequest request);
    xfrm::KernelResult run_kernel(xfrm::KernelRequest request);
    std::optional<xfrm::KernelResult> refuse(const xfrm::KernelRequest& request);
    void request_crypto(ike::CryptoRequest request);
    void take_event(ike::Event event);
    void take_reply(ike::CommandReply reply);
    void command(std::variant<ike::Configure, ike::Up, ike::Down, ike::Shutdown> what);
    void remove_leftovers();
    void set_alarm();
    // After anything the kernel did: its events to the daemon, its timers to the agenda.
    void kernel_acted();
    void receive_packet(const WirePacket& packet);
    ike::Duration draw(ike::Duration most);
    // Runs `action` later, if the daemon of now still lives then.
    void later(Time when, World::Action action);
    [[nodiscard]] ike::WallTime wall_time() const;
    void note(std::string_view text) { stage_.note(site_.name, text); }

    Stage& stage_;
    Side side_;
    Site site_;
    Prng prng_;
    KernelModel kernel_;
    Faults faults_;
    std::unique_ptr<Daemon> daemon_;
    std::uint64_t incarnation_ = 0;
    std::uint64_t last_command_ = 0;
    std::map<ike::CommandId, std::string> unanswered_commands_;
    std::optional<ike::CommandReply> last_reply_;
    std::vector<ike::Event> events_;
};

}  // namespace xfrmd::sim
