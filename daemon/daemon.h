// SPDX-License-Identifier: Apache-2.0
// Wires the core to its drivers: inputs go into one Host, its effects come out to sockets, kernel,
// workers and people.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/configuration/load.h"
#include "daemon/control_methods.h"
#include "daemon/control_server.h"
#include "daemon/crypto_pool.h"
#include "daemon/event_loop.h"
#include "daemon/held_back.h"
#include "daemon/inherited_fds.h"
#include "daemon/journal.h"
#include "daemon/kernel_port.h"
#include "daemon/metrics.h"
#include "daemon/metrics_server.h"
#include "daemon/rate_limit.h"
#include "daemon/table_changes.h"
#include "daemon/udp_ports.h"
#include "ike/host.h"

namespace xfrmd::daemon {

struct DaemonOptions {
    std::vector<std::filesystem::path> layers;             // of the configuration, lowest first
    std::filesystem::path runtime_directory;               // of the control socket
    std::optional<std::filesystem::path> state_directory;  // of what survives a restart
    std::optional<std::filesystem::path> credentials_directory;
    UdpPortNumbers ports;
    std::size_t workers = 0;  // 0: crypto jobs run on the protocol thread
};

class Daemon {
  public:
    // Opens everything, reads the configuration, and hands it to the core; nothing is negotiated
    // before run(). The error is for people, several lines if it is about the configuration.
    // `journal` must outlive the daemon.
    [[nodiscard]] static std::expected<std::unique_ptr<Daemon>, std::string> create(
        DaemonOptions options, Journal& journal);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    // Until SIGTERM or SIGINT. Error: a sentence.
    [[nodiscard]] std::expected<void, std::string> run();

  private:
    using OnCommandReply = std::function<void(const ike::CommandReply&)>;
    using OnMetrics = std::function<void(std::string)>;
    using OnFlush = std::function<void(FlushOutcome)>;
    using OnReload = std::function<void(ReloadOutcome)>;

    Daemon(DaemonOptions options, Journal& journal);

    // Start.
    std::expected<void, std::string> open_kernel();
    std::expected<void, std::string> check_kernel();
    std::expected<void, std::string> open_drivers(InheritedFds& inherited);
    std::expected<void, std::string> watch_signals();
    std::expected<void, std::string> load_first_configuration();
    void open_record();
    // Its SAs that are ours; the core decides what becomes of them.
    std::expected<std::vector<ike::FormerSa>, std::string> look_for_former_run(
        const ike::Configuration& configuration);
    void sweep_orphans();
    ControlServices control_services();

    // The core.
    void input(ike::Input input);
    void apply(ike::Effects effects);
    void apply(ike::Transmit effect);
    void apply(ike::Keepalive effect);
    void apply(ike::KernelRequest effect);
    void apply(ike::CryptoRequest effect);
    void apply(ike::CommandReply effect);
    void apply(ike::Event effect);
    // After inputs: sends what is queued and sets the timer.
    void settle();
    // After inputs that the loop brought: the same, and before that what is answered already, by the
    // kernel and by quick jobs, without a turn of the loop for each.
    void carry_on();
    void command(ControlServices::CommandWhat what, OnCommandReply on_reply);

    // Configuration.
    // Connections that have to wait for an address or a route have an unspecified one, and a
    // warning.
    [[nodiscard]] LoadResult load();
    [[nodiscard]] std::expected<xfrm::Address, std::string> local_address_for(
        const xfrm::Address& remote);
    void put_into_force(LoadedConfiguration loaded, OnReload on_done);
    void put_into_force(LoadedConfiguration loaded, std::vector<ike::FormerSa> former,
                        OnReload on_done);
    void reload(OnReload on_done);
    [[nodiscard]] std::expected<Planned, std::vector<Diagnostic>> plan();
    // Against what is in force.
    [[nodiscard]] ConfigurationPlan changes_with(const ike::Configuration& wanted) const;
    void apply(std::optional<ike::Duration> confirm_within, OnReload on_done);
    std::optional<std::uint64_t> confirm();
    // What was applied for a time was not confirmed.
    void go_back();
    // What is in force beside the files, with the addresses that there are by now.
    struct InForce {
        std::shared_ptr<const ike::Configuration> configuration;
        std::shared_ptr<const ike::CredentialStore> credentials;
        DaemonSettings settings;
    };
    [[nodiscard]] InForce in_force() const { return {in_force_, credentials_, settings_}; }
    [[nodiscard]] LoadedConfiguration once_more(const InForce& what);
    // As put_into_force(), and tells that the files say something else.
    void put_back(LoadedConfiguration loaded, OnReload on_done);
    void reload_on_signal();
    void retry_load();
    void on_kernel_events(std::vector<xfrm::KernelEvent> events);

