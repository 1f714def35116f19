// SPDX-License-Identifier: Apache-2.0
// The drivers of a machine: its kernel, its crypto workers, its network.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "ike/auth/run_job.h"
#include "tests/sim/machine.h"

namespace xfrmd::sim {

namespace {

constexpr std::uint16_t kPort = 500;
constexpr std::uint16_t kNatPort = 4500;
constexpr ike::Duration kSlowReply = std::chrono::milliseconds{300};

}  // namespace

// ---- Crypto

void Machine::request_crypto(ike::CryptoRequest request) {
    const Time when = stage_.world.now() + draw(faults_.crypto_latency_max);
    later(when, [this, request = std::move(request)]() mutable {
        ike::CryptoOutcome outcome = run_job(request.job, *site_.credentials, wall_time());
        if (stage_.ladder.is_enabled()) note("   crypto " + describe(request.job) + ": " + describe(outcome));
        --daemon_->outstanding;
        step(ike::CryptoResult{request.id, std::move(outcome)});
    });
}

ike::Duration Machine::draw(ike::Duration most) {
    return ike::Duration{static_cast<std::int64_t>(prng_.between(1, static_cast<std::uint64_t>(most.count())))};
}

ike::WallTime Machine::wall_time() const {
    const auto since_start =
        std::chrono::duration_cast<std::chrono::seconds>(stage_.world.now().time_since_epoch());
    return {wall_seconds_at_start() + (since_start + wall_offset_).count()};
}

// ---- The kernel

// As the real daemon at its start: nobody holds the IKE half of these SAs any more.
std::vector<ike::FormerSa> Machine::former_sas() const {
    std::vector<ike::FormerSa> former;
    for (const KernelModel::Sa& sa : kernel_.sas())
        if (!sa.larval) former.push_back({sa.spec.id, sa.spec.reqid, sa.spec.encapsulation});
    if (!former.empty()) stage_.probes.hit("restart: SAs of a former run");
    return former;
}

void Machine::request_kernel(ike::KernelRequest request) {
    const Time carried_out = std::max(stage_.world.now(), daemon_->kernel_free) + draw(faults_.kernel_latency_max);
    daemon_->kernel_free = carried_out;
    Time answered = carried_out + draw(faults_.kernel_latency_max);
    if (!faults_.reordered_replies) answered = std::max(answered, daemon_->last_reply);
    if (answered < daemon_->last_reply) stage_.probes.hit("kernel: replies reordered");
    if (answered - stage_.world.now() > kSlowReply) stage_.probes.hit("kernel: slow reply");
    daemon_->last_reply = answered;
    // A request that is on its way to the kernel is carried out even if the daemon dies; only the answer is lost.
    stage_.world.at(carried_out, [this, answered, incarnation = incarnation_, boot = boots_,
                                  request = std::move(request)]() mutable {
        if (boot != boots_) return;
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
    std::vector<std::pair<xfrm::IpsecProtocol, xfrm::EspSpi>> inbound;
    if (const auto* install = std::get_if<xfrm::InstallSas>(&request))
        for (const xfrm::SaSpec& sa : install->sas)
            if (kernel_.owns(sa.id.destination)) inbound.emplace_back(sa.id.protocol, sa.id.spi);
    auto result = kernel_.run(std::move(request));
    if (result) ever_installed_.insert(inbound.begin(), inbound.end());
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
    const int error_number = prng_.chance(0.5) ? ENOMEM : ENOBUFS;
    return std::unexpected{xfrm::KernelError{error_number, "the simulated kernel is out of memory"}};
}

std::shared_ptr<const ike::Configuration> Machine::localized() const {
    if (former_addresses_.empty() && site_.served.empty()) return configuration_;
    auto here = std::make_shared<ike::Configuration>(*configuration_);
    for (ike::Connection& connection : here->connections) {
        if (!connection.local_fixed && !former_addresses_.empty()) connection.local = site_.address;
        if (site_.served.contains(connection.name)) connection = as_pattern(connection);
    }
    return here;
}

void Machine::say(xfrm::KernelEvent event) {
    if (!prng_.chance(faults_.lost_events)) return tell_daemon(std::move(event));
    note("   kernel says what nobody hears: " + describe(event));
    stage_.probes.hit("kernel: events lost");
    daemon_->overrun = true;
}

void Machine::tell_overrun() {
    if (daemon_ && std::exchange(daemon_->overrun, false)) tell_daemon(xfrm::Resync{});
}

void Machine::kernel_acted() {
    for (xfrm::KernelEvent& event : kernel_.take_events())
        if (daemon_) say(std::move(event));
    tell_overrun();
    if (const auto timer = kernel_.next_timer()) {
        stage_.world.at(*timer, [this] {
            const auto due = kernel_.next_timer();
            if (!due || *due > stage_.world.now()) return;
            kernel_.advance(stage_.world.now());
            kernel_acted();
        });
    }
}

void Machine::tell_daemon(xfrm::KernelEvent event) {
    if (std::holds_alternative<xfrm::MappingChanged>(event)) stage_.probes.hit("kernel: mapping changed");
    if (stage_.ladder.is_enabled()) note("   kernel says: " + describe(event));
    later(stage_.world.now() + draw(faults_.kernel_latency_max),
          [this, event = std::move(event)]() mutable { step(ike::KernelEvent{std::move(event)}); });
}

void Machine::expire_an_sa(bool hard) {
    std::vector<xfrm::SaId> installed;
    for (const KernelModel::Sa& sa : kernel_.sas())
        if (!sa.larval) installed.push_back(sa.spec.id);
    if (installed.empty()) return;
    note(hard ? "the kernel gives up an SA" : "an SA nears its end");
    kernel_.advance(stage_.world.now());
    kernel_.expire_now(installed[static_cast<std::size_t>(prng_.below(installed.size()))], hard);
    kernel_acted();
}

bool Machine::expire_child(std::string_view name, bool hard) {
    for (const ike::Connection& connection : configuration_->connections) {
        for (const ike::Child& child : connection.children) {
            if (child.name != name) continue;
            const auto found = std::ranges::find_if(kernel_.sas(), [&](const KernelModel::Sa& sa) {
                return !sa.larval && sa.spec.reqid == child.reqid && kernel_.owns(sa.spec.id.destination);
            });
            if (found == kernel_.sas().end()) continue;
            const xfrm::SaId id = found->spec.id;
            kernel_.advance(stage_.world.now());
            kernel_.expire_now(id, hard);
            kernel_acted();
            return true;
        }
    }
    return false;
}

// ---- Frames and packets

void Machine::receive(const Frame& frame) {
    if (is_asleep()) return;
    if (const auto* packet = std::get_if<WirePacket>(&frame.content)) return receive_packet(*packet);
    const auto& datagram = std::get<IkeDatagram>(frame.content);
    if (!daemon_ || is_keepalive(datagram)) return;
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
        note("<- " + describe(Frame{packet, false}) +
             (delivered ? "" : std::string{": "} + drop_name(delivered.error())));
    if (delivered)
        stage_.fail_if(site_.name, stage_.oracle.delivered(host(), *configuration_, *delivered));
    kernel_acted();
}

void Machine::send_probe(const Packet& packet) {
    if (is_asleep()) return;
    kernel_.advance(stage_.world.now());
    const auto wire = kernel_.output(packet);
    if (stage_.ladder.is_enabled())
        note(wire ? "-> " + describe(Frame{*wire, false})
                  : "-| probe " + std::to_string(packet.probe) + ": " + drop_name(wire.error()));
    if (wire && former_addresses_.contains(source_of(*wire))) {
        note("-| from an address that is gone");
    } else if (wire) {
        stage_.fail_if(site_.name, stage_.oracle.left(host(), *configuration_, packet, *wire));
        stage_.transmit(host(), Frame{*wire, false});
    }
    kernel_acted();
}

}  // namespace xfrmd::sim
