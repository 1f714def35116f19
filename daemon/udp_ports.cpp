// SPDX-License-Identifier: Apache-2.0
// The daemon's UDP sockets.
#include "daemon/udp_ports.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <format>
#include <utility>

#include "daemon/service_notify.h"
#include "netlink/model/result.h"

namespace xfrmd::daemon {
namespace {

// Datagrams of one wake-up, before the other sources have their turn.
constexpr std::size_t kBatchesPerTurn = 4;
// A network that refuses everything must not fill the journal.
constexpr std::chrono::seconds kReportInterval{60};

// Under which the service manager keeps the socket.
std::string name_of(const UdpSocketOptions& options) {
    return std::format("{}-{}", options.encapsulated ? "esp-in-udp" : "ike",
                       options.family == xfrm::Family::V4 ? "v4" : "v6");
}

}  // namespace

std::expected<std::unique_ptr<UdpPorts>, std::string> UdpPorts::open(EventLoop& loop,
                                                                     const Journal& journal,
                                                                     UdpPortNumbers numbers,
                                                                     InheritedFds& inherited,
                                                                     const Prepare& prepare,
                                                                     OnDatagrams on_datagrams) {
    std::unique_ptr<UdpPorts> ports{new UdpPorts{journal, std::move(on_datagrams)}};
    for (const bool encapsulated : {false, true}) {
        std::uint16_t& number = encapsulated ? ports->numbers_.encapsulated : ports->numbers_.plain;
        number = encapsulated ? numbers.encapsulated : numbers.plain;
        for (const xfrm::Family family : {xfrm::Family::V4, xfrm::Family::V6}) {
            TRY_VOID(ports->add(
                loop, {.family = family, .port = number, .encapsulated = encapsulated}, inherited,
                prepare));
            // The second family gets the same port as the first, also if that one was free to
            // choose.
            if (!ports->ports_.empty() &&
                ports->ports_.back()->socket.options().encapsulated == encapsulated)
                number = ports->ports_.back()->socket.port();
        }
    }
    if (ports->ports_.empty())
        return std::unexpected{std::string{"this host has neither IPv4 nor IPv6"}};
    return ports;
}

std::expected<void, std::string> UdpPorts::add(EventLoop& loop, const UdpSocketOptions& options,
                                               InheritedFds& inherited, const Prepare& prepare) {
    const std::string name = name_of(options);
    auto opened = UdpSocket::open(options, inherited.take(name));
    if (!opened && opened.error().code == UdpSocketError::Code::FamilyUnsupported) {
        journal_.notice(opened.error().what);
        return {};
    }
    if (!opened) return std::unexpected{std::move(opened.error().what)};
    if (prepare) TRY_VOID(prepare(opened->fd(), options.family));
    for (const std::string& notice : opened->notices()) journal_.notice(notice);
    service::keep_descriptor(name, opened->fd());
    auto port = std::make_unique<Port>(*std::move(opened));
    port->watch = TRY(loop.watch(port->socket.fd(), true, false,
                                 [this, raw = port.get()](Readiness) { receive(raw->socket); }));
    ports_.push_back(std::move(port));
    return {};
}

void UdpPorts::receive(UdpSocket& socket) {
    std::vector<ike::Datagram> datagrams;
    for (std::size_t i = 0; i < kBatchesPerTurn; ++i)
        if (socket.receive(datagrams) < UdpSocket::kBatch) break;
    counters_.received += datagrams.size();
    if (!datagrams.empty()) on_datagrams_(std::move(datagrams));
}

UdpPorts::Port* UdpPorts::port_for(const ike::Path& path) {
    const auto port = std::ranges::find_if(ports_, [&](const std::unique_ptr<Port>& candidate) {
        const UdpSocketOptions& options = candidate->socket.options();
        return options.family == path.remote.address.family() && options.encapsulated == path.encapsulated;
    });
    return port == ports_.end() ? nullptr : port->get();
}

void UdpPorts::queue(ike::Transmit datagram) {
    Port* port = port_for(datagram.path);
    if (port == nullptr) {
        ++counters_.refused;
        return;
    }
    port->outgoing.push_back(std::move(datagram));
}

void UdpPorts::send_keepalive(const ike::Path& path) {
    if (Port* port = port_for(path)) port->socket.send_keepalive(path);
}

void UdpPorts::flush() {
    for (const std::unique_ptr<Port>& port : ports_) {
        if (port->outgoing.empty()) continue;
        const UdpSocket::Sent sent = port->socket.send(port->outgoing);
        port->outgoing.clear();
        counters_.sent += sent.sent;
        counters_.refused += sent.refused;
        if (sent.refused > 0) report(port->socket, sent);
    }
}

void UdpPorts::report(const UdpSocket& socket, const UdpSocket::Sent& sent) {
    const ike::Time now = EventLoop::now();
    if (refused_reported_ > 0 && now - reported_at_ < kReportInterval) return;
    journal_.warning(std::format("UDP port {}: the system refused to send {} datagrams: {}",
                                 socket.port(), counters_.refused - refused_reported_,
                                 std::strerror(sent.first_error)));
    refused_reported_ = counters_.refused;
    reported_at_ = now;
}

}  // namespace xfrmd::daemon
