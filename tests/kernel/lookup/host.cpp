// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/lookup/host.h"

#include <fcntl.h>
#include <linux/xfrm.h>
#include <poll.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <sstream>
#include <variant>

#include "netlink/routing.h"
#include "netlink/settings.h"
#include "netlink/table.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_settings.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using lookup::Flow;
using netlink::Encoded;
using netlink::Message;

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kSilence = 2ms;
constexpr auto kPatience = 500ms;

Message must(Encoded message) {
    REQUIRE(message.has_value());
    return std::move(*message);
}

netlink::Kernel open_kernel() {
    auto kernel = netlink::Kernel::open();
    REQUIRE(kernel.has_value());
    return std::move(*kernel);
}

netlink::RequestSocket open_socket() {
    auto socket = netlink::RequestSocket::open(netlink::Bus::Xfrm);
    REQUIRE(socket.has_value());
    return std::move(*socket);
}

Message flush_all_sas() {
    netlink::MessageBuilder builder{XFRM_MSG_FLUSHSA, NLM_F_ACK, netlink::kXfrmAttributes};
    builder.body(xfrm_usersa_flush{.proto = 255});
    return must(builder.finish());
}

Message flush_policies() {
    netlink::MessageBuilder builder{XFRM_MSG_FLUSHPOLICY, NLM_F_ACK, netlink::kXfrmAttributes};
    return must(builder.finish());
}

// What SaSpec does not say stands at the end of the message.
template <class Value>
void append_attribute(Message& message, std::uint16_t type, const Value& value) {
    nlattr header{};
    header.nla_len = NLA_HDRLEN + sizeof value;
    header.nla_type = type;
    auto& octets = message.octets;
    for (const View part : {netlink::octets_of(header), netlink::octets_of(value)})
        octets.insert(octets.end(), part.begin(), part.end());
    octets.resize((octets.size() + 3) & ~std::size_t{3});
    const auto length = static_cast<std::uint32_t>(octets.size());
    std::memcpy(octets.data(), &length, sizeof length);
}

Message install(const DrawnSa& sa) {
    Message message = must(encode_install_sa(sa.spec, netlink::SaEntry::New));
    xfrm_lifetime_cur current{};
    current.add_time = sa.add_time;
    append_attribute(message, XFRMA_LTIME_VAL, current);
    if (sa.direction != 0) append_attribute(message, XFRMA_SA_DIR, sa.direction);
    return message;
}

std::string side_name(std::size_t side) {
    return side == 0 ? "west0" : "east0";
}

bool is_evidence(const Observed& observed) {
    return observed.left || observed.delivered || !observed.acquires.empty() ||
           !observed.counters.empty();
}

bool is_of(const SeenPacket& packet, const Flow& flow, std::uint32_t tag) {
    if (packet.tag) return *packet.tag == tag && packet.inner.protocol == flow.protocol;
    return packet.inner.protocol == 6 && flow.protocol == 6 &&
           packet.inner.source_port == flow.source_port &&
           packet.inner.destination_port == flow.destination_port;
}

}  // namespace

std::uint64_t wall_seconds() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

Host::Host(bool listens)
    : listener_{listens ? std::optional{open_kernel()} : std::nullopt},
      socket_{open_socket()},
      receivers_{{1, 6, 17, 47, 58, 99, 132, 136}},
      counters_fd_{open("/proc/thread-self/net/xfrm_stat", O_RDONLY | O_CLOEXEC)} {
    REQUIRE(counters_fd_ >= 0);
    counters_ = read_counters();
}

Host::~Host() {
    close(counters_fd_);
}

Interfaces Host::interfaces() const {
    return {wires_.interface_of(Side::West), wires_.interface_of(Side::East)};
}

void Host::become(const World& world) {
    std::vector<Message> messages;
    messages.push_back(flush_policies());
    messages.push_back(flush_all_sas());
    for (const PolicySpec& policy : world.policies)
        messages.push_back(must(encode_install_policy(policy, netlink::PolicyEntry::Overwrite)));
    for (const DrawnSa& sa : world.sas) messages.push_back(install(sa));
    messages.push_back(must(netlink::encode_set_defaults(world.settings.defaults)));
    ask(std::move(messages));
    apply(world.settings);
    read_paths(world);
    stale_ = true;
}

void Host::flush_sas() {
    std::vector<Message> messages;
    messages.push_back(flush_all_sas());
    ask(std::move(messages));
    stale_ = true;
}

void Host::apply(const Settings& settings) {
    for (std::size_t side = 0; side < 2; ++side) {
        const auto set = [&](const std::string& family, const std::string& what, bool on) {
            REQUIRE(set_sysctl("net/" + family + "/conf/" + side_name(side) + "/" + what,
                               on ? "1" : "0"));
        };
        set("ipv4", "disable_xfrm", settings.disable_xfrm.at(side));
        set("ipv4", "disable_policy", settings.disable_policy.at(side));
        set("ipv6", "disable_policy", settings.disable_policy.at(side));
    }
}

void Host::read_paths(const World& world) {
    paths_.clear();
    for (const PolicySpec& policy : world.policies)
        for (const Template& wanted : policy.templates)
            if (wanted.mode == Mode::Tunnel) read_path(wanted.source, wanted.destination);
    for (const DrawnSa& sa : world.sas)
        if (sa.spec.mode == Mode::Tunnel) read_path(sa.spec.id.source, sa.spec.id.destination);
}

