// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/render.h"

#include <format>
#include <string_view>

#include "cli/fields.h"
#include "cli/text.h"

namespace xfrmd::migrate {

namespace {

using cli::json_string;
using cli::Paint;

struct Heading {
    std::string_view title;
    std::string_view meaning;
    Paint paint = Paint::Bold;
};

Heading heading_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Decide:
            return {"TO DECIDE", "before this configuration is used", Paint::Bad};
        case Verdict::Security:
            return {"CHANGES SECURITY", "the old setting was weak; this is not the same",
                    Paint::Doubtful};
        case Verdict::Lost:
            return {"LOST", "not done any more", Paint::Doubtful};
        case Verdict::Converted:
            return {"CONVERTED", "the same in another place", Paint::Good};
        case Verdict::NotNeeded:
            return {"NOT NEEDED", "no meaning in IKEv2, or goes without saying", Paint::Dim};
    }
    return {};
}

std::string place_of(const Entry& entry) {
    return entry.line == 0 ? entry.file : std::format("{}:{}", entry.file, entry.line);
}

void add_entry(std::string& text, const Entry& entry) {
    text += "  " + cli::printable(place_of(entry));
    if (!entry.statement.empty()) text += ": " + cli::printable(entry.statement);
    text += "\n      " + cli::printable(entry.text) + "\n";
    if (!entry.action.empty()) text += "      -> " + cli::printable(entry.action) + "\n";
}

// Where nothing is to be done, one line each is enough.
void add_short_entry(std::string& text, const Entry& entry) {
    text += "  " + cli::printable(place_of(entry));
    if (!entry.statement.empty()) text += ": " + cli::printable(entry.statement);
    text += " -- " + cli::printable(entry.text);
    if (!entry.action.empty()) text += "; " + cli::printable(entry.action);
    text += "\n";
}

std::string counted(std::size_t count, std::string_view what) {
    return std::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void add_entries(std::string& text, const Report& report, const cli::Style& style) {
    for (const Verdict verdict : kVerdicts) {
        const std::size_t count = report.count(verdict);
        if (count == 0) continue;
        const Heading heading = heading_of(verdict);
        text += std::format(
            "{}  {}\n", style.paint(heading.paint, std::format("{} ({})", heading.title, count)),
            heading.meaning);
        const bool brief = verdict == Verdict::Converted || verdict == Verdict::NotNeeded;
        for (const Entry& entry : report.entries)
            if (entry.verdict == verdict) (brief ? add_short_entry : add_entry)(text, entry);
        text += "\n";
    }
}

void add_peers(std::string& text, const Report& report, const cli::Style& style) {
    if (report.peers.empty()) return;
    text += style.paint(Paint::Bold, "PEERS THAT MUST SWITCH AT THE SAME TIME") + "\n";
    for (const Peer& peer : report.peers)
        text += std::format("  {}  connection {}\n", cli::printable(peer.address), peer.connection);
    text +=
        "  xfrmd speaks IKEv2 and racoon IKEv1, both on UDP port 500: as long as one end has not "
        "switched, nothing passes between the two.\n\n";
}

}  // namespace

std::string to_text(const Report& report, const Written& written, const cli::Style& style) {
    std::string text;
    add_entries(text, report, style);
    add_peers(text, report, style);
    if (!written.configuration.empty())
        text += std::format("written: {}\n", cli::printable(written.configuration));
    for (const std::string& path : written.secrets)
        text += std::format("written: {} (a secret, mode 0600)\n", cli::printable(path));
    if (!written.setkey.empty())
        text += std::format("written: {} (what stays in a setkey file, mode 0600)\n",
                            cli::printable(written.setkey));
    const std::size_t open = report.count(Verdict::Decide);
    text += open == 0
                ? counted(report.peers.size(), "connection") + ", nothing to decide\n"
                : std::format("{}, {} to decide: see above\n",
                              counted(report.peers.size(), "connection"), counted(open, "thing"));
    return text;
}

std::string to_json(const Report& report, const Written& written, const std::string& toml,
                    const std::vector<daemon::Diagnostic>& diagnostics) {
    std::string entries;
    for (const Entry& entry : report.entries)
        entries += std::format(
            R"({}{{"verdict":{},"file":{},"line":{},"statement":{},"text":{},"action":{}}})",
            entries.empty() ? "" : ",", json_string(word_of(entry.verdict)),
            json_string(entry.file), entry.line, json_string(entry.statement),
            json_string(entry.text), json_string(entry.action));
    std::string peers;
    for (const Peer& peer : report.peers)
        peers += std::format(R"({}{{"address":{},"connection":{}}})", peers.empty() ? "" : ",",
                             json_string(peer.address), json_string(peer.connection));
    std::string secrets;
    for (const std::string& path : written.secrets)
        secrets += (secrets.empty() ? "" : ",") + json_string(path);
    std::string told;
    for (const daemon::Diagnostic& diagnostic : diagnostics)
        told += std::format(
            R"({}{{"severity":"{}","file":{},"line":{},"column":{},"text":{},"source_line":{},"hint":{}}})",
            told.empty() ? "" : ",",
            diagnostic.severity == daemon::Severity::Error ? "error" : "warning",
            json_string(diagnostic.file), diagnostic.line, diagnostic.column,
            json_string(diagnostic.text), json_string(diagnostic.source_line),
            json_string(diagnostic.hint));
    std::string counts;
    for (const Verdict verdict : kVerdicts)
        counts += std::format(R"({}"{}":{})", counts.empty() ? "" : ",", word_of(verdict),
                              report.count(verdict));
    return std::format(
        R"({{"counts":{{{}}},"entries":[{}],"peers":[{}],"written":{{"configuration":{},"setkey":{},"secrets":[{}]}},"configuration":{},"diagnostics":[{}]}})",
        counts, entries, peers, json_string(written.configuration), json_string(written.setkey),
        secrets, json_string(toml), told);
}

}  // namespace xfrmd::migrate
