// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/authentication.h"

#include <algorithm>
#include <format>

#include "daemon/configuration/secret_text.h"

namespace xfrmd::migrate {

namespace {

using racoon::IdentifierType;
using racoon::Remote;
using racoon::Said;
using enum Verdict;

// RFC 2606: no certificate has such a name, so nobody is let in by it.
constexpr std::string_view kNobody = ".invalid";

std::string name_for_nobody(std::string_view connection) {
    std::string name{"decide."};
    for (const char c : connection) name += c == '_' ? '-' : c;
    return name + std::string{kNobody};
}

bool same_key(const racoon::PskEntry& left, const racoon::PskEntry& right) {
    return equal_in_constant_time(left.key.view(), right.key.view());
}

// As xfrmd writes it, with its type in front where the text alone would be taken for another one.
std::string of_type(const racoon::Identifier& identifier) {
    const std::string& text = identifier.text;
    const bool like_name = text.substr(0, text.find(',')).contains('=');
    switch (identifier.type) {
        case IdentifierType::Asn1Dn:
            return like_name ? text : "dn:" + text;
        case IdentifierType::UserFqdn:
            return text.contains('@') && !like_name ? text : "email:" + text;
        case IdentifierType::Fqdn:
            return like_name || text.contains('@') || xfrm::Address::parse(text) ? "fqdn:" + text
                                                                                 : text;
        case IdentifierType::Address:
            return xfrm::Address::parse(text) ? text : "ip:" + text;
        case IdentifierType::KeyId:
            return "keyid:" + text;
        case IdentifierType::Subnet:
            break;
    }
    return text;
}

// "C=DE,O=Example,CN=a" with a star for the common name.
std::string with_any_common_name(const std::string& subject) {
    std::string pattern;
    bool found = false;
    std::size_t from = 0;
    while (from <= subject.size()) {
        std::size_t end = subject.find(',', from);
        while (end != std::string::npos && end > 0 && subject[end - 1] == '\\')
            end = subject.find(',', end + 1);
        std::string part = subject.substr(from, end == std::string::npos ? end : end - from);
        if (part.starts_with("CN=")) {
            part = "CN=*";
            found = true;
        }
        pattern += (pattern.empty() ? "" : ", ") + part;
        if (end == std::string::npos) break;
        from = end + 1;
    }
    return found ? pattern : std::string{};
}

}  // namespace

void Authentication::fill(const Remote& remote, Connection& connection) {
    switch (method_of(remote)) {
        case Method::Certificate:
            return with_certificate(remote, connection);
        case Method::Secret:
            return with_secret(remote, connection);
        case Method::None:
            break;
    }
    connection.enabled = false;
    connection.notes.push_back(
        "the old block had no way of authentication that IKEv2 has; see the report");
}

// The first proposal counts: it is the one that an initiator preferred.
Authentication::Method Authentication::method_of(const Remote& remote) {
    for (const racoon::Proposal& proposal : remote.proposals) {
        if (!proposal.method) continue;
        const std::string_view word = proposal.method->value.row->word;
        if (word == "pre_shared_key" || word.starts_with("xauth_psk")) return Method::Secret;
        if (word == "rsasig" || word == "dsssig" || word.starts_with("xauth_rsa") ||
            word.starts_with("hybrid") || word == "rsaenc" || word == "rsarev" ||
            word == "gssapi_krb")
            return Method::Certificate;
    }
    return Method::None;
}

// ---- certificates
// ----------------------------------------------------------------------------------

void Authentication::with_certificate(const Remote& remote, Connection& connection) {
    our_certificate(remote, connection);
    trust(remote, connection);
    local_id(remote, connection);
    if (!peer_named(remote, connection) && !peer_pinned(remote, connection))
        undecided_peer(remote, connection);
}

void Authentication::our_certificate(const Remote& remote, Connection& connection) {
    IdentityFiles files{.name = "host", .certificate = {}, .key = {}};
    const bool has_files =
        remote.certificate && remote.certificate->value.kind == racoon::Certificate::Kind::X509;
    if (has_files) {
        files.certificate = absolute(remote.certificate->value.file);
        files.key = absolute(remote.certificate->value.key);
        const auto fact = facts_.certificates.find(files.certificate);
        if (fact != facts_.certificates.end() && !fact->second.problem.empty())
            findings_.add(*remote.certificate->by,
                          {Decide, std::format("xfrmd will not take it: {}", fact->second.problem),
                           std::format("mend it, or name other files in [identity.…]: {}, {}",
                                       files.certificate, files.key)});
        else if (fact != facts_.certificates.end() && fact->second.service_cannot_read)
            findings_.add(
                *remote.certificate->by,
                {Decide, "xfrmd runs as a user of its own, which cannot read this key",
                 std::format(
                     "install -o xfrmd -g xfrmd -m 0600 {} {}/, and name that in [identity.{}]",
                     files.key, facts_.secrets_folder, files.name)});
    } else {
        files.certificate = facts_.secrets_folder + "/host.pem";
        files.key = facts_.secrets_folder + "/host.key";
        if (!remote.certificate)
            findings_.add(*remote.by, {Decide, "it says no certificate of this host",
                                       std::format("put one into {}, its key into {}",
                                                   files.certificate, files.key)});
        connection.enabled = false;
        connection.notes.push_back(
            "This host has no certificate yet: make one, then take the \"# \" away.");
    }
    const auto same = std::ranges::find_if(model_.identities, [&](const IdentityFiles& other) {
        return other.certificate == files.certificate && other.key == files.key;
    });
    if (same != model_.identities.end()) {
        connection.identity = same->name;
        return;
    }
    if (!model_.identities.empty())
        files.name = std::format("host-{}", model_.identities.size() + 1);
    connection.identity = files.name;
    model_.identities.push_back(std::move(files));
}

void Authentication::trust(const Remote& remote, Connection& connection) {
    if (remote.ca && remote.ca->value.kind == racoon::Certificate::Kind::X509) {
        connection.trust = trust_of_file(remote.ca->value, *remote.ca->by);
        return;
    }
    // A pinned certificate that signed itself is its own authority.
    for (const auto& [pinned, by] : remote.peers_certificates) {
        if (pinned.kind != racoon::Certificate::Kind::X509) continue;
        const auto fact = facts_.certificates.find(absolute(pinned.file));
        if (fact == facts_.certificates.end() || !fact->second.is_authority) continue;
        connection.trust = trust_of_file(pinned, *by);
        return;
    }
    connection.trust = trust_of_folder(remote);
}

std::string Authentication::trust_of_file(const racoon::Certificate& certificate,
                                          const racoon::Statement& by) {
    const std::string path = absolute(certificate.file);
    const auto same = std::ranges::find(model_.trusts, std::vector{path}, &TrustFiles::authorities);
    if (same != model_.trusts.end()) return same->name;
    TrustFiles files{.name = unused_name("racoon"), .authorities = {path}, .crls = {}, .notes = {}};
    const auto fact = facts_.certificates.find(path);
    if (fact != facts_.certificates.end() && !fact->second.problem.empty())
        findings_.add(by, {Decide, std::format("xfrmd will not take it: {}", fact->second.problem),
                           "mend it, or name another file in [trust.…] ca"});
    if (facts_.folder) files.crls = facts_.folder->crls;
    model_.trusts.push_back(files);
    return files.name;
}

std::string Authentication::trust_of_folder(const Remote& remote) {
    constexpr std::string_view kFromFolder =
        "of the folder of path certificate, where racoon looked by hash";
    for (const TrustFiles& other : model_.trusts)
        if (std::ranges::contains(other.notes, kFromFolder)) return other.name;
    TrustFiles files{.name = unused_name("racoon"),
                     .authorities = {},
                     .crls = {},
                     .notes = {std::string{kFromFolder}}};
    const racoon::Statement& by =
        configuration_.certificate_path ? *configuration_.certificate_path->by : *remote.by;
    if (facts_.folder && facts_.folder->problem.empty()) {
        files.authorities = facts_.folder->authorities;
        files.crls = facts_.folder->crls;
    }
    if (files.authorities.empty()) {
        const std::string folder = facts_.folder ? facts_.folder->path : folder_of_certificates();
        files.authorities = {folder + "/ca.pem"};
        findings_.add(
            by,
            {Decide,
             facts_.folder && !facts_.folder->problem.empty()
                 ? std::format("its authorities are not known: {}", facts_.folder->problem)
                 : std::format("no authority is in {} (links such as 0a1b2c3d.0)", folder),
             std::format("name the certificate of your authority in [trust.{}] ca", files.name)});
    } else {
        findings_.add(
            by, {Converted,
                 std::format("[trust.{}] names its {} and {}", files.name,
                             files.authorities.size() == 1
                                 ? "authority"
                                 : std::format("{} authorities", files.authorities.size()),
                             files.crls.empty() ? "no revocation list" : "its revocation lists"),
                 ""});
    }
    model_.trusts.push_back(files);
    return files.name;
}

// peers_certfile: the peer is who the certificate is for.
bool Authentication::peer_pinned(const Remote& remote, Connection& connection) {
    for (const auto& [pinned, by] : remote.peers_certificates) {
        if (pinned.kind != racoon::Certificate::Kind::X509) continue;
        const auto fact = facts_.certificates.find(absolute(pinned.file));
        if (fact == facts_.certificates.end() || fact->second.subject.empty()) {
            findings_.add(
                *by,
                {Decide, "the certificate cannot be read here, so the peer's name is not known",
                 "write the name of that certificate into peer.id"});
            continue;
        }
        connection.peer = {.id = fact->second.subject, .decided = true, .alternatives = {}};
        findings_.add(
            *by, {Security,
                  "racoon took this certificate alone; xfrmd takes every certificate for this name "
                  "that an "
                  "authority of the trust has signed",
                  "a trust with this certificate alone does the same if it has signed itself"});
        return true;
    }
    return false;
}

void Authentication::undecided_peer(const Remote& remote, Connection& connection) {
    connection.peer = {
        .id = name_for_nobody(connection.name), .decided = false, .alternatives = {}};
    auto& others = connection.peer.alternatives;
    others.push_back(
        {"db1.example.net", "this peer alone: a name in its certificate, or its subject"});
    const auto ours = model_.identities.empty()
                          ? facts_.certificates.end()
                          : facts_.certificates.find(model_.identities.front().certificate);
    if (ours != facts_.certificates.end())
        if (const std::string pattern = with_any_common_name(ours->second.subject);
            !pattern.empty())
            others.push_back({pattern, "all whose subject is like ours"});
    others.push_back({"any_of_trust", "compatible: everybody whom the authorities have certified"});
    findings_.add(*remote.by,
                  {Decide,
                   "it does not say who the peer is (no peers_identifier with a text): racoon took "
                   "every certificate "
                   "of its authorities, so that each of their hosts can pass for every other",
                   std::format("choose peer.id of connection \"{}\"; until then nobody is let in",
                               connection.name)});
}

// ---- secrets
// ---------------------------------------------------------------------------------------

void Authentication::with_secret(const Remote& remote, Connection& connection) {
    local_id(remote, connection);
    if (!peer_named(remote, connection))
        connection.peer = {
            .id = connection.remote == "any" ? name_for_nobody(connection.name) : connection.remote,
            .decided = connection.remote != "any",
            .alternatives = {}};
    connection.psk = std::format("{}/{}.psk", facts_.secrets_folder, connection.name);
    if (const racoon::PskEntry* entry = secret_for(remote, connection))
        return use_secret(*entry, connection);
    std::string why = psk_ == nullptr ? "there is no psk.txt"
                                      : std::format("{} has no secret for it", psk_->file);
    if (psk_ == nullptr && !facts_.psk_missing.empty())
        why = std::format("{} is not here", facts_.psk_missing);
    findings_.add(
        *remote.by,
        {Decide, std::format("the secret that goes with {} is missing: {}", connection.remote, why),
         std::format("put it into {}, mode 0600", connection.psk)});
}

// By the peer's identity if it is known, by its address, and for a fleet that has one name, by
// ours.
const racoon::PskEntry* Authentication::secret_for(const Remote& remote,
                                                   const Connection& connection) {
    if (psk_ == nullptr) return nullptr;
    std::vector<std::string> names;
    for (const auto& identifier : remote.peers_identifiers) names.push_back(identifier.value.text);
    names.push_back(connection.remote);
    if (remote.my_identifier && remote.my_identifier->value.type != IdentifierType::Address)
        names.push_back(remote.my_identifier->value.text);
    for (const std::string& name : names) {
        const auto address = xfrm::Address::parse(name);
        for (const racoon::PskEntry& entry : psk_->entries) {
            const bool same = entry.identity == name ||
                              (address && xfrm::Address::parse(entry.identity) == address);
            if (same && !name.empty()) return &entry;
        }
    }
    const auto everybody =
        std::ranges::find_if(psk_->entries, &racoon::PskEntry::matches_everybody);
    return everybody == psk_->entries.end() ? nullptr : &*everybody;
}

void Authentication::use_secret(const racoon::PskEntry& entry, Connection& connection) {
    // Both ends of a fleet with one name say that name.
    if (!connection.local_id.empty() && entry.identity == connection.local_id) {
        if (connection.peer.id == connection.remote) connection.peer.id = connection.local_id;
        connection.notes.push_back(
            "Both ends have the same identity, as in the old file: better give each end its own.");
        fleet_keys_.insert(entry.line);
    }
    secrets_used_[entry.line].push_back(connection.name);
    model_.secrets.push_back({.path = connection.psk, .key = entry.key.clone()});
}

void Authentication::finish() {
    if (psk_ == nullptr) return;
    if (facts_.psk_mode && (*facts_.psk_mode & 077) != 0)
        findings_.add(psk_->file,
                      {Security,
                       std::format("others than its owner can read the secrets in it (mode {:04o})",
                                   *facts_.psk_mode & 07777),
                       "make new secrets, on both ends: head -c 32 /dev/urandom | base64"});
    for (const racoon::PskEntry& entry : psk_->entries) {
        const auto used = secrets_used_.find(entry.line);
        std::string text;
        if (used == secrets_used_.end()) {
            findings_.add(
                psk_->file, entry.line, entry.identity,
                {NotNeeded, "no connection was made for this peer, so its secret was not copied",
                 ""});
        } else {
            for (const std::string& name : used->second)
                text += std::format("{}{}/{}.psk", text.empty() ? "" : ", ", facts_.secrets_folder,
                                    name);
            findings_.add(psk_->file, entry.line, entry.identity, {Converted, text, ""});
        }
        judge_secret(entry);
    }
}

void Authentication::judge_secret(const racoon::PskEntry& entry) {
    const auto say = [&](std::string text, std::string action) {
        findings_.add(psk_->file, entry.line, entry.identity,
                      {Security, std::move(text), std::move(action)});
    };
    const bool used = secrets_used_.contains(entry.line);
    if (entry.matches_everybody())
        say("one secret for everybody: who has it can pass for every host, in both directions",
            "give each pair of hosts a secret of its own");
    if (fleet_keys_.contains(entry.line))
        say("it goes with the name that all ends have: who has it can pass for every host of the "
            "fleet",
            "give each host a name, and each pair of hosts a secret of its own");
    if (used && secrets_used_[entry.line].size() > 1)
        say(std::format(
                "{} connections have this secret: each of these peers can pass for the others",
                secrets_used_[entry.line].size()),
            "give each pair of hosts a secret of its own");
    for (const racoon::PskEntry& other : psk_->entries) {
        if (other.line >= entry.line || !same_key(other, entry)) continue;
        say(std::format("the same secret as in line {}: each of these peers can pass for the other",
                        other.line),
            "give each pair of hosts a secret of its own");
        break;
    }
    if (used && entry.key.size() < daemon::kSecretOctetsRecommended)
        say(std::format(
                "the secret has {} octets: who records a negotiation can guess it at leisure",
                entry.key.size()),
            "make a new one, on both ends: head -c 32 /dev/urandom | base64");
}

// ---- identities
// ------------------------------------------------------------------------------------

// racoon's default was the address; with certificates xfrmd's is the first name in ours.
void Authentication::local_id(const Remote& remote, Connection& connection) {
    if (!remote.my_identifier) return;
    const racoon::Identifier& ours = remote.my_identifier->value;
    const bool certified = !connection.identity.empty();
    const auto own =
        certified ? std::ranges::find(model_.identities, connection.identity, &IdentityFiles::name)
                  : model_.identities.end();
    const auto fact = own == model_.identities.end() ? facts_.certificates.end()
                                                     : facts_.certificates.find(own->certificate);
    const bool known = fact != facts_.certificates.end() && fact->second.problem.empty();
    if (ours.text.empty()) {
        if (ours.type == IdentifierType::Asn1Dn && known && !fact->second.subject.empty())
            connection.local_id = fact->second.subject;
        return;
    }
    std::string text = identity_text(*remote.my_identifier);
    if (text.empty()) return;
    if (ours.type == IdentifierType::Address && text == connection.local) return;
    if (known && ours.type != IdentifierType::Asn1Dn &&
        !std::ranges::contains(fact->second.names, text)) {
        findings_.add(*remote.my_identifier->by,
                      {Security,
                       "the certificate does not have this name, so no peer should believe it: the "
                       "certificate's own is used",
                       "peers must expect the name in the certificate"});
        return;
    }
    connection.local_id = std::move(text);
}

bool Authentication::peer_named(const Remote& remote, Connection& connection) {
    std::vector<std::string> ids;
    for (const auto& identifier : remote.peers_identifiers) {
        if (identifier.value.text.empty()) {
            // An address without a text is the peer's own.
            if (identifier.value.type == IdentifierType::Address && connection.remote != "any" &&
                connection.identity.empty())
                ids.push_back(connection.remote);
            continue;
        }
        if (std::string text = identity_text(identifier); !text.empty())
            ids.push_back(std::move(text));
    }
    if (ids.empty()) return false;
    if (!remote.verify_identifier || !remote.verify_identifier->value)
        findings_.add(*remote.peers_identifiers.front().by,
                      {Security,
                       "without verify_identifier on, racoon did not compare the peer's identity "
                       "with this; xfrmd does",
                       "make sure that the peer says just this (its my_identifier)"});
    if (ids.size() > 1)
        findings_.add(
            *remote.peers_identifiers.back().by,
            {Decide,
             std::format("{} identities are good for this peer, and peer.id takes one", ids.size()),
             "choose one, or make a connection for each"});
    connection.peer = {.id = ids.front(), .decided = true, .alternatives = {}};
    for (std::size_t i = 1; i < ids.size(); ++i)
        connection.peer.alternatives.push_back({ids[i], "the old file has this one, too"});
    return true;
}

// As xfrmd writes identities; empty if it takes none such, which is told.
std::string Authentication::identity_text(const Said<racoon::Identifier>& identifier) {
    const racoon::Identifier& value = identifier.value;
    // The contents of a file; the mapping says so.
    if (value.type == IdentifierType::KeyId &&
        value.qualifier != racoon::Identifier::Qualifier::Tag)
        return {};
    std::string text = of_type(value);
    if (value.type == IdentifierType::Subnet) {
        findings_.add(*identifier.by,
                      {Decide, "a network is no identity in IKEv2", "name the peer in peer.id"});
        return {};
    }
    auto refusal = facts_.refuses_identity ? facts_.refuses_identity(text) : std::nullopt;
    if (refusal && value.type == IdentifierType::UserFqdn) {
        // A word without an '@', such as a fleet's number.
        const std::string as_key_id = "keyid:" + value.text;
        if (!facts_.refuses_identity(as_key_id)) {
            findings_.add(*identifier.by,
                          {Converted, "no mail address: it is sent as a key id (type 11)",
                           "the same on the other end"});
            return as_key_id;
        }
    }
    if (refusal) {
        findings_.add(*identifier.by, {Decide, std::format("xfrmd will not take it: {}", *refusal),
                                       "write the identity as the certificate has it"});
        return {};
    }
    return text;
}

std::string Authentication::folder_of_certificates() const {
    const std::string folder = absolute("x");
    return folder.substr(0, folder.rfind('/'));
}

std::string Authentication::absolute(const std::string& file) const {
    if (file.starts_with('/')) return file;
    const std::string folder = configuration_.certificate_path
                                   ? configuration_.certificate_path->value
                                   : facts_.racoon_folder;
    return std::format("{}{}{}",
                       folder.starts_with('/') ? folder : facts_.racoon_folder + "/" + folder,
                       folder.ends_with('/') ? "" : "/", file);
}

std::string Authentication::unused_name(const std::string& base) const {
    return model_.trusts.empty() ? base : std::format("{}-{}", base, model_.trusts.size() + 1);
}

}  // namespace xfrmd::migrate
