// SPDX-License-Identifier: Apache-2.0
// The parts of a translation. Internal to the translator.
#pragma once

#include <format>
#include <span>
#include <string>
#include <vector>

#include "cli/setkey/actions.h"
#include "cli/setkey/language/ast.h"
#include "cli/setkey/language/mistakes.h"
#include "cli/setkey/names.h"

namespace xfrmd::setkey {

// What every part needs: whom to ask and whom to tell. A part that is wrong is told and replaced by
// any value, so that all mistakes of a statement are found.
struct Translation {
    Names& names;
    Mistakes& mistakes;

    void error(Span where, std::string text, std::string hint = {}) const {
        mistakes.error({where, std::move(text), std::move(hint)});
    }
    void warning(Span where, std::string text, std::string hint = {}) const {
        mistakes.warning({where, std::move(text), std::move(hint)});
    }
    // The value, or its default after the mistake was told.
    template <class Value>
    Value looked(Span where, Looked<Value> found) const {
        if (found) return *std::move(found);
        error(where, std::move(found).error());
        return {};
    }
};

// At least one address unless a mistake was told.
std::vector<xfrm::Address> addresses_of(const Translation& translation, const Located<Host>& host,
                                        const FamilyOptions& families);
// 0 = any.
std::uint16_t port_of(const Translation& translation, const Optional<Port>& port,
                      std::uint8_t protocol);
std::optional<xfrm::SecurityContext> context_of(const Optional<SecurityContext>& context);

// A pair of ends of one family.
struct AddressPair {
    xfrm::Address source;
    xfrm::Address destination;
};
// Every pair of the addresses of both ends that is of one family; tells if there is none.
std::vector<AddressPair> pairs_of(const Translation& translation, const SaPair& pair);
// The only one: other statements than `add` are about one SA.
std::optional<AddressPair> pair_of(const Translation& translation, const SaPair& pair);
// With a warning about the protocols of RFC 1826 and 1827, an error about TCP-MD5.
xfrm::IpsecProtocol protocol_of(const Translation& translation,
                                const Located<SaProtocol>& protocol);
// The SPI, if it can be one of this protocol.
xfrm::EspSpi spi_of(const Translation& translation, const Located<std::uint32_t>& spi,
                    xfrm::IpsecProtocol protocol);
// The same for an SA that is to be made, with a warning about those that are reserved.
xfrm::EspSpi new_spi_of(const Translation& translation, const Located<std::uint32_t>& spi,
                        xfrm::IpsecProtocol protocol);
xfrm::Mode mode_of(const Optional<SaMode>& mode);

// What `add` and `update` install.
std::vector<xfrm::SaSpec> sas_of(const Translation& translation, const SaDefinition& definition);
// The algorithms go into `spec`, whose protocol and family are set.
void put_algorithms(const Translation& translation, const SaDefinition& definition,
                    xfrm::SaSpec& spec);
// 4-octet alignment of AH on IPv4: RFC 4302 against what setkey's hosts have always done.
bool align4_of(const Translation& translation, const SaDefinition& definition,
               const xfrm::SaSpec& spec);

// What a policy is known by, for one direction.
xfrm::PolicyId policy_id_of(const Translation& translation, const PolicySelector& selector,
                            xfrm::Direction direction);
action::AddPolicy policy_of(const Translation& translation, const PolicySelector& selector,
                            const PolicyText& policy);

}  // namespace xfrmd::setkey
