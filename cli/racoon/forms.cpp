// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/forms.h"

#include <format>
#include <ranges>
#include <string_view>
#include <vector>

#include "cli/racoon/arguments.h"
#include "daemon/configuration/did_you_mean.h"

namespace xfrmd::racoon {

namespace {

// The alternatives that a synopsis joins by '|': of "log error|info" those two.
std::vector<std::string> alternatives(const Directive& directive) {
    std::string_view words = directive.synopsis.substr(directive.word.size() + 1);
    words = words.substr(0, words.find(' '));
    std::vector<std::string> all;
    for (const auto word : std::views::split(words, '|'))
        all.emplace_back(word.begin(), word.end());
    return all;
}

void one_of(const Statement& statement, Arguments& arguments) {
    const auto words = alternatives(*statement.directive);
    const Token* token = arguments.peek();
    if (token != nullptr && token->kind == TokenKind::Word)
        for (const std::string& word : words)
            if (arguments.skip_if(word)) return;
    if (token == nullptr)
        return arguments.fail(std::format("{} says too little", statement.keyword.text),
                              daemon::one_of(words));
    const auto meant = daemon::did_you_mean(token->text, words);
    arguments.fail(std::format("\"{}\" is no value for {}", token->text, statement.keyword.text),
                   meant ? std::format("did you mean \"{}\"?", *meant) : daemon::one_of(words));
}

void network(Arguments& arguments) {
    const Token* token = arguments.peek();
    if (token == nullptr || token->kind != TokenKind::Word)
        return arguments.fail("a network is missing", "such as 10.0.0.0/8");
    const std::size_t slash = token->text.find('/');
    const auto address = xfrm::Address::parse(token->text.substr(0, slash));
    arguments.skip();
    std::string prefix = slash == std::string::npos ? "" : token->text.substr(slash);
    if (const Token* next = arguments.peek();
        prefix.empty() && next != nullptr && next->text.starts_with('/')) {
        prefix = next->text;
        arguments.skip();
    }
    // Whatever it joins to, with the bits behind the prefix set or not.
    for (unsigned length = 0; address && length <= address->bits(); ++length)
        if (prefix == std::format("/{}", length)) return;
    arguments.fail(std::format("\"{}\" is no network", token->text), "such as 10.0.0.0/8");
}

template <class Read>
void list(Arguments& arguments, Read read) {
    do read();
    while (!arguments.failed() && arguments.skip_comma());
}

}  // namespace

void check_form(const Statement& statement, Mistakes& mistakes) {
    Arguments arguments{statement, mistakes};
    switch (statement.directive->form) {
        case Form::Own:
        case Form::Anything:
            return;
        case Form::Nothing:
            break;
        case Form::Switch:
            arguments.on_or_off();
            break;
        case Form::OneOf:
            one_of(statement, arguments);
            break;
        case Form::Number:
            arguments.number();
            break;
        case Form::Time:
            arguments.time();
            break;
        case Form::String:
            arguments.string();
            break;
        case Form::Strings:
            list(arguments, [&] { arguments.string(); });
            break;
        case Form::Address:
            arguments.address();
            break;
        case Form::Addresses:
            list(arguments, [&] { arguments.address(); });
            break;
        case Form::Networks:
            one_of(statement, arguments);
            list(arguments, [&] { network(arguments); });
            break;
        case Form::EndPoint:
            arguments.address_and_port();
            break;
    }
    arguments.finish();
}

}  // namespace xfrmd::racoon
