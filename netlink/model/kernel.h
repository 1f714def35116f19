// SPDX-License-Identifier: Apache-2.0
// Everything that is said between us and the kernel, on one page: requests, replies, events. Values only;
// the netlink code and the simulator's kernel model both answer them, and one contract test holds both to it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::xfrm {

// Reserves an inbound SPI: a larval SA that the SaSpec with the same id then replaces. ENOENT: the
// one that is wanted is taken.
struct AllocateSpi {
    Address source;
    Address destination;
    IpsecProtocol protocol = IpsecProtocol::Esp;
    Mode mode = Mode::Transport;
    ReqId reqid{};
    Mark mark{};
    IfId if_id{};
    // Exactly this one; 0 = whichever is free in the range that is for negotiation.
    EspSpi spi{};
};

// Installs all of these or, on the first refusal, none: what was installed before it is taken out again.
// An SA whose SPI was reserved by AllocateSpi replaces the larval one. On refusal the larval SAs of the
// inbound SPIs are gone too.
struct InstallSas {
    std::vector<SaSpec> sas;
    // Marks, by position, which of them replace a reserved SPI.
    std::vector<bool> reserved;
};

// Removes these; those that are gone already do not count as errors.
struct RemoveSas {
    std::vector<SaId> sas;
};

// Installs all or none. A policy that exists with the same id is an error unless `replace`.
struct InstallPolicies {
    std::vector<PolicySpec> policies;
    bool replace = false;
};

// Removes these; those that are gone already do not count as errors.
struct RemovePolicies {
    std::vector<PolicyId> policies;
};

// One policy and the SA that it asks for, on their way to other ends.
struct Migration {
    PolicyId policy;
    IpsecProtocol protocol = IpsecProtocol::Esp;
    Mode mode = Mode::Tunnel;
    ReqId reqid{};
    Address source;           // the ends until then
    Address destination;
    Address new_source;       // may be the same: then it is about the ports of ESP in UDP
    Address new_destination;
    // From then on. Nothing: as it is; what is encapsulated stays so.
    std::optional<UdpEncapsulation> encapsulation;
};

// Moves SAs and the templates of their policies (XFRM_MSG_MIGRATE). Keys, sequence numbers, counters and replay windows
// go along, and no key is read back. Each migration takes the youngest SA between the former ends, if there is one;
// while that is a reserved SPI, it is refused. Each is tried, in their order; the result is the first refusal.
struct Migrate {
    std::vector<Migration> migrations;
};

// Which of our addresses packets to `destination` carry. ENETUNREACH: there is no way to it.
struct FindSource {
    Address destination;
};

// Reads one SA with its counters; its keys only if asked (for people who print them on purpose).
struct QuerySa {
    SaId id;
    bool with_keys = false;
};

struct DumpSas {
    bool with_keys = false;
};
struct DumpPolicies {};

using KernelRequest = std::variant<AllocateSpi, InstallSas, RemoveSas, InstallPolicies, RemovePolicies,
                                   Migrate, FindSource, QuerySa, DumpSas, DumpPolicies>;

// Why the kernel refused. `what` is for people: which object, the kernel's own extack text, what to do.
struct KernelError {
    int error_number = 0;  // a positive errno
    std::string what;
};

struct Done {};
using KernelAnswer =
    std::variant<Done, EspSpi, Address, SaInfo, std::vector<SaInfo>, std::vector<PolicyInfo>>;
using KernelResult = std::expected<KernelAnswer, KernelError>;

// A packet hit a policy and found no SA.
struct Acquire {
    std::uint32_t sequence = 0;  // give it to the SA that answers
    IpsecProtocol protocol = IpsecProtocol::Esp;
    Address source;       // ends of the SA that is wanted
    Address destination;
    Selector packet;      // narrow: the packet that hit. Only a hint (it may be a connect() probe).
    PolicySpec policy;    // whole, with every template
    std::uint32_t policy_index = 0;
};

struct SaExpired {
    SaId id;
    ReqId reqid;
    Mode mode = Mode::Transport;
    bool hard = false;
    LifetimeUsage usage;
};

struct PolicyExpired {
    PolicyId id;
    bool hard = false;
};

// The outer address or port of an encapsulated peer changed (XFRM_MSG_MAPPING).
struct MappingChanged {
    SaId id;
    ReqId reqid;
    Endpoint before;
    Endpoint after;
};

struct AddressChanged {
    Address address;
    std::uint32_t interface_index = 0;
    bool added = false;
};

struct RouteChanged {
    Prefix destination;
    bool added = false;
};

// Events were lost (ENOBUFS): ask for dumps and compare.
struct Resync {};

using KernelEvent = std::variant<Acquire, SaExpired, PolicyExpired, MappingChanged, AddressChanged,
                                 RouteChanged, Resync>;

}  // namespace xfrmd::xfrm
