// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/convert.h"

#include <algorithm>
#include <format>

#include "cli/migrate/children.h"
#include "cli/migrate/connections.h"
#include "cli/migrate/findings.h"
#include "cli/migrate/match.h"
#include "cli/migrate/setkey_statements.h"
#include "cli/migrate/templates.h"
#include "cli/setkey/language/source.h"

namespace xfrmd::migrate {

namespace {

using enum Verdict;
using racoon::Remote;

class Converter {
  public:
    explicit Converter(const Input& input) : input_{input} {}

    Migration run();

  private:
    static const racoon::Configuration& none() {
        static const racoon::Configuration empty;
        return empty;
    }
    [[nodiscard]] const racoon::Configuration& racoon() const {
        return input_.configuration != nullptr ? *input_.configuration : none();
    }

    void files();
    void pairs();
    const Policy* take_twin(const Policy& out, std::vector<bool>& taken) const;
    void pair(const Policy& out, const Policy* in);
    void refused(const Policy& out, const Policy* in, const Refusal& refusal);
    void alone(const Policy& in);
    void keep(const Policy& out, const Policy* in, const Finding& finding);
    void unknown_peer(const Policy& out, const Policy* in, const Ends& ends);
    void child(const Policy& out, const Policy* in, const Remote& remote, const Ends& ends,
               Child child);
    void levels(const Policy& out, const Policy* in, Connection& connection);
    void bundle(const Policy& out, const Child& child);
    void rest_of_network(const Policy& out, const Policy* in);

