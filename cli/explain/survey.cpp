// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/survey.h"

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <format>
#include <fstream>
#include <sstream>

#include "netlink/lookup/policy_choice.h"
#include "netlink/model/result.h"
#include "netlink/routing.h"
#include "netlink/settings.h"
#include "netlink/table.h"

namespace xfrmd::explain {

using namespace xfrm;
using lookup::OutboundFacts;

namespace {

using Refused = std::unexpected<KernelError>;

std::string name_of_interface(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    return if_indextoname(index, name.data()) == nullptr ? std::to_string(index) : name.data();
}

// A setting that is on for all interfaces, or for this one.
bool is_on(Family family, const std::string& interface, std::string_view what) {
    for (const std::string_view place : {std::string_view{"all"}, std::string_view{interface}}) {
        std::ifstream file{std::format("/proc/sys/net/{}/conf/{}/{}",
                                       family == Family::V4 ? "ipv4" : "ipv6", place, what)};
        int value = 0;
        if (file >> value && value != 0) return true;
    }
    return false;
}

bool drops_what_waits() {
    std::ifstream file{"/proc/sys/net/core/xfrm_larval_drop"};
    int value = 1;
    file >> value;
    return value != 0;
}

// Who asks the kernel for acquires shows in the lists of netlink's and PF_KEY's sockets.
bool somebody_listens() {
    std::ifstream sockets{"/proc/net/netlink"};
    std::string line;
    std::getline(sockets, line);  // the titles
    while (std::getline(sockets, line)) {
        std::istringstream columns{line};
        std::string socket;
        unsigned protocol = 0;
        std::string port;
        std::uint32_t groups = 0;
        columns >> socket >> protocol >> port >> std::hex >> groups;
        constexpr std::uint32_t kAcquires = 1U << (XFRMNLGRP_ACQUIRE - 1);
        if (columns && protocol == NETLINK_XFRM && (groups & kAcquires) != 0) return true;
    }
    std::ifstream keys{"/proc/net/pfkey"};
    std::getline(keys, line);
    return static_cast<bool>(std::getline(keys, line));
}

std::uint64_t wall_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now).count());
}

class Surveyor {
  public:
    explicit Surveyor(const Question& question) : question_{question} {}

    std::expected<Survey, KernelError> run() {
        if (!question_.interface.empty()) TRY_VOID(find_interface());
        TRY_VOID(follow_the_packet());
        TRY_VOID(read_tables());
        read_tunnel_paths();
        result_.outbound.key_manager = somebody_listens();
        result_.larval_drop = drops_what_waits();
        result_.counters = read_counters();
        return std::move(result_);
    }

  private:
    // All of 127.0.0.0/8 is, whatever addresses the interfaces have.
    static bool is_own(const Address& address) {
        const auto route = netlink::route_to(address);
        return route && route->local;
    }

    std::expected<void, KernelError> find_interface() {
        chosen_ = if_nametoindex(question_.interface.c_str());
        if (chosen_ != 0) return {};
        return Refused{KernelError{ENODEV, "there is no interface " + question_.interface}};
    }

    std::expected<void, KernelError> follow_the_packet() {
        lookup::Flow& flow = result_.flow;
        flow.destination = question_.destination;
        flow.protocol = question_.protocol;
        flow.source_port = question_.source_port;
        flow.destination_port = question_.destination_port;
        flow.mark = question_.mark;
        flow.if_id = IfId{question_.if_id};
        const bool from_here = !question_.source || is_own(*question_.source);
        return !question_.inbound && from_here ? follow_out() : follow_in();
    }

    std::expected<void, KernelError> follow_out() {
        const netlink::Route route =
            TRY(netlink::route_to(question_.destination, question_.source));
        if (!question_.source && route.source.is_unspecified())
            return Refused{KernelError{
                EADDRNOTAVAIL, std::format("the route to {} has no source address: name one",
                                           question_.destination.to_string())}};
        result_.flow.source = question_.source.value_or(route.source);
        result_.journey = route.local ? Journey::Loop : Journey::Out;
        leave_by(route);
        // IPv6 tells the lookup of an interface only if the socket is bound to one.
        const bool tells = result_.flow.family() == Family::V4 || chosen_ != 0;
        result_.flow.interface_index = tells ? leaves_ : 0;
        return route.local ? arrive_at_this_host(leaves_) : std::expected<void, KernelError>{};
    }

