// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/match.h"

#include <algorithm>
#include <variant>

namespace xfrmd::migrate {

namespace {

// 0: it does not match; 1: it would match anything; 2: it names just this.
int rank(const racoon::TrafficId& id, const xfrm::Prefix& network, std::uint8_t protocol,
         const std::optional<std::uint16_t>& port) {
    if (std::holds_alternative<racoon::AnyTraffic>(id)) return 1;
    if (std::holds_alternative<racoon::ClientAddress>(id))
        return network.length == network.address.bits() ? 1 : 0;
    const auto* named = std::get_if<racoon::TrafficOf>(&id);
    if (named == nullptr) return 0;
    return named->first == network.first() && named->last == network.last() &&
                   named->protocol == protocol && named->port == port
               ? 2
               : 0;
}

int rank(const racoon::Sainfo& sainfo, const Traffic& traffic, const racoon::Remote& remote) {
    const std::uint32_t wanted = remote.ph1id ? remote.ph1id->value : 0;
    if ((sainfo.remoteid ? sainfo.remoteid->value : 0) != wanted) return 0;
    const int local = rank(sainfo.local, traffic.local, traffic.protocol, traffic.local_port);
    const int far = rank(sainfo.remote, traffic.remote, traffic.protocol, traffic.remote_port);
    if (local == 0 || far == 0) return 0;
    // A sainfo for one peer's identity comes before the same for everybody.
    int identity = 0;
    if (sainfo.from) {
        const auto same = [&](const racoon::Said<racoon::Identifier>& peer) {
            return peer.value.type == sainfo.from->type && peer.value.text == sainfo.from->text;
        };
        if (!std::ranges::any_of(remote.peers_identifiers, same)) return 0;
        identity = 1;
    }
    return 2 * (local + far) + identity;
}

}  // namespace

Traffic traffic_of(const Policy& out) {
    return {.local = out.source,
            .remote = out.destination,
            .protocol = out.protocol,
            .local_port = out.source_port,
            .remote_port = out.destination_port};
}

const racoon::Remote* find_remote(const racoon::Configuration& configuration,
                                  const xfrm::Address& peer) {
    constexpr std::uint16_t kIkePort = 500;
    const racoon::Remote* anonymous = nullptr;
    const racoon::Remote* other_port = nullptr;
    for (const racoon::Remote& remote : configuration.remotes) {
        if (remote.address == peer && remote.port == kIkePort) return &remote;
        if (remote.address == peer && other_port == nullptr) other_port = &remote;
        if (!remote.address && anonymous == nullptr) anonymous = &remote;
    }
    return other_port != nullptr ? other_port : anonymous;
}

const racoon::Sainfo* find_sainfo(const racoon::Configuration& configuration,
                                  const Traffic& traffic, const racoon::Remote& remote) {
    const racoon::Sainfo* best = nullptr;
    int best_rank = 0;
    for (const racoon::Sainfo& sainfo : configuration.sainfos) {
        const int each = rank(sainfo, traffic, remote);
        if (each <= best_rank) continue;
        best = &sainfo;
        best_rank = each;
    }
    return best;
}

}  // namespace xfrmd::migrate
