// SPDX-License-Identifier: Apache-2.0
// The sections as they are written, each value with its place. Types and words are checked here;
// what they mean together is checked when the configuration is built.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/document.h"
#include "daemon/configuration/load.h"
#include "ike/auth/certificate_path.h"
#include "ike/policy/connection.h"
#include "netlink/model/ids.h"

namespace xfrmd::daemon {

using Text = Located<std::string>;
using Texts = Located<std::vector<Text>>;

// [identity.NAME]: who we are.
struct IdentitySection {
    Text name;
    std::optional<Text> cert;
    std::optional<Text> key;
};

// [trust.NAME]: whose certificates we accept.
struct TrustSection {
    Text name;
    std::optional<Texts> ca;
    Located<ike::CrlMode> crl{ike::CrlMode::IfAvailable, {}};
    std::optional<Texts> crl_files;
};

// peer = { … }
struct PeerSection {
    Place place;
    std::optional<Text> trust;
    std::optional<Text> id;
    std::optional<Text> psk;
    bool malformed = false;  // something in it was refused: what seems to be missing may be that
};

// rekey = { … }
struct RekeySection {
    std::optional<Text> time;
    std::optional<Text> bytes;
    std::optional<Located<std::int64_t>> packets;
};

// How children are protected. Stands in a child, or in the connection for all that do not say.
struct ProtectionSection {
    std::optional<Located<xfrm::IpsecProtocol>> protocol;
    std::optional<Texts> transforms;      // the same as a list, innermost first: ESP and AH are a bundle
    std::optional<Located<bool>> esp_alone_will_do;
    std::optional<Texts> esp;
    std::optional<Texts> ah;
    std::optional<Located<std::int64_t>> replay_window;
    std::optional<Located<bool>> compress;
    std::optional<RekeySection> rekey;
};

// [[connection.NAME.child]], or what stands for it in the connection itself.
struct ChildSection {
    Place place;
    std::optional<Text> name;
    std::optional<Located<xfrm::Mode>> mode;
    std::optional<Texts> local;
    std::optional<Texts> remote;
    std::optional<Texts> protect;
    ProtectionSection protection;
};

// [connection.NAME]
struct ConnectionSection {
    Text name;
    std::optional<Text> remote;
    std::optional<Text> local;
    std::optional<Text> identity;
    std::optional<Text> local_id;
    std::optional<PeerSection> peer;
    bool peer_is_malformed = false;  // it is there and was refused: nothing more to say about it
    std::optional<Located<xfrm::Mode>> mode;
    std::optional<Texts> protect;
    ike::Start start = ike::Start::OnTraffic;
    std::optional<Located<ike::WhenDown>> when_down;
    std::optional<Text> liveness;
    std::optional<Located<bool>> mobike;
    std::optional<Located<bool>> nat_traversal;
    std::optional<Texts> additional_local;
    std::optional<Texts> ike;
    std::optional<Located<bool>> require_pq;
    bool require_transcript_auth = false;
    bool childless = false;
    std::optional<Text> ike_rekey;
    std::optional<Text> reauthenticate;
    bool split_children = false;
    std::optional<Located<bool>> serve_acquires;
    ProtectionSection protection;
    std::vector<ChildSection> children;
};

struct Sections {
    std::vector<IdentitySection> identities;
    std::vector<TrustSection> trusts;
    std::vector<ConnectionSection> connections;
    std::optional<Located<bool>> allow_inline_secrets;
    std::optional<Place> limits_place;   // where [limits] is, and [ike], and [daemon]
    std::optional<Place> options_place;
    std::optional<Place> daemon_place;
    ike::Limits limits;
    ike::IkeOptions options;
    DaemonSettings daemon;
    bool incomplete = false;  // a file could not be read: what is missing here may be defined there
};

// Adds the sections of one file to those of the files before it. A name that is there already is a
// mistake.
void read_sections(const Document& document, Sections& sections, Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