    // Taking everything out of the kernel.
    struct Flush {
        OnFlush on_done;
        Flushed gone;
        bool closed = false;  // the IKE SAs, as far as they will be
    };
    void flush(OnFlush on_done);
    void flush_policies();
    void flush_rest();
    void remove_rest(std::vector<xfrm::SaInfo> sas, std::vector<xfrm::PolicyInfo> policies);
    void end_flush(std::expected<void, std::string> result);

    // Stop.
    void begin_stop(const char* why);
    void end_stop();

    // For people.
    void tell(const Diagnostic& diagnostic);
    void tell_status();
    [[nodiscard]] std::string status_line() const;
    [[nodiscard]] DriverStatus driver_status() const;
    // "CONNECTION/CHILD", or nothing.
    [[nodiscard]] std::string owner_of(xfrm::ReqId reqid) const;
    std::size_t keep_tables(ControlServer::ClientId client, const Caller& caller);
    void tell_of_key_export(const Caller& caller, std::size_t count, std::chrono::seconds seconds);
    void gather_metrics(OnMetrics on_text);
    // `by`: whose wish it is, for people.
    Level set_log_level(Level level, const std::string& by);
    // Under other settings.
    [[nodiscard]] Level log_level_with(const DaemonSettings& settings) const;

    DaemonOptions options_;
    Journal& journal_;
    Level first_log_level_;  // unless a configuration says another one
    std::unique_ptr<Botan::RandomNumberGenerator> rng_;
    std::unique_ptr<EventLoop> loop_;
    std::optional<netlink::Record> record_;
    netlink::Holdings former_holdings_;  // until its orphans are swept
    std::unique_ptr<KernelPort> kernel_;
    std::unique_ptr<UdpPorts> udp_;
    std::unique_ptr<CryptoPool> pool_;
    std::optional<ike::Host> host_;
    TableChanges tables_{[this](xfrm::ReqId reqid) { return owner_of(reqid); }};
    std::unique_ptr<ControlMethods> methods_;
    std::unique_ptr<ControlServer> control_;
    std::unique_ptr<MetricsServer> metrics_;
    EventCounters counted_;
    std::shared_ptr<const ike::CredentialStore> credentials_;

    EventLoop::Timer deadline_;
    EventLoop::Timer load_again_;
    EventLoop::Timer status_due_;
    EventLoop::Timer confirm_at_latest_;
    EventLoop::Timer stop_at_latest_;
    EventLoop::Timer flush_at_latest_;
    EventLoop::Timer key_exports_end_;
    std::vector<EventLoop::Watch> watches_;

    std::uint64_t next_command_ = 1;
    std::map<ike::CommandId, OnCommandReply> commands_;
    std::uint64_t configuration_number_ = 0;
    std::shared_ptr<const ike::Configuration> in_force_;
    DaemonSettings settings_;
    std::optional<InForce> former_;     // comes back unless what is in force is confirmed
    std::vector<Diagnostic> waiting_;   // connections that are held back
    std::vector<Diagnostic> mistakes_;  // why the last load was refused
    bool gone_back_ = false;            // what the files say was not confirmed, and is not in force
    ike::Time started_{};
    ike::Time configured_{};
    std::string last_status_;
    std::string last_record_trouble_;
    // Neither the journal nor those who monitor are for strangers to fill.
    RateLimit strangers_{10, std::chrono::seconds{6}};
    std::optional<Flush> flush_;  // under way
    bool flushed_ = false;        // nothing was loaded since
    bool stopping_ = false;
};

}  // namespace xfrmd::daemon
