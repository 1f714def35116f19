// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/templates.h"

#include <algorithm>
#include <format>
#include <variant>

#include "cli/migrate/algorithms.h"

namespace xfrmd::migrate {

namespace {

using enum Verdict;
using racoon::Remote;

std::uint32_t id_of(const std::optional<racoon::Said<std::uint32_t>>& id) {
    return id ? id->value : 0;
}

// The remote that a sainfo goes with: by its number, by its address, or because it is the only one.
const Remote* remote_of(const racoon::Configuration& configuration, const racoon::Sainfo& sainfo,
                        const racoon::TrafficOf& far) {
    const Remote* only = nullptr;
    std::size_t candidates = 0;
    for (const Remote& remote : configuration.remotes) {
        if (!remote.address || id_of(remote.ph1id) != id_of(sainfo.remoteid)) continue;
        if (remote.address == far.first) return &remote;
        only = &remote;
        ++candidates;
    }
    return candidates == 1 ? only : nullptr;
}

bool is_parent(const racoon::Configuration& configuration, const Remote& remote) {
    return std::ranges::contains(configuration.remotes, remote.by, &Remote::parent);
}

// Two of the same would be for the same traffic.
bool is_there(const Model& model, const Child& child) {
    const auto same = [&](const Child& other) {
        return other.mode == child.mode && other.local == child.local &&
               other.remote == child.remote && other.protect == child.protect;
    };
    return child.mode == xfrm::Mode::Tunnel &&
           std::ranges::any_of(model.connections, [&](const Connection& connection) {
               return std::ranges::any_of(connection.children, same);
           });
}

// The texts of an argument list, without commas and the first `skipped`.
std::vector<std::string> texts(const racoon::Statement& statement, std::size_t skipped) {
    std::vector<std::string> all;
    for (const racoon::Token& token : statement.arguments)
        if (token.kind != racoon::TokenKind::Comma) all.push_back(token.text);
    all.erase(all.begin(),
              all.begin() + static_cast<std::ptrdiff_t>(std::min(skipped, all.size())));
    return all;
}

// What clients reach, and the inner address of the first: from mode_cfg.
void add_client_networks(const racoon::Statement& mode_cfg, Child& child) {
    child.mode = xfrm::Mode::Tunnel;
    child.name = "client-1";
    for (const racoon::Statement& each : mode_cfg.block) {
        const std::string_view word = each.directive->word;
        if (word == "split_network" && !each.arguments.empty() &&
            each.arguments[0].text == "include")
            child.local = texts(each, 1);
        if (word == "network4") child.remote = texts(each, 0);
    }
    for (std::string& address : child.remote) address += "/32";
    if (child.local.empty()) child.local = {"0.0.0.0/0"};
    if (child.remote.empty()) child.remote = {"10.0.0.1/32"};
}

// The peer's address, if some other directive tells it.
std::string peer_of(const Remote& remote) {
    if (remote.address) return remote.address->to_string();
    for (const auto& identifier : remote.peers_identifiers)
        if (identifier.value.type == racoon::IdentifierType::Address)
            if (const auto address = xfrm::Address::parse(identifier.value.text))
                return address->to_string();
    return "any";
}

void add_template(const racoon::Configuration& configuration, const Remote& remote,
                  Connections& connections) {
    const std::string peer = peer_of(remote);
    const bool clients = configuration.mode_cfg != nullptr && !remote.address;
    std::string name = remote.name;
    if (name.empty()) name = clients ? "client-1" : peer == "any" ? "peer" : "peer-" + peer;
    Connection& connection = connections.add(remote, name, peer, "");
    connection.enabled = false;
    connection.notes.push_back(
        "A template: fill in what is not known, and take the \"# \" in front of its lines away.");
    if (peer == "any")
        connection.notes.push_back("remote is the address of a peer: one connection for each.");
    Child child;
    child.name = "main";
    if (clients) add_client_networks(*configuration.mode_cfg, child);
    // Whatever its ends: only an anonymous sainfo is for them.
    const xfrm::Prefix any = xfrm::Prefix::any(xfrm::Family::V4);
    if (find_sainfo(configuration,
                    {.local = any, .remote = any, .local_port = {}, .remote_port = {}},
                    remote) != nullptr)
        connections.protect({.local = any, .remote = any, .local_port = {}, .remote_port = {}},
                            remote, connection, child);
    else
        child.algorithms = child_algorithms(nullptr, child.protocol);
    connection.children.push_back(std::move(child));
}

Finding why_no_connection(const Remote& remote, bool policies) {
    const bool generates =
        remote.generate_policy && remote.generate_policy->value != racoon::Generate::Off;
    if (generates && !remote.address)
        return {Decide,
                "it is for clients of any address that propose their policies themselves; a "
                "connection needs the address of its "
                "peer in this version",
                "fill in the template, once for each client"};
    if (generates)
        return {Decide, "its peer proposed the policies, so nothing here says what is protected",
                "fill in the networks of the template"};
    if (policies)
        return {NotNeeded,
                "no policy is for this peer, so it was never negotiated with; a template stands in "
                "the file",
                ""};
    return {Decide, "no policies say what is protected, and with whom",
            "give them with --setkey, or fill in the template"};
}

// What a sainfo's policies may have been.
struct Guess {
    const Remote* remote = nullptr;
    Ends ends;
    Policy out;
    Child child;
};

std::optional<Guess> guess_of(const racoon::Configuration& configuration,
                              const racoon::Sainfo& sainfo) {
    const auto* local = std::get_if<racoon::TrafficOf>(&sainfo.local);
    const auto* far = std::get_if<racoon::TrafficOf>(&sainfo.remote);
    if (local == nullptr || far == nullptr || !local->prefix || !far->prefix) return std::nullopt;
    if (local->first.family() != far->first.family()) return std::nullopt;
    Guess guess{
        .remote = remote_of(configuration, sainfo, *far), .ends = {}, .out = {}, .child = {}};
    if (guess.remote == nullptr) return std::nullopt;

    const bool transport =
        *far->prefix == far->first.bits() && far->first == *guess.remote->address;
    guess.ends.remote = *guess.remote->address;
    if (transport && *local->prefix == local->first.bits()) guess.ends.local = local->first;
    guess.out.source = *xfrm::Prefix::make(local->first, *local->prefix);
    guess.out.destination = *xfrm::Prefix::make(far->first, *far->prefix);
    guess.out.protocol = local->protocol;
    guess.out.source_port = local->port;
    guess.out.destination_port = far->port;
    guess.out.layers = {
        {.mode = transport ? xfrm::Mode::Transport : xfrm::Mode::Tunnel, .level = {}}};
    auto child = child_of(guess.out);
    if (!child || !checked(guess.ends)) return std::nullopt;
    guess.child = *std::move(child);
    return guess;
}

}  // namespace

void guess_from_sainfos(const racoon::Configuration& configuration, Connections& connections,
                        const Model& model, Findings& findings) {
    for (const racoon::Sainfo& sainfo : configuration.sainfos) {
        const auto guess = guess_of(configuration, sainfo);
        if (!guess || is_there(model, guess->child)) continue;
        const auto& [remote, ends, out, unnamed] = *guess;
        Child child = unnamed;
        Connection& connection = connections.between(*remote, ends);
        connections.protect(traffic_of(out), *remote, connection, child);
        connections.name(out, connection, child);
        child.from = sainfo.by->place().to_string();
        child.notes = {
            "A guess from the sainfo: the policies would say whether it is a tunnel, and whether "
            "ESP or AH."};
        findings.add(
            *sainfo.by,
            {Decide,
             std::format("without policies, child \"{}\" of connection \"{}\" is a guess: esp/{}",
                         child.name, connection.name,
                         child.mode == xfrm::Mode::Tunnel ? "tunnel" : "transport"),
             "give the policies with --setkey"});
        connection.children.push_back(std::move(child));
    }
}

void add_templates(const racoon::Configuration& configuration, bool policies,
                   Connections& connections, Findings& findings) {
    for (const Remote& remote : configuration.remotes) {
        if (connections.used(remote)) continue;
        if (is_parent(configuration, remote)) {
            findings.instead(
                *remote.by,
                {NotNeeded, "others inherit from it, and no connection is made of it alone", ""});
            continue;
        }
        add_template(configuration, remote, connections);
        findings.add(*remote.by, why_no_connection(remote, policies));
    }
}

const Remote* role_player(const racoon::Configuration& configuration) {
    const auto anonymous = std::ranges::find_if(
        configuration.remotes, [](const Remote& remote) { return !remote.address; });
    if (anonymous == configuration.remotes.end()) return nullptr;
    const bool certificates =
        std::ranges::any_of(anonymous->proposals, [](const racoon::Proposal& proposal) {
            return proposal.method && proposal.method->value.row->word == "rsasig";
        });
    // A secret is of one pair of hosts, or it is of everybody.
    return certificates && anonymous->certificate ? &*anonymous : nullptr;
}

void add_role(const Remote& remote, bool needed, Connections& connections, Model& model) {
    Connection& role = connections.add(remote, "kernel", "any", "");
    role.serves = true;
    role.passive = false;
    Child any;
    any.algorithms = child_algorithms(nullptr, xfrm::IpsecProtocol::Esp);
    role.children.push_back(std::move(any));
    if (needed) return;
    model.role = std::move(role);
    model.connections.pop_back();
}

}  // namespace xfrmd::migrate
