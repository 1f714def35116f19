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

// Others have its proposals by inheritance.
bool is_parent(const racoon::Configuration& configuration, const Remote& remote) {
    return !remote.proposals.empty() &&
           std::ranges::any_of(configuration.remotes, [&](const Remote& other) {
               return &other != &remote && !other.proposals.empty() &&
                      other.proposals[0].by == remote.proposals[0].by;
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

}  // namespace

void guess_from_sainfos(const racoon::Configuration& configuration, Connections& connections,
                        Findings& findings) {
    for (const racoon::Sainfo& sainfo : configuration.sainfos) {
        const auto* local = std::get_if<racoon::TrafficOf>(&sainfo.local);
        const auto* far = std::get_if<racoon::TrafficOf>(&sainfo.remote);
        if (local == nullptr || far == nullptr || !local->prefix || !far->prefix ||
            local->first.family() != far->first.family())
            continue;
        const Remote* remote = remote_of(configuration, sainfo, *far);
        if (remote == nullptr) continue;

        const bool host_here = *local->prefix == local->first.bits();
        const bool transport = *far->prefix == far->first.bits() && far->first == *remote->address;
        Policy out;
        out.source = *xfrm::Prefix::make(local->first, *local->prefix);
        out.destination = *xfrm::Prefix::make(far->first, *far->prefix);
        out.protocol = local->protocol;
        out.source_port = local->port;
        out.destination_port = far->port;
        out.layers = {
            {.mode = transport ? xfrm::Mode::Transport : xfrm::Mode::Tunnel, .level = {}}};
        auto child = child_of(out);
        if (!child) continue;
        Connection& connection = connections.between(
            *remote, {.local = transport && host_here ? std::optional{local->first} : std::nullopt,
                      .remote = *remote->address});
        connections.protect({.local = out.source,
                             .remote = out.destination,
                             .protocol = out.protocol,
                             .local_port = out.source_port,
                             .remote_port = out.destination_port},
                            *remote, connection, *child);
        connections.name(out, connection, *child);
        child->from = sainfo.by->place().to_string();
        child->notes = {
            "A guess from the sainfo: the policies would say whether it is a tunnel, and whether "
            "ESP or AH."};
        findings.add(
            *sainfo.by,
            {Decide,
             std::format("without policies, child \"{}\" of connection \"{}\" is a guess: esp/{}",
                         child->name, connection.name, transport ? "transport" : "tunnel"),
             "give the policies with --setkey"});
        connection.children.push_back(*std::move(child));
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

std::optional<Connection> role_of(const Input& input, const Model& model) {
    if (input.configuration == nullptr) return std::nullopt;
    const auto anonymous = std::ranges::find_if(
        input.configuration->remotes, [](const Remote& remote) { return !remote.address; });
    if (anonymous == input.configuration->remotes.end()) return std::nullopt;
    // What is missing has been told of the connections.
    Model scratch;
    scratch.identities = model.identities;
    scratch.trusts = model.trusts;
    Findings unsaid;
    Connection role;
    role.name = "kernel";
    role.from = std::format("{} {}", anonymous->by->place().to_string(), anonymous->to_string());
    role.remote = "any";
    Authentication{*input.configuration, input.psk, input.facts, unsaid, scratch}.fill(*anonymous,
                                                                                       role);
    return role;
}

}  // namespace xfrmd::migrate
