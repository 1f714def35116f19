// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <format>
#include <string_view>
#include <utility>

#include "cli/racoon/interpret.h"

namespace xfrmd::racoon {

namespace {

// What stands behind `remote` and behind `inherit`: which peer, or which block.
struct Head {
    std::string name;
    bool anonymous = false;
    std::optional<xfrm::Address> address;
    std::uint16_t port = 500;

    bool operator==(const Head&) const = default;
};

std::optional<Head> read_head(Arguments& arguments) {
    Head head;
    if (arguments.next_is(TokenKind::String)) {
        head.name = arguments.peek()->text;
        arguments.skip();
        return head;
    }
    if (arguments.skip_if("anonymous")) {
        head.anonymous = true;
        if (arguments.next_is(TokenKind::Bracketed)) arguments.skip();
        return head;
    }
    const auto where = arguments.address_and_port();
    if (!where) return std::nullopt;
    head.address = where->address;
    head.port = where->port.value_or(500);
    return head;
}

Head head_of(const Remote& remote) {
    if (!remote.name.empty()) return {.name = remote.name, .address = {}};
    return {
        .name = {}, .anonymous = remote.anonymous, .address = remote.address, .port = remote.port};
}

// What stands behind `inherit`: the block of which `remote` becomes a copy.
bool inherit(const Statement& statement, Arguments& arguments, const std::vector<Remote>& before,
             Remote& remote, Mistakes& mistakes) {
    const auto head = read_head(arguments);
    if (!head) return false;
    const auto parent = std::ranges::find(before, *head, head_of);
    if (parent == before.end()) {
        mistakes.error(statement.place(), "there is no such block to inherit from",
                       "the parent must stand before the block that inherits");
        return false;
    }
    remote = *parent;
    remote.parent = parent->by;
    return true;
}

class RemoteReader {
  public:
    RemoteReader(Remote& remote, Mistakes& mistakes) : remote_{remote}, mistakes_{mistakes} {}

    void read(const std::vector<Statement>& block);
    // What a whole remote needs.
    void check();

  private:
    void statement(const Statement& statement);
    void exchange_mode(const Statement& statement, Arguments& arguments);
    void identifier(const Statement& statement, Arguments& arguments);
    void certificate(const Statement& statement, Arguments& arguments);
    void script(Arguments& arguments);
    void proposal(const Statement& statement);
    void in_proposal(const Statement& statement, Proposal& proposal);

