// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/script.h"

#include <format>

#include "cli/setkey/language/parser.h"

namespace xfrmd::setkey {

namespace {

const Algorithms* algorithms_of(const AnyStatement& statement) {
    if (const auto* const add = std::get_if<statement::Add>(&statement)) return &add->algorithms;
    if (const auto* const update = std::get_if<statement::Update>(&statement))
        return &update->algorithms;
    return nullptr;
}

const Located<Key>* key_of(const AnyStatement& statement) {
    const Algorithms* const algorithms = algorithms_of(statement);
    if (algorithms == nullptr) return nullptr;
    for (const auto* const algorithm : {&algorithms->encryption, &algorithms->authentication})
        if (*algorithm && (*algorithm)->key) return &*(*algorithm)->key;
    return nullptr;
}

}  // namespace

Script::Script(std::vector<Input> inputs, Names& names, Semantics semantics, bool keys_in_arguments)
    : inputs_{std::move(inputs)},
      mistakes_(inputs_.size()),
      names_{&names},
      semantics_{semantics},
      keys_in_arguments_{keys_in_arguments} {}

void Script::read(const Take& take) {
    next_origin_ = 1;
    for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
        Mistakes told_already;
        if (!read_input(i, first_reading_ ? mistakes_[i] : told_already, take)) break;
    }
    first_reading_ = false;
}

bool Script::read_input(std::uint32_t index, Mistakes& mistakes, const Take& take) {
    const Input& input = inputs_[index];
    Parser parser{input.source, mistakes};
    Translator translator{*names_, mistakes, semantics_};
    while (const auto statement = parser.next()) {
        const Origin origin = next_origin_++;
        if (first_reading_) {
            places_.push_back({index, statement->span});
            check_key(*statement, input, mistakes);
        }
        for (Action& action : translator.translate(*statement))
            if (!take(std::move(action), origin)) return false;
    }
    return true;
}

void Script::check_key(const Statement& statement, const Input& input, Mistakes& mistakes) {
    const Located<Key>* const key = key_of(statement.value);
    if (key == nullptr) return;
    if (input.from_arguments && !keys_in_arguments_)
        mistakes.error({key->span,
                        "a key among a process's arguments is seen by everybody on this host",
                        "put the statement into a file (-f), or pass it to -c; --keys-in-arguments "
                        "allows it"});
    if (input.open_to_others)
        mistakes.warning({key->span, "others than its owner may read this file, which holds keys",
                          "chmod 600 " + input.source.name()});
}

void Script::complain(Origin origin, std::string text, std::string hint) {
    const Place& place = places_.at(origin - 1);
    mistakes_[place.input].error({place.span, std::move(text), std::move(hint)});
}

void Script::warn(Origin origin, std::string text, std::string hint) {
    const Place& place = places_.at(origin - 1);
    mistakes_[place.input].warning({place.span, std::move(text), std::move(hint)});
}

std::size_t Script::errors() const {
    std::size_t count = 0;
    for (const Mistakes& mistakes : mistakes_) count += mistakes.errors();
    return count;
}

std::vector<daemon::Diagnostic> Script::told() const {
    std::vector<daemon::Diagnostic> all;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        auto some = mistakes_[i].told(inputs_[i].source);
        std::ranges::move(some, std::back_inserter(all));
    }
    return all;
}

}  // namespace xfrmd::setkey
