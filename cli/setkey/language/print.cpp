// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/print.h"

#include <format>

#include "cli/setkey/language/words.h"

namespace xfrmd::setkey {

namespace {

class Printer {
  public:
    explicit Printer(Keys keys) : keys_{keys} {}

    std::string take() { return std::move(text_) + ";"; }

    void operator()(const statement::Add& add) { definition("add", add); }
    void operator()(const statement::Update& update) { definition("update", update); }
    void operator()(const statement::GetSpi& get) { name("getspi", get); }
    void operator()(const statement::Get& get) { name("get", get); }
    void operator()(const statement::Delete& gone) { name("delete", gone); }
    void operator()(const statement::DeleteAll& gone) {
        text_ = "deleteall";
        pair(gone.pair);
    }
    void operator()(const statement::Flush& flush) { of_protocol("flush", flush.protocol); }
    void operator()(const statement::Dump& dump) { of_protocol("dump", dump.protocol); }
    void operator()(const statement::SpdAdd& add) { policy("spdadd", add); }
    void operator()(const statement::SpdUpdate& update) { policy("spdupdate", update); }
    void operator()(const statement::SpdDelete& gone) {
        text_ = "spddelete";
        selector(gone.selector);
        word("-P");
        word(word_for(kDirections, gone.direction.value));
    }
    void operator()(const statement::SpdFlush&) { text_ = "spdflush"; }
    void operator()(const statement::SpdDump&) { text_ = "spddump"; }
    void operator()(const statement::Exit&) { text_ = "exit"; }

  private:
    void word(std::string_view what) {
        text_ += ' ';
        text_ += what;
    }
    template <class Value>
    void option(std::string_view flag, const Optional<Value>& value) {
        if (value) text_ += std::format(" {} {}", flag, value->value);
    }
    void option(std::string_view flag, const Optional<xfrm::Mark>& mark) {
        if (mark)
            text_ += std::format(" {} 0x{:x}/0x{:x}", flag, mark->value.value, mark->value.mask);
    }

    void families(const FamilyOptions& families);
    void host(const Host& host);
    void port(const Optional<Port>& port);
    void end(const SaEnd& end);
    void context(const Optional<SecurityContext>& context);

    void pair(const SaPair& pair);
    void extensions(const Extensions& extensions);
    void algorithms(const Algorithms& algorithms);
    void algorithm(std::string_view flag, const std::optional<KeyedAlgorithm>& algorithm);
    void key(const Key& key);
    void definition(std::string_view verb, const SaDefinition& definition);
    void name(std::string_view verb, const SaName& name);
    void of_protocol(std::string_view verb, const Optional<SaProtocol>& protocol);

    void side(const Side& side);
    void selector(const std::variant<PolicySelector, Tag>& selector);
    void protocol(const UpperProtocol& protocol);
    void argument(const UpperArgument& argument);
    void priority(const Optional<Priority>& priority);
    void ends(const Ends& ends);
    void request(const Request& request);
    void policy(std::string_view verb, const PolicyDefinition& definition);

