// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/change_text.h"

#include <utility>
#include <variant>
#include <vector>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/numbers_only.h"
#include "cli/setkey/statements.h"
#include "cli/setkey/translator.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::setkey {

namespace change = netlink::change;

namespace {

statement::SpdUpdate update_of(const xfrm::PolicySpec& policy) {
    return {PolicyDefinition{addition_of(policy, interface_number)}};
}

std::optional<AnyStatement> statement_of(const netlink::Change& change) {
    using Maybe = std::optional<AnyStatement>;
    return std::visit(
        Overloaded{
            [](const change::RemoveSa& gone) -> Maybe { return deletion_of(gone.id); },
            [](const change::AddPolicy& added) -> Maybe {
                return addition_of(added.spec, interface_number);
            },
            [](const change::ReplacePolicy& added) -> Maybe { return update_of(added.spec); },
            [](const change::RemovePolicy& gone) -> Maybe {
                return deletion_of(gone.id, interface_number);
            },
            [](const auto&) -> Maybe { return std::nullopt; }},
        change);
}

bool same(const netlink::Change& left, const netlink::Change& right) {
    if (left.index() != right.index()) return false;
    return std::visit(Overloaded{[&](const change::RemoveSa& gone) {
                                     return gone.id == std::get<change::RemoveSa>(right).id;
                                 },
                                 [&](const change::AddPolicy& added) {
                                     return added.spec == std::get<change::AddPolicy>(right).spec;
                                 },
                                 [&](const change::ReplacePolicy& added) {
                                     return added.spec ==
                                            std::get<change::ReplacePolicy>(right).spec;
                                 },
                                 [&](const change::RemovePolicy& gone) {
                                     return gone.id == std::get<change::RemovePolicy>(right).id;
                                 },
                                 [](const auto&) { return false; }},
                      left);
}

std::expected<netlink::Change, std::string> change_of(Action action) {
    using Made = std::expected<netlink::Change, std::string>;
    return std::visit(
        Overloaded{[](const action::RemoveSa& gone) -> Made { return change::RemoveSa{gone.id}; },
                   [](action::AddPolicy& added) -> Made {
                       if (!added.unique_templates.empty())
                           return std::unexpected{"level unique needs its number here"};
                       if (added.update) return change::ReplacePolicy{std::move(added.spec)};
                       return change::AddPolicy{std::move(added.spec)};
                   },
                   [](action::RemovePolicy& gone) -> Made {
                       return change::RemovePolicy{std::move(gone.id)};
                   },
                   [](const auto&) -> Made {
                       return std::unexpected{
                           "only spdadd, spdupdate, spddelete and "
                           "delete can be asked for here"};
                   }},
        action);
}

std::string told(const Mistakes& mistakes, const Source& source) {
    for (const daemon::Diagnostic& mistake : mistakes.told(source))
        if (mistake.severity == daemon::Severity::Error) return mistake.text;
    return "nothing is asked for";
}

}  // namespace

std::optional<std::string> text_of(const netlink::Change& change) {
    const auto statement = statement_of(change);
    if (!statement) return std::nullopt;
    std::string text = print(*statement, Keys::Hide);
    // Not everything that the kernel's tables can hold has words.
    const auto read = change_of(text);
    if (!read || !same(*read, change)) return std::nullopt;
    return text;
}

std::expected<netlink::Change, std::string> change_of(std::string_view text) {
    const Source source{"statement", std::string{text}};
    NumbersOnly names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes, Semantics::Kernel};
    std::vector<Action> actions;
    while (const auto statement = parser.next()) {
        for (Action& action : translator.translate(*statement))
            actions.push_back(std::move(action));
        if (actions.size() > 1) return std::unexpected{"this is more than one statement"};
    }
    if (mistakes.errors() > 0 || actions.empty()) return std::unexpected{told(mistakes, source)};
    return change_of(std::move(actions.front()));
}

}  // namespace xfrmd::setkey
