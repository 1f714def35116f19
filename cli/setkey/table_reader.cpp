// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/table_reader.h"

#include <linux/xfrm.h>

#include <algorithm>

#include "netlink/table.h"

namespace xfrmd::setkey {

using xfrm::IpsecProtocol;
using xfrm::Mode;
using xfrm::PolicySpec;
using xfrm::StoredPolicy;
using xfrm::StoredTemplate;

namespace {

std::optional<IpsecProtocol> protocol_of(std::uint8_t number) {
    for (const auto known : {IpsecProtocol::Esp, IpsecProtocol::Ah, IpsecProtocol::Ipcomp})
        if (number == static_cast<std::uint8_t>(known)) return known;
    return std::nullopt;
}

std::optional<Mode> mode_of(std::uint8_t number) {
    switch (number) {
        case XFRM_MODE_TRANSPORT:
            return Mode::Transport;
        case XFRM_MODE_TUNNEL:
            return Mode::Tunnel;
        case XFRM_MODE_BEET:
            return Mode::Beet;
        default:
            return std::nullopt;
    }
}

bool is_for_any_algorithm(const StoredTemplate& wanted) {
    constexpr std::uint32_t kAll = ~std::uint32_t{0};
    return wanted.integrity_algorithms == kAll && wanted.encryption_algorithms == kAll &&
           wanted.compression_algorithms == kAll && wanted.share == XFRM_SHARE_ANY;
}

// False if it says what a template of ours cannot.
bool put_template(const StoredTemplate& stored, PolicySpec& spec) {
    const auto protocol = protocol_of(stored.protocol);
    const auto mode = mode_of(stored.mode);
    if (!protocol || !mode) return false;
    spec.templates.push_back({.source = stored.source,
                              .destination = stored.destination,
                              .protocol = *protocol,
                              .mode = *mode,
                              .reqid = stored.reqid,
                              .spi = stored.spi,
                              .optional = stored.optional});
    // In transport mode the ends are those of each packet, of whichever family.
    xfrm::Template& wanted = spec.templates.back();
    if (wanted.source.is_unspecified() && wanted.destination.is_unspecified() &&
        *mode == Mode::Transport)
        wanted.source = wanted.destination = {};
    return is_for_any_algorithm(stored);
}

xfrm::Prefix clean(const xfrm::Prefix& stored) {
    return xfrm::Prefix::make(stored.address, stored.length).value_or(stored);
}

}  // namespace

void put(xfrm::StoredSa sa, Tables& tables) {
    tables.reqids.insert(sa.reqid);
    const auto protocol = protocol_of(sa.protocol);
    if (!protocol) return;
    const bool larval = !sa.aead && !sa.encryption && !sa.integrity && !sa.compression;
    // Packets that wait for a negotiation, without an SPI: no SA yet.
    if (larval && sa.spi.value == 0) return;
    tables.sas[{sa.destination, *protocol, sa.spi, sa.mark}] = {sa.source, larval, sa.reqid};
}

void put(StoredPolicy policy, Tables& tables) {
    for (const StoredTemplate& wanted : policy.templates) tables.reqids.insert(wanted.reqid);
    if (policy.is_of_a_socket() || policy.type != XFRM_POLICY_TYPE_MAIN) return;
    TablePolicy entry;
    PolicySpec& spec = entry.spec;
    entry.stored_selector = spec.id.selector = policy.selector;
    spec.id.selector.source = clean(policy.selector.source);
    spec.id.selector.destination = clean(policy.selector.destination);
    spec.id.direction = policy.direction == XFRM_POLICY_IN    ? xfrm::Direction::In
                        : policy.direction == XFRM_POLICY_OUT ? xfrm::Direction::Out
                                                              : xfrm::Direction::Forward;
    spec.id.mark = policy.mark;
    spec.id.if_id = policy.if_id;
    spec.id.security_context = std::move(policy.security_context);
    if (spec.id.security_context) spec.id.security_context->length = 0;
    spec.action =
        policy.action == XFRM_POLICY_ALLOW ? xfrm::PolicyAction::Allow : xfrm::PolicyAction::Block;
    spec.priority = policy.priority;
    entry.has_more = policy.flags != 0 || policy.share != XFRM_SHARE_ANY || policy.offload ||
                     policy.limits != xfrm::LifetimeLimits{} || !policy.others.empty();
    for (const StoredTemplate& wanted : policy.templates)
        if (!put_template(wanted, spec)) entry.has_more = true;
    tables.policies[spec.id] = std::move(entry);
}

std::expected<Tables, xfrm::KernelError> read_tables() {
    Tables tables;
    const auto sas = netlink::for_each_sa({}, [&](xfrm::StoredSa sa) {
        put(std::move(sa), tables);
        return true;
    });
    if (!sas) return std::unexpected{sas.error()};
    const auto policies = netlink::for_each_policy([&](StoredPolicy policy) {
        put(std::move(policy), tables);
        return true;
    });
    if (!policies) return std::unexpected{policies.error()};
    return tables;
}

}  // namespace xfrmd::setkey
