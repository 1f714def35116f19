// SPDX-License-Identifier: Apache-2.0
// The kernel's tables as far as plans need them: which SAs there are, and which policies with what
// they say. Values; `read_tables` is in table_reader.h.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::setkey {

// What the kernel knows an SA by.
struct SaKey {
    xfrm::Address destination;
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    xfrm::EspSpi spi;
    xfrm::Mark mark;
    auto operator<=>(const SaKey&) const = default;

    static SaKey of(const xfrm::SaId& id) { return {id.destination, id.protocol, id.spi, id.mark}; }
};

struct TableSa {
    xfrm::Address source;
    bool larval = false;
    xfrm::ReqId reqid = {};
};

struct TablePolicy {
    xfrm::PolicySpec spec;
    // The selector as it is stored: it may have bits behind its prefixes, which name it all the
    // same.
    xfrm::Selector stored_selector;
    // It says more than `spec` can: flags, limits, algorithms.
    bool has_more = false;

    [[nodiscard]] bool is_in_place_of(const xfrm::PolicySpec& other) const {
        return stored_selector == other.id.selector;
    }
    // In all respects.
    [[nodiscard]] bool is(const xfrm::PolicySpec& other) const {
        return !has_more && spec == other && is_in_place_of(other);
    }
};

struct Tables {
    std::map<SaKey, TableSa> sas;
    std::map<xfrm::PolicyId, TablePolicy> policies;  // not those of sockets
    std::set<xfrm::ReqId> reqids;                    // of SAs and templates
};

// What a daemon that runs keeps for itself.
struct Keepers {
    std::map<xfrm::ReqId, std::string> connections;  // for people: who has this reqid
    bool neighbour_discovery = false;                // whether it keeps the policies for that
};

// What statements of ours have installed, by name. It need not be there any more.
struct Owned {
    std::map<SaKey, xfrm::Address> sas;                // their sources
    std::map<xfrm::PolicyId, std::uint32_t> policies;  // when each was added: the order counts
    bool operator==(const Owned&) const = default;
};

}  // namespace xfrmd::setkey
