// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/reason.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "cli/explain/protocols.h"
#include "cli/setkey/dump/words.h"

namespace xfrmd::explain {

using namespace xfrm;
using lookup::Cause;
using lookup::PolicyLost;
using lookup::SaLost;
using lookup::Verdict;

namespace {

std::string mark_text(const Mark& mark) {
    return std::format("{:#x}/{:#x}", mark.value, mark.mask);
}

std::string port_text(const PortMask& port) {
    return port.mask == 0xffff ? std::to_string(port.port)
                               : std::format("{}/{:#06x}", port.port, port.mask);
}

bool is_icmp(std::uint8_t protocol) {
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

bool passes_in_clear_too(const Answer& answer) {
    return answer.arrival && answer.arrival->in_clear.verdict() == Verdict::Clear;
}

// "ESP SPI 0xc0ffee01 and AH SPI 0xc0ffee02"
std::string sas_text(const std::vector<const StoredSa*>& sas) {
    std::string text;
    for (const StoredSa* const sa : sas)
        text += std::format("{}{} SPI {:#010x}", text.empty() ? "" : " and ",
                            setkey::dump::protocol_word(sa->protocol), sa->spi.value);
    return text;
}

std::string protected_text(const Answer& answer) {
    if (answer.cause_is_outbound)
        return std::format("it leaves through {}", sas_text(answer.departure->sas()));
    const Arrival& arrival = *answer.arrival;
    if (!arrival.as_wanted) return "it may come in through SAs";
    return std::format("it is let in through {}; in clear it would be dropped",
                       sas_text(arrival.expected.path()));
}

// The required templates that have no SA.
std::string missing_text(const lookup::Expectations& expected) {
    std::string text;
    for (const lookup::Expectation& one : expected.templates)
        if (one.sa == nullptr && !one.wanted->optional)
            text += (text.empty() ? "" : " and ") + template_text(*one.wanted);
    return text;
}

std::string missing_on_arrival(const Answer& answer) {
    if (!answer.arrival || !answer.arrival->expected.lacks_any())
        return "it does not come through the SAs that its policy asks for";
    return std::format("its policy asks for {}, and there is no such SA: the peer has to negotiate",
                       missing_text(answer.arrival->expected));
}

std::string disabled_text(std::string_view what, Family family, const std::string& interface) {
    return std::format("net.{}.conf.{}.{} is on, or that of all interfaces",
                       family == Family::V4 ? "ipv4" : "ipv6",
                       interface.empty() ? "INTERFACE" : interface, what);
}

std::string default_text(const Answer& answer, const Survey& survey, std::string_view does) {
    const bool out = answer.cause_is_outbound;
    const bool forward = survey.journey == Journey::Through;
    return std::format("no policy is for it, and the default policy for {} {}",
                       out       ? "out"
                       : forward ? "forward"
                                 : "in",
                       does);
}

std::string optional_text(const Answer& answer) {
    if (answer.cause_is_outbound)
        return "its policy does without SAs (\"level use\"), and there is none that serves";
    return "its policy does without SAs (\"level use\")";
}

std::string waiting_text(std::string_view what, const Survey& survey) {
    return std::format("{}; until it is there the packet is {}", what,
                       survey.larval_drop ? "dropped" : "kept");
}

std::string reason_text(const Answer& answer, const Survey& survey) {
    switch (answer.cause) {
        case Cause::SasFound:
            return protected_text(answer);
        case Cause::NoPolicy:
            return default_text(answer, survey, "accepts");
        case Cause::PolicyAllows:
            return "its policy asks for no protection";
        case Cause::SasOptional:
            return optional_text(answer);
        case Cause::XfrmDisabled:
            return disabled_text("disable_xfrm", survey.flow.family(), survey.leaves_by);
        case Cause::PolicyDisabled:
            return disabled_text("disable_policy", survey.flow.family(), survey.comes_by);
        case Cause::DefaultBlocks:
            return default_text(answer, survey, "blocks");
        case Cause::PolicyBlocks:
            return "its policy says so";
        case Cause::TooManyTemplates:
            return "its policy has six templates, and the kernel applies at most five";
        case Cause::NobodyNegotiates:
            return "there is no SA for its policy, and nobody listens to negotiate one: is xfrmd "
                   "running?";
        case Cause::SpiTaken:
            return "its policy asks for the SPI of an SA that does not serve it";
        case Cause::WrongDirection:
            return "the SA for its policy is marked as one of the other direction";
        case Cause::SaExhausted:
            return "the SA for its policy has reached a hard limit";
        case Cause::TunnelUnreachable:
            return "no route leads from the near end of its tunnel to the far end";
        case Cause::NoTunnelSource:
            return "its policy names no near end of the tunnel, and no route tells one";
        case Cause::AhUnreadable:
            return "Linux cannot verify AH inside of ESP in transport mode: put esp before ah in "
                   "the policies of both ends, so that AH is outside";
        case Cause::SaForOtherTraffic:
            return "the SA that it comes through is for other traffic";
        case Cause::TransformsMissing:
            return missing_on_arrival(answer);
        case Cause::TransformsUnexpected:
            return "it comes through a tunnel that its policy does not ask for";
        case Cause::TunnelWithoutPolicy:
            return "it comes through a tunnel, and no policy is for it";
        case Cause::SaMissing:
            return waiting_text("there is no SA for its policy, and the packet asks for one",
                                survey);
        case Cause::NegotiationUnderWay:
            return waiting_text("an SA for its policy has been asked for", survey);
    }
    std::unreachable();
}

std::string_view verdict_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::Protected:
            return "protected";
        case Verdict::Clear:
            return "clear";
        case Verdict::Blocked:
            return "blocked";
        case Verdict::WouldNegotiate:
            return "would negotiate";
    }
    std::unreachable();
}

}  // namespace

