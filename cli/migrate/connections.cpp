// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/connections.h"

#include <algorithm>
#include <format>

#include "cli/migrate/algorithms.h"

namespace xfrmd::migrate {

namespace {

using enum Verdict;
using racoon::Remote;

std::string quoted_list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += std::format("{}\"{}\"", text.empty() ? "" : ", ", name);
    return text;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
    if (!std::ranges::contains(names, name)) names.push_back(name);
}

}  // namespace

std::string as_name(std::string_view text, Dots dots) {
    constexpr std::size_t kNameMax = 48;
    std::string name;
    for (const char c : text.substr(0, kNameMax)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           (c == '.' && dots == Dots::Keep && !name.empty());
        if (plain || (!name.empty() && name.back() != '-')) name += plain ? c : '-';
    }
    while (name.ends_with('-')) name.pop_back();
    return name;
}

Connection& Connections::between(const Remote& remote, const Ends& ends) {
    const std::string peer = ends.remote.to_string();
    const std::string local = ends.local ? ends.local->to_string() : "";
    for (Connection& other : model_.connections)
        if (other.remote == peer && other.local == local) return other;
    return add(remote, remote.name.empty() ? "peer-" + peer : remote.name, peer, local);
}

Connection& Connections::add(const Remote& remote, std::string name, std::string peer,
                             std::string local) {
    Connection connection;
    std::string base = as_name(name, Dots::Replace);
    if (base.empty()) base = "peer";
    connection.name = base;
    for (std::size_t number = 2;
         std::ranges::contains(model_.connections, connection.name, &Connection::name); ++number)
        connection.name = std::format("{}-{}", base, number);
    connection.from = std::format("{} {}", remote.by->place().to_string(), remote.to_string());
    connection.remote = std::move(peer);
    connection.local = std::move(local);
    if (connection.local.empty() && remote.local_address)
        connection.local = remote.local_address->value.to_string();
    connection.ike = ike_algorithms(remote);
    connection.passive = remote.passive && remote.passive->value;
    if (remote.dpd_delay && remote.dpd_delay->value > 0)
        connection.liveness = remote.dpd_delay->value;
    if (remote.lifetime) connection.ike_rekey = remote.lifetime->value;
    for (const racoon::Proposal& proposal : remote.proposals)
        if (proposal.lifetime) connection.ike_rekey = proposal.lifetime->value;
    if (remote.address && remote.port != 500)
        findings_.add(
            *remote.by,
            {Decide, std::format("xfrmd speaks to port 500 of peers, not to {}", remote.port),
             "let the peer use the ports of IKE, 500 and 4500"});
    authentication_.fill(remote, connection);
    remotes_[&remote].push_back(connection.name);
    model_.connections.push_back(std::move(connection));
    return model_.connections.back();
}

void Connections::protect(const Traffic& traffic, const Remote& remote,
                          const Connection& connection, Child& child) {
    const racoon::Sainfo* sainfo = find_sainfo(configuration_, traffic, remote);
    child.algorithms = child_algorithms(sainfo, child.protocol);
    if (sainfo != nullptr) {
        add_once(sainfos_[sainfo], connection.name);
        if (sainfo->lifetime) child.rekey_time = sainfo->lifetime->value;
        if (sainfo->lifetime_bytes) child.rekey_bytes = sainfo->lifetime_bytes->value;
        if (!sainfo->pfs_group)
            findings_.add(
                *sainfo->by,
                {Security,
                 "without pfs_group, who learns the keys of phase 1 can read all that is said; "
                 "the recommended line makes new ones (X25519) at each rekey",
                 ""});
        return;
    }
    const Traffic reversed{.local = traffic.remote,
                           .remote = traffic.local,
                           .protocol = traffic.protocol,
                           .local_port = traffic.remote_port,
                           .remote_port = traffic.local_port};
    constexpr std::string_view kInstead =
        "the recommended algorithms stand in its place; look at them";
    if (const racoon::Sainfo* other = find_sainfo(configuration_, reversed, remote)) {
        sainfos_[other];
        findings_.instead(*other->by, {Decide,
                                       "it is written the other way round (is it the other host's "
                                       "file?): a sainfo names our end first, so "
                                       "racoon did not use it here",
                                       std::string{kInstead}});
        return;
    }
    findings_.add(*remote.by,
                  {Decide,
                   std::format("no sainfo is for {} to {}, so racoon refused to negotiate for it",
                               traffic.local.to_string(), traffic.remote.to_string()),
                   std::string{kInstead}});
}

void Connections::name(const Policy& out, const Connection& connection, Child& child) const {
    const bool tunnel = child.mode == xfrm::Mode::Tunnel;
    std::string base = tunnel ? as_name(out.destination.to_string(), Dots::Keep) : "main";
    if (!child.protect.empty())
        base = (tunnel ? base + "-" : "") + as_name(child.protect.front(), Dots::Keep);
    child.name = base;
    for (std::size_t number = 2;
         std::ranges::contains(connection.children, child.name, &Child::name); ++number)
        child.name = std::format("{}-{}", base, number);
}

void Connections::finish() {
    for (const Remote& remote : configuration_.remotes) {
        const auto made = remotes_.find(&remote);
        if (made != remotes_.end() && !made->second.empty())
            findings_.instead(*remote.by,
                              {Converted, "connection " + quoted_list(made->second), ""});
    }
    for (const racoon::Sainfo& sainfo : configuration_.sainfos) {
        const auto made = sainfos_.find(&sainfo);
        if (made == sainfos_.end())
            findings_.instead(
                *sainfo.by,
                {NotNeeded, "it goes with no child, so nothing of it was taken over", ""});
        else if (!made->second.empty())
            findings_.instead(
                *sainfo.by,
                {Converted, "how the children of " + quoted_list(made->second) + " are protected",
                 ""});
    }
    authentication_.finish();
}

}  // namespace xfrmd::migrate
