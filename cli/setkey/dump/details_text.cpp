// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/dump/details_text.h"

#include <linux/xfrm.h>

#include <algorithm>
#include <format>

#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "cli/setkey/dump/words.h"
#include "cli/text.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;

namespace {

std::string line(std::string_view name, std::string_view value) {
    return std::format("\t{}: {}\n", name, value);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string algorithm_details(const StoredSa& sa, const Options& options) {
    std::string lines;
    if (sa.aead)
        lines += line("aead", std::format("{} icv={}(bits) {}", cli::printable(sa.aead->name),
                                          sa.aead->icv_bits, key_text(*sa.aead, options)));
    if (sa.integrity && sa.integrity->icv_bits != 0)
        lines += line("icv", std::format("{}(bits)", sa.integrity->icv_bits));
    return lines;
}

std::string replay_details(const StoredSa& sa) {
    std::string lines;
    if (const auto& replay = sa.replay) {
        lines += line("sequence", std::format("in={:#x} out={:#x}", replay->inbound_sequence,
                                              replay->outbound_sequence));
        if (std::ranges::any_of(replay->bitmap, [](std::uint32_t word) { return word != 0; })) {
            std::string words;
            for (const std::uint32_t word : replay->bitmap)
                words += std::format("{}{:08x}", words.empty() ? "" : " ", word);
            lines += line("bitmap", words);
        }
    }
    const SaStatistics& statistics = sa.statistics;
    if (statistics != SaStatistics{})
        lines += line("errors", std::format("window={} replayed={} integrity={}",
                                            statistics.outside_replay_window, statistics.replayed,
                                            statistics.integrity_failures));
    return lines;
}

std::string traffic_details(const StoredSa& sa, const Scene& scene) {
    std::string lines;
    if (is_set(sa.mark)) lines += line("mark", mark_text(sa.mark));
    if (sa.output_mark) lines += line("output-mark", mark_text(*sa.output_mark));
    if (sa.if_id.value != 0) lines += line("if_id", std::to_string(sa.if_id.value));
    if (sa.selector && restricts(*sa.selector)) {
        lines += line("selector", selector_text(*sa.selector, scene));
        if (sa.selector->interface_index != 0)
            lines += line("interface", std::to_string(sa.selector->interface_index));
    }
    if (sa.encapsulation && sa.encapsulation->type != 2)
        lines += line("encapsulation", encapsulation_word(sa.encapsulation->type));
    if (sa.care_of) lines += line("care-of", sa.care_of->to_string());
    return lines;
}

std::string offload_line(const Offload& offload) {
    return line("offload", std::format("device {} {}", offload.interface_index,
                                       joined(offload_words(offload.flags))));
}

std::string other_lines(const std::vector<OtherAttribute>& others, const Options& options) {
    std::string lines;
    for (const OtherAttribute& other : others)
        lines +=
            line(std::format("attribute {}", other.type),
                 options.with_keys && !other.octets.empty() ? to_hex(other.octets.view())
                                                            : std::format("{} octets", other.size));
    return lines;
}

std::string template_details(const StoredTemplate& wanted, std::size_t number) {
    std::string parts;
    const auto add = [&](std::string_view name, std::uint32_t algorithms) {
        if (algorithms != StoredTemplate::kEveryAlgorithm)
            parts += std::format(" {}={:#x}", name, algorithms);
    };
    if (wanted.spi.value != 0) parts += " spi=" + spi_text(wanted.spi);
    if (wanted.share != XFRM_SHARE_ANY) parts += " share=" + share_word(wanted.share);
    add("aalgos", wanted.integrity_algorithms);
    add("ealgos", wanted.encryption_algorithms);
    add("calgos", wanted.compression_algorithms);
    // Ends that setkey does not show: those of a request that is no tunnel.
    if (wanted.mode != XFRM_MODE_TUNNEL && !wanted.destination.is_unspecified())
        parts +=
            std::format(" ends={}-{}", wanted.source.to_string(), wanted.destination.to_string());
    return parts.empty() ? "" : std::format("\trequest {}:{}\n", number, parts);
}

std::string limit_line(std::string_view name, std::uint64_t bytes, std::uint64_t packets,
                       std::uint64_t add_seconds, std::uint64_t use_seconds) {
    std::string parts;
    if (bytes != LifetimeLimits::kUnlimited) parts += std::format(" {}(bytes)", bytes);
    if (packets != LifetimeLimits::kUnlimited) parts += std::format(" {}(packets)", packets);
    if (add_seconds != 0) parts += std::format(" {}(s)", add_seconds);
    if (use_seconds != 0) parts += std::format(" {}(s of use)", use_seconds);
    return parts.empty() ? "" : std::format("\t{}:{}\n", name, parts);
}

}  // namespace

std::string sa_details(const StoredSa& sa, const Options& options, const Scene& scene) {
    std::string lines = algorithm_details(sa, options) + traffic_details(sa, scene);
    if (const auto words = flag_words(sa.flags, sa.extra_flags); !words.empty())
        lines += line("flags", joined(words));
    if (sa.sequence != 0) lines += line("acquire", std::format("0x{:08x}", sa.sequence));
    lines += replay_details(sa);
    if (sa.direction) lines += line("direction", sa_direction_word(*sa.direction));
    if (sa.offload) lines += offload_line(*sa.offload);
    if (sa.tfc_padding) lines += line("tfc-padding", std::format("{}(bytes)", *sa.tfc_padding));
    if (sa.cpu) lines += line("cpu", std::to_string(*sa.cpu));
    if (sa.nat_keepalive_seconds)
        lines += line("nat-keepalive", std::format("{}(s)", *sa.nat_keepalive_seconds));
    if (sa.mapping_report_seconds)
        lines += line("mapping-report", std::format("{}(s)", *sa.mapping_report_seconds));
    if (sa.last_used) lines += line("last used", time_text(*sa.last_used, scene));
    return lines + other_lines(sa.others, options);
}

std::string policy_details(const StoredPolicy& policy, const Options& options) {
    std::string lines;
    if (is_set(policy.mark)) lines += line("mark", mark_text(policy.mark));
    if (policy.if_id.value != 0) lines += line("if_id", std::to_string(policy.if_id.value));
    if (policy.selector.interface_index != 0)
        lines += line("interface", std::to_string(policy.selector.interface_index));
    if (policy.type != XFRM_POLICY_TYPE_MAIN) lines += line("type", policy_type_word(policy.type));
    if (policy.share != XFRM_SHARE_ANY) lines += line("share", share_word(policy.share));
    if (policy.flags != 0) lines += line("flags", joined(policy_flag_words(policy.flags)));
    if (policy.priority != 0) lines += line("priority", std::to_string(policy.priority));
    for (std::size_t i = 0; i < policy.templates.size(); ++i)
        lines += template_details(policy.templates[i], i + 1);
    const LifetimeLimits& limits = policy.limits;
    lines += limit_line("hard", limits.hard_bytes, limits.hard_packets, 0, 0);
    lines += limit_line("soft", limits.soft_bytes, limits.soft_packets, limits.soft_add_seconds,
                        limits.soft_use_seconds);
    if (policy.usage.packets != 0)
        lines += line("current", std::format("{}(bytes) {}(packets)", policy.usage.bytes,
                                             policy.usage.packets));
    if (policy.offload) lines += offload_line(*policy.offload);
    return lines + other_lines(policy.others, options);
}

std::string security_context_lines(const SecurityContext& context) {
    return std::format(
        "\tsecurity context doi: {}\n\tsecurity context algorithm: {}\n"
        "\tsecurity context length: {}\n\tsecurity context: {}\n",
        context.domain, context.algorithm, context.length, cli::printable(context.label));
}

}  // namespace xfrmd::setkey::dump
