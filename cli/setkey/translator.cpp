// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/translator.h"

#include "cli/setkey/translation.h"

namespace xfrmd::setkey {

namespace {

using Actions = std::vector<Action>;

class Visitor {
  public:
    Visitor(Translation translation, Semantics semantics)
        : translation_{translation}, semantics_{semantics} {}

    Actions operator()(const statement::Add& add) const { return installed(add, false); }
    Actions operator()(const statement::Update& update) const { return installed(update, true); }
    Actions operator()(const statement::GetSpi& get) const;
    Actions operator()(const statement::Get& get) const { return one(action::ShowSa{id_of(get)}); }
    Actions operator()(const statement::Delete& gone) const {
        return one(action::RemoveSa{id_of(gone)});
    }
    Actions operator()(const statement::DeleteAll& gone) const {
        const auto protocol = protocol_of(translation_, gone.pair.protocol);
        const auto pair = pair_of(translation_, gone.pair).value_or(AddressPair{});
        return one(action::RemoveSasBetween{pair.source, pair.destination, protocol});
    }
    Actions operator()(const statement::Flush& flush) const {
        return one(action::FlushSas{optional_protocol(flush.protocol)});
    }
    Actions operator()(const statement::Dump& dump) const {
        return one(action::ShowSas{optional_protocol(dump.protocol)});
    }
    Actions operator()(const statement::SpdAdd& add) const { return added(add, false); }
    Actions operator()(const statement::SpdUpdate& update) const { return added(update, true); }
    Actions operator()(const statement::SpdDelete& gone) const;
    Actions operator()(const statement::SpdFlush&) const { return one(action::FlushPolicies{}); }
    Actions operator()(const statement::SpdDump&) const { return one(action::ShowPolicies{}); }
    Actions operator()(const statement::Exit&) const { return {}; }

  private:
    static Actions one(Action what) {
        Actions actions;
        actions.push_back(std::move(what));
        return actions;
    }

    Actions installed(const SaDefinition& definition, bool update) const {
        Actions actions;
        for (xfrm::SaSpec& spec : sas_of(translation_, definition))
            actions.emplace_back(action::AddSa{std::move(spec), update});
        return actions;
    }

    std::optional<xfrm::IpsecProtocol> optional_protocol(
        const Optional<SaProtocol>& protocol) const {
        if (!protocol) return std::nullopt;
        return protocol_of(translation_, *protocol);
    }

    xfrm::SaId id_of(const SaName& name) const;
    const PolicySelector* selector_of(const std::variant<PolicySelector, Tag>& selector) const;
    Actions added(const PolicyDefinition& definition, bool update) const;
    bool copies(xfrm::Direction direction) const {
        return direction == xfrm::Direction::In && semantics_ == Semantics::Rfc;
    }

    Translation translation_;
    Semantics semantics_;
};

xfrm::SaId Visitor::id_of(const SaName& name) const {
    const auto protocol = protocol_of(translation_, name.pair.protocol);
    const auto pair = pair_of(translation_, name.pair).value_or(AddressPair{});
    Extensions others = {};
    others.mark = name.extensions.mark;
    if (!(name.extensions == others))
        translation_.warning(name.spi.span, "of what follows only -mark counts here",
                             "an SA is known by its destination, protocol, SPI and mark");
    return {pair.source, pair.destination, protocol, spi_of(translation_, name.spi, protocol),
            name.extensions.mark ? name.extensions.mark->value : xfrm::Mark{}};
}

Actions Visitor::operator()(const statement::GetSpi& get) const {
    const auto protocol = protocol_of(translation_, get.pair.protocol);
    const auto pair = pair_of(translation_, get.pair).value_or(AddressPair{});
    const Extensions& extensions = get.extensions;
    return one(action::ReserveSpi{
        {.source = pair.source,
         .destination = pair.destination,
         .protocol = protocol,
         .mode = mode_of(extensions.mode),
         .reqid = xfrm::ReqId{extensions.reqid ? extensions.reqid->value : 0},
         .mark = extensions.mark ? extensions.mark->value : xfrm::Mark{},
         .if_id = xfrm::IfId{extensions.if_id ? extensions.if_id->value : 0},
         .spi = get.spi.value == 0 ? xfrm::EspSpi{} : spi_of(translation_, get.spi, protocol)}});
}

const PolicySelector* Visitor::selector_of(
    const std::variant<PolicySelector, Tag>& selector) const {
    if (const auto* const tag = std::get_if<Tag>(&selector))
        translation_.error(tag->text.span,
                           "Linux has no tags: they are those of the packet filter of the BSDs");
    return std::get_if<PolicySelector>(&selector);
}

Actions Visitor::added(const PolicyDefinition& definition, bool update) const {
    const PolicySelector* const selector = selector_of(definition.selector);
    if (selector == nullptr) return {};
    action::AddPolicy policy = policy_of(translation_, *selector, definition.policy);
    policy.update = update;
    policy.copy_to_forward = copies(policy.spec.id.direction);
    return one(std::move(policy));
}

Actions Visitor::operator()(const statement::SpdDelete& gone) const {
    const PolicySelector* const selector = selector_of(gone.selector);
    if (selector == nullptr) return {};
    return one(action::RemovePolicy{policy_id_of(translation_, *selector, gone.direction.value),
                                    copies(gone.direction.value)});
}

}  // namespace

std::vector<Action> Translator::translate(const Statement& statement) {
    const std::size_t errors_before = mistakes_->errors();
    auto actions = std::visit(Visitor{{*names_, *mistakes_}, semantics_}, statement.value);
    if (mistakes_->errors() != errors_before) actions.clear();
    return actions;
}

}  // namespace xfrmd::setkey
