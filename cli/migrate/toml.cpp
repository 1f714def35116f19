// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/toml.h"

#include <algorithm>
#include <format>

#include "cli/setkey/language/source.h"
#include "netlink/model/utf8.h"

namespace xfrmd::migrate {

namespace {

constexpr std::size_t kCommentColumn = 38;
constexpr std::size_t kKeyWidth = 9;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The old files may hold anything; TOML is UTF-8.
std::string as_utf8(std::string_view text) {
    std::string out{text};
    if (!is_utf8(text))
        std::ranges::replace_if(
            out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return out;
}

// A basic string of TOML.
std::string basic_string(std::string_view text) {
    std::string out{'"'};
    for (const char c : as_utf8(text)) {
        if (c == '"' || c == '\\')
            out += std::string{'\\', c};
        else if (is_control(c))
            out += std::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string array(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + basic_string(text);
    return "[" + out + "]";
}

// Within what xfrmd takes: ten seconds to thirty days.
std::string duration(std::chrono::seconds time) {
    const auto seconds = std::clamp<std::int64_t>(time.count(), 10, std::int64_t{30} * 24 * 3600);
    if (seconds % 3600 == 0) return std::format("{}h", seconds / 3600);
    if (seconds % 60 == 0) return std::format("{}m", seconds / 60);
    return std::format("{}s", seconds);
}

std::string byte_count(std::uint64_t bytes) {
    constexpr std::uint64_t kMiB = 1ULL << 20;
    const std::uint64_t mebibytes = std::max<std::uint64_t>(1, bytes / kMiB);
    return mebibytes % 1024 == 0 ? std::format("{}GiB", mebibytes / 1024)
                                 : std::format("{}MiB", mebibytes);
}

class Writer {
  public:
    std::string take() { return std::move(text_); }

    void comment(std::string_view text) { line(std::format("# {}", text), {}); }
    void blank() { text_ += "\n"; }
    void header(const std::string& header, std::string_view remark) { line(header, remark); }
    void key(std::string_view key, std::string_view value, std::string_view remark = {}) {
        line(std::format("{:<{}} = {}", key, kKeyWidth, value), remark);
    }
    // A line that may take the place of the one above it.
    void other(std::string_view key, std::string_view value, std::string_view remark) {
        line(std::format("# {:<{}} = {}", key, kKeyWidth - 2, value), remark);
    }
    // From here on everything is a comment, or no longer.
    void only_comments(bool only) { prefix_ = only ? "# " : ""; }

  private:
    // Names of files may hold anything, and a comment may not.
    void append(std::string_view text) {
        for (const char c : as_utf8(text)) text_ += is_control(c) ? '?' : c;
    }
    void line(std::string text, std::string_view remark) {
        text_ += prefix_;
        append(text);
        if (!remark.empty()) {
            text_.append(text.size() < kCommentColumn ? kCommentColumn - text.size() : 2, ' ');
            text_ += "# ";
            append(remark);
        }
        text_ += '\n';
    }

    std::string text_;
    std::string_view prefix_;
};

void write_algorithms(Writer& out, std::string_view key, const Algorithms& algorithms) {
    out.key(key, array(algorithms.recommended), "recommended");
    if (!algorithms.compatible.empty())
        out.other(key, array(algorithms.compatible),
                  std::format("compatible: of {}", algorithms.old));
    else if (!algorithms.old.empty())
        out.comment(std::format("compatible: nothing of {} is taken any more", algorithms.old));
}

void write_protection(Writer& out, const Child& child) {
    if (!child.protect.empty()) out.key("protect", array(child.protect));
    const bool ah = child.protocol == xfrm::IpsecProtocol::Ah;
    if (ah)
        out.key("protocol", basic_string("ah"),
                "proves, but does not encrypt; without this line: ESP, which does both");
    write_algorithms(out, ah ? "ah" : "esp", child.algorithms);
    if (child.bundle.size() > 1)
        out.other("transforms", array(child.bundle),
                  "compatible: both, as the old policy had them; on both ends");
    if (child.compress) out.key("compress", "true", "IPComp, as the old policy had it");
    std::string rekey;
    if (child.rekey_time)
        rekey = std::format("time = {}", basic_string(duration(*child.rekey_time)));
    if (child.rekey_bytes)
        rekey += std::format("{}bytes = {}", rekey.empty() ? "" : ", ",
                             basic_string(byte_count(*child.rekey_bytes)));
    if (!rekey.empty())
        out.key("rekey", std::format("{{ {} }}", rekey), "the old lifetime; of this end alone");
}

void write_child(Writer& out, const Connection& connection, const Child& child) {
    out.blank();
    out.header(std::format("[[connection.{}.child]]", connection.name), child.from);
    for (const std::string& note : child.notes) out.comment(note);
    out.key("name", basic_string(child.name));
    out.key("mode", basic_string(child.mode == xfrm::Mode::Tunnel ? "tunnel" : "transport"));
    if (child.mode == xfrm::Mode::Tunnel) {
        out.key("local", array(child.local));
        out.key("remote", array(child.remote));
    }
    write_protection(out, child);
}

void write_peer(Writer& out, const Connection& connection) {
    std::string peer =
        connection.trust.empty() ? "" : std::format("trust = {}, ", basic_string(connection.trust));
    peer += std::format("id = {}", basic_string(connection.peer.id));
    if (!connection.psk.empty()) peer += std::format(", psk = {}", basic_string(connection.psk));
    out.key("peer", std::format("{{ {} }}", peer),
            connection.peer.decided ? "" : "DECIDE: nobody has this name");
    if (connection.peer.alternatives.empty()) return;
    out.comment(connection.peer.decided ? "Or, in place of that id:"
                                        : "In place of that id, one of:");
    for (const auto& [id, remark] : connection.peer.alternatives)
        out.comment(std::format("  {:<34} # {}", "id = " + basic_string(id), remark));
}

// What stands in the connection itself, without children.
void write_body(Writer& out, const Connection& connection) {
    out.key("remote", basic_string(connection.remote));
    if (!connection.local.empty()) out.key("local", basic_string(connection.local));
    if (!connection.identity.empty()) out.key("identity", basic_string(connection.identity));
    if (!connection.local_id.empty()) out.key("local_id", basic_string(connection.local_id));
    write_peer(out, connection);
}

// So short a time would be spent on negotiating.
constexpr std::chrono::minutes kRekeyTimeMin{5};

void write_ike_rekey(Writer& out, const Connection& connection) {
    if (!connection.ike_rekey) return;
    const std::string time = basic_string(duration(*connection.ike_rekey));
    if (*connection.ike_rekey >= kRekeyTimeMin)
        out.key("ike_rekey", time, "the old lifetime of phase 1");
    else
        out.other("ike_rekey", time,
                  "compatible: the old lifetime; recommended: no line, which is 4h");
}

// What may stand in the middle of a connection whose policies are its own.
void write_own_policies(Writer& out, const Connection& connection, bool only_child) {
    if (only_child) out.key("mode", basic_string("transport"), connection.children[0].from);
    out.key("start", basic_string(connection.passive ? "passive" : "on_traffic"));
    out.key("when_down", basic_string("block"),
            connection.may_be_clear ? "recommended" : "nothing passes unprotected");
    if (connection.may_be_clear)
        out.other("when_down", basic_string("clear"), "compatible: level use of the old policy");
}

void write_served(Writer& out, const Connection& connection) {
    out.key("serve_acquires", "true", "for policies that others put into the kernel");
    write_algorithms(out, "ike", connection.ike);
    write_algorithms(out, "esp", connection.children[0].algorithms);
    out.key("ah", array({"sha256"}), "recommended");
}

void write_connection(Writer& out, const Connection& connection) {
    const bool only_child =
        connection.children.size() == 1 && connection.children[0].mode == xfrm::Mode::Transport;
    out.header(std::format("[connection.{}]", connection.name), connection.from);
    for (const std::string& note : connection.notes) out.comment(note);
    write_body(out, connection);
    if (!connection.serves) write_own_policies(out, connection, only_child);
    if (connection.liveness)
        out.key("liveness", basic_string(duration(std::chrono::seconds{*connection.liveness})),
                "dpd_delay");
    if (connection.serves) return write_served(out, connection);
    write_algorithms(out, "ike", connection.ike);
    write_ike_rekey(out, connection);
    if (only_child) {
        for (const std::string& note : connection.children[0].notes) out.comment(note);
        write_protection(out, connection.children[0]);
    } else {
        for (const Child& child : connection.children) write_child(out, connection, child);
    }
}

// Whether a connection that is no comment names it.
bool is_used(const Model& model, const std::string Connection::*name, const std::string& value) {
    return std::ranges::any_of(model.connections, [&](const Connection& connection) {
        return connection.enabled && connection.*name == value;
    });
}

void write_credentials(Writer& out, const Model& model) {
    for (const IdentityFiles& identity : model.identities) {
        out.blank();
        out.only_comments(!is_used(model, &Connection::identity, identity.name));
        out.header(std::format("[identity.{}]", identity.name), "who this host is");
        out.key("cert", basic_string(identity.certificate));
        out.key("key", basic_string(identity.key), "readable by xfrmd alone: mode 0600");
    }
    for (const TrustFiles& trust : model.trusts) {
        out.blank();
        out.only_comments(!is_used(model, &Connection::trust, trust.name));
        out.header(std::format("[trust.{}]", trust.name), "whose certificates count");
        for (const std::string& note : trust.notes) out.comment(note);
        out.key("ca", array(trust.authorities));
        if (!trust.crls.empty()) out.key("crl_files", array(trust.crls));
    }
    out.only_comments(false);
}

void write_role(Writer& out, const Connection& role) {
    out.blank();
    out.comment(
        "racoon's role, for who would rather keep the old setkey file: xfrmd negotiates for "
        "policies "
        "that others have");
    out.comment(
        "put into the kernel. Take the connections above away, load the old file with xfrmctl "
        "setkey "
        "-f, and use this:");
    out.only_comments(true);
    write_connection(out, role);
    out.only_comments(false);
}

}  // namespace

std::string to_toml(const Model& model, const std::vector<std::string>& sources) {
    std::string from;
    for (const std::string& source : sources) from += (from.empty() ? "" : ", ") + source;
    Writer out;
    out.comment(std::format("Made by xfrmctl migrate from {}.", from));
    out.comment(
        "Where a key stands twice, the first line is recommended and the second, a comment, is "
        "what the old file comes to.");
    out.comment("Check it with: xfrmctl check FILE");
    if (model.nat_keepalive) {
        out.blank();
        out.header("[ike]", "");
        const bool off = model.nat_keepalive->count() == 0;
        out.key(
            "nat_keepalive",
            basic_string(
                off ? "off" : duration(std::min(*model.nat_keepalive, std::chrono::seconds{3600}))),
            "timer natt_keepalive");
    }
    write_credentials(out, model);
    for (const Connection& connection : model.connections) {
        out.blank();
        out.only_comments(!connection.enabled);
        write_connection(out, connection);
        out.only_comments(false);
    }
    if (model.role) write_role(out, *model.role);
    return out.take();
}

Secret to_setkey(const Model& model) {
    if (model.kept.empty()) return {};
    Botan::secure_vector<std::uint8_t> out;
    const auto add = [&](std::string_view text) {
        out.insert(out.end(), text.begin(), text.end());
    };
    add("# Made by xfrmctl migrate: what stays in a setkey file. Load it with: xfrmctl setkey -f "
        "FILE\n");
    for (const Kept& kept : model.kept) {
        add(std::format("\n# {}:{}: {}\n", kept.at.source->name(), kept.at.line(), kept.comment));
        // A comment of the old file may stand inside the statement.
        add(kept.instead.empty() ? kept.at.source->text(kept.at.statement->span)
                                 : std::string_view{kept.instead});
        add("\n");
    }
    return Secret{std::move(out)};
}

}  // namespace xfrmd::migrate
