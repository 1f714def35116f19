// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/report.h"

#include <chrono>
#include <format>
#include <nlohmann/json.hpp>

#include "cli/table.h"
#include "cli/text.h"
#include "ike/auth/x509.h"

namespace xfrmd::cli::pki {

namespace {

using nlohmann::json;

constexpr std::size_t kLabelWidth = 16;

std::int64_t seconds(WallTime now) {
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

std::string line(std::string_view label, const std::string& value) {
    return labelled(label, printable(value), kLabelWidth);
}

std::string time_line(std::string_view label, std::int64_t at, const Scene& scene) {
    const std::string text = ike::time_text(at);
    return line(label, std::format("{} ({})", text, relative_text(text, scene.now)));
}

std::string authority_text(const CertificateFacts& facts) {
    if (!facts.authority) return {};
    if (!facts.path_length) return "may certify hosts and other authorities";
    if (*facts.path_length == 0) return "may certify hosts";
    return std::format("may certify hosts, and authorities {} deep", *facts.path_length);
}

std::string fitness_text(const CertificateFacts& facts) {
    if (!facts.complaint.empty()) return "not usable: it " + facts.complaint;
    return facts.authority ? "usable as an authority" : "usable as a host's certificate";
}

std::string text_of(const CertificateFacts& facts, const Scene& scene) {
    return scene.style.paint(Paint::Bold, "Certificate") + "\n" + line("subject", facts.subject) +
           line("issuer", facts.self_issued ? "itself" : facts.issuer) +
           line("serial", facts.serial) + time_line("valid from", facts.from, scene) +
           time_line("valid until", facts.until, scene) + line("key", facts.key) +
           line("signed with", facts.signature) + line("authority", authority_text(facts)) +
           line("identities", joined(facts.identities)) + line("usage", joined(facts.usages)) +
           line("extended usage", joined(facts.extended_usages)) +
           line("key id", facts.subject_key_id) + line("sha-256", facts.fingerprint) +
           line("for xfrmd", fitness_text(facts));
}

std::string text_of(const RequestFacts& facts, const Scene& scene) {
    return scene.style.paint(Paint::Bold, "Request for a certificate") + "\n" +
           line("subject", facts.subject) + line("key", facts.key) +
           line("identities", joined(facts.identities)) + line("left out", joined(facts.left_out));
}

std::string text_of(const CrlFacts& facts, const Scene& scene) {
    std::string text = scene.style.paint(Paint::Bold, "Revocation list") + "\n" +
                       line("issuer", facts.issuer) + line("number", std::to_string(facts.number)) +
                       time_line("valid from", facts.this_update, scene);
    if (facts.next_update) text += time_line("valid until", *facts.next_update, scene);
    text += line("revoked", facts.revoked.empty() ? "nothing" : "");
    for (const RevokedFacts& revoked : facts.revoked)
        text += line("revoked", std::format("{} at {}, {}", revoked.serial,
                                            ike::time_text(revoked.at), revoked.reason));
    return text;
}

std::string text_of(const KeyFacts& facts, const Scene& scene) {
    return scene.style.paint(Paint::Bold, "Private key") + "\n" +
           line("key", facts.encrypted ? "encrypted with a passphrase" : facts.key) +
           line("public sha-256", facts.public_key_hash);
}

json json_of(const CertificateFacts& facts) {
    return {{"kind", "certificate"},
            {"subject", facts.subject},
            {"issuer", facts.issuer},
            {"serial", facts.serial},
            {"valid_from", ike::time_text(facts.from)},
            {"valid_until", ike::time_text(facts.until)},
            {"key", facts.key},
            {"signature", facts.signature},
            {"identities", facts.identities},
            {"usages", facts.usages},
            {"extended_usages", facts.extended_usages},
            {"authority", facts.authority},
            {"path_length", facts.path_length ? json(*facts.path_length) : json(nullptr)},
            {"sha256", facts.fingerprint},
            {"subject_key_id", facts.subject_key_id},
            {"usable", facts.complaint.empty()},
            {"complaint", facts.complaint}};
}

json json_of(const RequestFacts& facts) {
    return {{"kind", "request"},
            {"subject", facts.subject},
            {"key", facts.key},
            {"identities", facts.identities},
            {"left_out", facts.left_out}};
}

json json_of(const CrlFacts& facts) {
    json revoked = json::array();
    for (const RevokedFacts& entry : facts.revoked)
        revoked.push_back(
            {{"serial", entry.serial}, {"at", ike::time_text(entry.at)}, {"reason", entry.reason}});
    return {{"kind", "crl"},
            {"issuer", facts.issuer},
            {"number", facts.number},
            {"this_update", ike::time_text(facts.this_update)},
            {"next_update",
             facts.next_update ? json(ike::time_text(*facts.next_update)) : json(nullptr)},
            {"revoked", std::move(revoked)}};
}

json json_of(const KeyFacts& facts) {
    return {{"kind", "private_key"},
            {"encrypted", facts.encrypted},
            {"key", facts.key},
            {"public_key_sha256", facts.public_key_hash}};
}

std::string dumped(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The names by which people know a host; its subject only if there is none.
std::string names_of(const CertificateFacts& facts) {
    std::vector<std::string> names = facts.identities;
    if (names.size() > 1) std::erase(names, facts.subject);
    return joined(names);
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string json_array(const std::vector<std::string>& words) {
    return dumped(json(words));
}

std::string to_text(const Facts& facts, const Scene& scene) {
    return std::visit([&](const auto& known) { return text_of(known, scene); }, facts);
}

std::string to_json(const Facts& facts) {
    return dumped(std::visit([](const auto& known) { return json_of(known); }, facts));
}

std::string state_of(const IssuedRow& row, WallTime now) {
    if (row.revoked) return "revoked";
    if (seconds(now) > row.facts.until) return "expired";
    return seconds(now) < row.facts.from ? "not yet valid" : "valid";
}

std::string issued_text(const std::vector<IssuedRow>& rows, const Scene& scene) {
    Table table{{{.title = "NAMES", .width_min = 20},
                 {.title = "STATE"},
                 {.title = "UNTIL"},
                 {.title = "KEY"},
                 {.title = "SERIAL", .width_min = 12}}};
    for (const IssuedRow& row : rows) {
        const std::string state = state_of(row, scene.now);
        table.add({printable(names_of(row.facts)),
                   {state, state == "valid" ? Paint::Good : Paint::Doubtful},
                   ike::time_text(row.facts.until).substr(0, 10),
                   row.facts.authority ? row.facts.key + ", authority" : row.facts.key,
                   row.facts.serial});
    }
    return table.empty() ? "nothing was issued yet\n" : table.render(scene.style);
}

std::string issued_json(const IssuedRow& row, WallTime now) {
    json object = json_of(row.facts);
    object["state"] = state_of(row, now);
    return dumped(object);
}

}  // namespace xfrmd::cli::pki
