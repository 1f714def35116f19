// SPDX-License-Identifier: Apache-2.0
// Addresses, ports and labels in the kernel's terms.
#include <algorithm>
#include <format>

#include "cli/setkey/translation.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::setkey {

using xfrm::Address;

namespace {

std::string shown(const Host& host) {
    if (const auto* const literal = std::get_if<ScopedAddress>(&host))
        return literal->address.to_string();
    return std::get<HostName>(host).name;
}

Address literal_of(const Translation& translation, const ScopedAddress& literal, Span where,
                   const FamilyOptions& families) {
    const bool excluded = families.v4 != families.v6 && literal.address.is_v4() != families.v4;
    if (excluded)
        translation.error(where, std::format("{} is not of the family that -{} asks for",
                                             literal.address.to_string(), families.v4 ? 4 : 6));
    if (!literal.zone.empty())
        translation.warning(where, "the interface behind % does not count, as with setkey",
                            "a policy for one interface is written with -dev");
    return literal.address;
}

}  // namespace

std::vector<Address> addresses_of(const Translation& translation, const Located<Host>& host,
                                  const FamilyOptions& families) {
    if (const auto* const name = std::get_if<HostName>(&host.value))
        return translation.looked(host.span, translation.names.host(name->name, families));
    return {literal_of(translation, std::get<ScopedAddress>(host.value), host.span, families)};
}

std::uint16_t port_of(const Translation& translation, const Optional<Port>& port,
                      std::uint8_t protocol) {
    if (!port) return 0;
    return std::visit(Overloaded{[](const AnyPort&) -> std::uint16_t { return 0; },
                                 [](std::uint16_t number) { return number; },
                                 [&](const ServiceName& service) {
                                     return translation.looked(
                                         port->span,
                                         translation.names.service(service.name, protocol));
                                 }},
                      port->value);
}

std::optional<xfrm::SecurityContext> context_of(const Optional<SecurityContext>& context) {
    if (!context) return std::nullopt;
    return xfrm::SecurityContext{context->value.doi, context->value.algorithm, 0,
                                 context->value.label};
}

std::vector<AddressPair> pairs_of(const Translation& translation, const SaPair& pair) {
    const auto sources = addresses_of(translation, pair.source.host, pair.families);
    const auto destinations = addresses_of(translation, pair.destination.host, pair.families);
    std::vector<AddressPair> pairs;
    for (const Address& source : sources)
        for (const Address& destination : destinations)
            if (source.family() == destination.family()) pairs.push_back({source, destination});
    if (pairs.empty() && !sources.empty() && !destinations.empty())
        translation.error(
            pair.destination.host.span,
            std::format("{} and {} are not of one address family", shown(pair.source.host.value),
                        shown(pair.destination.host.value)));
    return pairs;
}

std::optional<AddressPair> pair_of(const Translation& translation, const SaPair& pair) {
    const auto pairs = pairs_of(translation, pair);
    if (pairs.size() > 1)
        translation.error(
            pair.source.host.span,
            std::format("{} and {} have more than one pair of addresses",
                        shown(pair.source.host.value), shown(pair.destination.host.value)),
            "write an address, or -4 or -6 behind the command");
    if (pairs.size() != 1) return std::nullopt;
    return pairs.front();
}

}  // namespace xfrmd::setkey
