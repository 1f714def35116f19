// SPDX-License-Identifier: Apache-2.0
#include "netlink/errors.h"

#include <array>
#include <cerrno>
#include <format>
#include <system_error>
#include <utility>

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

struct AlgorithmModule {
    std::string_view algorithm;
    std::string_view module;
    std::string_view option;
};

constexpr auto kAlgorithmModules = std::to_array<AlgorithmModule>({
    {"rfc4106(gcm(aes))", "gcm", "CONFIG_CRYPTO_GCM"},
    {"rfc4309(ccm(aes))", "ccm", "CONFIG_CRYPTO_CCM"},
    {"rfc4543(gcm(aes))", "gcm", "CONFIG_CRYPTO_GCM"},
    {"rfc7539esp(chacha20,poly1305)", "chacha20poly1305", "CONFIG_CRYPTO_CHACHA20POLY1305"},
    {"cbc(aes)", "cbc", "CONFIG_CRYPTO_CBC"},
    {"cbc(camellia)", "camellia_generic", "CONFIG_CRYPTO_CAMELLIA"},
    {"cbc(des3_ede)", "des_generic", "CONFIG_CRYPTO_DES"},
    {"rfc3686(ctr(aes))", "ctr", "CONFIG_CRYPTO_CTR"},
    {"ecb(cipher_null)", "crypto_null", "CONFIG_CRYPTO_NULL"},
    {"hmac(sha1)", "sha1_generic", "CONFIG_CRYPTO_SHA1"},
    {"hmac(sha256)", "sha256_generic", "CONFIG_CRYPTO_SHA256"},
    {"hmac(sha384)", "sha512_generic", "CONFIG_CRYPTO_SHA512"},
    {"hmac(sha512)", "sha512_generic", "CONFIG_CRYPTO_SHA512"},
    {"cmac(aes)", "cmac", "CONFIG_CRYPTO_CMAC"},
    {"xcbc(aes)", "xcbc", "CONFIG_CRYPTO_XCBC"},
    {"deflate", "deflate", "CONFIG_CRYPTO_DEFLATE"},
});

std::string_view name_of(IpsecProtocol protocol) {
    switch (protocol) {
        case IpsecProtocol::Esp: return "ESP";
        case IpsecProtocol::Ah: return "AH";
        case IpsecProtocol::Ipcomp: return "IPComp";
    }
    std::unreachable();
}

std::string_view name_of(Direction direction) {
    switch (direction) {
        case Direction::In: return "in";
        case Direction::Out: return "out";
        case Direction::Forward: return "forward";
    }
    std::unreachable();
}

// "ESP for IPv4: load module esp4 (CONFIG_INET_ESP)"
std::string missing_protocol(const SaId& id) {
    const bool v4 = id.destination.is_v4();
    std::string module;
    std::string option;
    switch (id.protocol) {
        case IpsecProtocol::Esp: module = "esp", option = "ESP"; break;
        case IpsecProtocol::Ah: module = "ah", option = "AH"; break;
        case IpsecProtocol::Ipcomp: module = "ipcomp", option = "IPCOMP"; break;
    }
    return std::format("this kernel has no {} for {}: load module {} (CONFIG_{}_{})",
                       name_of(id.protocol), v4 ? "IPv4" : "IPv6", module + (v4 ? "4" : "6"),
                       v4 ? "INET" : "INET6", option);
}

// The algorithm of the SA that the kernel's text is about; without a hint, the first it has.
std::string_view suspect(const SaSpec& spec, std::string_view text) {
    if (spec.integrity && text.contains("AUTH")) return spec.integrity->name;
    if (spec.aead) return spec.aead->name;
    if (spec.encryption) return spec.encryption->name;
    if (spec.integrity) return spec.integrity->name;
    return spec.compression ? std::string_view{spec.compression->name} : std::string_view{};
}

