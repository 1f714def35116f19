// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/mapping.h"

#include <algorithm>
#include <array>
#include <format>
#include <vector>

#include "cli/racoon/algorithm.h"

namespace xfrmd::migrate {

namespace {

using enum racoon::Context;
using enum Verdict;
using racoon::AlgorithmClass;
using racoon::Statement;
using racoon::TokenKind;

// ---- values
// ----------------------------------------------------------------------------------------

std::string_view first_word(const Statement& statement) {
    return statement.arguments.empty() ? std::string_view{} : statement.arguments[0].text;
}

bool has_word(const Statement& statement, std::string_view word) {
    return std::ranges::contains(statement.arguments, word, &racoon::Token::text);
}

// The first number among the arguments.
std::string_view number(const Statement& statement) {
    for (const racoon::Token& token : statement.arguments)
        if (!token.text.empty() && token.text[0] >= '0' && token.text[0] <= '9') return token.text;
    return {};
}

// ---- algorithms
// ------------------------------------------------------------------------------------

// Arguments that are algorithms of this class; numbers are key lengths, except of groups.
std::vector<const racoon::AlgorithmRow*> named(const Statement& statement, AlgorithmClass kind) {
    std::vector<const racoon::AlgorithmRow*> all;
    for (const racoon::Token& token : statement.arguments) {
        if (token.kind != TokenKind::Word) continue;
        std::string word = token.text;
        const racoon::AlgorithmRow* row = racoon::find_algorithm(kind, word);
        while (row == nullptr && !word.empty() && word.back() >= '0' && word.back() <= '9') {
            word.pop_back();
            row = racoon::find_algorithm(kind, word);
        }
        if (row != nullptr) all.push_back(row);
    }
    return all;
}

// "3des, des: a reason", those with the same reason together.
std::string reasons(const std::vector<const racoon::AlgorithmRow*>& refused) {
    std::vector<std::string_view> known;
    std::string text;
    for (const racoon::AlgorithmRow* row : refused) {
        if (std::ranges::contains(known, row->reason)) continue;
        known.push_back(row->reason);
        std::string words;
        for (const racoon::AlgorithmRow* other : refused)
            if (other->reason == row->reason)
                words += std::format("{}{}", words.empty() ? "" : ", ", other->word);
        text += std::format("{}{}: {}", text.empty() ? "" : "; ", words, row->reason);
    }
    return text;
}

Finding algorithms(const Statement& statement, AlgorithmClass kind) {
    std::vector<const racoon::AlgorithmRow*> refused;
    std::string kept;
    for (const racoon::AlgorithmRow* row : named(statement, kind)) {
        if (row->strength == racoon::Strength::Good)
            kept += (kept.empty() ? "" : ", ") + std::string{row->word};
        else if (!std::ranges::contains(refused, row))
            refused.push_back(row);
    }
    if (refused.empty()) return {Converted, "stands in the compatible line of the algorithms", ""};
    const bool weak =
        std::ranges::contains(refused, racoon::Strength::Weak, &racoon::AlgorithmRow::strength);
    return {weak ? Security : Lost,
            std::format("not taken over: {}{}", reasons(refused),
                        kept.empty() ? "" : "; taken over: " + kept),
            ""};
}

Finding encryption(const Statement& s) {
    return algorithms(s, AlgorithmClass::Encryption);
}
Finding authentication(const Statement& s) {
    return algorithms(s, AlgorithmClass::Authentication);
}
Finding hash(const Statement& s) {
    return algorithms(s, AlgorithmClass::Hash);
}
Finding group(const Statement& s) {
    return algorithms(s, AlgorithmClass::Group);
}

// ---- remote
// ----------------------------------------------------------------------------------------

Finding exchange_mode(const Statement& statement) {
    if (has_word(statement, "aggressive"))
        return {Security,
                "aggressive mode shows the identities to everybody, and a hash by which the secret "
                "can be "
                "guessed at leisure; IKEv2 has one exchange, which does neither",
                ""};
    if (has_word(statement, "base"))
        return {NotNeeded, "IKEv2 has no base mode and needs none: there is one exchange", ""};
    return {NotNeeded, "IKEv2 has one exchange instead of modes", ""};
}

Finding verify_identifier(const Statement& statement) {
    if (first_word(statement) == "off")
        return {
            Security,
            "racoon did not compare the peer's identity with peers_identifier; xfrmd always does",
            ""};
    return {Converted, "peer.id is always compared", ""};
}

Finding verify_cert(const Statement& statement) {
    if (first_word(statement) == "off")
        return {Security,
                "racoon took any certificate, whoever had signed it; xfrmd verifies it up to an "
                "authority of "
                "the trust, always",
                "make sure that the peer's certificate is of that authority and in its validity"};
    return {Converted, "certificates are always verified", ""};
}

Finding proposal_check(const Statement& statement) {
    if (first_word(statement) == "obey")
        return {Security,
                "racoon took whatever lifetime and PFS group the initiator asked for; in IKEv2 "
                "each end has its "
                "own lifetimes, and only algorithms of the configuration are taken",
                ""};
    return {NotNeeded, "lifetimes are not negotiated in IKEv2; algorithms must match exactly", ""};
}

Finding generate_policy(const Statement& statement) {
    if (first_word(statement) == "off")
        return {NotNeeded, "policies always come from the configuration", ""};
    return {Security,
            "racoon put any policy into the kernel that a peer proposed, for whatever addresses; "
            "in xfrmd a peer "
            "gets what is configured for it, or less",
            "write the networks that peers may use into the child's local and remote"};
}

Finding weak_phase1_check(const Statement& statement) {
    if (first_word(statement) == "on")
        return {Security,
                "racoon believed unprotected deletes, which anybody can forge; xfrmd never does",
                ""};
    return {NotNeeded, "unprotected deletes are never believed", ""};
}

Finding nat_traversal(const Statement& statement) {
    if (first_word(statement) == "force")
        return {Lost,
                "UDP encapsulation without a NAT on the way cannot be asked for; with one it goes "
                "without saying",
                "if a firewall between the hosts drops ESP, let it pass (IP protocol 50)"};
    if (first_word(statement) == "off")
        return {NotNeeded, "IKEv2 notices every NAT and goes on in UDP port 4500",
                "open UDP port 4500, too"};
    return {Converted, "IKEv2 always does this", ""};
}

Finding dpd_delay(const Statement& statement) {
    if (number(statement) == "0")
        return {NotNeeded,
                "liveness is checked when a peer is silent; liveness = \"off\" would turn it off",
                ""};
    return {Converted, "liveness", ""};
}

Finding dpd(const Statement& statement) {
    if (first_word(statement) == "off")
        return {NotNeeded,
                "liveness is checked when a peer is silent; liveness = \"off\" would turn it off",
                ""};
    return {Converted, "liveness", ""};
}

Finding passive(const Statement& statement) {
    if (first_word(statement) == "on") return {Converted, "start = \"passive\"", ""};
    return {Converted, "start = \"on_traffic\": the first packet begins", ""};
}

Finding initial_contact(const Statement& statement) {
    if (first_word(statement) == "off")
        return {NotNeeded, "INITIAL_CONTACT is sent where RFC 7296 asks for it", ""};
    return {Converted, "IKEv2 always does this", ""};
}

Finding rekey(const Statement& statement) {
    if (first_word(statement) == "off")
        return {NotNeeded,
                "an IKE SA is renewed while it is used; ike_rekey = \"never\" would turn that off",
                ""};
    return {Converted, "an IKE SA is renewed before its time (ike_rekey)", ""};
}

Finding certificate_type(const Statement& statement) {
    if (first_word(statement) == "plain_rsa")
        return {Decide,
                "raw RSA keys (RFC 7670) are not in this version, and the format is FreeS/WAN's",
                "make certificates for both ends (xfrmctl pki, or openssl), and name them in "
                "[identity.…]"};
    return {Converted, "[identity.…]", ""};
}

Finding peers_certfile(const Statement& statement) {
    if (first_word(statement) == "plain_rsa")
        return {Decide, "raw RSA keys (RFC 7670) are not in this version",
                "make certificates for both ends, and name the authority in [trust.…] and the peer "
                "in peer.id"};
    if (first_word(statement) == "dnssec")
        return {Decide, "certificates are not fetched from DNS",
                "name the authority in [trust.…] and the peer in peer.id"};
    return {
        Converted,
        "the peer must have the name of this certificate (peer.id) and an authority of the trust",
        ""};
}

Finding remote_mode_cfg(const Statement& statement) {
    if (first_word(statement) == "off") return {NotNeeded, "nothing is asked of the peer", ""};
    return {Decide,
            "addresses and DNS servers of the peer's network cannot be asked for in this version "
            "(IKEv2: "
            "configuration payloads)",
            "give this host its inner address by hand, and name it in the child's local"};
}

Finding my_identifier(const Statement& statement) {
    if (has_word(statement, "keyid") && !has_word(statement, "tag"))
        return {Decide, "the key id stands in a file",
                "local_id = \"keyid:0x…\" with what the file holds"};
    return {Converted, "local_id", ""};
}

Finding ike_frag(const Statement& statement) {
    if (first_word(statement) == "on")
        return {Converted,
                "large messages are sent in fragments where the peer knows RFC 7383, which nearly "
                "all do",
                ""};
    return {NotNeeded, "large messages are sent in fragments where the peer knows RFC 7383", ""};
}

Finding script(const Statement&) {
    return {Decide, "xfrmd runs no scripts, and does not know what this one did",
            "xfrmctl monitor --json tells when a connection goes up or down; routes belong into "
            "the network's "
            "configuration"};
}

// ---- proposal and sainfo
// ---------------------------------------------------------------------------

constexpr std::string_view kInsteadOfXauth =
    "give each client a certificate, or a secret of its own; EAP is not in this version";

Finding authentication_method(const Statement& statement) {
    const std::string_view method = first_word(statement);
    if (method == "pre_shared_key") return {Converted, "peer = { psk = … }", ""};
    if (method == "rsasig")
        return {Converted, "identity and peer = { trust = … }, with RSA, ECDSA or Ed25519", ""};
    if (method == "dsssig")
        return {Decide, "DSS signatures are not accepted any more",
                "make a certificate with an ECDSA, Ed25519 or RSA key"};
    if (method == "gssapi_krb")
        return {Decide, "IKEv2 has no Kerberos",
                "give each host a certificate; the realm's hosts may share an authority"};
    if (method.starts_with("hybrid_"))
        return {
            Decide,
            "hybrid authentication (a certificate one way, a password the other) is EAP in IKEv2",
            std::string{kInsteadOfXauth}};
    if (method.starts_with("xauth_"))
        return {Decide, "XAuth is of IKEv1; IKEv2 has EAP for users with passwords",
                std::string{kInsteadOfXauth}};
    return {Decide, "IKEv2 has no such method", "make certificates for both ends"};
}

Finding lifetime(const Statement& statement) {
    if (has_word(statement, "byte"))
        return {Converted, "rekey = { bytes = … }, a limit of this end alone", ""};
    return {Converted, "a time to rekey, of this end alone: IKEv2 does not negotiate it", ""};
}

// ---- the file
// --------------------------------------------------------------------------------------

Finding path(const Statement& statement) {
    const std::string_view kind = first_word(statement);
    if (kind == "pre_shared_key") return {Converted, "each secret goes to a file of its own", ""};
    if (kind == "certificate")
        return {Converted, "certificates are named with their whole paths", ""};
    if (kind == "script") return {NotNeeded, "xfrmd runs no scripts", ""};
    if (kind == "backupsa")
        return {Security, "racoon kept the keys of all SAs in this file; xfrmd writes keys nowhere",
                "remove the file: who has it can read what was recorded"};
    if (kind == "pidfile") return {NotNeeded, "systemd knows the process", ""};
    return {NotNeeded, "xfrmd reads /etc/xfrmd/xfrmd.toml and /etc/xfrmd/conf.d/*.toml", ""};
}

Finding include(const Statement& statement) {
    if (statement.found_nothing)
        return {Decide, "there is nothing here to include, so nothing of it is in the result",
                "migrate again with the files that it names"};
    return {Converted, "what is included was read, too", ""};
}

Finding isakmp(const Statement& statement) {
    for (const racoon::Token& token : statement.arguments)
        if (token.kind == TokenKind::Bracketed && token.text != "500" && token.text != "4500")
            return {Decide,
                    std::format("xfrmd listens on ports 500 and 4500, not on {}", token.text),
                    "let the peer use the ports of IKE"};
    return {NotNeeded,
            "xfrmd listens on ports 500 and 4500 of all addresses; a connection names its own with "
            "local",
            ""};
}

Finding split_network(const Statement& statement) {
    if (first_word(statement) == "local_lan")
        return {Lost, "what a client sends past the tunnel is for the client to configure", ""};
    if (has_word(statement, "0.0.0.0/0"))
        return {Lost, "the networks that clients reach: here everything",
                "the child's local = [\"0.0.0.0/0\"]"};
    return {Lost, "the networks that clients reach", "write them into the child's local"};
}

constexpr std::string_view kNoModeCfg =
    "xfrmd gives clients no addresses and asks nobody for passwords in this version";
constexpr std::string_view kPadding = "RFC 7296 says what padding is; its content is not looked at";
constexpr std::string_view kTimers =
    "a message is sent up to ten times in half a minute ([limits] retransmissions_max, "
    "retransmit_max)";
constexpr std::string_view kLdap =
    "there is no LDAP: users with passwords need EAP, which is not in this version";
constexpr std::string_view kRadius =
    "there is no RADIUS: users with passwords need EAP, which is not in this version";
constexpr std::string_view kMacOs = "of the racoon of macOS";
constexpr std::string_view kSandbox = "xfrmd has a user of its own and a sandbox (systemd)";

// clang-format off
constexpr auto kMappings = std::to_array<Mapping>({
    {Global, "path", Converted, "", "", path},
    {Global, "include", Converted, "", "", include},
    {Global, "privsep", NotNeeded, kSandbox, "", nullptr},
    {Global, "pfkey_buffer", NotNeeded, "xfrmd does not use PF_KEY", "", nullptr},
    {Global, "log", NotNeeded, "xfrmd writes one line for each change to the journal", "", nullptr},
    {Global, "padding", NotNeeded, kPadding, "", nullptr},
    {Global, "listen", NotNeeded, "its addresses are looked at one by one", "", nullptr},
    {Global, "complex_bundle", NotNeeded, "what a policy asks for, ESP and AH, decides", "", nullptr},
    {Global, "gss_id_enc", NotNeeded, "IKEv2 has no Kerberos", "", nullptr},
    {Global, "timer", NotNeeded, kTimers, "", nullptr},
    {Global, "retry", NotNeeded, kTimers, "", nullptr},
    {Global, "mode_cfg", Decide, kNoModeCfg, "give each client a fixed inner address, and a connection of its own with it in the child's remote", nullptr},
    {Global, "ldapcfg", Lost, kLdap, "", nullptr},
    {Global, "radiuscfg", Lost, kRadius, "", nullptr},
    {Global, "remote", Converted, "[connection.…]", "", nullptr},
    {Global, "sainfo", Converted, "how the children are protected", "", nullptr},
    {Global, "identifier", NotNeeded, "a vendor ID, which had no meaning", "", nullptr},
    {Global, "vendorid", NotNeeded, "a vendor ID, which had no meaning", "", nullptr},
    {Global, "log_file", NotNeeded, "xfrmd writes to the journal", "", nullptr},
    {Global, "notify_uid", NotNeeded, kMacOs, "", nullptr},

    {Privsep, "user", NotNeeded, kSandbox, "", nullptr},
    {Privsep, "group", NotNeeded, kSandbox, "", nullptr},
    {Privsep, "chroot", NotNeeded, kSandbox, "", nullptr},

    {Padding, "randomize", NotNeeded, kPadding, "", nullptr},
    {Padding, "randomize_length", NotNeeded, kPadding, "", nullptr},
    {Padding, "maximum_length", NotNeeded, kPadding, "", nullptr},
    {Padding, "strict_check", NotNeeded, kPadding, "", nullptr},
    {Padding, "exclusive_tail", NotNeeded, kPadding, "", nullptr},

    {Listen, "isakmp", NotNeeded, "", "", isakmp},
    {Listen, "isakmp_natt", NotNeeded, "", "", isakmp},
    {Listen, "adminsock", NotNeeded, "xfrmctl speaks to /run/xfrmd/io.xfrmd; who may is decided by the groups xfrmd and xfrmd-admin", "", nullptr},
    {Listen, "strict_address", NotNeeded, "addresses may come and go", "", nullptr},
    {Listen, "admin", NotNeeded, "there is no TCP port for commands", "", nullptr},

    {Radius, "auth", Lost, kRadius, "", nullptr},
    {Radius, "acct", Lost, "there is no accounting", "xfrmctl list children --json has the bytes and packets of each", nullptr},
    {Radius, "timeout", NotNeeded, "there is no RADIUS", "", nullptr},
    {Radius, "retries", NotNeeded, "there is no RADIUS", "", nullptr},

    {Ldap, "version", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "debug", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "timeout", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "uri", Lost, kLdap, "", nullptr},
    {Ldap, "host", Lost, kLdap, "", nullptr},
    {Ldap, "port", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "base", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "subtree", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "bind_dn", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "bind_pw", NotNeeded, "there is no LDAP", "change this password if others could read the file", nullptr},
    {Ldap, "attr_user", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "attr_addr", Lost, "addresses of clients come from the configuration", "", nullptr},
    {Ldap, "attr_mask", NotNeeded, "there is no LDAP", "", nullptr},
    {Ldap, "attr_group", Lost, "there are no groups of users", "", nullptr},
    {Ldap, "attr_member", Lost, "there are no groups of users", "", nullptr},
    {Ldap, "attr_device", NotNeeded, "there is no LDAP", "", nullptr},

    {ModeCfg, "auth_source", Lost, "xfrmd asks nobody for passwords in this version", kInsteadOfXauth, nullptr},
    {ModeCfg, "auth_groups", Lost, "there are no groups of users", "an authority or a pattern in peer.id for each group does the same", nullptr},
    {ModeCfg, "group_source", Lost, "there are no groups of users", "", nullptr},
    {ModeCfg, "conf_source", Lost, "addresses of clients come from the configuration", "", nullptr},
    {ModeCfg, "accounting", Lost, "there is no accounting", "xfrmctl list children --json has the bytes and packets of each", nullptr},
    {ModeCfg, "pool_size", Lost, "there is no pool of addresses", "", nullptr},
    {ModeCfg, "network4", Lost, "there is no pool of addresses", "give each client a fixed inner address", nullptr},
    {ModeCfg, "netmask4", Lost, "there is no pool of addresses", "", nullptr},
    {ModeCfg, "dns4", Lost, "clients are told no DNS servers", "write them into the clients' own configuration", nullptr},
    {ModeCfg, "nbns4", Lost, "clients are told no name servers", "", nullptr},
    {ModeCfg, "wins4", Lost, "clients are told no name servers", "", nullptr},
    {ModeCfg, "split_network", Lost, "", "", split_network},
    {ModeCfg, "default_domain", Lost, "clients are told no domain", "", nullptr},
    {ModeCfg, "split_dns", Lost, "clients are told no domains", "", nullptr},
    {ModeCfg, "banner", Lost, "IKEv2 has no banner", "", nullptr},
    {ModeCfg, "auth_throttle", NotNeeded, "nobody is asked for a password; half-open negotiations have [limits]", "", nullptr},
    {ModeCfg, "pfs_group", NotNeeded, "an extension of Cisco that IKEv2 has no use for", "", nullptr},
    {ModeCfg, "save_passwd", NotNeeded, "an extension of Cisco that IKEv2 has no use for", "", nullptr},

    {Timer, "counter", NotNeeded, kTimers, "", nullptr},
    {Timer, "interval", NotNeeded, kTimers, "", nullptr},
    {Timer, "persend", NotNeeded, "a message is never sent twice at once", "", nullptr},
    {Timer, "phase1", NotNeeded, kTimers, "", nullptr},
    {Timer, "phase2", NotNeeded, kTimers, "", nullptr},
    {Timer, "natt_keepalive", Converted, "[ike] nat_keepalive", "", nullptr},
    {Timer, "auto_exit_delay", NotNeeded, kMacOs, "", nullptr},

    {Sainfo, "pfs_group", Converted, "", "", group},
    {Sainfo, "lifetime", Converted, "", "", lifetime},
    {Sainfo, "remoteid", Converted, "the sainfo goes with the remote that has this ph1id", "", nullptr},
    {Sainfo, "encryption_algorithm", Converted, "", "", encryption},
    {Sainfo, "authentication_algorithm", Converted, "", "", authentication},
    {Sainfo, "compression_algorithm", NotNeeded, "racoon asks for this line; compression is used where a policy has ipcomp", "", nullptr},
    {Sainfo, "my_identifier", NotNeeded, "racoon never used it", "", nullptr},
    {Sainfo, "identifier", NotNeeded, "racoon never used it", "", nullptr},

    {Remote, "remote_address", Converted, "remote", "", nullptr},
    {Remote, "exchange_mode", NotNeeded, "", "", exchange_mode},
    {Remote, "doi", NotNeeded, "it had one value, and is not in IKEv2", "", nullptr},
    {Remote, "situation", NotNeeded, "it had one value that anybody used, and is not in IKEv2", "", nullptr},
    {Remote, "my_identifier", Converted, "", "", my_identifier},
    {Remote, "xauth_login", Decide, "XAuth is of IKEv1; IKEv2 has EAP for users with passwords", kInsteadOfXauth, nullptr},
    {Remote, "peers_identifier", Converted, "peer.id", "", nullptr},
    {Remote, "verify_identifier", Converted, "", "", verify_identifier},
    {Remote, "certificate_type", Converted, "", "", certificate_type},
    {Remote, "ca_type", Converted, "[trust.…] ca", "", nullptr},
    {Remote, "mode_cfg", Lost, "", "", remote_mode_cfg},
    {Remote, "weak_phase1_check", NotNeeded, "", "", weak_phase1_check},
    {Remote, "peers_certfile", Converted, "", "", peers_certfile},
    {Remote, "script", Decide, "", "", script},
    {Remote, "send_cert", NotNeeded, "the certificate is always sent", "", nullptr},
    {Remote, "send_cr", NotNeeded, "the authorities that count are always named", "", nullptr},
    {Remote, "match_empty_cr", NotNeeded, "which connection a peer means is known from its identity", "", nullptr},
    {Remote, "verify_cert", Converted, "", "", verify_cert},
    {Remote, "lifetime", Converted, "", "", lifetime},
    {Remote, "initial_contact", Converted, "", "", initial_contact},
    {Remote, "passive", Converted, "", "", passive},
    {Remote, "proposal_check", NotNeeded, "", "", proposal_check},
    {Remote, "support_proxy", NotNeeded, "traffic selectors say what a child is for, always", "", nullptr},
    {Remote, "generate_policy", NotNeeded, "", "", generate_policy},
    {Remote, "nat_traversal", Converted, "", "", nat_traversal},
    {Remote, "ike_frag", Converted, "", "", ike_frag},
    {Remote, "esp_frag", Lost, "packets are not cut before they are encrypted", "if large packets get lost behind the NAT, lower the MTU of the route, or clamp TCP's MSS", nullptr},
    {Remote, "dpd", Converted, "", "", dpd},
    {Remote, "dpd_delay", Converted, "", "", dpd_delay},
    {Remote, "dpd_retry", NotNeeded, kTimers, "", nullptr},
    {Remote, "dpd_maxfail", NotNeeded, kTimers, "", nullptr},
    {Remote, "rekey", Converted, "", "", rekey},
    {Remote, "nonce_size", NotNeeded, "nonces have 32 octets", "", nullptr},
    {Remote, "ph1id", Converted, "the remote goes with the sainfo that has this remoteid", "", nullptr},
    {Remote, "proposal", Converted, "ike", "", nullptr},
    {Remote, "dh_group", NotNeeded, "racoon refuses it here; that of the proposal counts", "", nullptr},
    {Remote, "identifier", Converted, "", "", my_identifier},
    {Remote, "support_mip6", NotNeeded, "traffic selectors say what a child is for, always", "", nullptr},
    {Remote, "keepalive", NotNeeded, "racoon never had it", "", nullptr},
    {Remote, "local_address", Converted, "local", "", nullptr},
    {Remote, "shared_secret", Decide, "the secret stands in the file itself, or in a keychain", "put it into a file of its own, mode 0600: peer = { psk = \"/etc/xfrmd/NAME.psk\" }", nullptr},
    {Remote, "forced_nat_keepalive", NotNeeded, kMacOs, "", nullptr},
    {Remote, "natt_multiple_user", NotNeeded, "several clients behind one NAT are kept apart, always", "", nullptr},
    {Remote, "open_dir_auth_group", Lost, "there are no groups of users", "", nullptr},
    {Remote, "certificate_verification", NotNeeded, "certificates are always verified, against the trust alone", "", nullptr},
    {Remote, "verification_module", NotNeeded, "certificates are always verified, against the trust alone", "", nullptr},
    {Remote, "verification_option", NotNeeded, "peer.id is always compared", "", nullptr},
    {Remote, "cert_verification", NotNeeded, "certificates are always verified, against the trust alone", "", nullptr},
    {Remote, "cert_verification_option", NotNeeded, "peer.id is always compared", "", nullptr},
    {Remote, "dpd_algorithm", NotNeeded, kMacOs, "", nullptr},
    {Remote, "idle_timeout", NotNeeded, kMacOs, "", nullptr},
    {Remote, "idle_timeout_dir", NotNeeded, kMacOs, "", nullptr},
    {Remote, "disconnect_on_idle", NotNeeded, kMacOs, "", nullptr},

    {Proposal, "encryption_algorithm", Converted, "", "", encryption},
    {Proposal, "hash_algorithm", Converted, "", "", hash},
    {Proposal, "authentication_method", Converted, "", "", authentication_method},
    {Proposal, "dh_group", Converted, "", "", group},
    {Proposal, "lifetime", Converted, "", "", lifetime},
    {Proposal, "gss_id", Lost, "IKEv2 has no Kerberos", "", nullptr},
    {Proposal, "gssapi_id", Lost, "IKEv2 has no Kerberos", "", nullptr},
});
// clang-format on

}  // namespace

std::span<const Mapping> mappings() {
    return kMappings;
}

const Mapping* mapping_of(const racoon::Directive& directive) {
    const auto* const found = std::ranges::find_if(kMappings, [&](const Mapping& mapping) {
        return mapping.context == directive.context && mapping.word == directive.word;
    });
    return found == kMappings.end() ? nullptr : found;
}

Finding judge(const racoon::Statement& statement) {
    const Mapping* mapping = mapping_of(*statement.directive);
    if (mapping == nullptr)
        return {Decide, "xfrmctl does not know what becomes of this",
                "look at it, and tell the makers of xfrmd"};
    if (mapping->judge != nullptr) return mapping->judge(statement);
    return {mapping->verdict, std::string{mapping->text}, std::string{mapping->action}};
}

}  // namespace xfrmd::migrate
