// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/parser.h"

#include <utility>

#include "cli/setkey/language/parts.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

template <class Definition>
Read<AnyStatement> defined(Read<SaDefinition> read) {
    return std::move(read).transform([](SaDefinition&& definition) -> AnyStatement {
        return Definition{std::move(definition)};
    });
}

template <class Reference>
Read<AnyStatement> named(Read<SaName> read) {
    return std::move(read).transform(
        [](SaName&& name) -> AnyStatement { return Reference{std::move(name)}; });
}

template <class Definition>
Read<AnyStatement> read_policy_definition(Cursor& cursor) {
    auto selector = TRY(read_policy_selector(cursor));
    auto policy = TRY(read_policy(cursor));
    return Definition{PolicyDefinition{std::move(selector), std::move(policy)}};
}

Read<AnyStatement> read_policy_removal(Cursor& cursor) {
    auto selector = TRY(read_policy_selector(cursor));
    const auto direction = TRY(read_policy_direction(cursor));
    return statement::SpdDelete{std::move(selector), direction};
}

Read<AnyStatement> read_flush(Cursor& cursor) {
    const auto protocol = TRY(read_optional_protocol(cursor));
    return statement::Flush{protocol};
}

Read<AnyStatement> read_dump(Cursor& cursor) {
    const auto protocol = TRY(read_optional_protocol(cursor));
    return statement::Dump{protocol};
}

Read<AnyStatement> read_delete_all(Cursor& cursor) {
    auto pair = TRY(read_sa_pair(cursor));
    return statement::DeleteAll{std::move(pair)};
}

Read<AnyStatement> read_after(Verb verb, Cursor& cursor) {
    switch (verb) {
        case Verb::Add:
            return defined<statement::Add>(read_sa_definition(cursor));
        case Verb::Update:
            return defined<statement::Update>(read_sa_definition(cursor));
        case Verb::GetSpi:
            return named<statement::GetSpi>(read_sa_name(cursor));
        case Verb::Get:
            return named<statement::Get>(read_sa_name(cursor));
        case Verb::Delete:
            return named<statement::Delete>(read_sa_name(cursor));
        case Verb::DeleteAll:
            return read_delete_all(cursor);
        case Verb::Flush:
            return read_flush(cursor);
        case Verb::Dump:
            return read_dump(cursor);
        case Verb::SpdAdd:
            return read_policy_definition<statement::SpdAdd>(cursor);
        case Verb::SpdUpdate:
            return read_policy_definition<statement::SpdUpdate>(cursor);
        case Verb::SpdDelete:
            return read_policy_removal(cursor);
        case Verb::SpdFlush:
            return statement::SpdFlush{};
        case Verb::SpdDump:
            return statement::SpdDump{};
        case Verb::Exit:
            return statement::Exit{};
    }
    std::unreachable();
}

}  // namespace

std::optional<Statement> Parser::next() {
    while (!ended_) {
        while (cursor_.take_if(Kind::Semicolon)) {
        }
        if (cursor_.at(Kind::End)) break;
        const std::size_t errors_before = cursor_.mistakes().errors();
        auto statement = read_statement();
        cursor_.read_as(Lexer::Mode::Plain);
        if (!statement) {
            cursor_.mistakes().error(std::move(statement).error());
            skip_statement();
            continue;
        }
        if (std::holds_alternative<statement::Exit>(statement->value)) ended_ = true;
        if (cursor_.mistakes().errors() == errors_before) return std::move(*statement);
    }
    ended_ = true;
    return std::nullopt;
}

Read<Statement> Parser::read_statement() {
    cursor_.begin_statement();
    const Span begin = cursor_.peek().span;
    auto content = TRY(read_content());
    cursor_.read_as(Lexer::Mode::Plain);
    if (!cursor_.at(Kind::Semicolon)) {
        // What follows is the next statement: only the end of this one is missing.
        if (cursor_.at_end_of_statement())
            cursor_.complain(cursor_.end_of_last(),
                             "a statement ends with \";\", which is missing");
        else
            return std::unexpected{cursor_.unexpected("\";\"")};
    }
    cursor_.take_if(Kind::Semicolon);
    return Statement{std::move(content), cursor_.since(begin)};
}

Read<AnyStatement> Parser::read_content() {
    const auto verb = TRY(read_word(cursor_, kVerbs, "a command"));
    return read_after(verb.value, cursor_);
}

// To the end of a statement that makes no sense: its semicolon or, if that is what is missing, the
// verb that a line begins with.
void Parser::skip_statement() {
    while (!cursor_.at_end_of_statement()) cursor_.take();
    cursor_.take_if(Kind::Semicolon);
}

Parsed parse(const Source& source) {
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Parsed parsed;
    while (auto statement = parser.next()) parsed.statements.push_back(std::move(*statement));
    parsed.diagnostics = mistakes.told(source);
    parsed.good = mistakes.errors() == 0;
    return parsed;
}

}  // namespace xfrmd::setkey