    Remote& remote_;
    Mistakes& mistakes_;
    bool own_peers_ =
        false;  // the first of an inheriting block's own takes the place of the parent's
    bool own_proposals_ = false;
};

void RemoteReader::read(const std::vector<Statement>& block) {
    for (const Statement& each : block) statement(each);
}

void RemoteReader::statement(const Statement& statement) {
    constexpr auto kChecks = std::to_array<Word<ProposalCheck>>({{"obey", ProposalCheck::Obey},
                                                                 {"strict", ProposalCheck::Strict},
                                                                 {"claim", ProposalCheck::Claim},
                                                                 {"exact", ProposalCheck::Exact}});
    constexpr auto kGenerates = std::to_array<Word<Generate>>({{"on", Generate::On},
                                                               {"off", Generate::Off},
                                                               {"require", Generate::Require},
                                                               {"unique", Generate::Unique}});
    constexpr auto kForces = std::to_array<Word<Force>>(
        {{"on", Force::On}, {"off", Force::Off}, {"force", Force::Force}});
    const Directive& directive = *statement.directive;
    const std::string_view word = directive.word;
    if (word == "proposal") return proposal(statement);
    if (directive.form != Form::Own) return;
    if (word == "lifetime")
        return set(remote_.lifetime, read_lifetime(statement, mistakes_).time, statement);

    const auto small = [](std::optional<std::uint64_t> number) {
        return number ? std::optional{static_cast<std::uint32_t>(*number)} : std::nullopt;
    };
    Arguments arguments{statement, mistakes_};
    if (word == "exchange_mode")
        exchange_mode(statement, arguments);
    else if (word == "my_identifier" || word == "identifier" || word == "peers_identifier")
        identifier(statement, arguments);
    else if (word == "certificate_type" || word == "ca_type" || word == "peers_certfile")
        certificate(statement, arguments);
    else if (word == "script")
        script(arguments);
    else if (word == "verify_identifier")
        set(remote_.verify_identifier, arguments.on_or_off(), statement);
    else if (word == "verify_cert")
        set(remote_.verify_cert, arguments.on_or_off(), statement);
    else if (word == "passive")
        set(remote_.passive, arguments.on_or_off(), statement);
    else if (word == "mode_cfg")
        set(remote_.mode_cfg, arguments.on_or_off(), statement);
    else if (word == "proposal_check")
        set(remote_.proposal_check, arguments.word(kChecks), statement);
    else if (word == "generate_policy")
        set(remote_.generate_policy, arguments.word(kGenerates), statement);
    else if (word == "nat_traversal")
        set(remote_.nat_traversal, arguments.word(kForces), statement);
    else if (word == "dpd_delay")
        set(remote_.dpd_delay, small(arguments.number()), statement);
    else if (word == "ph1id")
        set(remote_.ph1id, small(arguments.number()), statement);
    else if (word == "local_address")
        set(remote_.local_address, arguments.address(), statement);
    else if (word == "dh_group")
        arguments.algorithm(AlgorithmClass::Group, true);
    else if (word == "xauth_login") {
        if (!arguments.at_end()) arguments.string();
    } else if (word == "remote_address") {
        if (const auto where = arguments.address_and_port()) {
            remote_.address = where->address;
            remote_.port = where->port.value_or(500);
        }
    }
    arguments.finish();
}

void RemoteReader::exchange_mode(const Statement& statement, Arguments& arguments) {
    constexpr auto kModes =
        std::to_array<Word<ExchangeMode>>({{"main", ExchangeMode::Main},
                                           {"aggressive", ExchangeMode::Aggressive},
                                           {"base", ExchangeMode::Base}});
    remote_.exchange_modes.clear();
    // Commas may stand between them or not.
    while (!arguments.at_end()) {
        if (arguments.skip_comma()) continue;
        const auto mode = arguments.word(kModes);
        if (!mode) return;
        remote_.exchange_modes.push_back({*mode, &statement});
    }
    if (remote_.exchange_modes.empty() && !arguments.failed())
        arguments.fail("exchange_mode says nothing", std::string{statement.directive->synopsis});
}

void RemoteReader::identifier(const Statement& statement, Arguments& arguments) {
    auto read = read_identifier(arguments);
    if (!read) return;
    if (statement.directive->word != "peers_identifier")
        return set(remote_.my_identifier, std::move(read), statement);
    if (!std::exchange(own_peers_, true)) remote_.peers_identifiers.clear();
    remote_.peers_identifiers.push_back({*std::move(read), &statement});
}

void RemoteReader::certificate(const Statement& statement, Arguments& arguments) {
    const std::string_view word = statement.directive->word;
    Certificate certificate;
    if (word == "peers_certfile" && arguments.skip_if("dnssec")) {
        certificate.kind = Certificate::Kind::Dnssec;
        remote_.peers_certificates.push_back({certificate, &statement});
        return;
    }
    if (word != "ca_type" && arguments.skip_if("plain_rsa"))
        certificate.kind = Certificate::Kind::PlainRsa;
    // Earlier releases wrote peers_certfile "FILE".
    else if (!arguments.skip_if("x509") && word != "peers_certfile")
        return arguments.fail(std::format("{} does not say of which kind", word),
                              std::format("{};", statement.directive->synopsis));
    // Apple: in_keychain.
    if (arguments.skip_if("in_keychain"))
        mistakes_.warning(statement.place(), "the certificate is in a keychain of macOS",
                          "export it: xfrmd reads files");
    auto file = arguments.string();
    if (!file) return;
    certificate.file = *std::move(file);
    if (word == "certificate_type" && certificate.kind == Certificate::Kind::X509) {
        auto key = arguments.string();
        if (!key) return;
        certificate.key = *std::move(key);
    }
    if (word == "certificate_type")
        set(remote_.certificate, std::optional{std::move(certificate)}, statement);
    else if (word == "ca_type")
        set(remote_.ca, std::optional{std::move(certificate)}, statement);
    else
        remote_.peers_certificates.push_back({std::move(certificate), &statement});
}

void RemoteReader::script(Arguments& arguments) {
    constexpr auto kEvents =
        std::to_array<Word<int>>({{"phase1_up", 0}, {"phase1_down", 1}, {"phase1_dead", 2}});
    arguments.string();
    if (!arguments.failed()) arguments.word(kEvents);
}

void RemoteReader::proposal(const Statement& statement) {
    Arguments{statement, mistakes_}.finish();
    if (!std::exchange(own_proposals_, true)) remote_.proposals.clear();
    Proposal& proposal = remote_.proposals.emplace_back();
    proposal.by = &statement;
    for (const Statement& each : statement.block) in_proposal(each, proposal);
    warn_of_missing(statement, "the proposal",
                    {"encryption_algorithm", "hash_algorithm", "dh_group", "authentication_method"},
                    mistakes_);
}

void RemoteReader::in_proposal(const Statement& statement, Proposal& proposal) {
    const std::string_view word = statement.directive->word;
    if (statement.directive->form != Form::Own) return;
    if (word == "lifetime")
        return set(proposal.lifetime, read_lifetime(statement, mistakes_).time, statement);
    Arguments arguments{statement, mistakes_};
    if (word == "encryption_algorithm")
        set(proposal.encryption, arguments.algorithm(AlgorithmClass::Encryption, true), statement);
    else if (word == "hash_algorithm")
        set(proposal.hash, arguments.algorithm(AlgorithmClass::Hash, true), statement);
    else if (word == "dh_group")
        set(proposal.group, arguments.algorithm(AlgorithmClass::Group, true), statement);
    else if (word == "authentication_method")
        set(proposal.method, arguments.algorithm(AlgorithmClass::Method, true), statement);
    arguments.finish();
}

void RemoteReader::check() {
    if (remote_.proposals.empty())
        mistakes_.warning(remote_.by->place(),
                          std::format("{} has no proposal", remote_.to_string()),
                          "racoon refuses such a block");
    if (remote_.peers_certificates.size() > 1)
        mistakes_.warning(
            remote_.peers_certificates[1].by->place(), "a second peers_certfile",
            "racoon 0.8 and later refuse the file because of it; earlier ones took several keys");
}

}  // namespace

std::string Remote::to_string() const {
    if (!name.empty()) return std::format("remote \"{}\"", name);
    if (anonymous || !address) return "remote anonymous";
    return std::format("remote {}", address->to_string());
}

std::optional<Remote> read_remote(const Statement& statement, const std::vector<Remote>& before,
                                  Mistakes& mistakes) {
    Arguments arguments{statement, mistakes};
    Remote remote;
    const auto head = read_head(arguments);
    bool good = head.has_value();
    if (good && arguments.skip_if("inherit"))
        good = inherit(statement, arguments, before, remote, mistakes);
    else if (good && !statement.has_block)
        mistakes.error(statement.place(), "remote needs a block",
                       std::string{statement.directive->synopsis});
    arguments.finish();
    remote.by = &statement;
    if (head) {
        remote.name = head->name;
        remote.anonymous = head->anonymous;
        remote.address = head->address;
        remote.port = head->port;
        if (std::ranges::contains(before, *head, head_of))
            mistakes.warning(statement.place(),
                             std::format("{} is there twice", remote.to_string()),
                             "racoon tries both");
    }
    // Mistakes inside are told even if the head is wrong.
    RemoteReader reader{remote, mistakes};
    reader.read(statement.block);
    if (!good) return std::nullopt;
    reader.check();
    return remote;
}

}  // namespace xfrmd::racoon
