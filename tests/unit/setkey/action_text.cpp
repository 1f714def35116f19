// SPDX-License-Identifier: Apache-2.0
#include "action_text.h"

#include <algorithm>
#include <format>

namespace xfrmd::test {

using namespace xfrm;
using namespace setkey;

namespace {

std::string word(IpsecProtocol protocol) {
    if (protocol == IpsecProtocol::Esp) return "esp";
    return protocol == IpsecProtocol::Ah ? "ah" : "ipcomp";
}
std::string word(Mode mode) {
    if (mode == Mode::Transport) return "transport";
    return mode == Mode::Tunnel ? "tunnel" : "beet";
}
std::string word(Direction direction) {
    if (direction == Direction::In) return "in";
    return direction == Direction::Out ? "out" : "fwd";
}
std::string word(const std::optional<IpsecProtocol>& protocol) {
    return protocol ? word(*protocol) : "-";
}

std::string level_of(const Template& wanted, bool unique) {
    if (wanted.optional) return "use";
    if (unique) return "unique";
    return wanted.reqid.value != 0 ? std::format("unique:{}", wanted.reqid.value) : "require";
}

std::string requests_of(const action::AddPolicy& policy) {
    std::string text;
    for (std::size_t i = 0; i < policy.spec.templates.size(); ++i) {
        const Template& wanted = policy.spec.templates[i];
        const bool tunnel = wanted.mode == Mode::Tunnel;
        const bool unique = std::ranges::contains(policy.unique_templates, i);
        text += std::format(
            "{}{}/{}/{}/{}", text.empty() ? "" : " ", word(wanted.protocol), word(wanted.mode),
            tunnel ? wanted.source.to_string() + "-" + wanted.destination.to_string() : "",
            level_of(wanted, unique));
    }
    return text;
}

// What a test wants to see of an SA beside the fields of a record.
std::string rest_of(const SaSpec& spec) {
    std::string text;
    const auto flag = [&](bool set, std::string_view name) {
        if (set) text += std::format(" {}", name);
    };
    if (spec.aead) text += std::format(" icv={}", spec.aead->icv_bits);
    if (spec.integrity) text += std::format(" icv={}", spec.integrity->truncated_bits);
    if (spec.replay_window != 0) text += std::format(" window={}", spec.replay_window);
    flag(spec.extended_sequence_numbers, "esn");
    flag(spec.align4, "align4");
    flag(spec.decapsulate_dscp, "decap-dscp");
    flag(spec.dont_encapsulate_dscp, "dont-encap-dscp");
    flag(spec.no_path_mtu_discovery, "nopmtudisc");
    flag(spec.no_ecn, "noecn");
    flag(spec.for_icmp_errors, "icmp");
    flag(spec.wildcard_receive, "wildrecv");
    flag(spec.af_unspec, "af-unspec");
    flag(spec.sequence_may_wrap, "oseq-may-wrap");
    if (spec.id.mark.mask != 0)
        text += std::format(" mark={:#x}/{:#x}", spec.id.mark.value, spec.id.mark.mask);
    if (spec.output_mark)
        text += std::format(" output-mark={:#x}/{:#x}", spec.output_mark->value,
                            spec.output_mark->mask);
    if (spec.if_id.value != 0) text += std::format(" if_id={}", spec.if_id.value);
    if (spec.encapsulation)
        text += std::format(" udp={}-{} original={}", spec.encapsulation->source_port,
                            spec.encapsulation->destination_port,
                            spec.encapsulation->original.to_string());
    if (spec.security_context) text += std::format(" label={}", spec.security_context->label);
    if (spec.offload)
        text += std::format(" offload={}:{}", spec.offload->interface_index, spec.offload->flags);
    const LifetimeLimits none;
    const auto limit = [&](std::uint64_t value, std::uint64_t unlimited, std::string_view name) {
        if (value != unlimited) text += std::format(" {}={}", name, value);
    };
    limit(spec.limits.soft_bytes, none.soft_bytes, "soft_bytes");
    limit(spec.limits.hard_bytes, none.hard_bytes, "hard_bytes");
    limit(spec.limits.soft_packets, none.soft_packets, "soft_packets");
    limit(spec.limits.hard_packets, none.hard_packets, "hard_packets");
    limit(spec.limits.soft_add_seconds, 0, "soft_seconds");
    limit(spec.limits.hard_add_seconds, 0, "hard_seconds");
    return text;
}

std::map<std::string, std::string> fields_of(const SaSpec& spec) {
    std::map<std::string, std::string> fields{{"src", spec.id.source.to_string()},
                                              {"dst", spec.id.destination.to_string()},
                                              {"spi", std::format("{:#x}", spec.id.spi.value)},
                                              {"mode", word(spec.mode)}};
    if (spec.reqid.value != 0) fields["reqid"] = std::to_string(spec.reqid.value);
    const auto put = [&](const auto& algorithm, std::string name, std::string key) {
        if (!algorithm) return;
        fields[std::move(name)] = algorithm->name;
        if (!algorithm->key.empty()) fields[std::move(key)] = to_hex(algorithm->key.view());
    };
    put(spec.aead, "enc", "ekey");
    put(spec.encryption, "enc", "ekey");
    put(spec.integrity, "auth", "akey");
    if (spec.compression) fields["comp"] = spec.compression->name;
    return fields;
}

std::map<std::string, std::string> fields_of(const PolicyId& id) {
    const Selector& selector = id.selector;
    return {
        {"src", std::format("{}/{}", selector.source.address.to_string(), selector.source.length)},
        {"srcport", std::to_string(selector.source_port.port)},
        {"dst", std::format("{}/{}", selector.destination.address.to_string(),
                            selector.destination.length)},
        {"dstport", std::to_string(selector.destination_port.port)},
        {"proto", selector.protocol == 0 ? "any" : std::to_string(selector.protocol)},
        {"dir", word(id.direction)}};
}

std::string rest_of(const PolicyId& id) {
    std::string text;
    if (id.selector.interface_index != 0)
        text += std::format(" interface={}", id.selector.interface_index);
    if (id.mark.mask != 0) text += std::format(" mark={:#x}/{:#x}", id.mark.value, id.mark.mask);
    if (id.if_id.value != 0) text += std::format(" if_id={}", id.if_id.value);
    if (id.security_context) text += std::format(" label={}", id.security_context->label);
    return text;
}

Message policy_message(const action::AddPolicy& policy) {
    Message message{policy.update ? "spdupdate" : "spdadd", "-", fields_of(policy.spec.id)};
    message.fields["priority"] = std::to_string(policy.spec.priority);
    message.fields["action"] = policy.spec.action == PolicyAction::Block ? "discard"
                               : policy.spec.templates.empty()           ? "none"
                                                                         : "ipsec";
    if (!policy.spec.templates.empty()) message.fields["requests"] = requests_of(policy);
    return message;
}

struct Messages {
    std::vector<Message> operator()(const action::AddSa& add) const {
        return {{add.update ? "update" : "add", word(add.spec.id.protocol), fields_of(add.spec)}};
    }
    std::vector<Message> operator()(const action::AddPolicy& add) const {
        std::vector<Message> all{policy_message(add)};
        if (!add.copy_to_forward) return all;
        all.push_back(all.front());
        all.back().fields["dir"] = "fwd";
        return all;
    }
    std::vector<Message> operator()(const action::FlushSas& flush) const {
        return {{"flush", word(flush.protocol), {}}};
    }
    std::vector<Message> operator()(const action::FlushPolicies&) const {
        return {{"spdflush", "-", {}}};
    }
    std::vector<Message> operator()(const auto&) const { return {}; }
};

std::string line_of(const Message& message) {
    std::string text = message.verb + " " + message.kind;
    for (const auto& [name, value] : message.fields) text += std::format(" {}={}", name, value);
    return text;
}

struct Words {
    std::string operator()(const action::AddSa& add) const {
        return line_of(Messages{}(add).front()) + rest_of(add.spec);
    }
    std::string operator()(const action::ReserveSpi& reserve) const {
        const AllocateSpi& request = reserve.request;
        return std::format("getspi {} {} {} {:#x} {} reqid={}", word(request.protocol),
                           request.source.to_string(), request.destination.to_string(),
                           request.spi.value, word(request.mode), request.reqid.value);
    }
    std::string operator()(const action::ShowSa& show) const { return "get " + in_words(show.id); }
    std::string operator()(const action::RemoveSa& remove) const {
        return "delete " + in_words(remove.id);
    }
    std::string operator()(const action::RemoveSasBetween& remove) const {
        return std::format("deleteall {} {} {}", word(remove.protocol), remove.source.to_string(),
                           remove.destination.to_string());
    }
    std::string operator()(const action::FlushSas& flush) const {
        return "flush " + word(flush.protocol);
    }
    std::string operator()(const action::ShowSas& show) const {
        return "dump " + word(show.protocol);
    }
    std::string operator()(const action::AddPolicy& add) const {
        std::string text;
        for (const Message& message : Messages{}(add))
            text += (text.empty() ? "" : "\n") + line_of(message) + rest_of(add.spec.id);
        return text;
    }
    std::string operator()(const action::RemovePolicy& remove) const {
        return line_of(
                   {"spddelete", remove.copy_to_forward ? "in+fwd" : "-", fields_of(remove.id)}) +
               rest_of(remove.id);
    }
    std::string operator()(const action::FlushPolicies&) const { return "spdflush"; }
    std::string operator()(const action::ShowPolicies&) const { return "spddump"; }

  private:
    static std::string in_words(const SaId& id) {
        return std::format("{} {} {} {:#x} mark={:#x}/{:#x}", word(id.protocol),
                           id.source.to_string(), id.destination.to_string(), id.spi.value,
                           id.mark.value, id.mark.mask);
    }
};

}  // namespace

std::string in_words(const Action& action) {
    return std::visit(Words{}, action);
}

std::vector<Message> messages_of(const Action& action) {
    return std::visit(Messages{}, action);
}

}  // namespace xfrmd::test
