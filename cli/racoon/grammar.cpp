// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/grammar.h"

#include <algorithm>
#include <array>

namespace xfrmd::racoon {

namespace {

using enum Context;
using enum Form;

constexpr Directive row(Context context, std::string_view word, std::string_view synopsis,
                        Form form, Era era = Era::Current) {
    return {.context = context, .word = word, .synopsis = synopsis, .form = form, .era = era};
}

constexpr Directive block(Context context, std::string_view word, std::string_view synopsis,
                          Context opens, Era era = Era::Current) {
    return {.context = context,
            .word = word,
            .synopsis = synopsis,
            .era = era,
            .block = true,
            .semicolon_too = opens == Remote,
            .opens = opens};
}

// clang-format off
constexpr auto kDirectives = std::to_array<Directive>({
    row(Global, "path", "path include|pre_shared_key|certificate|script|backupsa|pidfile \"FILE\"", Own),
    row(Global, "include", "include \"FILE\"", String),
    block(Global, "privsep", "privsep { … }", Privsep),
    row(Global, "pfkey_buffer", "pfkey_buffer KILOBYTES", Number),
    row(Global, "log", "log error|warning|notify|info|debug|debug2", OneOf),
    block(Global, "padding", "padding { … }", Padding),
    block(Global, "listen", "listen { … }", Listen),
    row(Global, "complex_bundle", "complex_bundle on|off", Switch),
    row(Global, "gss_id_enc", "gss_id_enc latin1|utf-16le", OneOf),
    block(Global, "timer", "timer { … }", Timer),
    block(Global, "retry", "timer { … }", Timer, Era::Old),
    block(Global, "mode_cfg", "mode_cfg { … }", ModeCfg),
    block(Global, "ldapcfg", "ldapcfg { … }", Ldap),
    block(Global, "radiuscfg", "radiuscfg { … }", Radius),
    block(Global, "remote", "remote ADDRESS[PORT]|anonymous|\"NAME\" [inherit PARENT] { … }", Remote),
    block(Global, "sainfo", "sainfo LOCAL REMOTE|anonymous [from ID | group \"NAME\"] { … }", Sainfo),
    row(Global, "identifier", "identifier vendorid \"TEXT\"", Anything, Era::Old),
    row(Global, "vendorid", "vendorid \"TEXT\"", Anything, Era::Old),
    row(Global, "log_file", "log_file \"FILE\"", Anything, Era::Apple),
    row(Global, "notify_uid", "notify_uid NUMBER", Anything, Era::Apple),

    row(Privsep, "user", "user \"NAME\"|NUMBER", Own),
    row(Privsep, "group", "group \"NAME\"|NUMBER", Own),
    row(Privsep, "chroot", "chroot \"FOLDER\"", String),

    row(Padding, "randomize", "randomize on|off", Switch),
    row(Padding, "randomize_length", "randomize_length on|off", Switch),
    row(Padding, "maximum_length", "maximum_length NUMBER", Number),
    row(Padding, "strict_check", "strict_check on|off", Switch),
    row(Padding, "exclusive_tail", "exclusive_tail on|off", Switch),

    row(Listen, "isakmp", "isakmp ADDRESS[PORT]", Own),
    row(Listen, "isakmp_natt", "isakmp_natt ADDRESS[PORT]", Own),
    row(Listen, "adminsock", "adminsock \"FILE\" [\"OWNER\" \"GROUP\" MODE], or adminsock disabled", Own),
    row(Listen, "strict_address", "strict_address", Nothing),
    row(Listen, "admin", "admin ADDRESS[PORT]", Anything, Era::Old),

    row(Radius, "auth", "auth \"SERVER\" [PORT] \"SECRET\"", Own),
    row(Radius, "acct", "acct \"SERVER\" [PORT] \"SECRET\"", Own),
    row(Radius, "timeout", "timeout SECONDS", Number),
    row(Radius, "retries", "retries NUMBER", Number),

    row(Ldap, "version", "version 2|3", OneOf),
    row(Ldap, "debug", "debug NUMBER", Number),
    row(Ldap, "timeout", "timeout SECONDS", Number),
    row(Ldap, "uri", "uri \"URI\"", String),
    row(Ldap, "host", "host \"NAME\"", String),
    row(Ldap, "port", "port NUMBER", Number),
    row(Ldap, "base", "base \"DN\"", String),
    row(Ldap, "subtree", "subtree on|off", Switch),
    row(Ldap, "bind_dn", "bind_dn \"DN\"", String),
    row(Ldap, "bind_pw", "bind_pw \"PASSWORD\"", String),
    row(Ldap, "attr_user", "attr_user \"NAME\"", String),
    row(Ldap, "attr_addr", "attr_addr \"NAME\"", String),
    row(Ldap, "attr_mask", "attr_mask \"NAME\"", String),
    row(Ldap, "attr_group", "attr_group \"NAME\"", String),
    row(Ldap, "attr_member", "attr_member \"NAME\"", String),
    row(Ldap, "attr_device", "attr_device \"NAME\"", String),

    row(ModeCfg, "auth_source", "auth_source system|radius|pam|ldap", OneOf),
    row(ModeCfg, "auth_groups", "auth_groups \"GROUP\", …", Strings),
    row(ModeCfg, "group_source", "group_source system|ldap", OneOf),
    row(ModeCfg, "conf_source", "conf_source local|radius|ldap", OneOf),
    row(ModeCfg, "accounting", "accounting none|system|radius|pam", OneOf),
    row(ModeCfg, "pool_size", "pool_size NUMBER", Number),
    row(ModeCfg, "network4", "network4 ADDRESS", Address),
    row(ModeCfg, "netmask4", "netmask4 MASK", Address),
    row(ModeCfg, "dns4", "dns4 ADDRESS, …", Addresses),
    row(ModeCfg, "nbns4", "nbns4 ADDRESS, …", Addresses),
    row(ModeCfg, "wins4", "wins4 ADDRESS, …", Addresses),
    row(ModeCfg, "split_network", "split_network include|local_lan NETWORK/PREFIX, …", Networks),
    row(ModeCfg, "default_domain", "default_domain \"DOMAIN\"", String),
    row(ModeCfg, "split_dns", "split_dns \"DOMAIN\", …", Strings),
    row(ModeCfg, "banner", "banner \"FILE\"", String),
    row(ModeCfg, "auth_throttle", "auth_throttle SECONDS", Number),
    row(ModeCfg, "pfs_group", "pfs_group GROUP", Own),
    row(ModeCfg, "save_passwd", "save_passwd on|off", Switch),

    row(Timer, "counter", "counter NUMBER", Number),
    row(Timer, "interval", "interval NUMBER sec|min|hour", Time),
    row(Timer, "persend", "persend NUMBER", Number),
    row(Timer, "phase1", "phase1 NUMBER sec|min|hour", Time),
    row(Timer, "phase2", "phase2 NUMBER sec|min|hour", Time),
    row(Timer, "natt_keepalive", "natt_keepalive NUMBER sec|min|hour", Own),
    row(Timer, "auto_exit_delay", "auto_exit_delay NUMBER sec|min|hour", Anything, Era::Apple),

    row(Sainfo, "pfs_group", "pfs_group GROUP", Own),
    row(Sainfo, "lifetime", "lifetime time NUMBER sec|min|hour", Own),
    row(Sainfo, "remoteid", "remoteid NUMBER", Own),
    row(Sainfo, "encryption_algorithm", "encryption_algorithm ALGORITHM [BITS], …", Own),
    row(Sainfo, "authentication_algorithm", "authentication_algorithm ALGORITHM, …", Own),
    row(Sainfo, "compression_algorithm", "compression_algorithm deflate", Own),
    row(Sainfo, "my_identifier", "my_identifier TYPE \"TEXT\"", Own, Era::Old),
    row(Sainfo, "identifier", "my_identifier TYPE \"TEXT\"", Own, Era::Old),

    row(Remote, "remote_address", "remote_address ADDRESS[PORT]", Own),
    row(Remote, "exchange_mode", "exchange_mode main|aggressive|base, …", Own),
    row(Remote, "doi", "doi ipsec_doi", OneOf),
    row(Remote, "situation", "situation identity_only|secrecy|integrity", OneOf),
    row(Remote, "my_identifier", "my_identifier address|fqdn|user_fqdn|keyid|asn1dn [file|tag] [\"TEXT\"]", Own),
    row(Remote, "xauth_login", "xauth_login [\"USER\"]", Own),
    row(Remote, "peers_identifier", "peers_identifier address|fqdn|user_fqdn|keyid|asn1dn [file|tag] [\"TEXT\"]", Own),
    row(Remote, "verify_identifier", "verify_identifier on|off", Own),
    row(Remote, "certificate_type", "certificate_type x509 \"CERTIFICATE\" \"KEY\", or plain_rsa \"KEY\"", Own),
    row(Remote, "ca_type", "ca_type x509 \"CERTIFICATE\"", Own),
    row(Remote, "mode_cfg", "mode_cfg on|off", Own),
    row(Remote, "weak_phase1_check", "weak_phase1_check on|off", Switch),
    row(Remote, "peers_certfile", "peers_certfile x509 \"CERTIFICATE\", or plain_rsa \"KEY\", or dnssec", Own),
    row(Remote, "script", "script \"FILE\" phase1_up|phase1_down|phase1_dead", Own),
    row(Remote, "send_cert", "send_cert on|off", Switch),
    row(Remote, "send_cr", "send_cr on|off", Switch),
    row(Remote, "match_empty_cr", "match_empty_cr on|off", Switch),
    row(Remote, "verify_cert", "verify_cert on|off", Own),
    row(Remote, "lifetime", "lifetime time NUMBER sec|min|hour", Own),
    row(Remote, "initial_contact", "initial_contact on|off", Switch),
    row(Remote, "passive", "passive on|off", Own),
    row(Remote, "proposal_check", "proposal_check obey|strict|claim|exact", Own),
    row(Remote, "support_proxy", "support_proxy on|off", Switch),
    row(Remote, "generate_policy", "generate_policy on|off|require|unique", Own),
    row(Remote, "nat_traversal", "nat_traversal on|off|force", Own),
    row(Remote, "ike_frag", "ike_frag on|off|force", OneOf),
    row(Remote, "esp_frag", "esp_frag NUMBER", Number),
    row(Remote, "dpd", "dpd on|off", Switch),
    row(Remote, "dpd_delay", "dpd_delay SECONDS", Own),
    row(Remote, "dpd_retry", "dpd_retry SECONDS", Number),
    row(Remote, "dpd_maxfail", "dpd_maxfail NUMBER", Number),
    row(Remote, "rekey", "rekey on|off|force", OneOf),
    row(Remote, "nonce_size", "nonce_size NUMBER", Number),
    row(Remote, "ph1id", "ph1id NUMBER", Own),
    block(Remote, "proposal", "proposal { … }", Proposal),
    row(Remote, "dh_group", "dh_group GROUP", Own, Era::Old),
    row(Remote, "identifier", "my_identifier TYPE [\"TEXT\"]", Own, Era::Old),
    row(Remote, "support_mip6", "support_proxy on|off", Switch, Era::Old),
    row(Remote, "keepalive", "keepalive", Anything, Era::Old),
    row(Remote, "local_address", "local_address ADDRESS", Own, Era::Apple),
    row(Remote, "shared_secret", "shared_secret use|key|keychain \"TEXT\"", Anything, Era::Apple),
    row(Remote, "forced_nat_keepalive", "forced_nat_keepalive on|off", Anything, Era::Apple),
    row(Remote, "natt_multiple_user", "natt_multiple_user on|off", Anything, Era::Apple),
    row(Remote, "open_dir_auth_group", "open_dir_auth_group \"NAME\"", Anything, Era::Apple),
    row(Remote, "certificate_verification", "certificate_verification sec_framework|openssl …", Anything, Era::Apple),
    row(Remote, "verification_module", "verification_module sec_framework|openssl", Anything, Era::Apple),
    row(Remote, "verification_option", "verification_option …", Anything, Era::Apple),
    row(Remote, "cert_verification", "cert_verification sec_framework|openssl", Anything, Era::Apple),
    row(Remote, "cert_verification_option", "cert_verification_option …", Anything, Era::Apple),
    row(Remote, "dpd_algorithm", "dpd_algorithm …", Anything, Era::Apple),
    row(Remote, "idle_timeout", "idle_timeout NUMBER", Anything, Era::Apple),
    row(Remote, "idle_timeout_dir", "idle_timeout_dir …", Anything, Era::Apple),
    block(Remote, "disconnect_on_idle", "disconnect_on_idle { … }", Foreign, Era::Apple),

    row(Proposal, "encryption_algorithm", "encryption_algorithm ALGORITHM [BITS]", Own),
    row(Proposal, "hash_algorithm", "hash_algorithm md5|sha1|sha256|sha384|sha512", Own),
    row(Proposal, "authentication_method", "authentication_method pre_shared_key|rsasig|…", Own),
    row(Proposal, "dh_group", "dh_group GROUP", Own),
    row(Proposal, "lifetime", "lifetime time NUMBER sec|min|hour", Own),
    row(Proposal, "gss_id", "gss_id \"TEXT\"", String),
    row(Proposal, "gssapi_id", "gss_id \"TEXT\"", String, Era::Old),
});
// clang-format on

static_assert(std::ranges::is_sorted(kDirectives, {}, &Directive::context));

}  // namespace

std::span<const Directive> directives() {
    return kDirectives;
}

const Directive* find_directive(Context context, std::string_view word) {
    const auto* const found = std::ranges::find_if(kDirectives, [&](const Directive& directive) {
        return directive.context == context && directive.word == word;
    });
    return found == kDirectives.end() ? nullptr : found;
}

std::vector<std::string> words_of(Context context) {
    std::vector<std::string> words;
    for (const Directive& directive : kDirectives)
        if (directive.context == context) words.emplace_back(directive.word);
    return words;
}

std::string_view name_of(Context context) {
    switch (context) {
        case Global:
            return "the file";
        case Privsep:
            return "privsep";
        case Padding:
            return "padding";
        case Listen:
            return "listen";
        case Radius:
            return "radiuscfg";
        case Ldap:
            return "ldapcfg";
        case ModeCfg:
            return "mode_cfg";
        case Timer:
            return "timer";
        case Sainfo:
            return "a sainfo";
        case Remote:
            return "a remote";
        case Proposal:
            return "a proposal";
        case Foreign:
            return "this block";
    }
    return "this block";
}

bool is_placeholder(std::string_view word) {
    return word.contains("%%") || word.contains("${") || word.starts_with('@');
}

}  // namespace xfrmd::racoon
