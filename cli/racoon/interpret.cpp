// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/interpret.h"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>

#include "cli/racoon/forms.h"

namespace xfrmd::racoon {

namespace {

// What may stand more than once in a block, or in the file.
constexpr auto kRepeatable = std::to_array<std::string_view>({
    "path",
    "include",
    "remote",
    "sainfo",
    "isakmp",
    "isakmp_natt",
    "auth",
    "acct",
    "dns4",
    "nbns4",
    "wins4",
    "split_network",
    "split_dns",
    "auth_groups",
    "peers_identifier",
    "script",
    "proposal",
    "peers_certfile",
    "verification_option",
    "cert_verification_option",
});
// racoon 0.8 and later refuse the second one.
constexpr auto kRefusedTwice =
    std::to_array<std::string_view>({"certificate_type", "ca_type", "remote_address"});

void warn_of_repetitions(const std::vector<Statement>& block, Mistakes& mistakes) {
    std::vector<const Statement*> seen;
    for (const Statement& statement : block) {
        const std::string_view word = statement.directive->word;
        if (std::ranges::contains(kRepeatable, word)) continue;
        const auto before = std::ranges::find(
            seen, word, [](const Statement* other) { return other->directive->word; });
        if (before == seen.end()) {
            seen.push_back(&statement);
            continue;
        }
        mistakes.warning(statement.place(), std::format("{} is said twice", word),
                         std::format("{}; the other one is at {}",
                                     std::ranges::contains(kRefusedTwice, word)
                                         ? "racoon 0.8 and later refuse that"
                                         : "racoon takes the last",
                                     (*before)->place().to_string()));
    }
}

// Everything below the statements that a generic form describes.
void check_forms(const std::vector<Statement>& statements, Mistakes& mistakes) {
    warn_of_repetitions(statements, mistakes);
    for (const Statement& statement : statements) {
        if (!statement.directive->block) check_form(statement, mistakes);
        check_forms(statement.block, mistakes);
    }
}

class Interpreter {
  public:
    explicit Interpreter(Mistakes& mistakes) : mistakes_{mistakes} {}

    Configuration run(const std::vector<Statement>& statements);

  private:
    void global(const Statement& statement);
    void path(const Statement& statement);
    void block_without_arguments(const Statement& statement);
    void in_block(const Statement& statement);
    void listen(const Statement& statement, bool natt);
    void adminsock(const Statement& statement);
    void server_with_secret(const Statement& statement);
    void user_or_group(const Statement& statement);

