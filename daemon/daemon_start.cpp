// SPDX-License-Identifier: Apache-2.0
// The daemon's start, and what is in force: opening the drivers, reading the configuration, handing
// it to the core.
#include <botan/system_rng.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <format>
#include <set>
#include <span>
#include <utility>

#include "daemon/api/interface.h"
#include "daemon/control_socket.h"
#include "daemon/crash_secret.h"
#include "daemon/daemon.h"
#include "daemon/leftovers.h"
#include "daemon/service_notify.h"
#include "netlink/model/result.h"
#include "netlink/probe.h"
#include "netlink/socket_policy.h"

namespace xfrmd::daemon {
namespace {

constexpr std::chrono::seconds kLoadAgainInterval{10};

std::vector<Diagnostic> those_that_wait(const std::vector<Diagnostic>& diagnostics) {
    std::vector<Diagnostic> waiting;
    std::ranges::copy_if(diagnostics, std::back_inserter(waiting), &Diagnostic::waits_for_network);
    return waiting;
}

std::string text_of(const std::vector<Diagnostic>& diagnostics) {
    std::string text = render(std::span{diagnostics});
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

std::string count_of(std::size_t count, const char* what) {
    return std::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

std::expected<std::unique_ptr<Daemon>, std::string> Daemon::create(DaemonOptions options,
                                                                   Journal& journal) {
    std::unique_ptr<Daemon> daemon{new Daemon{std::move(options), journal}};
    daemon->loop_ = TRY(EventLoop::create());
    TRY_VOID(daemon->watch_signals());
    // First, because it tells best if another xfrmd is there.
    InheritedFds inherited = TRY(InheritedFds::receive());
    ControlSocket socket =
        TRY(ControlSocket::inherit_or_listen_in(daemon->options_.runtime_directory, inherited));
    TRY_VOID(daemon->open_kernel());
    TRY_VOID(daemon->open_drivers(inherited));
    daemon->methods_ = std::make_unique<ControlMethods>(daemon->control_services());
    daemon->control_ = TRY(ControlServer::create(
        *daemon->loop_, std::move(socket), rules_of_host(), {},
        [raw = daemon->methods_.get()](const ControlServer::Request& request) {
            raw->handle(request);
        },
        [raw = daemon->methods_.get()](ControlServer::ClientId client) { raw->forget(client); }));
    if (const int fd = inherited.take("metrics"); fd >= 0)
        daemon->metrics_ =
            TRY(MetricsServer::create(*daemon->loop_, fd, [raw = daemon.get()](auto on_text) {
                raw->gather_metrics(std::move(on_text));
            }));
    TRY_VOID(daemon->load_first_configuration());
    return daemon;
}

Daemon::Daemon(DaemonOptions options, Journal& journal)
    : options_{std::move(options)},
      journal_{journal},
      first_log_level_{journal.threshold()},
      // The kernel's own, asked each time: it is seeded, also after a fork or a machine's snapshot.
      rng_{std::make_unique<Botan::System_RNG>()},
      credentials_{std::make_shared<const ike::CredentialStore>()},
      started_{EventLoop::now()},
      configured_{started_} {}

std::expected<void, std::string> Daemon::watch_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    watches_.push_back(TRY(loop_->on_signal(SIGTERM, [this] { begin_stop("SIGTERM"); })));
    watches_.push_back(TRY(loop_->on_signal(SIGINT, [this] { begin_stop("SIGINT"); })));
    watches_.push_back(TRY(loop_->on_signal(SIGHUP, [this] { reload_on_signal(); })));
    loop_->enable_watchdog();
    deadline_ = TRY(loop_->timer([this] {
        input(ike::Tick{});
        carry_on();
    }));
    load_again_ = TRY(loop_->timer([this] { retry_load(); }));
    status_due_ = TRY(loop_->timer([this] { tell_status(); }));
    flush_at_latest_ = TRY(loop_->timer([this] {
        if (!flush_ || flush_->closed) return;
        flush_->gone.confirmed = false;
        flush_policies();
    }));
    key_exports_end_ = TRY(loop_->timer([this] { methods_->end_key_exports(); }));
    confirm_at_latest_ = TRY(loop_->timer([this] { go_back(); }));
    stop_at_latest_ = TRY(loop_->timer([this] {
        journal_.warning("the kernel has not ended in time what it was asked for");
        end_stop();
    }));
    return {};
}

std::expected<void, std::string> Daemon::open_kernel() {
    auto kernel = netlink::Kernel::open();
    if (!kernel && kernel.error().error_number == EPERM)
        return std::unexpected{kernel.error().what +
                               "; start xfrmd as root, or by: systemctl start xfrmd"};
    if (!kernel) return std::unexpected{std::move(kernel.error().what)};
    kernel_ = TRY(KernelPort::create(
        *loop_, *std::move(kernel),
        [this](std::vector<xfrm::KernelEvent> events) { on_kernel_events(std::move(events)); },
        [this] { carry_on(); }));
    return check_kernel();
}

std::expected<void, std::string> Daemon::check_kernel() {
    const auto offers = netlink::probe(kernel_->kernel());
    if (!offers) return std::unexpected{offers.error().what};
    std::set<std::string> missing;
    bool has_esp = false;
    for (const netlink::Offer& offer : *offers) {
        if (offer.protocol != xfrm::IpsecProtocol::Esp) continue;  // AH is for those who ask for it
        has_esp = has_esp || offer.available();
        if (!offer.available()) missing.insert(offer.missing);
    }
    std::string list;
    for (const std::string& what : missing) list += (list.empty() ? "" : "; ") + what;
    if (!has_esp) return std::unexpected{"xfrmd needs ESP, but " + list};
    if (!missing.empty())
        journal_.write(Level::Warning, "some of what peers may ask for is not there: " + list,
                       {{"event", "kernel_incomplete"}});
    return {};
}

std::expected<void, std::string> Daemon::open_drivers(InheritedFds& inherited) {
    const auto prepare = [](int fd, xfrm::Family family) -> std::expected<void, std::string> {
        if (auto done = netlink::bypass_policies(fd, family); !done)
            return std::unexpected{done.error().what};
        return {};
    };
    udp_ = TRY(UdpPorts::open(*loop_, journal_, options_.ports, inherited, prepare,
                              [this](std::vector<ike::Datagram> datagrams) {
                                  for (ike::Datagram& datagram : datagrams)
                                      input(std::move(datagram));
                                  carry_on();
                              }));
    pool_ = TRY(CryptoPool::create(options_.workers));
    watches_.push_back(TRY(loop_->watch(pool_->fd(), true, false, [this](Readiness) {
        for (ike::CryptoResult& result : pool_->collect()) input(std::move(result));
        carry_on();
    })));
    const UdpPortNumbers numbers = udp_->numbers();
    ike::HostOptions host{
        .port = numbers.plain, .nat_port = numbers.encapsulated, .crash_secret = {}};
    if (options_.state_directory) {
        auto secret = crash_secret(*options_.state_directory, *rng_);
        if (!secret) journal_.warning(secret.error());
        if (secret) host.crash_secret = *std::move(secret);
    }
    host_.emplace(*rng_, std::move(host));
    return {};
}

// ---- Configuration ----------------------------------------------------------------------------

std::expected<void, std::string> Daemon::load_first_configuration() {
    auto loaded = load();
    if (!loaded) return std::unexpected{text_of(loaded.error())};
    std::vector<ike::FormerSa> former = TRY(look_for_former_run(*loaded->configuration));
    put_into_force(*std::move(loaded), std::move(former), [this](const ReloadOutcome&) {
        sweep_orphans();
        service::notify_ready(status_line());
    });
    return {};
}

void Daemon::tell(const Diagnostic& diagnostic) {
    const bool mistake = diagnostic.severity == Severity::Error;
    const char* const event = mistake                        ? "configuration_mistake"
                              : diagnostic.waits_for_network ? "connection_waits"
                                                             : "configuration_warning";
    journal_.write(mistake ? Level::Error : Level::Warning, one_line(diagnostic),
                   {{"event", event}});
}

// Where nothing can be written down, traffic is protected all the same.
void Daemon::open_record() {
    auto record = netlink::Record::open(options_.runtime_directory / api::kRecordName);
    if (!record)
        return journal_.write(Level::Warning, record.error(), {{"event", "record_trouble"}});
    former_holdings_ = record->holdings();
    record_ = *std::move(record);
    kernel_->keep_record(*record_);
}

std::expected<std::vector<ike::FormerSa>, std::string> Daemon::look_for_former_run(
    const ike::Configuration& configuration) {
    open_record();
    const auto present = kernel_->kernel().run(xfrm::DumpSas{});
    if (!present) return std::unexpected{"cannot read the kernel's SAs: " + present.error().what};
    const auto& sas = std::get<std::vector<xfrm::SaInfo>>(*present);
    std::set<netlink::RecordedSa> gone = former_holdings_.sas;
    for (const xfrm::SaInfo& sa : sas)
        gone.erase({sa.spec.id.protocol, sa.spec.id.spi, sa.spec.reqid});
    for (const netlink::RecordedSa& sa : gone)
        if (record_) record_->gone(sa);
    std::vector<ike::FormerSa> former = former_sas(sas, former_holdings_, configuration);
    if (!former.empty())
        journal_.write(
            Level::Notice,
            std::format("{} of a former run in the kernel: they carry on until their connections "
                        "are negotiated anew",
                        count_of(former.size(), "SA")),
            {{"event", "former_run"}, {"count", std::to_string(former.size())}});
    return former;
}

// Now that the new policies are in place: those that only a former run wanted.
void Daemon::sweep_orphans() {
    if (!record_ || former_holdings_.policies.empty()) return;
    kernel_->submit(xfrm::DumpPolicies{}, [this](xfrm::KernelResult result) {
        const auto* present =
            result ? std::get_if<std::vector<xfrm::PolicyInfo>>(&*result) : nullptr;
        if (present == nullptr)
            return journal_.warning("policies of a former run may be left: " + result.error().what);
        xfrm::RemovePolicies removal = orphans(*present, former_holdings_, record_->of_this_run());
        former_holdings_ = {};
        if (removal.policies.empty()) return;
        const std::size_t count = removal.policies.size();
        journal_.write(Level::Notice,
                       std::format("removing {} {} of a former run whose connections are gone",
                                   count, count == 1 ? "policy" : "policies"),
                       {{"event", "orphans_removed"}, {"count", std::to_string(count)}});
        kernel_->submit(std::move(removal), [this](xfrm::KernelResult removed) {
            if (!removed)
                journal_.warning("policies of a former run are left: " + removed.error().what);
        });
    });
}

LoadResult Daemon::load() {
    Unroutable unroutable;
    const auto wall = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    // At boot we come before the network, and later a route may be away for a while. One peer that
    // cannot be reached must not keep the traffic with all others unprotected.
    const LoadEnvironment environment{
        .local_address_for =
            [&](const xfrm::Address& remote) -> std::expected<xfrm::Address, std::string> {
            auto local = local_address_for(remote);
            if (local) return *local;
            unroutable[remote] = std::move(local.error());
            return xfrm::Address::any(remote.family());
        },
        .credentials_directory = options_.credentials_directory,
        .number = configuration_number_ + 1,
        .now = ike::WallTime{wall.time_since_epoch().count()}};
    auto loaded = load_configuration(options_.layers, environment);
    if (loaded) warn_of_held_back(*loaded, unroutable);
    return loaded;
}

std::expected<xfrm::Address, std::string> Daemon::local_address_for(const xfrm::Address& remote) {
    const auto route = kernel_->kernel().route_to(remote);
    if (route && !route->source.is_unspecified()) return route->source;
    // A connection keeps its address, and with it its policies, while the route is away.
    if (in_force_) {
        const auto former =
            std::ranges::find(in_force_->connections, remote, &ike::Connection::remote);
        if (former != in_force_->connections.end()) return former->local;
    }
    if (!route) return std::unexpected{route.error().what};
    return std::unexpected{std::string{"the route names no address of this host"}};
}

void Daemon::put_into_force(LoadedConfiguration loaded, OnReload on_done) {
    put_into_force(std::move(loaded), {}, std::move(on_done));
}

void Daemon::put_into_force(LoadedConfiguration loaded, std::vector<ike::FormerSa> former,
                            OnReload on_done) {
    const ConfigurationPlan changes = changes_with(*loaded.configuration);
    if (const Level level = log_level_with(loaded.daemon); level != journal_.threshold())
        set_log_level(level, "the configuration");
    settings_ = loaded.daemon;
    for (const Diagnostic& warning : loaded.warnings) tell(warning);
    waiting_ = those_that_wait(loaded.warnings);
    mistakes_.clear();
    gone_back_ = false;
    flushed_ = false;
    load_again_.clear();
    if (!waiting_.empty()) load_again_.set(EventLoop::now() + kLoadAgainInterval);
    in_force_ = loaded.configuration;
    configuration_number_ = loaded.configuration->number;
    configured_ = EventLoop::now();
    credentials_ = std::move(loaded.credentials);
    Reloaded reloaded{.configuration = configuration_number_,
                      .connections = loaded.configuration->connections.size(),
                      .warnings = std::move(loaded.warnings)};
    command(ike::Configure{std::move(loaded.configuration), std::move(former)},
            [this, reloaded = std::move(reloaded), changes,
             on_done = std::move(on_done)](const ike::CommandReply& reply) {
                if (!reply.result) {
                    journal_.error("the configuration is not in force as a whole: " +
                                   reply.result.error().what);
                    return on_done(std::unexpected{ReloadRefused{{}, reply.result.error().what}});
                }
                journal_.write(
                    Level::Info,
                    std::format("configuration {} is in force, {}: {}", reloaded.configuration,
                                count_of(reloaded.connections, "connection"), summary_of(changes)),
                    {{"event", "configuration_in_force"},
                     {"configuration", std::to_string(reloaded.configuration)}});
                methods_->on_reloaded(reloaded.configuration, changes);
                on_done(reloaded);
            });
}

void Daemon::reload(OnReload on_done) {
    // Whoever reloads means what the files say now.
    former_.reset();
    confirm_at_latest_.clear();
    service::notify_reloading();
    const auto done = [this, on_done = std::move(on_done)](ReloadOutcome outcome) {
        service::notify_ready(status_line());
        on_done(std::move(outcome));
    };
    auto loaded = load();
    if (loaded) return put_into_force(*std::move(loaded), done);
    journal_.write(Level::Error,
                   "the configuration was not reloaded, the former one stays in force",
                   {{"event", "reload_refused"}});
    for (const Diagnostic& diagnostic : loaded.error()) tell(diagnostic);
    mistakes_ = loaded.error();
    done(std::unexpected{ReloadRefused{std::move(loaded.error()), {}}});
}

void Daemon::reload_on_signal() {
    if (!stopping_) reload([](const ReloadOutcome&) {});
}

// Some connections wait for an address or a route, and the network has changed since.
void Daemon::retry_load() {
    if (waiting_.empty() || stopping_) return;
    // What the files say may not be what is in force: then they are not asked.
    const bool beside_files = gone_back_;
    LoadResult loaded = beside_files ? once_more(in_force()) : load();
    if (loaded && those_that_wait(loaded->warnings).size() < waiting_.size()) {
        const auto done = [this](const ReloadOutcome&) { tell_status(); };
        return beside_files ? put_back(*std::move(loaded), done)
                            : put_into_force(*std::move(loaded), done);
    }
    if (!loaded && mistakes_.empty()) {
        for (const Diagnostic& diagnostic : loaded.error()) tell(diagnostic);
        mistakes_ = std::move(loaded.error());
    }
    load_again_.set(EventLoop::now() + kLoadAgainInterval);
}

}  // namespace xfrmd::daemon
