// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/sections.h"

#include <algorithm>
#include <array>
#include <format>

#include "daemon/configuration/limits.h"
#include "daemon/configuration/table_reader.h"

namespace xfrmd::daemon {

namespace {

constexpr std::size_t kNameSizeMax = 64;

// Keys that versions to come will know; today nobody may rely on them.
constexpr auto kLaterSections = std::to_array<std::string_view>({"mesh"});
constexpr auto kLaterDaemonKeys = std::to_array<std::string_view>({"listen", "metrics", "workers"});
constexpr auto kLaterConnectionKeys = std::to_array<std::string_view>(
    {"interface", "limits", "ppk", "suite"});
constexpr auto kLaterChildKeys =
    std::to_array<std::string_view>({"interface", "ppk", "suite"});

constexpr auto kModes = std::to_array<Word<xfrm::Mode>>({
    {"transport", xfrm::Mode::Transport},
    {"tunnel", xfrm::Mode::Tunnel},
});
constexpr auto kProtocols = std::to_array<Word<xfrm::IpsecProtocol>>({
    {"esp", xfrm::IpsecProtocol::Esp},
    {"ah", xfrm::IpsecProtocol::Ah},
});
constexpr auto kStarts = std::to_array<Word<ike::Start>>({
    {"on_traffic", ike::Start::OnTraffic},
    {"now", ike::Start::Now},
    {"passive", ike::Start::Passive},
});
constexpr auto kWhenDowns = std::to_array<Word<ike::WhenDown>>({
    {"block", ike::WhenDown::Block},
    {"clear", ike::WhenDown::Clear},
});
constexpr auto kLogLevels = std::to_array<Word<Level>>({
    {"error", Level::Error},
    {"warning", Level::Warning},
    {"notice", Level::Notice},
    {"info", Level::Info},
    {"debug", Level::Debug},
});
constexpr auto kCrlModes = std::to_array<Word<ike::CrlMode>>({
    {"off", ike::CrlMode::Off},
    {"if_available", ike::CrlMode::IfAvailable},
    {"require", ike::CrlMode::Require},
});

template <class Enum, std::size_t size>
std::span<const Word<Enum>> words(const std::array<Word<Enum>, size>& all) {
    return all;
}

bool is_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= kNameSizeMax && is_alphanumeric(name.front()) &&
           std::ranges::all_of(name, [&](char c) {
               return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
           });
}

void check_name(const Text& name, std::string_view kind, Diagnostics& diagnostics) {
    if (!is_name(name.value))
        diagnostics.error(
            name.place, std::format("\"{}\" is no name for a {}", name.value, kind),
            std::format(
                "up to {} letters, digits, dots, hyphens and underscores, a letter or digit first",
                kNameSizeMax));
}

std::string shown(const Place& place) {
    return place.source == nullptr ? std::string{}
                                   : std::format("{}:{}", place.source->file(), place.line);
}

// Tells a name that an earlier file has already. True if it is new.
template <class Section>
bool is_new(const std::vector<Section>& sections, const Text& name, std::string_view kind,
            Diagnostics& diagnostics) {
    const auto same = std::ranges::find(sections, name.value,
                                        [](const Section& section) { return section.name.value; });
    if (same == sections.end()) return true;
    diagnostics.error(
        name.place, std::format("{} \"{}\" is defined twice", kind, name.value),
        std::format(
            "the other one is at {}; to override a file, give yours the same file name in a "
            "higher folder",
            shown(same->name.place)));
    return false;
}

// Tells a section that may stand once and that an earlier file has already. True if it is the first.
bool is_first(std::string_view section, const Place& place, std::optional<Place>& before,
              Diagnostics& diagnostics) {
    if (before) {
        diagnostics.error(place, std::format("{} is there twice", section),
                          std::format("the other one is at {}", shown(*before)));
        return false;
    }
    before = place;
    return true;
}

DaemonSettings read_daemon(const Value& table, Diagnostics& diagnostics) {
    DaemonSettings settings;
    TableReader reader{table, "daemon", diagnostics};
    if (const auto level = reader.word("log_level", words(kLogLevels))) settings.log_level = level->value;
    reader.finish(kLaterDaemonKeys);
    return settings;
}

IdentitySection read_identity(const Entry& entry, Diagnostics& diagnostics) {
    IdentitySection section{.name = entry.key, .cert = {}, .key = {}};
    TableReader reader{entry.value, std::format("identity \"{}\"", entry.key.value), diagnostics};
    section.cert = reader.text("cert");
    section.key = reader.text("key");
    for (const std::string_view key : {"cert", "key"})
        if (!reader.has(key))
            diagnostics.error(entry.key.place, std::format("{} has no {}", reader.what(), key),
                              std::format("{} = \"/etc/xfrmd/{}.{}\"", key, entry.key.value,
                                          key == "cert" ? "pem" : "key"));
    reader.finish();
    return section;
}

TrustSection read_trust(const Entry& entry, Diagnostics& diagnostics) {
    TrustSection section{.name = entry.key, .ca = {}, .crl_files = {}};
    TableReader reader{entry.value, std::format("trust \"{}\"", entry.key.value), diagnostics};
    section.ca = reader.texts("ca");
    if (!reader.has("ca"))
        diagnostics.error(entry.key.place, std::format("{} has no ca", reader.what()),
                          "ca = [\"/etc/xfrmd/ca.pem\"]");
    if (const auto mode = reader.word("crl", words(kCrlModes))) section.crl = *mode;
    section.crl_files = reader.texts("crl_files");
    reader.finish();
    return section;
}

PeerSection read_peer(const Value& table, const std::string& connection, Diagnostics& diagnostics) {
    PeerSection section{.place = table.place, .trust = {}, .id = {}, .psk = {}};
    const std::size_t errors_before = diagnostics.errors();
    TableReader reader{table, std::format("peer of connection \"{}\"", connection), diagnostics};
    section.trust = reader.text("trust");
    section.id = reader.text("id");
    section.psk = reader.text("psk");
    reader.finish();
    section.malformed = diagnostics.errors() > errors_before;
    return section;
}

RekeySection read_rekey(const Value& table, std::string_view of, Diagnostics& diagnostics) {
    RekeySection section;
    TableReader reader{table, std::format("rekey of {}", of), diagnostics};
    section.time = reader.text("time");
    section.bytes = reader.text("bytes");
    section.packets = reader.integer("packets");
    reader.finish();
    return section;
}

ProtectionSection read_protection(TableReader& reader, Diagnostics& diagnostics) {
    ProtectionSection section;
    section.protocol = reader.word("protocol", words(kProtocols));
    section.transforms = reader.texts("transforms");
    section.esp_alone_will_do = reader.boolean("esp_alone_will_do");
    section.esp = reader.texts("esp");
    section.ah = reader.texts("ah");
    section.replay_window = reader.integer("replay_window");
    section.compress = reader.boolean("compress");
    if (const Value* rekey = reader.table("rekey"))
        section.rekey = read_rekey(*rekey, reader.what(), diagnostics);
    return section;
}

ChildSection read_child(const Value& table, const std::string& connection,
                        Diagnostics& diagnostics) {
    ChildSection section;
    section.place = table.place;
    TableReader reader{table, std::format("a child of connection \"{}\"", connection), diagnostics};
    section.name = reader.text("name");
    section.mode = reader.word("mode", words(kModes));
    section.local = reader.texts("local");
    section.remote = reader.texts("remote");
    section.protect = reader.texts("protect");
    section.protection = read_protection(reader, diagnostics);
    if (section.name) check_name(*section.name, "child", diagnostics);
    reader.finish(kLaterChildKeys);
    return section;
}

ConnectionSection read_connection(const Entry& entry, Diagnostics& diagnostics) {
    ConnectionSection section;
    section.name = entry.key;
    TableReader reader{entry.value, std::format("connection \"{}\"", entry.key.value), diagnostics};
    section.remote = reader.text("remote");
    if (!reader.has("remote"))
        diagnostics.error(entry.key.place, std::format("{} has no remote", reader.what()),
                          "remote = \"192.0.2.20\"");
    section.local = reader.text("local");
    section.identity = reader.text("identity");
    section.local_id = reader.text("local_id");
    if (const Value* peer = reader.table("peer"))
        section.peer = read_peer(*peer, entry.key.value, diagnostics);
    else
        section.peer_is_malformed = reader.has("peer");
    section.mode = reader.word("mode", words(kModes));
    section.protect = reader.texts("protect");
    if (const auto start = reader.word("start", words(kStarts))) section.start = start->value;
    section.when_down = reader.word("when_down", words(kWhenDowns));
    section.liveness = reader.text("liveness");
    section.mobike = reader.boolean("mobike");
    section.nat_traversal = reader.boolean("nat_traversal");
    section.additional_local = reader.texts("additional_local");
    section.ike = reader.texts("ike");
    section.require_pq = reader.boolean("require_pq");
    if (const auto required = reader.boolean("require_transcript_auth"))
        section.require_transcript_auth = required->value;
    if (const auto childless = reader.boolean("childless")) section.childless = childless->value;
    section.ike_rekey = reader.text("ike_rekey");
    section.reauthenticate = reader.text("reauthenticate");
    if (const auto split = reader.boolean("split_children")) section.split_children = split->value;
    section.serve_acquires = reader.boolean("serve_acquires");
    section.protection = read_protection(reader, diagnostics);
    for (const Value* child : reader.tables("child"))
        section.children.push_back(read_child(*child, entry.key.value, diagnostics));
    reader.finish(kLaterConnectionKeys);
    return section;
}

}  // namespace

