// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/connection_builder.h"

#include <algorithm>
#include <format>
#include <string>
#include <utility>
#include <vector>

#include "daemon/configuration/child_builder.h"
#include "daemon/configuration/protection_builder.h"
#include "daemon/configuration/did_you_mean.h"
#include "daemon/configuration/duration_text.h"
#include "daemon/configuration/lifetimes.h"
#include "daemon/configuration/proposals.h"
#include "ike/identity.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/reqids.h"

namespace xfrmd::daemon {

namespace {

constexpr std::string_view kAnyOfTrust = "any_of_trust";

class ConnectionBuilder {
  public:
    ConnectionBuilder(const ConnectionSection& section, BuildContext& context)
        : section_{section},
          context_{context},
          diagnostics_{context.diagnostics},
          what_{std::format("connection \"{}\"", section.name.value)} {}

    std::optional<ike::Connection> build();

  private:
    // The two ends.
    std::optional<xfrm::Address> remote_address();
    std::optional<xfrm::Address> local_address(const xfrm::Address& remote);
    std::optional<xfrm::Address> host_address(const Text& text, std::string_view key);
    void refuse_host(const Text& text, std::string_view key);

    // Who proves what, and how.
    bool authentication(const xfrm::Address& local, ike::Connection& connection);
    bool with_certificates(const PeerSection& peer, ike::Connection& connection);
    bool with_secret(const PeerSection& peer, const xfrm::Address& local,
                     ike::Connection& connection);
    bool peer_identity(const PeerSection& peer, ike::Connection& connection);
    std::optional<ike::Identity> certified_id(const Text& identity);
    std::optional<ike::Identity> written_id(const Text& text, std::string_view key);
    template <class Sections>
    bool is_defined(const Text& name, const Sections& sections, std::string_view kind);

    void liveness(ike::Connection& connection);
    void require_post_quantum(ike::Connection& connection);
    void lifetimes(ike::Connection& connection);
    void mobility(ike::Connection& connection);
    // It is for policies that others install.
    bool serves() const { return section_.serve_acquires && section_.serve_acquires->value; }
    void serving(ike::Connection& connection);
    void error(const Place& place, std::string text, std::string hint = {}) {
        diagnostics_.error(place, std::move(text), std::move(hint));
    }