std::string headline(const Answer& answer, const Survey& survey) {
    std::string text =
        std::format("{}: {}", verdict_text(answer.verdict), reason_text(answer, survey));
    if (answer.verdict == Verdict::Clear && passes_in_clear_too(answer) &&
        !answer.arrival->expected.path().empty() && !answer.cause_is_outbound)
        text += std::format("; through {} it would be let in, too",
                            sas_text(answer.arrival->expected.path()));
    return text;
}

std::string why_lost(const lookup::LosingPolicy& loser, const lookup::PolicyChoice& choice) {
    const StoredPolicy& policy = *loser.policy;
    const Selector& selector = policy.selector;
    const bool icmp = is_icmp(selector.protocol);
    switch (loser.why) {
        case PolicyLost::Position:
            return "of the same priority, but later";
        case PolicyLost::Priority:
            return std::format("priority {} comes after {}", policy.priority,
                               choice.winner->priority);
        case PolicyLost::Mark:
            return "for mark " + mark_text(policy.mark);
        case PolicyLost::IfId:
            return policy.if_id == IfId{} ? "not for an xfrm interface"
                                          : std::format("for if_id {}", policy.if_id.value);
        case PolicyLost::Interface:
            return std::format("for interface {}", selector.interface_index);
        case PolicyLost::SourcePort:
            return std::format("for {} {}", icmp ? "type" : "source port",
                               port_text(selector.source_port));
        case PolicyLost::DestinationPort:
            return std::format("for {} {}", icmp ? "code" : "destination port",
                               port_text(selector.destination_port));
        case PolicyLost::Protocol:
            return "for " + protocol_text(selector.protocol);
        case PolicyLost::Source:
            return "for source " + selector.source.to_string();
        case PolicyLost::Destination:
            return "for destination " + selector.destination.to_string();
    }
    std::unreachable();
}

