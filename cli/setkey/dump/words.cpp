// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "cli/setkey/dump/words.h"

#include <linux/udp.h>
#include <linux/xfrm.h>

#include <array>
#include <format>
#include <span>
#include <utility>

#include "cli/setkey/algorithms.h"
#include "cli/text.h"

namespace xfrmd::setkey::dump {

namespace {

struct Number {
    std::uint32_t value = 0;
    std::string_view word;
};

constexpr auto kProtocols = std::to_array<Number>({
    {IPPROTO_ESP, "esp"},
    {IPPROTO_AH, "ah"},
    {IPPROTO_COMP, "ipcomp"},
    {IPPROTO_TCP, "tcp"},
});
// XFRM_MODE_IPTFS, which is newer than many headers.
constexpr std::uint32_t kModeIptfs = 5;
constexpr auto kModes = std::to_array<Number>({
    {XFRM_MODE_TRANSPORT, "transport"},
    {XFRM_MODE_TUNNEL, "tunnel"},
    {XFRM_MODE_ROUTEOPTIMIZATION, "ro"},
    {XFRM_MODE_IN_TRIGGER, "in_trigger"},
    {XFRM_MODE_BEET, "beet"},
    {kModeIptfs, "iptfs"},
});
// TCP_ENCAP_ESPINTCP of linux/udp.h stands among those of UDP.
constexpr auto kEncapsulations = std::to_array<Number>({
    {UDP_ENCAP_ESPINUDP_NON_IKE, "udp_non_ike"},
    {UDP_ENCAP_ESPINUDP, "udp"},
    {TCP_ENCAP_ESPINTCP, "tcp"},
});
constexpr auto kSaDirections = std::to_array<Number>({
    {XFRM_SA_DIR_IN, "in"},
    {XFRM_SA_DIR_OUT, "out"},
});
constexpr auto kShares = std::to_array<Number>({
    {XFRM_SHARE_ANY, "any"},
    {XFRM_SHARE_SESSION, "session"},
    {XFRM_SHARE_USER, "user"},
    {XFRM_SHARE_UNIQUE, "unique"},
});
// The words that `ip xfrm` and the setkey language here have for them.
constexpr auto kFlags = std::to_array<Number>({
    {XFRM_STATE_NOECN, "noecn"},
    {XFRM_STATE_DECAP_DSCP, "decap-dscp"},
    {XFRM_STATE_NOPMTUDISC, "nopmtudisc"},
    {XFRM_STATE_WILDRECV, "wildrecv"},
    {XFRM_STATE_ICMP, "icmp"},
    {XFRM_STATE_AF_UNSPEC, "af-unspec"},
    {XFRM_STATE_ALIGN4, "align4"},
    {XFRM_STATE_ESN, "esn"},
});
constexpr auto kExtraFlags = std::to_array<Number>({
    {XFRM_SA_XFLAG_DONT_ENCAP_DSCP, "dont-encap-dscp"},
    {XFRM_SA_XFLAG_OSEQ_MAY_WRAP, "oseq-may-wrap"},
});
// XFRM_POLICY_CPU_ACQUIRE, which is newer than many headers.
constexpr std::uint32_t kPolicyCpuAcquire = 4;
constexpr auto kPolicyFlags = std::to_array<Number>({
    {XFRM_POLICY_LOCALOK, "localok"},
    {XFRM_POLICY_ICMP, "icmp"},
    {kPolicyCpuAcquire, "cpu-acquire"},
});
constexpr auto kOffloadFlags = std::to_array<Number>({
    {XFRM_OFFLOAD_IPV6, "ipv6"},
    {XFRM_OFFLOAD_INBOUND, "in"},
    {XFRM_OFFLOAD_PACKET, "packet"},
});

// The language's word for an algorithm, the first of several.
std::string word_for(AlgorithmKind kind, std::string_view kernel_name) {
    for (const AlgorithmRow& row : kAlgorithms)
        if (row.kind == kind && row.kernel_name == kernel_name) return std::string{row.word};
    return cli::printable(kernel_name);
}

std::string word_for(std::span<const Number> numbers, std::uint32_t value) {
    for (const Number& number : numbers)
        if (number.value == value) return std::string{number.word};
    return std::to_string(value);
}

void add_flags(std::span<const Number> names, std::uint32_t flags,
               std::vector<std::string>& words) {
    for (const Number& name : names)
        if ((flags & name.value) != 0) words.emplace_back(name.word);
    for (const Number& name : names) flags &= ~name.value;
    if (flags != 0) words.push_back(std::format("{:#x}", flags));
}

}  // namespace

std::string encryption_word(std::string_view kernel_name) {
    return word_for(AlgorithmKind::Cipher, kernel_name);
}
std::string integrity_word(std::string_view kernel_name) {
    return word_for(AlgorithmKind::Integrity, kernel_name);
}
std::string compression_word(std::string_view kernel_name) {
    return word_for(AlgorithmKind::Compression, kernel_name);
}

std::string protocol_word(std::uint8_t protocol) {
    return word_for(kProtocols, protocol);
}
std::string mode_word(std::uint8_t mode) {
    return word_for(kModes, mode);
}
std::string encapsulation_word(std::uint16_t type) {
    return word_for(kEncapsulations, type);
}
std::string sa_direction_word(std::uint8_t direction) {
    return word_for(kSaDirections, direction);
}
std::string share_word(std::uint8_t share) {
    return word_for(kShares, share);
}

std::string policy_direction_word(std::uint8_t direction) {
    switch (direction) {
        case XFRM_POLICY_IN:
        case XFRM_POLICY_MAX + XFRM_POLICY_IN:
            return "in";
        case XFRM_POLICY_OUT:
        case XFRM_POLICY_MAX + XFRM_POLICY_OUT:
            return "out";
        case XFRM_POLICY_FWD:
        case XFRM_POLICY_MAX + XFRM_POLICY_FWD:
            return "forward";
        default:
            return std::to_string(direction);
    }
}

std::string policy_type_word(std::uint8_t type) {
    if (type == XFRM_POLICY_TYPE_MAIN) return "main";
    return type == XFRM_POLICY_TYPE_SUB ? "sub" : std::to_string(type);
}

std::string_view state_word(xfrm::SaState state) {
    switch (state) {
        case xfrm::SaState::Larval:
            return "larval";
        case xfrm::SaState::Mature:
            return "mature";
        case xfrm::SaState::Dying:
            return "dying";
        case xfrm::SaState::Dead:
            return "dead";
    }
    std::unreachable();
}

std::string spi_text(xfrm::EspSpi spi) {
    return std::format("0x{:08x}", spi.value);
}

std::string mark_text(const xfrm::Mark& mark) {
    return std::format("{:#x}/{:#x}", mark.value, mark.mask);
}

bool is_set(const xfrm::Mark& mark) {
    return mark.value != 0 || mark.mask != 0;
}

bool restricts(const xfrm::Selector& selector) {
    return selector.source.length != 0 || selector.destination.length != 0 ||
           selector.protocol != 0 || selector.source_port.mask != 0 ||
           selector.destination_port.mask != 0 || selector.interface_index != 0;
}

std::vector<std::string> flag_words(std::uint8_t sa_flags, std::uint32_t extra_flags) {
    std::vector<std::string> words;
    add_flags(kFlags, sa_flags, words);
    add_flags(kExtraFlags, extra_flags, words);
    return words;
}
std::vector<std::string> policy_flag_words(std::uint8_t flags) {
    std::vector<std::string> words;
    add_flags(kPolicyFlags, flags, words);
    return words;
}
std::vector<std::string> offload_words(std::uint8_t flags) {
    std::vector<std::string> words;
    add_flags(kOffloadFlags, flags, words);
    return words;
}

}  // namespace xfrmd::setkey::dump