    const Input& input_;
    Migration migration_;
    Findings findings_;
    Model& model_ = migration_.model;
    Connections connections_{racoon(), input_.psk, input_.facts, findings_, model_};
    std::vector<std::string> served_;  // destinations of policies for the connection "kernel"
    SetkeyStatements statements_ = read_setkey(input_.setkey, input_.facts, findings_, model_);
};

Migration Converter::run() {
    const bool policies = !statements_.policies.empty();
    files();
    pairs();
    order_exceptions(statements_, model_, findings_);
    if (!policies) guess_from_sainfos(racoon(), connections_, model_, findings_);
    const Remote* player = role_player(racoon());
    if (!served_.empty()) add_role(*player, true, connections_, model_);
    add_templates(racoon(), policies, connections_, findings_);
    connections_.finish();
    if (player != nullptr && served_.empty() && policies && connections_.used(*player))
        add_role(*player, false, connections_, model_);
    if (racoon().natt_keepalive) model_.nat_keepalive = racoon().natt_keepalive->value;
    migration_.report.entries = findings_.take(input_.tree, input_.setkey);
    for (const Connection& connection : model_.connections)
        if (connection.enabled && !connection.serves)
            migration_.report.peers.push_back({connection.remote, connection.name});
    for (const std::string& network : served_)
        migration_.report.peers.push_back({network, "kernel"});
    return std::move(migration_);
}

void Converter::files() {
    for (const FrontEnd& front_end : input_.facts.front_ends)
        findings_.add(front_end.file, {front_end.says_something ? Decide : NotNeeded,
                                       front_end.what, front_end.action});
    if (input_.tree == nullptr) return;
    const std::string& file = input_.tree->sources.front()->file();
    if (racoon().remotes.empty())
        findings_.add(file, {NotNeeded, "it names no peer: racoon negotiated with nobody", ""});
    else if (statements_.policies.empty())
        findings_.add(file, {Decide,
                             "no policies were given: racoon took protocol, mode and networks from "
                             "the kernel, where setkey had "
                             "put them",
                             "give them with --setkey FILE (/etc/setkey.conf, "
                             "/etc/ipsec-tools.conf; or write one from what setkey "
                             "-DP shows)"});
}

// Each `out` policy with its `in` twin, and what is left over.
void Converter::pairs() {
    constexpr std::string_view kManual =
        "it stays in the setkey file, for xfrmctl setkey -f: its keys stand there (add), so nobody "
        "negotiates";
    std::vector<bool> taken(statements_.policies.size());
    for (const Policy& out : statements_.policies) {
        if (out.direction != xfrm::Direction::Out) continue;
        const Policy* in = take_twin(out, taken);
        if (statements_.has_manual_keys(out))
            keep(out, in, {Converted, std::string{kManual}, ""});
        else
            pair(out, in);
    }
    for (std::size_t i = 0; i < statements_.policies.size(); ++i) {
        const Policy& in = statements_.policies[i];
        if (taken[i] || in.direction != xfrm::Direction::In) continue;
        if (statements_.has_manual_keys(in))
            keep(in, nullptr, {Converted, std::string{kManual}, ""});
        else
            alone(in);
    }
}

const Policy* Converter::take_twin(const Policy& out, std::vector<bool>& taken) const {
    for (std::size_t i = 0; i < statements_.policies.size(); ++i) {
        const Policy& in = statements_.policies[i];
        if (taken[i] || in.direction != xfrm::Direction::In || !out.mirrors(in)) continue;
        taken[i] = true;
        return &in;
    }
    return nullptr;
}

void Converter::pair(const Policy& out, const Policy* in) {
    const auto ends = ends_of(out);
    if (!ends) return refused(out, in, ends.error());
    auto made = child_of(out);
    if (!made) return refused(out, in, made.error());
    const Remote* remote = find_remote(racoon(), ends->remote);
    if (remote == nullptr) return unknown_peer(out, in, *ends);
    child(out, in, *remote, *ends, *std::move(made));
}

void Converter::refused(const Policy& out, const Policy* in, const Refusal& refusal) {
    if (refusal.can_be_served && role_player(racoon()) != nullptr) {
        served_.push_back(out.destination.to_string());
        return keep(out, in,
                    {Converted,
                     std::format("it stays in the setkey file, and connection \"kernel\" "
                                 "(serve_acquires) negotiates for it: {}",
                                 refusal.why),
                     ""});
    }
    keep(out, in,
         {Decide,
          std::format("it stays in the setkey file, and goes on dropping what is not protected: {}",
                      refusal.why),
          refusal.can_be_served
              ? "write a connection with serve_acquires = true for it (racoon's role)"
              : "write a connection for it by hand"});
}

// The policies stay in a setkey file, where they drop what nobody protects.
void Converter::keep(const Policy& out, const Policy* in, const Finding& finding) {
    for (const Policy* policy : {&out, in}) {
        if (policy == nullptr) continue;
        model_.kept.push_back({.at = policy->at, .comment = finding.text, .instead = {}});
        findings_.add(policy->at, finding);
    }
}

void Converter::alone(const Policy& in) {
    keep(in, nullptr,
         {Decide,
          "no outbound policy is the same the other way, so no connection was made of it; it stays "
          "in the setkey file, and goes on "
          "dropping what is not protected",
          "write its twin, or remove it"});
}

void Converter::unknown_peer(const Policy& out, const Policy* in, const Ends& ends) {
    constexpr std::string_view kKept =
        "it stays in the setkey file, and goes on dropping what is not protected";
    const std::string peer = ends.remote.to_string();
    if (input_.tree == nullptr)
        return keep(
            out, in,
            {Decide,
             std::format("no racoon.conf was given, so nothing says how {} is authenticated; {}",
                         peer, kKept),
             "give it with --racoon"});
    const Remote* reversed = ends.local ? find_remote(racoon(), *ends.local) : nullptr;
    if (reversed == nullptr)
        return keep(out, in,
                    {Decide, std::format("no remote block is for its peer {}; {}", peer, kKept),
                     "add the block, or write the connection by hand"});
    const std::string action = "give two files of the same host";
    findings_.add(*reversed->by, {Decide,
                                  std::format("the setkey file has {} for this host itself",
                                              ends.local->to_string()),
                                  action});
    keep(out, in,
         {Decide,
          std::format("this host's end of it, {}, is the peer of racoon.conf: this seems to be the "
                      "setkey file of the other "
                      "host; {}",
                      ends.local->to_string(), kKept),
          action});
}

void Converter::child(const Policy& out, const Policy* in, const Remote& remote, const Ends& ends,
                      Child child) {
    Connection& connection = connections_.between(remote, ends);
    connections_.protect(traffic_of(out), remote, connection, child);
    connections_.name(out, connection, child);
    child.from = std::format("{}:{}", out.at.source->name(), out.at.line());
    if (in != nullptr) child.from += std::format(" and {}", in->at.line());
    if (!connection.enabled) {
        keep(out, in,
             {Decide,
              std::format("connection \"{}\" stands in the file as a comment, for want of a way to "
                          "authenticate; the policy stays in the setkey file, and goes on dropping "
                          "what is not protected",
                          connection.name),
              "see its remote block"});
        connection.children.push_back(std::move(child));
        return;
    }
    const Finding finding{
        Converted, std::format("child \"{}\" of connection \"{}\"", child.name, connection.name),
        ""};
    findings_.add(out.at, finding);
    if (in != nullptr)
        findings_.add(in->at, finding);
    else
        findings_.add(out.at, {Security,
                               "no inbound policy is its twin: what came from there was taken in "
                               "clear; xfrmd drops it",
                               ""});
    if (out.priority_written)
        findings_.add(
            out.at,
            {NotNeeded, "priorities follow from the networks: the more specific child comes first",
             ""});
    levels(out, in, connection);
    bundle(out, child);
    if (child.mode == xfrm::Mode::Transport && out.source.length != out.source.address.bits())
        rest_of_network(out, in);
    connection.children.push_back(std::move(child));
}

void Converter::levels(const Policy& out, const Policy* in, Connection& connection) {
    for (const Policy* policy : {&out, in}) {
        if (policy == nullptr || !may_be_clear(*policy)) continue;
        connection.may_be_clear = true;
        findings_.add(
            policy->at,
            {Security,
             policy->direction == xfrm::Direction::Out
                 ? "level use: without an SA its packets left in clear; now they are blocked"
                 : "level use: unprotected packets were taken; now they are dropped",
             std::format("when_down = \"clear\" in connection \"{}\" would let them pass again",
                         connection.name)});
    }
}

void Converter::bundle(const Policy& out, const Child& child) {
    if (child.bundle.size() < 2) return;
    std::string words;
    for (const std::string& word : child.bundle) words += (words.empty() ? "" : " inside ") + word;
    findings_.add(out.at, {Security,
                           std::format("{}: ESP with AES-GCM alone proves and hides as much, and "
                                       "is recommended; the compatible line "
                                       "(transforms) keeps both",
                                       words),
                           "both ends must have the same"});
}

// Transport mode is between two hosts. What others of the network sent was dropped for want of an
// SA.
void Converter::rest_of_network(const Policy& out, const Policy* in) {
    for (const Policy* policy : {&out, in}) {
        if (policy == nullptr) continue;
        model_.kept.push_back(
            {.at = policy->at,
             .comment = "the child protects what this host itself says; the rest of the network "
                        "was dropped, and is",
             .instead = std::format("spdadd {} {} any -P {} discard;", policy->source.to_string(),
                                    policy->destination.to_string(),
                                    policy->direction == xfrm::Direction::Out ? "out" : "in")});
    }
    findings_.add(
        out.at,
        {Security,
         std::format("transport mode protects between two hosts: of {}, what this host itself "
                     "sends. The rest was "
                     "dropped for want of an SA, and is dropped by a discard in the setkey file",
                     out.source.to_string()),
         "if other hosts of the network are to reach the peer, use a tunnel"});
}

}  // namespace

Migration convert(const Input& input) {
    return Converter{input}.run();
}

}  // namespace xfrmd::migrate
