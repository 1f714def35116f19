// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/parser.h"

#include <algorithm>
#include <array>
#include <format>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/configuration/did_you_mean.h"

namespace xfrmd::racoon {

namespace {

constexpr std::size_t kArgumentsMax = 256;
constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kShownMax = 40;

std::string shown(const Token& token) {
    if (token.kind == TokenKind::End) return "the end of the file";
    std::string text = token.text.substr(0, kShownMax);
    if (token.text.size() > kShownMax) text += "…";
    return token.kind == TokenKind::Bracketed ? "\"[" + text + "]\"" : "\"" + text + "\"";
}

// What the files so far have in common.
struct Session {
    const Includes& includes;
    Mistakes& mistakes;
    Tree tree;
    std::vector<std::string> open;  // the files being read, the outermost first
    std::string include_folder;
    std::size_t size = 0;
};

std::vector<Statement> parse_file(std::string file, std::string text, const Place& from,
                                  Session& session);

class Parser {
  public:
    Parser(std::vector<Token> tokens, Session& session)
        : tokens_{std::move(tokens)}, session_{session}, mistakes_{session.mistakes} {}

    std::vector<Statement> run() { return statements(Context::Global, 0); }

  private:
    [[nodiscard]] const Token& now() const { return tokens_[at_]; }
    [[nodiscard]] bool is(TokenKind kind) const { return now().kind == kind; }
    // The End stays.
    Token take() { return at_ + 1 < tokens_.size() ? std::move(tokens_[at_++]) : tokens_[at_]; }