    Mistakes& mistakes_;
    Configuration configuration_;
};

Configuration Interpreter::run(const std::vector<Statement>& statements) {
    check_forms(statements, mistakes_);
    for (const Statement& statement : statements) global(statement);
    return std::move(configuration_);
}

void Interpreter::global(const Statement& statement) {
    const std::string_view word = statement.directive->word;
    if (word == "path") return path(statement);
    if (word == "remote") {
        if (auto remote = read_remote(statement, configuration_.remotes, mistakes_))
            configuration_.remotes.push_back(*std::move(remote));
        return;
    }
    if (word == "sainfo") {
        if (auto sainfo = read_sainfo(statement, mistakes_))
            configuration_.sainfos.push_back(*std::move(sainfo));
        return;
    }
    if (!statement.has_block) return;
    block_without_arguments(statement);
    if (word == "mode_cfg") configuration_.mode_cfg = &statement;
    for (const Statement& each : statement.block) in_block(each);
}

void Interpreter::path(const Statement& statement) {
    enum class Path : std::uint8_t {
        Include,
        PreSharedKey,
        Certificate,
        Script,
        BackupSa,
        PidFile
    };
    constexpr auto kPaths = std::to_array<Word<Path>>({{"include", Path::Include},
                                                       {"pre_shared_key", Path::PreSharedKey},
                                                       {"certificate", Path::Certificate},
                                                       {"script", Path::Script},
                                                       {"backupsa", Path::BackupSa},
                                                       {"pidfile", Path::PidFile}});
    Arguments arguments{statement, mistakes_};
    const auto kind = arguments.word(kPaths);
    const auto file = arguments.string();
    arguments.finish();
    if (!kind || !file) return;
    if (*kind == Path::PreSharedKey) set(configuration_.pre_shared_key_path, file, statement);
    if (*kind == Path::Certificate) set(configuration_.certificate_path, file, statement);
}

void Interpreter::block_without_arguments(const Statement& statement) {
    Arguments arguments{statement, mistakes_};
    arguments.finish();
}

void Interpreter::in_block(const Statement& statement) {
    const Directive& directive = *statement.directive;
    if (directive.form != Form::Own) return;
    if (directive.word == "isakmp") return listen(statement, false);
    if (directive.word == "isakmp_natt") return listen(statement, true);
    if (directive.word == "adminsock") return adminsock(statement);
    if (directive.word == "auth" || directive.word == "acct") return server_with_secret(statement);
    if (directive.word == "user" || directive.word == "group") return user_or_group(statement);
    Arguments arguments{statement, mistakes_};
    if (directive.word == "natt_keepalive")
        set(configuration_.natt_keepalive, arguments.time(), statement);
    if (directive.word == "pfs_group") arguments.algorithm(AlgorithmClass::Group, false);
    arguments.finish();
}

void Interpreter::listen(const Statement& statement, bool natt) {
    Arguments arguments{statement, mistakes_};
    const auto where = arguments.address_and_port();
    arguments.finish();
    if (where)
        configuration_.listen.push_back({.address = where->address,
                                         .port = where->port.value_or(500),
                                         .natt = natt,
                                         .by = &statement});
}

void Interpreter::adminsock(const Statement& statement) {
    Arguments arguments{statement, mistakes_};
    if (!arguments.skip_if("disabled")) {
        arguments.string();
        if (!arguments.at_end()) {
            arguments.string();
            arguments.string();
            arguments.number();
        }
    }
    arguments.finish();
}

// Secrets are empty strings by now, which is all that is asked for here.
void Interpreter::server_with_secret(const Statement& statement) {
    Arguments arguments{statement, mistakes_};
    arguments.string();
    if (arguments.next_is(TokenKind::Word)) arguments.number();
    arguments.string();
    arguments.finish();
}

void Interpreter::user_or_group(const Statement& statement) {
    Arguments arguments{statement, mistakes_};
    if (arguments.next_is(TokenKind::String))
        arguments.skip();
    else
        arguments.number();
    arguments.finish();
}

}  // namespace

Lifetime read_lifetime(const Statement& statement, Mistakes& mistakes) {
    Arguments arguments{statement, mistakes};
    Lifetime lifetime;
    enum class Kind : std::uint8_t { Time, Byte };
    constexpr auto kKinds = std::to_array<Word<Kind>>({{"time", Kind::Time}, {"byte", Kind::Byte}});
    const auto kind = arguments.word(kKinds);
    if (kind == Kind::Time) lifetime.time = arguments.time();
    if (kind == Kind::Byte) {
        lifetime.bytes = arguments.byte_count();
        if (lifetime.bytes)
            mistakes.warning(statement.place(), "racoon 0.8 and later refuse lifetimes in bytes",
                             "");
    }
    arguments.finish();
    return lifetime;
}

void warn_of_missing(const Statement& block, std::string_view what,
                     std::initializer_list<std::string_view> words, Mistakes& mistakes) {
    std::string missing;
    for (const std::string_view word : words) {
        const bool there = std::ranges::any_of(block.block, [&](const Statement& statement) {
            return statement.directive->word == word;
        });
        if (there) continue;
        if (!missing.empty()) missing += ", no ";
        missing += word;
    }
    if (!missing.empty())
        mistakes.warning(block.place(), std::format("{} has no {}", what, missing),
                         "racoon refuses such a block");
}

std::optional<Identifier> read_identifier(Arguments& arguments) {
    using enum IdentifierType;
    constexpr auto kTypes = std::to_array<Word<IdentifierType>>({{"address", Address},
                                                                 {"fqdn", Fqdn},
                                                                 {"user_fqdn", UserFqdn},
                                                                 {"keyid", KeyId},
                                                                 {"asn1dn", Asn1Dn},
                                                                 {"subnet", Subnet}});
    const auto type = arguments.word(kTypes);
    if (!type) return std::nullopt;
    Identifier identifier{.type = *type, .text = {}};
    if (arguments.skip_if("file")) identifier.qualifier = Identifier::Qualifier::File;
    if (arguments.skip_if("tag")) identifier.qualifier = Identifier::Qualifier::Tag;
    const Token* token = arguments.peek();
    if (token == nullptr) return identifier;
    if (token->kind == TokenKind::Word) {
        // An address is the only text that needs no quotes.
        if (!xfrm::Address::parse(token->text)) {
            arguments.fail(std::format("\"{}\" is not in quotes", token->text),
                           std::format("\"{}\"", token->text));
            return std::nullopt;
        }
        identifier.text = token->text;
        arguments.skip();
        return identifier;
    }
    const auto text = arguments.string();
    if (!text) return std::nullopt;
    identifier.text = *text;
    return identifier;
}

Configuration interpret(const Tree& tree, Mistakes& mistakes) {
    return Interpreter{mistakes}.run(tree.statements);
}

}  // namespace xfrmd::racoon