void read_sections(const Document& document, Sections& sections, Diagnostics& diagnostics) {
    TableReader reader{document.root, "the file", diagnostics};
    if (const auto allowed = reader.boolean("allow_inline_secrets")) {
        if (sections.allow_inline_secrets)
            diagnostics.error(
                allowed->place, "allow_inline_secrets is set twice",
                std::format("the other one is at {}", shown(sections.allow_inline_secrets->place)));
        else
            sections.allow_inline_secrets = *allowed;
    }
    if (const Value* limits = reader.table("limits"))
        if (is_first("[limits]", limits->place, sections.limits_place, diagnostics))
            read_limits(*limits, sections.limits, diagnostics);
    if (const Value* options = reader.table("ike"))
        if (is_first("[ike]", options->place, sections.options_place, diagnostics))
            read_ike_options(*options, sections.options, diagnostics);
    if (const Value* daemon = reader.table("daemon"))
        if (is_first("[daemon]", daemon->place, sections.daemon_place, diagnostics))
            sections.daemon = read_daemon(*daemon, diagnostics);
    for (const Entry* entry : reader.named_tables("identity")) {
        check_name(entry->key, "identity", diagnostics);
        if (is_new(sections.identities, entry->key, "identity", diagnostics))
            sections.identities.push_back(read_identity(*entry, diagnostics));
    }
    for (const Entry* entry : reader.named_tables("trust")) {
        check_name(entry->key, "trust", diagnostics);
        if (is_new(sections.trusts, entry->key, "trust", diagnostics))
            sections.trusts.push_back(read_trust(*entry, diagnostics));
    }
    for (const Entry* entry : reader.named_tables("connection")) {
        check_name(entry->key, "connection", diagnostics);
        if (is_new(sections.connections, entry->key, "connection", diagnostics))
            sections.connections.push_back(read_connection(*entry, diagnostics));
    }
    reader.finish(kLaterSections);
}

}  // namespace xfrmd::daemon
