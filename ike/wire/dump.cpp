// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/dump.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/names.h"

namespace xfrmd::ike {

namespace {

// What the ladder shows of a payload.
std::string tag(const Payload& payload, bool response) {
    if (std::holds_alternative<Nonce>(payload)) return response ? "Nr" : "Ni";
    if (const auto* notify = std::get_if<Notify>(&payload)) return "N(" + name(notify->type) + ")";
    if (const auto* configuration = std::get_if<ConfigurationPayload>(&payload))
        return "CP(" + name(configuration->type) + ")";
    if (const auto* fragment = std::get_if<EncryptedFragment>(&payload))
        return "SKF(" + std::to_string(fragment->number) + "/" + std::to_string(fragment->total) +
               ")";
    if (const auto* unknown = std::get_if<Unknown>(&payload))
        return "payload(" + std::to_string(std::to_underlying(unknown->type)) + ")";
    return name(payload_type(payload));
}

std::string tags(std::span<const Payload> payloads, bool response) {
    std::string text;
    for (const Payload& payload : payloads) {
        if (!text.empty()) text += ' ';
        text += tag(payload, response);
    }
    return text;
}

std::string headline(const Header& header) {
    return name(header.exchange) + (header.response ? " response " : " request ") +
           std::to_string(header.message_id.value);
}

// Up to a bound of the elements as texts, and how many more there are.
template <class T, class Render>
std::string list(const std::vector<T>& elements, std::string_view separator, Render render) {
    std::string text;
    const std::size_t shown = std::min(elements.size(), limits::kShownElementsMax);
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) text += separator;
        text += render(elements[i]);
    }
    if (shown < elements.size())
        text += std::string{separator} + std::to_string(elements.size() - shown) + " more";
    return text;
}

std::string in_octets(std::size_t count) { return std::to_string(count) + " octets"; }

std::string quoted(View octets) { return "\"" + escape(octets) + "\""; }

std::string short_hex(View octets) {
    const View shown = octets.first(std::min(octets.size(), limits::kShownOctetsMax));
    return to_hex(shown) + (shown.size() < octets.size() ? "..." : "");
}

std::string spi_text(xfrm::EspSpi spi) {
    Writer out;
    out.u32(spi.value);
    return to_hex(std::move(out).finish());
}

std::string detail(const Transform& transform) {
    std::string text = name_transform(transform.type, transform.id);
    if (transform.key_length) text += "-" + std::to_string(*transform.key_length);
    if (!transform.unknown_attributes.empty()) text += "(unknown attribute)";
    return text;
}

std::string detail(const Proposal& proposal) {
    std::string text = "#" + std::to_string(proposal.number) + " " + name(proposal.protocol);
    if (!proposal.spi.empty()) text += " " + short_hex(proposal.spi);
    return text + " " + list(proposal.transforms, "/", [](const Transform& transform) {
        return detail(transform);
    });
}

std::string detail(const SecurityAssociation& payload) {
    return list(payload.proposals, ", ", [](const Proposal& proposal) { return detail(proposal); });
}

std::string detail(const KeyExchange& payload) {
    return name(payload.method) + " " + in_octets(payload.data.size());
}

std::string detail(const Nonce& payload) { return in_octets(payload.data.size()); }

std::string detail(const Identification& identification) {
    const auto& [type, data] = identification;
    std::string text = name(type);
    const bool is_address = type == IdType::Ipv4Address || type == IdType::Ipv6Address;
    if (const auto address = xfrm::Address::from_octets(data); is_address && address)
        return text + " " + address->to_string();
    if (type == IdType::Fqdn || type == IdType::Rfc822Address || type == IdType::KeyId)
        return text + " " + quoted(data);
    return data.empty() ? text : text + " " + short_hex(data);
}

std::string detail(const IdentificationInitiator& payload) { return detail(payload.value); }
std::string detail(const IdentificationResponder& payload) { return detail(payload.value); }