    const ConnectionSection& section_;
    BuildContext& context_;
    Diagnostics& diagnostics_;
    std::string what_;
};

std::optional<ike::Connection> ConnectionBuilder::build() {
    const std::size_t errors_before = diagnostics_.errors();
    ike::Connection connection;
    connection.name = section_.name.value;
    connection.start = section_.start;
    if (section_.when_down) connection.when_down = section_.when_down->value;
    if (connection.when_down == ike::WhenDown::Clear)
        diagnostics_.warning(section_.when_down->place,
                             std::format("while {} is down, its traffic passes in clear", what_),
                             "when_down = \"block\" lets nothing pass unprotected");
    const Place& place = section_.name.place;
    connection.origin = std::format("{}:{}", place.source->file(), place.line);
    connection.ike_proposals = ike_proposals_or_default(section_.ike, diagnostics_);
    require_post_quantum(connection);
    connection.require_transcript_auth = section_.require_transcript_auth;
    connection.childless = section_.childless;
    liveness(connection);
    lifetimes(connection);

    // What depends on addresses is checked with stand-ins where they are missing, so that all
    // mistakes are told at once.
    const auto remote = remote_address();
    connection.remote = remote.value_or(xfrm::Address::any(xfrm::Family::V4));
    const auto local = remote ? local_address(*remote) : std::nullopt;
    connection.local = local.value_or(xfrm::Address::any(connection.remote.family()));
    const bool authenticated = authentication(connection.local, connection);
    if (serves()) serving(connection);
    auto children = serves() ? std::vector<ike::Child>{}
                             : build_children(section_, connection.local, connection.remote, diagnostics_);
    if (!remote || !local || !authenticated || !children || diagnostics_.errors() > errors_before)
        return std::nullopt;
    connection.children = *std::move(children);
    if (!serves()) mobility(connection);
    if (diagnostics_.errors() > errors_before) return std::nullopt;
    for (ike::Child& child : connection.children)
        child.reqid = ike::stable_reqid(connection.name, child.name, context_.reqids);
    return connection;
}

// ---- The two ends
// ----------------------------------------------------------------------------------------------

std::optional<xfrm::Address> ConnectionBuilder::remote_address() {
    if (!section_.remote) return std::nullopt;
    if (section_.remote->value == "any" || section_.remote->value == "%any") {
        if (serves()) return xfrm::Address{};
        error(section_.remote->place, "remote = \"any\" is for connections with serve_acquires",
              "write one connection for each peer, with its address");
        return std::nullopt;
    }
    return host_address(*section_.remote, "remote");
}

std::optional<xfrm::Address> ConnectionBuilder::local_address(const xfrm::Address& remote) {
    if (section_.local) {
        const auto local = host_address(*section_.local, "local");
        if (local && !remote.is_unspecified() && local->family() != remote.family()) {
            error(section_.local->place,
                  std::format("local is {} and remote is {}", local->is_v4() ? "IPv4" : "IPv6",
                              remote.is_v4() ? "IPv4" : "IPv6"),
                  "both ends of the outer packets are of one family; a tunnel may carry the other "
                  "one inside");
            return std::nullopt;
        }
        if (local == remote) {
            error(section_.local->place, "local and remote are the same address",
                  "remote is the address of the peer");
            return std::nullopt;
        }
        return local;
    }
    // The policies name the ends.
    if (serves()) return xfrm::Address{};
    if (!context_.environment.local_address_for) return xfrm::Address::any(remote.family());
    const auto found = context_.environment.local_address_for(remote);
    if (!found) {
        diagnostics_.waits_for_network(
            section_.remote->place,
            std::format("no address of ours towards {}: {}", remote.to_string(), found.error()),
            "add the route, or name our address: local = \"192.0.2.1\"");
        return std::nullopt;
    }
    if (*found == remote) {
        error(section_.remote->place,
              std::format("{} is an address of this host", remote.to_string()),
              "remote is the address of the peer");
        return std::nullopt;
    }
    return *found;
}

std::optional<xfrm::Address> ConnectionBuilder::host_address(const Text& text,
                                                             std::string_view key) {
    const auto address = xfrm::Address::parse(text.value);
    if (!address) {
        refuse_host(text, key);
        return std::nullopt;
    }
    std::string problem;
    std::string hint;
    if (address->is_unspecified()) problem = "is no host's address";
    if (address->is_multicast()) problem = "is a multicast address";
    if (*address == xfrm::Address::v4(0xffff'ffff)) problem = "is the broadcast address";
    if (!address->is_v4() && address->is_link_local()) {
        problem = "is a link-local address, which means nothing without its interface";
        hint = "use a global or unique local address of the host";
    }
    const View octets = address->octets();
    constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!address->is_v4() && equal(octets.first(12), kMapped)) {
        problem = "is an IPv4 address written as an IPv6 one";
        hint = std::format("write \"{}\"",
                           xfrm::Address::from_octets(octets.subspan(12))->to_string());
    }
    if (problem.empty()) return address;
    error(text.place, std::format("{} = \"{}\" {}", key, text.value, problem), std::move(hint));
    return std::nullopt;
}

void ConnectionBuilder::refuse_host(const Text& text, std::string_view key) {
    if (xfrm::Prefix::parse(text.value) || text.value.contains('/')) {
        error(text.place, std::format("{} is one host, not a network", key),
              "networks behind a gateway stand in the child's local and remote");
        return;
    }
    const bool digits =
        std::ranges::all_of(text.value, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (digits || text.value.contains(':')) {
        error(text.place, std::format("\"{}\" is no IP address", text.value),
              text.value.contains('%') ? "an address with an interface is not supported"
                                       : "\"192.0.2.20\" or \"2001:db8::20\", without a port");
        return;
    }
    error(text.place,
          std::format("\"{}\" is no IP address, and host names are not supported in this version",
                      text.value),
          "write the address of the host; its name may stand in peer.id");
}

// ---- Authentication
// --------------------------------------------------------------------------------------------

bool ConnectionBuilder::authentication(const xfrm::Address& local, ike::Connection& connection) {
    if (!section_.peer) {
        if (!section_.peer_is_malformed)
            error(section_.name.place, std::format("{} does not say who its peer is", what_),
                  "peer = { trust = \"fleet\", id = \"db1.example.net\" } or peer = { id = \"…\", "
                  "psk = \"@psk.db\" }");
        return false;
    }
    const PeerSection& peer = *section_.peer;
    const bool identified = peer_identity(peer, connection);
    if (peer.trust && peer.psk) {
        error(peer.psk->place, "the peer has both trust and psk: it proves who it is in one way",
              "keep trust (certificates) or psk (a shared secret)");
        return false;
    }
    if (!peer.trust && !peer.psk) {
        if (!peer.malformed)
            error(peer.place, "it is not said how the peer proves who it is",
                  "trust = \"…\" for certificates, or psk = \"@psk.…\" for a shared secret");
        return false;
    }
    const bool proven =
        peer.trust ? with_certificates(peer, connection) : with_secret(peer, local, connection);
    return identified && proven;
}

bool ConnectionBuilder::peer_identity(const PeerSection& peer, ike::Connection& connection) {
    if (!peer.id) {
        if (!peer.malformed)
            error(peer.place, "it is not said which identity the peer must have",
                  peer.psk ? "id = \"gw-ber.example.net\", as the peer's local_id"
                           : "id = \"db1.example.net\"; if everybody the trust vouches for will "
                             "do, say so: id = "
                             "\"any_of_trust\"");
        return false;
    }
    const std::string& text = peer.id->value;
    if (text == kAnyOfTrust) {
        if (peer.psk) {
            error(peer.id->place,
                  "any_of_trust needs a trust: with a shared secret the peer has one identity",
                  "id = \"gw-ber.example.net\", as the peer's local_id");
            return false;
        }
        connection.peer_id = ike::IdentityPattern::any();
        return true;
    }
    if (text == "any" || text == "%any" || text == "*") {
        error(peer.id->place, std::format("\"{}\" does not say whom to accept", text),
              "if everybody the trust vouches for will do, say so: id = \"any_of_trust\"");
        return false;
    }
    auto pattern = ike::IdentityPattern::parse(text);
    if (!pattern) {
        error(peer.id->place, std::format("\"{}\" is no identity: {}", text, pattern.error()));
        return false;
    }
    connection.peer_id = *std::move(pattern);
    return true;
}

bool ConnectionBuilder::with_certificates(const PeerSection& peer, ike::Connection& connection) {
    const bool trust_defined = is_defined(*peer.trust, context_.sections.trusts, "trust");
    if (!section_.identity) {
        error(section_.name.place,
              std::format("{} does not say with which certificate we prove who we are", what_),
              "identity = \"host\", and [identity.host] with cert and key");
        return false;
    }
    const bool identity_defined =
        is_defined(*section_.identity, context_.sections.identities, "identity");
    if (!trust_defined || !identity_defined) return false;

    // What could not be loaded was told where it is defined.
    const ike::CredentialStore& store = context_.credentials.store();
    const std::string& identity = section_.identity->value;
    if (store.identity(identity) == nullptr) return false;
    const auto id = certified_id(*section_.identity);
    auto chain = store.chain_of(identity);
    auto hashes = store.authority_key_hashes(peer.trust->value);
    if (!id || !chain || !hashes) return false;
    connection.local_id = *id;
    connection.local_authentication =
        ike::LocalCertificate{.identity = identity, .chain = *std::move(chain)};
    connection.peer_authentication = ike::PeerCertificate{
        .trust = peer.trust->value, .authority_key_hashes = *std::move(hashes)};
    return true;
}

std::optional<ike::Identity> ConnectionBuilder::certified_id(const Text& identity) {
    const ike::CredentialStore& store = context_.credentials.store();
    if (!section_.local_id) {
        auto id = store.default_identity(identity.value);
        if (id) return *std::move(id);
        error(identity.place,
              std::format("identity \"{}\" cannot be used: {}", identity.value, id.error().what));
        return std::nullopt;
    }
    const auto id = written_id(*section_.local_id, "local_id");
    if (!id) return std::nullopt;
    auto certified = store.as_certified(identity.value, *id);
    if (store.certifies(identity.value, *id) && certified) return *std::move(certified);
    std::vector<std::string> names;
    if (const auto all = store.identities_in_certificate(identity.value))
        for (const ike::Identity& name : *all) names.push_back(ike::to_string(name));
    error(section_.local_id->place,
          std::format("our certificate does not name \"{}\", so no peer would believe it",
                      section_.local_id->value),
          names.empty() ? ""
                        : std::format("the certificate of identity \"{}\" is for {}",
                                      identity.value, one_of(names)));
    return std::nullopt;
}

bool ConnectionBuilder::with_secret(const PeerSection& peer, const xfrm::Address& local,
                                    ike::Connection& connection) {
    if (section_.identity) {
        error(section_.identity->place,
              "identity is for certificates, and the peer is authenticated by a shared secret",
              "with psk both ends use the secret: write local_id instead of identity");
        return false;
    }
    const auto secret = context_.credentials.add_secret(*peer.psk, section_.name.value);
    connection.local_id = ike::identity_of(local);
    if (section_.local_id) {
        const auto id = written_id(*section_.local_id, "local_id");
        if (!id) return false;
        connection.local_id = *id;
    } else if (serves()) {
        error(section_.name.place, std::format("{} has no local_id, and no address of its own to stand for it", what_),
              "local_id = \"alpha.example.net\"");
        return false;
    }
    if (connection.peer_id.exact() == connection.local_id)
        diagnostics_.warning(peer.id->place, "the peer has the same identity as we have",
                             "give each end a name of its own");
    if (!secret) return false;
    connection.local_authentication = ike::LocalSecret{*secret};
    connection.peer_authentication = ike::PeerSecret{*secret};
    return true;
}

std::optional<ike::Identity> ConnectionBuilder::written_id(const Text& text, std::string_view key) {
    auto id = ike::parse_identity(text.value);
    if (id) return *std::move(id);
    error(text.place, std::format("{} = \"{}\" is no identity: {}", key, text.value, id.error()));
    return std::nullopt;
}

template <class Sections>
bool ConnectionBuilder::is_defined(const Text& name, const Sections& sections,
                                   std::string_view kind) {
    std::vector<std::string> known;
    for (const auto& section : sections) known.push_back(section.name.value);
    if (std::ranges::contains(known, name.value)) return true;
    if (context_.sections.incomplete) return false;
    std::string hint = std::format("define it: [{}.{}]", kind, name.value);
    if (const auto meant = did_you_mean(name.value, known))
        hint = std::format("did you mean \"{}\"?", *meant);
    error(name.place, std::format("there is no {} \"{}\"", kind, name.value), std::move(hint));
    return false;
}

// ---- The rest
// --------------------------------------------------------------------------------------------------

void ConnectionBuilder::liveness(ike::Connection& connection) {
    constexpr std::chrono::seconds kLongest = std::chrono::hours{24};
    if (!section_.liveness) return;
    if (section_.liveness->value == "off") {
        connection.liveness_interval = ike::Duration::zero();
        return;
    }
    const auto interval = parse_duration(section_.liveness->value);
    if (!interval || *interval < std::chrono::seconds{1} || *interval > kLongest) {
        error(section_.liveness->place,
              std::format("\"{}\" is no interval for liveness checks", section_.liveness->value),
              "\"30s\", \"5m\" or \"1h\" (from one second to one day), or \"off\"");
        return;
    }
    connection.liveness_interval = *interval;
}

void ConnectionBuilder::require_post_quantum(ike::Connection& connection) {
    connection.require_pq = section_.require_pq && section_.require_pq->value;
    if (!connection.require_pq || connection.ike_proposals.empty()) return;
    connection.ike_proposals = ike::only_quantum_resistant(std::move(connection.ike_proposals));
    if (connection.ike_proposals.empty())
        error(
            section_.require_pq->place,
            std::format("require_pq of {} is set, but none of its ike proposals has ML-KEM", what_),
            "add it as an additional key exchange: \"aes256gcm16-prfsha256-x25519-ke1_mlkem768\"");
}

void ConnectionBuilder::lifetimes(ike::Connection& connection) {
    if (section_.ike_rekey)
        if (const auto time = lifetime(*section_.ike_rekey, "ike_rekey", diagnostics_))
            connection.ike_rekey = *time;
    if (section_.reauthenticate)
        if (const auto time = lifetime(*section_.reauthenticate, "reauthenticate", diagnostics_))
            connection.reauthenticate = *time;
}

void ConnectionBuilder::serving(ike::Connection& connection) {
    connection.served = build_served(section_.protection, diagnostics_);
    const auto refuse = [&](const auto& written, std::string_view key) {
        if (written)
            error(written->place, std::format("{} stands beside serve_acquires", key),
                  "leave it out: the policies in the kernel say what is protected, and how");
    };
    refuse(section_.mode, "mode");
    refuse(section_.protect, "protect");
    refuse(section_.when_down, "when_down");
    refuse(section_.mobike, "mobike");
    refuse(section_.additional_local, "additional_local");
    if (!section_.children.empty())
        error(section_.children.front().place, "a child stands beside serve_acquires",
              "leave it out: the policies in the kernel say what is protected, and how");
    if (connection.start == ike::Start::Now)
        error(section_.serve_acquires->place, "start = \"now\" stands beside serve_acquires",
              "\"on_traffic\", or \"passive\" to wait for peers");
}

void ConnectionBuilder::mobility(ike::Connection& connection) {
    const auto is_tunnel = [](const ike::Child& child) {
        return child.mode == xfrm::Mode::Tunnel && child.protocol == xfrm::IpsecProtocol::Esp && !child.compress && !child.bundle;
    };
    const bool movable = std::ranges::all_of(connection.children, is_tunnel);
    if (section_.mobike && section_.mobike->value && !movable)
        error(section_.mobike->place,
              std::format("mobike moves plain ESP tunnels only, and {} has other children", what_),
              "leave mobike out, or give every child mode = \"tunnel\"");
    connection.mobike = movable && (!section_.mobike || section_.mobike->value);
    connection.local_fixed = section_.local.has_value();
    connection.nat_traversal = !section_.nat_traversal || section_.nat_traversal->value;
    if (!section_.additional_local) return;
    if (!connection.mobike)
        error(section_.additional_local->place, "additional_local is for mobike, which is off here",
              "every child in tunnel mode with ESP, and mobike = true");
    for (const Text& text : section_.additional_local->value)
        if (const auto address = host_address(text, "additional_local"))
            connection.additional_addresses.push_back(*address);
}

}  // namespace

std::optional<ike::Connection> build_connection(const ConnectionSection& section,
                                                BuildContext& context) {
    return ConnectionBuilder{section, context}.build();
}

}  // namespace xfrmd::daemon