std::string why_lost(const lookup::LosingSa& loser, const StoredTemplate& wanted,
                     const Address& source) {
    const StoredSa& sa = *loser.sa;
    switch (loser.why) {
        case SaLost::Older:
            return "another one is younger";
        case SaLost::Dying:
            return "past a soft limit";
        case SaLost::Larval:
            return "not negotiated yet";
        case SaLost::Selector:
            return "for other traffic" + (sa.selector ? ": " + selector_text(*sa.selector) : "");
        case SaLost::Spi:
            return std::format("SPI {:#010x} is wanted", wanted.spi.value);
        case SaLost::IfId:
            return std::format("if_id {}", sa.if_id.value);
        case SaLost::Mark:
            return "mark " + mark_text(sa.mark);
        case SaLost::Reqid:
            return std::format("reqid {} instead of {}", sa.reqid.value, wanted.reqid.value);
        case SaLost::Mode:
            return std::format("{} instead of {}", setkey::dump::mode_word(sa.mode),
                               setkey::dump::mode_word(wanted.mode));
        case SaLost::Source:
            return std::format("from {} instead of {}", sa.source.to_string(), source.to_string());
        case SaLost::Protocol:
            return setkey::dump::protocol_word(sa.protocol);
        case SaLost::Offload:
            return "offloaded to another device than the policy, or only one is";
        case SaLost::Receiver:
            return "made to receive only";
    }
    std::unreachable();
}

std::string_view word_of(PolicyLost why) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"position", "priority", "mark", "if_id", "interface", "source_port", "destination_port",
         "protocol", "source", "destination"});
    return kWords.at(std::to_underlying(why));
}

std::string_view word_of(SaLost why) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"older", "dying", "larval", "selector", "spi", "if_id", "mark", "reqid", "mode", "source",
         "protocol", "offload", "receiver"});
    return kWords.at(std::to_underlying(why));
}

std::string_view word_of(lookup::Resolution::State state) {
    constexpr auto kWords =
        std::to_array<std::string_view>({"found", "passed", "missing", "untried"});
    return kWords.at(std::to_underlying(state));
}

std::string_view word_of(Direction direction) {
    constexpr auto kWords = std::to_array<std::string_view>({"in", "out", "forward"});
    return kWords.at(std::to_underlying(direction));
}

std::string_view word_of(Journey journey) {
    constexpr auto kWords = std::to_array<std::string_view>({"out", "in", "through", "loop"});
    return kWords.at(std::to_underlying(journey));
}

std::string template_text(const StoredTemplate& wanted) {
    std::string text = std::format("{}/{}", setkey::dump::protocol_word(wanted.protocol),
                                   setkey::dump::mode_word(wanted.mode));
    if (!wanted.destination.is_unspecified())
        text += std::format(" {} -> {}", wanted.source.to_string(), wanted.destination.to_string());
    if (wanted.reqid != ReqId{}) text += std::format(" reqid {}", wanted.reqid.value);
    if (wanted.spi != EspSpi{}) text += std::format(" SPI {:#010x}", wanted.spi.value);
    return text + (wanted.optional ? ", optional" : "");
}

std::string selector_text(const Selector& selector) {
    const auto side = [](const Prefix& prefix, const PortMask& port) {
        return prefix.to_string() +
               (port.mask == 0 ? std::string{} : std::format("[{}]", port_text(port)));
    };
    const bool icmp = is_icmp(selector.protocol);
    std::string text =
        std::format("{} -> {}", side(selector.source, icmp ? PortMask{} : selector.source_port),
                    side(selector.destination, icmp ? PortMask{} : selector.destination_port));
    if (selector.protocol != 0) text += " " + protocol_text(selector.protocol);
    if (icmp && selector.source_port.mask != 0) text += " type " + port_text(selector.source_port);
    if (icmp && selector.destination_port.mask != 0)
        text += " code " + port_text(selector.destination_port);
    return text;
}

std::string packet_text(const lookup::Flow& flow) {
    std::string text =
        std::format("{} -> {}", flow.source.to_string(), flow.destination.to_string());
    if (flow.protocol == 0) return text + ", of no particular protocol";
    text += " " + protocol_text(flow.protocol);
    if (is_icmp(flow.protocol))
        text += std::format(" type {} code {}", flow.source_port, flow.destination_port);
    else if (flow.source_port != 0 || flow.destination_port != 0)
        text += std::format(" {} -> {}", flow.source_port, flow.destination_port);
    if (flow.mark != 0) text += std::format(", mark {:#x}", flow.mark);
    if (flow.if_id != IfId{}) text += std::format(", if_id {}", flow.if_id.value);
    return text;
}

}  // namespace xfrmd::explain