std::string missing_algorithm(const SaSpec& spec, const Refusal& refusal) {
    std::string names;
    // A failed initialisation does not say which part is missing: name all of them.
    const bool vague = !refusal.text.contains("not found");
    if (vague && spec.encryption && spec.integrity)
        names = std::format("{} or {}", spec.encryption->name, spec.integrity->name);
    else
        names = suspect(spec, refusal.text);
    std::string modules;
    for (const AlgorithmModule& row : kAlgorithmModules)
        if (names.contains(row.algorithm))
            modules += std::format("{}{} ({})", modules.empty() ? ": load module " : ", ",
                                   row.module, row.option);
    return std::format("this kernel has no {}{}", names, modules);
}

bool says_protocol_is_missing(const Refusal& refusal) {
    return refusal.error_number == EPROTONOSUPPORT || refusal.text.contains("type not found");
}

bool says_algorithm_is_missing(const Refusal& refusal) {
    return refusal.error_number == ENOSYS || refusal.error_number == ENOENT;
}

// What holds for every object; the kernel's own words are added where there are some.
std::string common_reason(const Refusal& refusal) {
    std::string reason;
    if (refusal.lost)
        reason = "the kernel's answer was lost, its receive queue overran";
    else if (refusal.error_number == EPERM || refusal.error_number == EACCES)
        reason = "not permitted, this needs CAP_NET_ADMIN";
    else
        reason = std::generic_category().message(refusal.error_number);
    if (!refusal.text.empty()) reason += " (" + refusal.text + ")";
    return reason;
}

}  // namespace

std::string name_of(const SaId& id) {
    return std::format("{} SA {} -> {} SPI 0x{:08x}", name_of(id.protocol), id.source.to_string(),
                       id.destination.to_string(), id.spi.value);
}

std::string name_of(const PolicyId& id) {
    return std::format("{} policy {}", name_of(id.direction), id.selector.to_string());
}

KernelError explain(const Refusal& refusal, const SaSpec& spec) {
    std::string reason;
    if (refusal.lost)
        reason = common_reason(refusal);
    else if (refusal.error_number == EEXIST)
        reason = "exists already";
    else if (refusal.error_number == ESRCH)
        reason = "does not exist";
    else if (says_protocol_is_missing(refusal))
        reason = missing_protocol(spec.id);
    else if (says_algorithm_is_missing(refusal))
        reason = missing_algorithm(spec, refusal);
    else
        reason = common_reason(refusal);
    return {refusal.error_number, name_of(spec.id) + ": " + reason};
}

KernelError explain_migration(const Refusal& refusal, const PolicyId& policy) {
    const bool unknown = !refusal.lost && refusal.error_number == ENOPROTOOPT;
    return {refusal.error_number,
            "moving the SA of " + name_of(policy) + ": " +
                (unknown ? "this kernel cannot (CONFIG_XFRM_MIGRATE)" : common_reason(refusal))};
}

KernelError explain(const Refusal& refusal, const PolicySpec& spec) {
    std::string reason;
    if (refusal.lost)
        reason = common_reason(refusal);
    else if (refusal.error_number == EEXIST)
        reason = "exists already";
    else if (refusal.error_number == ENOENT)
        reason = "does not exist";
    else
        reason = common_reason(refusal);
    return {refusal.error_number, name_of(spec.id) + ": " + reason};
}

KernelError explain(const Refusal& refusal, const AllocateSpi& request) {
    return {refusal.error_number,
            std::format("SPI for {} {} -> {}: {}", name_of(request.protocol),
                        request.source.to_string(), request.destination.to_string(),
                        common_reason(refusal))};
}

KernelError explain(const Refusal& refusal, std::string_view object) {
    return {refusal.error_number, std::format("{}: {}", object, common_reason(refusal))};
}

std::string module_of(std::string_view algorithm) {
    for (const AlgorithmModule& row : kAlgorithmModules)
        if (row.algorithm == algorithm) return std::format("{} ({})", row.module, row.option);
    return {};
}

}  // namespace xfrmd::netlink