    std::expected<void, KernelError> follow_in() {
        if (!question_.source)
            return Refused{KernelError{
                EINVAL, "a packet that comes in has a source: name it instead of \"-\""}};
        result_.flow.source = *question_.source;
        const auto back = netlink::route_to(*question_.source);
        const std::uint32_t comes = chosen_ != 0 ? chosen_ : back ? back->interface_index : 0;
        if (comes != 0) result_.comes_by = name_of_interface(comes);
        const Family family = result_.flow.family();
        if (is_own(question_.destination)) {
            result_.journey = Journey::In;
            return arrive_at_this_host(comes);
        }
        result_.journey = Journey::Through;
        result_.inbound.policy_disabled = is_on(family, result_.comes_by, "disable_policy");
        result_.outbound.forwarded = true;
        const netlink::Route onwards = TRY(netlink::route_to(question_.destination));
        leave_by(onwards);
        result_.flow.interface_index = leaves_;
        return {};
    }

    void leave_by(const netlink::Route& route) {
        // The interface that is named is where a forwarded packet comes in.
        const bool bound = chosen_ != 0 && !route.local && !result_.outbound.forwarded;
        leaves_ = bound ? chosen_ : route.interface_index;
        result_.leaves_by = name_of_interface(leaves_);
        result_.outbound.loopback = route.local;
        result_.outbound.xfrm_disabled = result_.flow.family() == Family::V4 &&
                                         is_on(Family::V4, result_.leaves_by, "disable_xfrm");
    }

    // IPv4 asks the interface that the packet comes in by, IPv6 the one that has the address.
    std::expected<void, KernelError> arrive_at_this_host(std::uint32_t comes_by) {
        const Family family = result_.flow.family();
        if (family == Family::V6) {
            const auto own = TRY(netlink::own_addresses());
            const auto owner =
                std::ranges::find(own, question_.destination, &netlink::OwnAddress::address);
            if (owner != own.end()) comes_by = owner->interface_index;
        }
        result_.inbound.policy_disabled =
            is_on(family, name_of_interface(comes_by), "disable_policy");
        if (result_.journey == Journey::In) result_.flow.interface_index = if_nametoindex("lo");
        return {};
    }

    std::expected<void, KernelError> read_tables() {
        const auto policies = TRY(netlink::for_each_policy([this](StoredPolicy policy) {
            result_.policies.push_back(std::move(policy));
            return true;
        }));
        const auto sas = TRY(netlink::for_each_sa({}, [this](StoredSa sa) {
            result_.sas.push_back(std::move(sa));
            return true;
        }));
        result_.unreadable = policies.unreadable + sas.unreadable;
        result_.defaults = TRY(netlink::read_default_policies());
        result_.sa_buckets = TRY(netlink::read_sa_buckets());
        result_.now = wall_seconds();
        return {};
    }

    // Those of the policy that will decide.
    void read_tunnel_paths() {
        if (result_.journey == Journey::In) return;
        const auto choice = lookup::choose_policy(result_.flow, Direction::Out, result_.tables());
        if (choice.winner == nullptr) return;
        for (const StoredTemplate& wanted : choice.winner->templates) {
            if (wanted.destination.is_unspecified()) continue;
            read_tunnel_path(wanted.source, wanted.destination);
            for (const StoredSa& sa : result_.sas)
                if (sa.destination == wanted.destination && sa.reqid == wanted.reqid)
                    read_tunnel_path(sa.source, sa.destination);
        }
    }

    void read_tunnel_path(const Address& source, const Address& destination) {
        auto& paths = result_.outbound.paths;
        const auto known = [&](const lookup::TunnelPath& path) {
            return path.source == source && path.destination == destination;
        };
        if (std::ranges::any_of(paths, known)) return;
        const auto route = netlink::route_to(
            destination, source.is_unspecified() ? std::nullopt : std::optional{source});
        paths.push_back({source, destination, route.has_value(),
                         route ? route->source : Address::any(source.family())});
    }

    const Question& question_;
    Survey result_;
    std::uint32_t chosen_ = 0;  // the interface that the question names
    std::uint32_t leaves_ = 0;
};

}  // namespace

std::expected<Survey, KernelError> survey(const Question& question) {
    return Surveyor{question}.run();
}

std::vector<Counter> read_counters() {
    std::ifstream file{"/proc/net/xfrm_stat"};
    std::vector<Counter> counters;
    for (Counter counter; file >> counter.name >> counter.value;) counters.push_back(counter);
    return counters;
}

std::vector<Counter> moved(const std::vector<Counter>& before, const std::vector<Counter>& after) {
    std::vector<Counter> all;
    for (const Counter& counter : after) {
        const auto at = std::ranges::find(before, counter.name, &Counter::name);
        const std::uint64_t start = at == before.end() ? 0 : at->value;
        if (counter.value > start) all.push_back({counter.name, counter.value - start});
    }
    return all;
}

}  // namespace xfrmd::explain