void Host::read_path(const Address& source, const Address& destination) {
    const auto known = [&](const lookup::TunnelPath& path) {
        return path.source == source && path.destination == destination;
    };
    if (std::ranges::any_of(paths_, known)) return;
    const auto route = netlink::route_to(
        destination, source.is_unspecified() ? std::nullopt : std::optional{source});
    paths_.push_back({source, destination, route.has_value(),
                      route ? route->source : Address::any(source.family())});
}

void Host::ask(std::vector<Message> messages) {
    std::size_t outstanding = messages.size();
    for (Message& message : messages) socket_.send(std::move(message));
    socket_.flush();
    while (outstanding > 0) {
        std::vector<netlink::Reply> replies;
        if (socket_.receive(replies) == netlink::Received::Nothing) {
            pollfd entry{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
            REQUIRE(poll(&entry, 1, 10000) == 1);
        }
        for (const netlink::Reply& reply : replies) {
            if (reply.kind != netlink::Reply::Kind::End) continue;
            --outstanding;
            if (reply.refusal)
                FAIL("the kernel refuses: " << reply.refusal->error_number << " "
                                            << reply.refusal->text);
        }
        socket_.flush();
    }
}

void Host::refresh() {
    if (!stale_) return;
    stale_ = false;
    policies_.clear();
    REQUIRE(netlink::for_each_policy([this](StoredPolicy policy) {
        policies_.push_back(std::move(policy));
        return true;
    }));
    sas_.clear();
    REQUIRE(netlink::for_each_sa({}, [this](StoredSa sa) {
        sas_.push_back(std::move(sa));
        return true;
    }));
    buckets_ = netlink::read_sa_buckets().value();
    defaults_ = netlink::read_default_policies().value();
}

lookup::Tables Host::tables() const {
    return {.policies = policies_,
            .sas = sas_,
            .defaults = defaults_,
            .sa_buckets = buckets_,
            .now = wall_seconds()};
}

std::vector<Host::Counter> Host::read_counters() const {
    std::array<char, 8192> text{};
    const ssize_t count = pread(counters_fd_, text.data(), text.size(), 0);
    REQUIRE(count > 0);
    std::istringstream lines{std::string{text.data(), static_cast<std::size_t>(count)}};
    std::vector<Counter> all;
    for (Counter counter; lines >> counter.name >> counter.value;) all.push_back(counter);
    return all;
}

void Host::forget_earlier_packets() {
    Observed ignored;
    if (collect(Flow{}, 0, ignored)) counters_ = read_counters();
}

Observed Host::send(const Flow& flow, bool bound, bool silent) {
    forget_earlier_packets();
    send_locally(flow, ++tag_,
                 bound ? side_name(std::to_underlying(*side_of(flow.destination))) : "");
    return watch(flow, silent);
}

Observed Host::receive(const Flow& flow, const lookup::SecurityPath& path, bool silent) {
    forget_earlier_packets();
    Bytes packet = make_packet(flow, ++tag_);
    for (const StoredSa* sa : path | std::views::reverse) packet = protect(packet, *sa);
    wires_.inject(*side_of(flow.source), packet, flow.mark);
    return watch(flow, silent);
}

// The kernel has done its work when the packet is sent, as a rule; what it says comes with it.
Observed Host::watch(const Flow& flow, bool silent) {
    Observed observed;
    collect(flow, 0, observed);
    compare_counters(observed);
    const auto until = Clock::now() + (silent ? kSilence : kPatience);
    while (!is_evidence(observed) && Clock::now() < until) {
        collect(flow, 1, observed);
        compare_counters(observed);
    }
    return observed;
}

// True if there was anything, about this packet or another one.
bool Host::collect(const Flow& flow, int timeout_ms, Observed& observed) {
    std::vector<pollfd> entries;
    for (const int fd : wires_.descriptors()) entries.push_back({fd, POLLIN, 0});
    for (const int fd : receivers_.descriptors()) entries.push_back({fd, POLLIN, 0});
    entries.push_back({listener_ ? listener_->event_fd() : -1, POLLIN, 0});
    if (poll(entries.data(), entries.size(), timeout_ms) <= 0) return false;
    const std::size_t first_receiver = wires_.descriptors().size();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].revents == 0) continue;
        if (i < first_receiver) {
            for (SeenPacket& packet : wires_.seen(i))
                if (is_of(packet, flow, tag_)) observed.left = std::move(packet);
        } else if (i + 1 < entries.size()) {
            if (std::ranges::contains(Receivers::tags(entries[i].fd), tag_))
                observed.delivered = true;
        } else {
            for (KernelEvent& event : listener_->on_events())
                if (auto* acquire = std::get_if<Acquire>(&event))
                    observed.acquires.push_back(std::move(*acquire));
        }
    }
    return true;
}

void Host::compare_counters(Observed& observed) {
    auto after = read_counters();
    for (std::size_t i = 0; i < after.size(); ++i)
        if (after[i].value != counters_.at(i).value) observed.counters.push_back(after[i].name);
    std::ranges::sort(observed.counters);
    const auto [from, to] = std::ranges::unique(observed.counters);
    observed.counters.erase(from, to);
    counters_ = std::move(after);
}

}  // namespace xfrmd::kernel_tests
