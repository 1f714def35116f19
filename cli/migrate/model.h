// SPDX-License-Identifier: Apache-2.0
// The migrated configuration as values: what stands in it, what stands beside it as a comment, and
// the files that go with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/migrate/policy.h"
#include "netlink/model/ids.h"
#include "netlink/model/secret.h"

namespace xfrmd::migrate {

// Proposals as two lines: the one that holds, and what the old file's would be.
struct Algorithms {
    std::vector<std::string> recommended;
    std::vector<std::string> compatible;  // empty: nothing of the old lists remains
    std::string old;  // as racoon had them: "3des, aes 128 / hmac_sha1 / modp1024"
};

struct Child {
    std::string name;
    std::string from;  // "setkey.conf:5, 7"
    std::vector<std::string> notes;
    xfrm::Mode mode = xfrm::Mode::Transport;
    std::vector<std::string> local;  // networks; empty in transport mode
    std::vector<std::string> remote;
    std::vector<std::string> protect;  // empty: everything
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    std::vector<std::string>
        bundle;             // more than one: the transforms of the old policy, innermost first
    bool compress = false;  // the old policy had IPComp
    Algorithms algorithms;
    std::optional<std::chrono::seconds> rekey_time = {};
    std::optional<std::uint64_t> rekey_bytes = {};
};

// The peer's identity, or what is there while nobody has said it.
struct PeerIdentity {
    struct Alternative {
        std::string id;
        std::string comment;
    };
    std::string id;
    bool decided = true;
    std::vector<Alternative> alternatives;  // to be written in its place
};

struct Connection {
    std::string name;
    std::string from;  // "racoon.conf:12 remote 10.0.0.1"
    std::vector<std::string> notes;
    bool enabled = true;  // false: all of it stands as a comment
    std::string remote;
    std::string local;     // empty: as the routes say
    std::string identity;  // of [identity.…]; empty: a shared secret
    std::string local_id;  // empty: what goes without saying
    PeerIdentity peer;
    std::string trust;
    std::string psk;  // the path of its file
    bool passive = false;
    bool serves =
        false;  // racoon's role: it negotiates for policies that others put into the kernel
    bool may_be_clear = false;  // the old policies let traffic pass in clear: level use
    std::optional<std::uint32_t> liveness = {};
    Algorithms ike;
    std::optional<std::chrono::seconds> ike_rekey = {};
    std::vector<Child> children;
};

struct IdentityFiles {
    std::string name;
    std::string certificate;
    std::string key;
};

struct TrustFiles {
    std::string name;
    std::vector<std::string> authorities;
    std::vector<std::string> crls;
    std::vector<std::string> notes;
};

// A secret to be written to a file of its own.
struct SecretFile {
    std::string path;
    Secret key;
};

// A statement that stays in a setkey file, or what takes its place.
struct Kept {
    StatementAt at;
    std::string comment;
    std::string instead;  // empty: the statement as it is written, with its keys
};

struct Model {
    std::vector<IdentityFiles> identities;
    std::vector<TrustFiles> trusts;
    std::vector<Connection> connections;
    std::optional<std::chrono::seconds> nat_keepalive = {};
    // racoon's role, for who would rather keep the old setkey file. Always a comment.
    std::optional<Connection> role = {};
    std::vector<SecretFile> secrets;
    std::vector<Kept> kept;
};

}  // namespace xfrmd::migrate