    std::vector<Statement> statements(Context context, std::size_t depth);
    void statement(Context context, std::size_t depth, std::vector<Statement>& into);
    const Directive* directive_of(const Token& word, Context context);
    bool tell_misplaced(const Token& word, Context context);
    bool begins_next_statement(Context context, const Statement& statement) const;
    void arguments(Context context, Statement& statement);
    void end_of(Statement& statement, std::size_t depth);
    void block_of(Statement& statement, std::size_t depth);
    void skip_statement();
    void skip_block();
    std::vector<Statement> include(Statement& statement);
    void remember_include_folder(const Statement& statement);

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    Session& session_;
    Mistakes& mistakes_;
};

std::vector<Statement> Parser::statements(Context context, std::size_t depth) {
    std::vector<Statement> all;
    while (!is(TokenKind::End)) {
        if (is(TokenKind::Close) && depth > 0) break;
        statement(context, depth, all);
    }
    return all;
}

void Parser::statement(Context context, std::size_t depth, std::vector<Statement>& into) {
    if (is(TokenKind::Semicolon)) {
        mistakes_.warning(now().place, "a \";\" with nothing before it, which racoon refuses",
                          "a block ends in \"}\" without a \";\"");
        take();
        return;
    }
    if (is(TokenKind::Close)) {
        mistakes_.error(now().place, "a \"}\" that closes nothing", "");
        take();
        return;
    }
    if (!is(TokenKind::Word)) {
        mistakes_.error(now().place,
                        std::format("{} stands where a statement begins", shown(now())), "");
        skip_statement();
        return;
    }
    if (context == Context::Foreign) return skip_statement();
    const Directive* directive = directive_of(now(), context);
    if (directive == nullptr) {
        skip_statement();
        return;
    }
    Statement statement{.directive = directive, .keyword = take(), .arguments = {}, .block = {}};
    arguments(context, statement);
    end_of(statement, depth);
    if (directive->word == "path") remember_include_folder(statement);
    const bool is_include = context == Context::Global && directive->word == "include";
    if (!is_include) return into.push_back(std::move(statement));
    auto included = include(statement);
    into.push_back(std::move(statement));
    std::ranges::move(included, std::back_inserter(into));
}

const Directive* Parser::directive_of(const Token& word, Context context) {
    if (const Directive* directive = find_directive(context, word.text)) {
        if (directive->era == Era::Apple)
            mistakes_.warning(word.place,
                              std::format("{} is known to the racoon of macOS only", shown(word)),
                              "");
        return directive;
    }
    if (is_placeholder(word.text)) {
        mistakes_.error(word.place, std::format("{} is a placeholder of a template", shown(word)),
                        std::string{kPlaceholderHint});
        return nullptr;
    }
    if (tell_misplaced(word, context)) return nullptr;
    std::string hint;
    if (const auto meant = daemon::did_you_mean(word.text, words_of(context)))
        hint = std::format("did you mean \"{}\"?", *meant);
    mistakes_.error(word.place,
                    std::format("{} is no directive of {}", shown(word), name_of(context)),
                    std::move(hint));
    return nullptr;
}

// A word of another block, or of another file.
bool Parser::tell_misplaced(const Token& word, Context context) {
    for (const Directive& other : directives()) {
        if (other.word != word.text || other.context == context) continue;
        if (context == Context::Global)
            mistakes_.error(word.place,
                            std::format("{} stands outside of every block", shown(word)),
                            std::format("it belongs into {}; is a \"}}\" too many before it?",
                                        name_of(other.context)));
        else
            mistakes_.error(word.place,
                            std::format("{} does not stand in {}", shown(word), name_of(context)),
                            other.context == Context::Global
                                ? "it stands outside of blocks; is a \"}\" missing before it?"
                                : std::format("it belongs into {}", name_of(other.context)));
        return true;
    }
    constexpr auto kOfSetkey =
        std::to_array<std::string_view>({"spdadd", "spdupdate", "spddelete", "spdflush", "spddump",
                                         "add", "delete", "deleteall", "flush"});
    if (!std::ranges::contains(kOfSetkey, word.text)) return false;
    mistakes_.error(word.place, std::format("{} is a statement of setkey", shown(word)),
                    "a file of setkey is given with --setkey");
    return true;
}

// A directive first on its line, where arguments could go on: somebody forgot a semicolon.
bool Parser::begins_next_statement(Context context, const Statement& statement) const {
    const Token& token = now();
    if (!token.begins_line || token.kind != TokenKind::Word) return false;
    if (statement.arguments.empty() && statement.directive->word != "strict_address") return false;
    if (!statement.arguments.empty() && statement.arguments.back().kind == TokenKind::Comma)
        return false;
    return find_directive(context, token.text) != nullptr;
}

void Parser::arguments(Context context, Statement& statement) {
    bool told = false;
    for (;;) {
        switch (now().kind) {
            case TokenKind::Semicolon:
            case TokenKind::Open:
            case TokenKind::Close:
            case TokenKind::End:
                return;
            case TokenKind::Word:
            case TokenKind::String:
            case TokenKind::Bracketed:
            case TokenKind::Comma:
                break;
        }
        if (begins_next_statement(context, statement)) return;
        Token token = take();
        if (statement.arguments.size() < kArgumentsMax)
            statement.arguments.push_back(std::move(token));
        else if (!std::exchange(told, true))
            mistakes_.error(
                token.place,
                std::format("{} has more than {} words", statement.keyword.text, kArgumentsMax),
                "is a \";\" missing?");
    }
}

void Parser::end_of(Statement& statement, std::size_t depth) {
    const Directive& directive = *statement.directive;
    if (is(TokenKind::Open)) {
        if (directive.block) return block_of(statement, depth);
        mistakes_.error(now().place, std::format("{} has no block", directive.word),
                        std::format("{};", directive.synopsis));
        take();
        return skip_block();
    }
    const Place& last =
        statement.arguments.empty() ? statement.keyword.end : statement.arguments.back().end;
    if (is(TokenKind::Semicolon)) {
        if (directive.block && !directive.semicolon_too)
            mistakes_.error(now().place, std::format("{} needs a block", directive.word),
                            std::string{directive.synopsis});
        take();
        return;
    }
    if (directive.block)
        mistakes_.error(
            last, std::format("{} needs a block, and {} follows", directive.word, shown(now())),
            std::string{directive.synopsis});
    else
        mistakes_.error(last, std::format("\";\" is missing after {}", directive.word),
                        std::format("{};", directive.synopsis));
}

void Parser::block_of(Statement& statement, std::size_t depth) {
    const Place opening = now().place;
    take();
    if (depth + 1 >= kDepthMax) {
        mistakes_.error(opening, "too many blocks inside one another", "");
        return skip_block();
    }
    statement.has_block = true;
    statement.block = statements(statement.directive->opens, depth + 1);
    if (is(TokenKind::Close))
        take();
    else
        mistakes_.error(opening,
                        std::format("the block of {} is never closed", statement.keyword.text), "");
}

// To where the next statement may begin: past a semicolon or a whole block, or before what closes.
void Parser::skip_statement() {
    while (!is(TokenKind::End) && !is(TokenKind::Close)) {
        const TokenKind kind = now().kind;
        take();
        if (kind == TokenKind::Semicolon) return;
        if (kind == TokenKind::Open) return skip_block();
    }
}

// Past the brace that closes what is open.
void Parser::skip_block() {
    for (std::size_t open = 1; open > 0 && !is(TokenKind::End);) {
        if (is(TokenKind::Open)) ++open;
        if (is(TokenKind::Close)) --open;
        take();
    }
}

void Parser::remember_include_folder(const Statement& statement) {
    const auto& arguments = statement.arguments;
    if (arguments.size() == 2 && arguments[0].text == "include" &&
        arguments[1].kind == TokenKind::String)
        session_.include_folder = arguments[1].text;
}

// A host's copy often lacks what was included, and the rest is worth reading.
std::vector<Statement> Parser::include(Statement& statement) {
    std::vector<Statement> all;
    if (statement.arguments.size() != 1 || statement.arguments[0].kind != TokenKind::String)
        return all;
    const Token& pattern = statement.arguments[0];
    if (session_.open.size() >= kIncludeDepthMax) {
        mistakes_.error(
            pattern.place,
            std::format("files include one another more than {} deep", kIncludeDepthMax),
            std::format("the first is {}", session_.open.front()));
        return all;
    }
    const auto files = session_.includes(session_.include_folder, pattern.text);
    if (!files) {
        mistakes_.warning(
            pattern.place, std::format("nothing to include: {}", files.error()),
            "racoon refuses that; path include \"FOLDER\" says where relative names begin");
        statement.found_nothing = true;
        return all;
    }
    for (const IncludedFile& file : *files) {
        auto statements = parse_file(file.name, file.text, pattern.place, session_);
        std::ranges::move(statements, std::back_inserter(all));
    }
    return all;
}

std::vector<Statement> parse_file(std::string file, std::string text, const Place& from,
                                  Session& session) {
    if (std::ranges::contains(session.open, file)) {
        session.mistakes.error(from, std::format("{} includes itself", file), "");
        return {};
    }
    session.size += text.size();
    const bool too_many = session.tree.sources.size() > kIncludedFilesMax;
    if (too_many || session.size > kIncludedSizeMax) {
        session.mistakes.error(from, "too much is included",
                               std::format("at most {} files and {} MiB in all", kIncludedFilesMax,
                                           kIncludedSizeMax >> 20));
        return {};
    }
    const bool too_large = text.size() > kFileSizeMax;
    session.tree.sources.push_back(
        std::make_unique<Source>(file, too_large ? std::string{} : std::move(text)));
    Source& source = *session.tree.sources.back();
    if (too_large)
        session.mistakes.error({&source, 0, 0}, "the file is too large",
                               std::format("at most {} MiB", kFileSizeMax >> 20));
    session.open.push_back(std::move(file));
    auto statements = Parser{tokenize(source, session.mistakes), session}.run();
    session.open.pop_back();
    return statements;
}

}  // namespace

Tree parse(std::string file, std::string text, const Includes& includes, Mistakes& mistakes) {
    Session session{
        .includes = includes, .mistakes = mistakes, .tree = {}, .open = {}, .include_folder = {}};
    auto statements = parse_file(std::move(file), std::move(text), {}, session);
    session.tree.statements = std::move(statements);
    return std::move(session.tree);
}

std::string to_string(const Statement& statement) {
    constexpr std::size_t kLineMax = 100;
    constexpr auto kSecrets =
        std::to_array<std::string_view>({"bind_pw", "auth", "acct", "shared_secret"});
    std::string text = statement.keyword.text;
    const bool secret = std::ranges::contains(kSecrets, statement.keyword.text);
    for (const Token& argument : statement.arguments) {
        switch (argument.kind) {
            case TokenKind::Comma:
                text += ",";
                continue;
            case TokenKind::Bracketed:
                text += "[" + argument.text + "]";
                continue;
            case TokenKind::String:
                text += secret ? " \"…\"" : " \"" + argument.text + "\"";
                continue;
            case TokenKind::Word:
            case TokenKind::Open:
            case TokenKind::Close:
            case TokenKind::Semicolon:
            case TokenKind::End:
                text += " " + argument.text;
        }
        if (text.size() > kLineMax) break;
    }
    if (text.size() > kLineMax) text = text.substr(0, kLineMax) + "…";
    return statement.has_block ? text + " { … }" : text;
}

}  // namespace xfrmd::racoon