std::string detail(const Certificate& payload) {
    return name(payload.encoding) + ", " + in_octets(payload.data.size());
}

std::string detail(const CertificateRequest& payload) {
    const auto hashes = payload.authority_hashes();
    if (hashes.empty())
        return name(payload.encoding) + ", " + in_octets(payload.authorities.size());
    return name(payload.encoding) + " " +
           list(hashes, " ", [](const AuthorityHash& hash) { return to_hex(hash); });
}

std::string detail(const Authentication& payload) {
    return name(payload.method) + ", " + in_octets(payload.data.size());
}

std::string detail(const Notify& payload) {
    std::string text = name(payload.type);
    if (!payload.spi.empty()) text += " " + name(payload.protocol) + " " + short_hex(payload.spi);
    if (!payload.data.empty()) text += " " + in_octets(payload.data.size());
    return text;
}

std::string detail(const Delete& payload) {
    const std::string spis = list(payload.spis, " ", spi_text);
    return name(payload.protocol) + (spis.empty() ? "" : " " + spis);
}

std::string detail(const VendorId& payload) { return quoted(payload.data); }

std::string detail(const TrafficSelector& selector) {
    if (!selector.is_address_range())
        return name(selector.type) + " " + short_hex(selector.unknown);
    std::string text = selector.start.to_string() + "-" + selector.end.to_string();
    if (selector.ip_protocol != 0) text += " protocol " + std::to_string(selector.ip_protocol);
    if (selector.has_opaque_ports()) return text + " port OPAQUE";
    if (selector.start_port == 0 && selector.end_port == 65535) return text;
    return text + " port " + std::to_string(selector.start_port) + "-" +
           std::to_string(selector.end_port);
}

std::string detail(const std::vector<TrafficSelector>& selectors) {
    return list(selectors, ", ", [](const TrafficSelector& selector) { return detail(selector); });
}

std::string detail(const TrafficSelectorsInitiator& payload) { return detail(payload.value); }
std::string detail(const TrafficSelectorsResponder& payload) { return detail(payload.value); }

std::string detail(const Encrypted& payload) { return in_octets(payload.body.size()); }

std::string detail(const EncryptedFragment& payload) {
    return std::to_string(payload.number) + "/" + std::to_string(payload.total) + " " +
           in_octets(payload.body.size());
}

std::string detail(const ConfigurationPayload& payload) {
    const auto render = [](const ConfigurationAttribute& attribute) {
        return name(attribute.type) +
               (attribute.value.empty() ? "" : "=" + short_hex(attribute.value));
    };
    return name(payload.type) + " " + list(payload.attributes, " ", render);
}

std::string detail(const Eap& payload) {
    return name(payload.code()) + " " + in_octets(payload.message.size());
}

std::string detail(const Unknown& payload) { return in_octets(payload.body.size()); }

}  // namespace

std::string dump(const Message& message) {
    const std::string text = tags(message.payloads, message.header.response);
    return headline(message.header) + (text.empty() ? "" : "  " + text);
}

std::string dump_opened(const Header& header, std::span<const Payload> inner) {
    return headline(header) + "  SK{" + tags(inner, header.response) + "}";
}

std::string describe(const Payload& payload) {
    const std::string type = std::holds_alternative<Unknown>(payload)
                                 ? "payload(" + name(payload_type(payload)) + ")"
                                 : name(payload_type(payload));
    return type + " " + std::visit([](const auto& each) { return detail(each); }, payload);
}

std::string escape(View octets) {
    std::string text;
    for (const std::uint8_t octet :
         octets.first(std::min(octets.size(), limits::kShownOctetsMax))) {
        const bool plain = octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
        text += plain ? std::string(1, static_cast<char>(octet)) : "\\x" + to_hex({&octet, 1});
    }
    return octets.size() > limits::kShownOctetsMax ? text + "..." : text;
}

}  // namespace xfrmd::ike
