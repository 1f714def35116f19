// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/lookup/describe.h"

#include <format>

namespace xfrmd::kernel_tests {

using namespace xfrm;

namespace {

std::string text_of(const Mark& mark) {
    if (mark == Mark{}) return "";
    return std::format(" mark {:#x}/{:#x}", mark.value, mark.mask);
}

std::string text_of(const IfId& if_id) {
    return if_id == IfId{} ? "" : std::format(" if_id {}", if_id.value);
}

std::string text_of(const Selector& selector) {
    return selector.to_string() +
           (selector.interface_index == 0 ? "" : std::format(" dev {}", selector.interface_index));
}

std::string text_of(const StoredTemplate& wanted) {
    return std::format("    {} mode {} {} -> {} reqid {}{}{}\n",
                       wanted.protocol == 50 ? "esp" : "ah", wanted.mode, wanted.source.to_string(),
                       wanted.destination.to_string(), wanted.reqid.value,
                       wanted.spi == EspSpi{} ? "" : std::format(" spi {:#x}", wanted.spi.value),
                       wanted.optional ? " optional" : "");
}

std::string text_of(const StoredPolicy& policy) {
    std::string text =
        std::format("  policy {} dir {} {} priority {} {}{}{}\n", policy.index, policy.direction,
                    policy.action == 0 ? "allow" : "block", policy.priority,
                    text_of(policy.selector), text_of(policy.mark), text_of(policy.if_id));
    for (const StoredTemplate& wanted : policy.templates) text += text_of(wanted);
    return text;
}

std::string limit(const char* name, std::uint64_t packets) {
    return packets == LifetimeLimits::kUnlimited ? ""
                                                 : std::format(" {} {} packets", name, packets);
}

std::string text_of(const StoredSa& sa) {
    return std::format(
        "  {} {} spi {:#x} mode {} {} -> {} reqid {}{}{} added {} packets {}{}{} sel {} flags "
        "{:#x}\n",
        lookup::is_larval(sa) ? "larval" : "SA", sa.protocol == 50 ? "esp" : "ah", sa.spi.value,
        sa.mode, sa.source.to_string(), sa.destination.to_string(), sa.reqid.value,
        text_of(sa.mark), text_of(sa.if_id), sa.usage.add_time, sa.usage.packets,
        limit("soft", sa.limits.soft_packets), limit("hard", sa.limits.hard_packets),
        sa.selector ? text_of(*sa.selector) : "none", sa.flags);
}

template <class Range>
std::string joined(const Range& spis) {
    std::string text;
    for (const EspSpi spi : spis) text += std::format(" {:#x}", spi.value);
    return text;
}

std::string winner_of(const lookup::PolicyChoice& choice) {
    return choice.winner == nullptr ? "no policy" : std::format("policy {}", choice.winner->index);
}

}  // namespace

std::string describe(const lookup::Flow& flow) {
    return std::format("{} -> {} protocol {} ports {} {} mark {:#x} interface {}",
                       flow.source.to_string(), flow.destination.to_string(), flow.protocol,
                       flow.source_port, flow.destination_port, flow.mark, flow.interface_index);
}

std::string describe(const lookup::Tables& tables) {
    std::string text = std::format("  {} buckets\n", tables.sa_buckets);
    for (const StoredPolicy& policy : tables.policies) text += text_of(policy);
    for (const StoredSa& sa : tables.sas) text += text_of(sa);
    return text;
}

std::string describe(const lookup::Outbound& outbound) {
    std::string text = std::format("{} ({}), {}", word_of(outbound.verdict()),
                                   word_of(outbound.cause), winner_of(outbound.policy));
    for (const lookup::Resolution& one : outbound.templates)
        text += std::format("; {} -> {}: {}{}", one.source.to_string(), one.destination.to_string(),
                            one.choice.winner == nullptr
                                ? "none"
                                : std::format("{:#x}", one.choice.winner->spi.value),
                            one.asked_for ? " asked for" : "");
    return text;
}

std::string describe(const lookup::Inbound& inbound, const lookup::SecurityPath& path) {
    std::string text = std::format("{} ({}), {}, through", word_of(inbound.verdict()),
                                   word_of(inbound.cause), winner_of(inbound.policy));
    for (const StoredSa* sa : path) text += std::format(" {:#x}", sa->spi.value);
    return text;
}

std::string describe(const Observed& observed) {
    std::string text = observed.left ? "left" + joined(observed.left->spis) : "did not leave";
    text += observed.delivered ? ", delivered" : ", not delivered";
    for (const Acquire& acquire : observed.acquires)
        text += std::format("; acquire {} {} -> {} for policy {}",
                            std::to_underlying(acquire.protocol), acquire.source.to_string(),
                            acquire.destination.to_string(), acquire.policy_index);
    for (const std::string& counter : observed.counters) text += "; " + counter;
    return text;
}

std::string describe(const Settings& settings) {
    const auto word = [](PolicyAction action) {
        return action == PolicyAction::Block ? "block" : "accept";
    };
    return std::format(
        "  defaults in {} out {} forward {}; disable_xfrm {} {}; disable_policy {} {}\n",
        word(settings.defaults.in), word(settings.defaults.out), word(settings.defaults.forward),
        settings.disable_xfrm[0], settings.disable_xfrm[1], settings.disable_policy[0],
        settings.disable_policy[1]);
}

}  // namespace xfrmd::kernel_tests
