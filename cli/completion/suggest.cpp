// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/suggest.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

namespace xfrmd::cli::completion {

namespace {

// The members of an app and of its option groups, which are apps without a name.
template <class Visit>
void for_each_option(const CLI::App& app, const Visit& visit) {
    for (const CLI::Option* const option : app.get_options({})) visit(*option);
    for (const CLI::App* const group : app.get_subcommands([](const CLI::App*) { return true; }))
        if (group->get_name().empty()) for_each_option(*group, visit);
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* sub) { return !sub->get_name().empty() && !sub->get_group().empty(); });
}

bool takes_value(const CLI::Option& option) {
    return option.get_items_expected_max() > 0;
}

// "--json", "-D"
std::vector<std::string> dashed_names(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    return names;
}

// Options may stand after subcommands, so those of all apps down to this one count.
const CLI::Option* find_option(const CLI::App& app, std::string_view name) {
    const CLI::Option* found = nullptr;
    for (const CLI::App* at = &app; at != nullptr && found == nullptr; at = at->get_parent())
        for_each_option(*at, [&](const CLI::Option& option) {
            if (std::ranges::contains(dashed_names(option), name)) found = &option;
        });
    return found;
}

// The positional that the next word would be for. The last one may take many.
const CLI::Option* positional(const CLI::App& app, std::size_t already) {
    const CLI::Option* found = nullptr;
    bool takes_rest = false;
    for_each_option(app, [&](const CLI::Option& option) {
        if (!option.get_positional() || takes_rest) return;
        if (found != nullptr && already == 0) return;
        if (found != nullptr) --already;
        found = &option;
        takes_rest = option.get_items_expected_max() > 1;
    });
    return already == 0 || takes_rest ? found : nullptr;
}

// CLI11 describes the words that an option takes as "KIND:{a,b}".
std::vector<std::string> fixed_values(std::string_view type) {
    std::vector<std::string> values;
    const std::size_t open = type.find('{');
    if (open == std::string_view::npos || !type.ends_with('}')) return values;
    type = type.substr(open + 1, type.size() - open - 2);
    while (!type.empty()) {
        const std::size_t comma = std::min(type.find(','), type.size());
        values.emplace_back(type.substr(0, comma));
        type.remove_prefix(std::min(comma + 1, type.size()));
    }
    return values;
}

class Search {
  public:
    explicit Search(const CLI::App& app) : app_{&app} {}

    void pass(const std::string& word);
    Suggestions finish(const std::string& begun);

  private:
    void add(const std::string& word, const std::string& description) {
        if (word.starts_with(result_.begun)) result_.words.push_back({word, description});
    }
    void add_values(const CLI::Option& option);
    void add_options();

    const CLI::App* app_;
    const CLI::Option* waiting_ = nullptr;  // for its value
    std::size_t positionals_ = 0;
    bool only_positionals_ = false;  // after "--"
    Suggestions result_;
};

void Search::pass(const std::string& word) {
    if (const CLI::Option* const option = std::exchange(waiting_, nullptr)) {
        if (option->check_lname("socket")) result_.socket = word;
        return;
    }
    if (word == "--") {
        only_positionals_ = true;
    } else if (word.starts_with('-') && word.size() > 1 && !only_positionals_) {
        const CLI::Option* const option = find_option(*app_, word);
        if (option != nullptr && takes_value(*option)) waiting_ = option;
    } else {
        for (const CLI::App* const sub : subcommands(*app_)) {
            if (sub->get_name() != word || positionals_ > 0 || only_positionals_) continue;
            app_ = sub;
            return;
        }
        ++positionals_;
    }
}

void Search::add_values(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    for (const std::string& value : fixed_values(type)) add(value, "");
    const std::string_view kind = std::string_view{type}.substr(0, type.find_first_of(": "));
    if (kind == "CONNECTION") result_.others = Others::Connections;
    if (kind == "FILE") result_.others = Others::Files;
    if (kind == "FOLDER") result_.others = Others::Folders;
}

void Search::add_options() {
    for (const CLI::App* at = app_; at != nullptr; at = at->get_parent())
        for_each_option(*at, [&](const CLI::Option& option) {
            if (option.get_group().empty()) return;
            for (const std::string& name : dashed_names(option)) {
                if (std::ranges::contains(result_.words, name, &Suggestion::word)) continue;
                add(name, option.get_description());
            }
        });
}

Suggestions Search::finish(const std::string& begun) {
    result_.begun = begun;
    if (waiting_ != nullptr) {
        add_values(*waiting_);
        return std::move(result_);
    }
    if (begun.starts_with('-') && !only_positionals_) {
        add_options();
        return std::move(result_);
    }
    if (positionals_ == 0 && !only_positionals_)
        for (const CLI::App* const sub : subcommands(*app_))
            add(sub->get_name(), sub->get_description());
    if (const CLI::Option* const next = positional(*app_, positionals_)) add_values(*next);
    return std::move(result_);
}

}  // namespace

Suggestions suggest(const CLI::App& app, std::span<const std::string> words) {
    Search search{app};
    if (words.empty()) return search.finish("");
    for (const std::string& word : words.first(words.size() - 1)) search.pass(word);
    return search.finish(words.back());
}

}  // namespace xfrmd::cli::completion