    Keys keys_;
    std::string text_;
};

// ---- addresses --------------------

void Printer::families(const FamilyOptions& families) {
    if (families == FamilyOptions{}) return;
    text_ += " -";
    if (families.v4) text_ += '4';
    if (families.v6) text_ += '6';
    if (families.numeric) text_ += 'n';
}

void Printer::host(const Host& host) {
    if (const auto* const name = std::get_if<HostName>(&host)) {
        text_ += name->name;
        return;
    }
    const auto& literal = std::get<ScopedAddress>(host);
    text_ += literal.address.to_string();
    if (!literal.zone.empty()) text_ += "%" + literal.zone;
}

void Printer::port(const Optional<Port>& port) {
    if (!port) return;
    text_ += '[';
    if (const auto* const number = std::get_if<std::uint16_t>(&port->value))
        text_ += std::to_string(*number);
    else if (const auto* const service = std::get_if<ServiceName>(&port->value))
        text_ += service->name;
    else
        text_ += "any";
    text_ += ']';
}

void Printer::end(const SaEnd& end) {
    host(end.host.value);
    port(end.port);
}

void Printer::context(const Optional<SecurityContext>& context) {
    if (context)
        text_ += std::format(" -ctx {} {} \"{}\"", context->value.doi, context->value.algorithm,
                             context->value.label);
}

// ---- security associations --------------------

void Printer::pair(const SaPair& pair) {
    families(pair.families);
    text_ += ' ';
    end(pair.source);
    text_ += ' ';
    end(pair.destination);
    word(word_for(kSaProtocols, pair.protocol.value));
    if (pair.original_address) {
        text_ += ' ';
        host(pair.original_address->value);
    }
}

void Printer::extensions(const Extensions& extensions) {
    if (extensions.mode) {
        word("-m");
        word(word_for(kSaModes, extensions.mode->value));
    }
    option("-u", extensions.reqid);
    option("-r", extensions.replay_window);
    if (extensions.extended_sequence_numbers) word("-esn");
    for (const auto& flag : extensions.flags) {
        word("-f");
        word(word_for(kSaFlags, flag.value));
    }
    option("-lh", extensions.hard_seconds);
    option("-ls", extensions.soft_seconds);
    option("-bh", extensions.hard_bytes);
    option("-bs", extensions.soft_bytes);
    option("-ph", extensions.hard_packets);
    option("-ps", extensions.soft_packets);
    context(extensions.context);
    option("-mark", extensions.mark);
    option("-output-mark", extensions.output_mark);
    option("-if_id", extensions.if_id);
    if (extensions.offload) {
        const Offload& offload = extensions.offload->value;
        text_ += std::format(" -offload {} {} {}", word_for(kOffloadKinds, offload.kind),
                             offload.device, offload.inbound ? "in" : "out");
    }
}

void Printer::key(const Key& key) {
    if (keys_ == Keys::Hide)
        text_ += "***";
    else if (key.quoted)
        text_ +=
            std::format("\"{}\"", std::string{key.octets.view().begin(), key.octets.view().end()});
    else
        text_ += "0x" + to_hex(key.octets.view());
}

void Printer::algorithm(std::string_view flag, const std::optional<KeyedAlgorithm>& algorithm) {
    if (!algorithm) return;
    word(flag);
    word(algorithm->name.value);
    if (algorithm->icv_bits) text_ += std::format("/{}", algorithm->icv_bits->value);
    if (!algorithm->key) return;
    text_ += ' ';
    key(algorithm->key->value);
}

void Printer::algorithms(const Algorithms& algorithms) {
    algorithm("-E", algorithms.encryption);
    algorithm("-A", algorithms.authentication);
    if (!algorithms.compression) return;
    word("-C");
    word(algorithms.compression->name.value);
    if (algorithms.compression->raw_cpi) word("-R");
}

void Printer::definition(std::string_view verb, const SaDefinition& definition) {
    text_ = verb;
    pair(definition.pair);
    text_ += std::format(" 0x{:x}", definition.spi.value);
    extensions(definition.extensions);
    algorithms(definition.algorithms);
}

void Printer::name(std::string_view verb, const SaName& name) {
    text_ = verb;
    pair(name.pair);
    text_ += std::format(" 0x{:x}", name.spi.value);
    extensions(name.extensions);
}

void Printer::of_protocol(std::string_view verb, const Optional<SaProtocol>& protocol) {
    text_ = verb;
    if (protocol) word(word_for(kSaProtocols, protocol->value));
}

// ---- policies --------------------

void Printer::side(const Side& side) {
    text_ += ' ';
    host(side.host.value);
    if (side.prefix_length) text_ += std::format("/{}", side.prefix_length->value);
    port(side.port);
}

void Printer::protocol(const UpperProtocol& protocol) {
    if (const auto* const number = std::get_if<std::uint8_t>(&protocol))
        word(std::to_string(*number));
    else if (const auto* const name = std::get_if<ProtocolName>(&protocol))
        word(name->name);
    else
        word("any");
}

void Printer::argument(const UpperArgument& argument) {
    if (const auto* const type_and_code = std::get_if<TypeAndCode>(&argument))
        word(std::format("{},{}", type_and_code->type, type_and_code->code));
    else if (const auto* const dotted = std::get_if<DottedKey>(&argument))
        word(xfrm::Address::v4(dotted->key).to_string());
    else
        word(std::to_string(std::get<std::uint32_t>(argument)));
}

void Printer::selector(const std::variant<PolicySelector, Tag>& selector) {
    if (const auto* const tag = std::get_if<Tag>(&selector)) {
        text_ += std::format(" tagged \"{}\"", tag->text.value);
        return;
    }
    const auto& packets = std::get<PolicySelector>(selector);
    families(packets.families);
    side(packets.source);
    side(packets.destination);
    protocol(packets.protocol.value);
    if (packets.argument) argument(packets.argument->value);
    context(packets.context);
    option("-mark", packets.mark);
    option("-if_id", packets.if_id);
    option("-dev", packets.device);
}

void Printer::priority(const Optional<Priority>& priority) {
    if (!priority) return;
    const auto [base, offset] = priority->value;
    text_ += std::format(" prio {}", word_for(kPriorityBases, base));
    if (offset != 0)
        text_ += std::format(" {} {}", offset > 0 ? '+' : '-', offset > 0 ? offset : -offset);
}

void Printer::ends(const Ends& ends) {
    if (const auto* const tunnel = std::get_if<TunnelEnds>(&ends)) {
        end(tunnel->source);
        text_ += '-';
        end(tunnel->destination);
    } else if (std::holds_alternative<MeToAny>(ends)) {
        text_ += "me-any";
    } else if (std::holds_alternative<AnyToMe>(ends)) {
        text_ += "any-me";
    }
}

void Printer::request(const Request& request) {
    text_ += std::format(" {}/{}/", word_for(kRequestProtocols, request.protocol.value),
                         word_for(kRequestModes, request.mode.value));
    ends(request.ends.value);
    const Level& level = request.level.value;
    text_ += std::format("/{}", word_for(kLevels, level.kind));
    if (level.reqid) text_ += std::format(":{}", *level.reqid);
}

void Printer::policy(std::string_view verb, const PolicyDefinition& definition) {
    text_ = verb;
    selector(definition.selector);
    word("-P");
    word(word_for(kDirections, definition.policy.direction.value));
    priority(definition.policy.priority);
    word(word_for(kVerdicts, definition.policy.verdict.value));
    for (const Request& wanted : definition.policy.requests) request(wanted);
}

}  // namespace

std::string print(const AnyStatement& statement, Keys keys) {
    Printer printer{keys};
    std::visit(printer, statement);
    return printer.take();
}

}  // namespace xfrmd::setkey
