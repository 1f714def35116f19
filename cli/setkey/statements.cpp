// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/statements.h"

#include <linux/xfrm.h>

#include <algorithm>
#include <utility>

#include "cli/setkey/algorithms.h"
#include "cli/setkey/protocol_numbers.h"

namespace xfrmd::setkey {

using xfrm::PortMask;
using xfrm::Selector;

namespace {

constexpr std::int64_t kPriorityDefault = 0x80000000;

Located<Host> literal(const xfrm::Address& address) {
    return {ScopedAddress{address, {}}, {}};
}

SaEnd end_of(const xfrm::Address& address) {
    return {literal(address), {}};
}

SaProtocol word_of(xfrm::IpsecProtocol protocol) {
    switch (protocol) {
        case xfrm::IpsecProtocol::Esp:
            return SaProtocol::Esp;
        case xfrm::IpsecProtocol::Ah:
            return SaProtocol::Ah;
        case xfrm::IpsecProtocol::Ipcomp:
            return SaProtocol::Ipcomp;
    }
    std::unreachable();
}

Side side_of(const xfrm::Prefix& prefix, const PortMask& port, bool has_port) {
    Side side{literal(prefix.address), {}, {}};
    if (prefix.length != prefix.address.bits()) side.prefix_length = Located{prefix.length, {}};
    if (has_port && port.mask != 0) side.port = Located<Port>{port.port, {}};
    return side;
}

// What stands behind the protocol.
Optional<UpperArgument> argument_of(const Selector& selector) {
    const PortMask& first = selector.source_port;
    const PortMask& second = selector.destination_port;
    if (first.mask == 0 && second.mask == 0) return std::nullopt;
    if (ip::has_types(selector.protocol))
        return Located<UpperArgument>{TypeAndCode{static_cast<std::uint8_t>(first.port),
                                                  static_cast<std::uint8_t>(second.port)},
                                      {}};
    if (selector.protocol == ip::kGre)
        return Located<UpperArgument>{std::uint32_t{first.port} << 16 | second.port, {}};
    return std::nullopt;
}

PolicySelector selector_of(const xfrm::PolicyId& id, InterfaceName name) {
    const Selector& selector = id.selector;
    const bool has_ports = !ip::has_types(selector.protocol) && selector.protocol != ip::kGre;
    PolicySelector written;
    written.source = side_of(selector.source, selector.source_port, has_ports);
    written.destination = side_of(selector.destination, selector.destination_port, has_ports);
    if (selector.protocol != 0) written.protocol.value = selector.protocol;
    written.argument = argument_of(selector);
    if (id.security_context)
        written.context =
            Located{SecurityContext{id.security_context->domain, id.security_context->algorithm,
                                    id.security_context->label},
                    {}};
    if (id.mark.mask != 0) written.mark = Located{id.mark, {}};
    if (id.if_id.value != 0) written.if_id = Located{id.if_id.value, {}};
    if (selector.interface_index != 0) written.device = Located{name(selector.interface_index), {}};
    return written;
}

Request request_of(const xfrm::Template& wanted) {
    Request request;
    request.protocol.value = wanted.protocol;
    request.mode.value = wanted.mode;
    if (wanted.mode != xfrm::Mode::Transport)
        request.ends.value = TunnelEnds{end_of(wanted.source), end_of(wanted.destination)};
    request.level.value.kind = Level::Kind::Require;
    if (wanted.optional) request.level.value.kind = Level::Kind::Use;
    if (wanted.reqid.value != 0) request.level.value = {Level::Kind::Unique, wanted.reqid.value};
    return request;
}

PolicyVerdict verdict_of(const xfrm::PolicySpec& policy) {
    if (policy.action == xfrm::PolicyAction::Block) return PolicyVerdict::Discard;
    return policy.templates.empty() ? PolicyVerdict::None : PolicyVerdict::Ipsec;
}

// ---- SAs --------------------

SaName name_of(const xfrm::SaId& id) {
    SaName name;
    name.pair.source = end_of(id.source);
    name.pair.destination = end_of(id.destination);
    name.pair.protocol.value = word_of(id.protocol);
    name.spi.value = id.spi.value;
    if (id.mark.mask != 0) name.extensions.mark = Located{id.mark, {}};
    return name;
}

template <class Value>
void put(bool there, Optional<Value>& to, Value value) {
    if (there) to = Located<Value>{std::move(value), {}};
}

void put_limits(const xfrm::LifetimeLimits& limits, Extensions& to) {
    constexpr std::uint64_t kNone = xfrm::LifetimeLimits::kUnlimited;
    put(limits.hard_add_seconds != 0, to.hard_seconds, limits.hard_add_seconds);
    put(limits.soft_add_seconds != 0, to.soft_seconds, limits.soft_add_seconds);
    put(limits.hard_bytes != kNone, to.hard_bytes, limits.hard_bytes);
    put(limits.soft_bytes != kNone, to.soft_bytes, limits.soft_bytes);
    put(limits.hard_packets != kNone, to.hard_packets, limits.hard_packets);
    put(limits.soft_packets != kNone, to.soft_packets, limits.soft_packets);
}

void put_flags(const xfrm::SaSpec& sa, Extensions& to) {
    const auto flag = [&](bool set, SaFlag which) {
        if (set) to.flags.push_back({which, {}});
    };
    flag(sa.align4, SaFlag::Align4);
    flag(sa.decapsulate_dscp, SaFlag::DecapDscp);
    flag(sa.dont_encapsulate_dscp, SaFlag::DontEncapDscp);
    flag(sa.no_path_mtu_discovery, SaFlag::NoPmtuDisc);
    flag(sa.no_ecn, SaFlag::NoEcn);
    flag(sa.for_icmp_errors, SaFlag::Icmp);
    flag(sa.wildcard_receive, SaFlag::WildRecv);
    flag(sa.af_unspec, SaFlag::AfUnspec);
    flag(sa.sequence_may_wrap, SaFlag::OseqMayWrap);
    put(sa.extended_sequence_numbers, to.extended_sequence_numbers, Present{});
}

SaMode mode_of(xfrm::Mode mode) {
    if (mode == xfrm::Mode::Transport) return SaMode::Transport;
    return mode == xfrm::Mode::Tunnel ? SaMode::Tunnel : SaMode::Beet;
}

// The first word that has this name in the kernel and, if it matters, this ICV.
std::string word_of(AlgorithmKind kind, std::string_view kernel_name, std::uint32_t icv_bits = 0) {
    const auto found = std::ranges::find_if(kAlgorithms, [&](const AlgorithmRow& row) {
        return row.kind == kind && row.kernel_name == kernel_name &&
               (kind != AlgorithmKind::CombinedMode || row.icv_bits == icv_bits);
    });
    return found == kAlgorithms.end() ? std::string{kernel_name} : std::string{found->word};
}

KeyedAlgorithm keyed(std::string word, const Secret& key) {
    KeyedAlgorithm algorithm{{std::move(word), {}}, {}, {}};
    if (!key.empty()) algorithm.key = Located{Key{}, {}};
    return algorithm;
}

Algorithms algorithms_of(const xfrm::SaSpec& sa) {
    Algorithms all;
    if (sa.encryption)
        all.encryption =
            keyed(word_of(AlgorithmKind::Cipher, sa.encryption->name), sa.encryption->key);
    if (sa.aead)
        all.encryption = keyed(
            word_of(AlgorithmKind::CombinedMode, sa.aead->name, sa.aead->icv_bits), sa.aead->key);
    if (sa.integrity) {
        all.authentication =
            keyed(word_of(AlgorithmKind::Integrity, sa.integrity->name), sa.integrity->key);
        put(sa.integrity->truncated_bits != 0, all.authentication->icv_bits,
            sa.integrity->truncated_bits);
    }
    if (sa.compression)
        all.compression =
            Compression{{word_of(AlgorithmKind::Compression, sa.compression->name), {}}, false};
    return all;
}

}  // namespace

std::string interface_number(std::uint32_t index) {
    return std::to_string(index);
}

statement::Delete deletion_of(const xfrm::SaId& id) {
    return {name_of(id)};
}

statement::Add addition_of(const xfrm::SaSpec& sa) {
    SaName name = name_of(sa.id);
    Extensions& extensions = name.extensions;
    put(true, extensions.mode, mode_of(sa.mode));
    put(sa.reqid.value != 0, extensions.reqid, sa.reqid.value);
    put(sa.replay_window != 0, extensions.replay_window, sa.replay_window);
    put_flags(sa, extensions);
    put_limits(sa.limits, extensions);
    if (sa.security_context)
        extensions.context =
            Located{SecurityContext{sa.security_context->domain, sa.security_context->algorithm,
                                    sa.security_context->label},
                    {}};
    if (sa.output_mark) extensions.output_mark = Located{*sa.output_mark, {}};
    put(sa.if_id.value != 0, extensions.if_id, sa.if_id.value);
    if (sa.encapsulation) {
        name.pair.protocol.value = SaProtocol::EspUdp;
        name.pair.source.port = Located<Port>{sa.encapsulation->source_port, {}};
        name.pair.destination.port = Located<Port>{sa.encapsulation->destination_port, {}};
    }
    return {SaDefinition{std::move(name.pair), name.spi, std::move(name.extensions),
                         algorithms_of(sa)}};
}

statement::SpdDelete deletion_of(const xfrm::PolicyId& id, InterfaceName name) {
    return {selector_of(id, name), {id.direction, {}}};
}

statement::SpdAdd addition_of(const xfrm::PolicySpec& policy, InterfaceName name) {
    PolicyText text;
    text.direction.value = policy.id.direction;
    if (policy.priority != kPriorityDefault)
        text.priority =
            Located{Priority{Priority::Base::Default, kPriorityDefault - policy.priority}, {}};
    text.verdict.value = verdict_of(policy);
    for (const xfrm::Template& wanted : policy.templates)
        text.requests.push_back(request_of(wanted));
    return {PolicyDefinition{selector_of(policy.id, name), std::move(text)}};
}

}  // namespace xfrmd::setkey
