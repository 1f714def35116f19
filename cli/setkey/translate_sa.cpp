// SPDX-License-Identifier: Apache-2.0
// Security associations in the kernel's terms.
#include <linux/xfrm.h>

#include <algorithm>
#include <utility>

#include "cli/setkey/translation.h"

namespace xfrmd::setkey {

using xfrm::IpsecProtocol;
using xfrm::SaSpec;

namespace {

constexpr std::uint16_t kNatPort = 4500;         // RFC 3948 §2.1
constexpr std::uint32_t kReservedSpiLast = 255;  // RFC 4303 §2.1
constexpr std::uint32_t kCpiLast = 0xffff;       // RFC 3173 §3.3: a CPI has 16 bits

std::uint64_t limit_of(const Optional<std::uint64_t>& count) {
    // 0 is no limit, as in PF_KEY.
    return count && count->value != 0 ? count->value : xfrm::LifetimeLimits::kUnlimited;
}

std::uint64_t seconds_of(const Optional<std::uint64_t>& seconds) {
    return seconds ? seconds->value : 0;
}

xfrm::LifetimeLimits limits_of(const Extensions& extensions) {
    return {.soft_bytes = limit_of(extensions.soft_bytes),
            .hard_bytes = limit_of(extensions.hard_bytes),
            .soft_packets = limit_of(extensions.soft_packets),
            .hard_packets = limit_of(extensions.hard_packets),
            .soft_add_seconds = seconds_of(extensions.soft_seconds),
            .hard_add_seconds = seconds_of(extensions.hard_seconds)};
}

void put_flag(const Translation& translation, const Located<SaFlag>& flag, SaSpec& spec) {
    switch (flag.value) {
        case SaFlag::ZeroPad:
        case SaFlag::RandomPad:
        case SaFlag::SeqPad:
            return translation.warning(flag.span,
                                       "Linux chooses the padding itself: this flag does nothing",
                                       "as with setkey on Linux");
        case SaFlag::NocyclicSeq:
            return;  // what Linux does in any case, unless OseqMayWrap
        case SaFlag::Align4:
        case SaFlag::NoAlign4:
            return;  // align4_of()
        case SaFlag::DecapDscp:
            spec.decapsulate_dscp = true;
            return;
        case SaFlag::DontEncapDscp:
            spec.dont_encapsulate_dscp = true;
            return;
        case SaFlag::NoPmtuDisc:
            spec.no_path_mtu_discovery = true;
            return;
        case SaFlag::NoEcn:
            spec.no_ecn = true;
            return;
        case SaFlag::Icmp:
            spec.for_icmp_errors = true;
            return;
        case SaFlag::WildRecv:
            spec.wildcard_receive = true;
            return;
        case SaFlag::AfUnspec:
            spec.af_unspec = true;
            return;
        case SaFlag::OseqMayWrap:
            spec.sequence_may_wrap = true;
            return;
    }
}

xfrm::Offload offload_of(const Translation& translation, const Located<Offload>& offload) {
    unsigned flags = 0;
    if (offload.value.inbound) flags |= XFRM_OFFLOAD_INBOUND;
    if (offload.value.kind == Offload::Kind::Packet) flags |= XFRM_OFFLOAD_PACKET;
    return {translation.looked(offload.span, translation.names.interface(offload.value.device)),
            static_cast<std::uint8_t>(flags)};
}

void put_extensions(const Translation& translation, const Extensions& extensions, SaSpec& spec) {
    spec.mode = mode_of(extensions.mode);
    if (extensions.reqid) spec.reqid = xfrm::ReqId{extensions.reqid->value};
    if (extensions.replay_window) spec.replay_window = extensions.replay_window->value;
    spec.extended_sequence_numbers = extensions.extended_sequence_numbers.has_value();
    spec.limits = limits_of(extensions);
    for (const auto& flag : extensions.flags) put_flag(translation, flag, spec);
    spec.security_context = context_of(extensions.context);
    if (extensions.mark) spec.id.mark = extensions.mark->value;
    if (extensions.output_mark) spec.output_mark = extensions.output_mark->value;
    if (extensions.if_id) spec.if_id = xfrm::IfId{extensions.if_id->value};
    if (extensions.offload) spec.offload = offload_of(translation, *extensions.offload);
}

void put_encapsulation(const Translation& translation, const SaPair& pair, SaSpec& spec) {
    const std::uint16_t source = port_of(translation, pair.source.port, 17);
    const std::uint16_t destination = port_of(translation, pair.destination.port, 17);
    if (pair.protocol.value != SaProtocol::EspUdp) {
        if (source != 0 || destination != 0)
            translation.warning((source != 0 ? pair.source : pair.destination).port->span,
                                "the ports of an SA count for esp-udp only");
        return;
    }
    xfrm::UdpEncapsulation encapsulation{
        source != 0 ? source : kNatPort, destination != 0 ? destination : kNatPort, {}};
    if (pair.original_address) {
        const auto found = addresses_of(translation, *pair.original_address, pair.families);
        if (!found.empty()) encapsulation.original = found.front();
    }
    spec.encapsulation = encapsulation;
}

}  // namespace

IpsecProtocol protocol_of(const Translation& translation, const Located<SaProtocol>& protocol) {
    switch (protocol.value) {
        case SaProtocol::EspOld:
            translation.warning(protocol.span, "Linux has no ESP of RFC 1827: esp-old is esp",
                                "as with setkey on Linux");
            return IpsecProtocol::Esp;
        case SaProtocol::AhOld:
            translation.warning(protocol.span, "Linux has no AH of RFC 1826: ah-old is ah",
                                "as with setkey on Linux");
            return IpsecProtocol::Ah;
        case SaProtocol::Tcp:
            translation.error(protocol.span, "Linux keeps no SAs for TCP-MD5",
                              "it is a socket option there, which the BGP daemon sets itself");
            return IpsecProtocol::Ah;
        case SaProtocol::Esp:
        case SaProtocol::EspUdp:
            return IpsecProtocol::Esp;
        case SaProtocol::Ah:
            return IpsecProtocol::Ah;
        case SaProtocol::Ipcomp:
            return IpsecProtocol::Ipcomp;
    }
    std::unreachable();
}

xfrm::EspSpi spi_of(const Translation& translation, const Located<std::uint32_t>& spi,
                    IpsecProtocol protocol) {
    if (spi.value == 0)
        translation.error(spi.span, "an SPI of 0 stands for no SA");
    else if (protocol == IpsecProtocol::Ipcomp && spi.value > kCpiLast)
        translation.error(spi.span, "the CPI of IPComp has 16 bits: at most 65535");
    return xfrm::EspSpi{spi.value};
}

xfrm::EspSpi new_spi_of(const Translation& translation, const Located<std::uint32_t>& spi,
                        IpsecProtocol protocol) {
    const bool reserved = spi.value != 0 && spi.value <= kReservedSpiLast;
    if (reserved && protocol != IpsecProtocol::Ipcomp)
        translation.warning(spi.span, "SPIs up to 255 are reserved",
                            "RFC 4303 §2.1; others may refuse such an SA");
    return spi_of(translation, spi, protocol);
}

// Any is transport to Linux. It does not become tunnel because a policy wants one.
xfrm::Mode mode_of(const Optional<SaMode>& mode) {
    if (!mode) return xfrm::Mode::Transport;
    switch (mode->value) {
        case SaMode::Any:
        case SaMode::Transport:
            return xfrm::Mode::Transport;
        case SaMode::Tunnel:
            return xfrm::Mode::Tunnel;
        case SaMode::Beet:
            return xfrm::Mode::Beet;
    }
    std::unreachable();
}

std::vector<SaSpec> sas_of(const Translation& translation, const SaDefinition& definition) {
    std::vector<SaSpec> all;
    const IpsecProtocol protocol = protocol_of(translation, definition.pair.protocol);
    const xfrm::EspSpi spi = new_spi_of(translation, definition.spi, protocol);
    for (const auto& [source, destination] : pairs_of(translation, definition.pair)) {
        const std::size_t errors_before = translation.mistakes.errors();
        SaSpec& spec = all.emplace_back();
        spec.id = {source, destination, protocol, spi, {}};
        put_extensions(translation, definition.extensions, spec);
        put_encapsulation(translation, definition.pair, spec);
        put_algorithms(translation, definition, spec);
        spec.align4 = align4_of(translation, definition, spec);
        if (translation.mistakes.errors() != errors_before) break;  // told once is enough
    }
    return all;
}

}  // namespace xfrmd::setkey
