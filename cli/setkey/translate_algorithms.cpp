// SPDX-License-Identifier: Apache-2.0
// The algorithms of an SA in the kernel's terms.
#include <format>

#include "cli/setkey/algorithms.h"
#include "cli/setkey/translation.h"
#include "daemon/configuration/did_you_mean.h"

namespace xfrmd::setkey {

using xfrm::IpsecProtocol;
using xfrm::SaSpec;

namespace {

constexpr std::uint32_t kFixedOctetsOfAh = 12;  // RFC 4302 §2: all of the header but the ICV

// The row, if Linux has the algorithm; otherwise the mistake was told.
const AlgorithmRow* known(const Translation& translation, const Located<std::string>& name,
                          const AlgorithmRow* row, std::span<const std::string> words) {
    if (row == nullptr) {
        const auto meant = daemon::did_you_mean(name.value, words);
        translation.error(name.span, std::format("\"{}\" is no algorithm here", name.value),
                          meant ? std::format("do you mean \"{}\"?", *meant)
                                : std::format("it is one of {}", daemon::one_of(words)));
        return nullptr;
    }
    if (row->kernel_name.empty()) {
        translation.error(name.span, std::format("{} cannot be used", name.value),
                          std::string{row->remark});
        return nullptr;
    }
    if (!row->remark.empty()) translation.warning(name.span, std::string{row->remark});
    return row;
}

Secret key_of(const Translation& translation, const KeyedAlgorithm& algorithm,
              const AlgorithmRow& row) {
    const std::size_t octets = algorithm.key ? algorithm.key->value.octets.size() : 0;
    if (!row.key.allows(octets))
        translation.error(algorithm.key ? algorithm.key->span : algorithm.name.span,
                          std::format("{} wants {}, {}", algorithm.name.value, describe(row.key),
                                      octets == 0 ? std::string{"which is missing"}
                                                  : std::format("this one has {}", octets)));
    return algorithm.key ? algorithm.key->value.octets.clone() : Secret{};
}

void refuse_icv_length(const Translation& translation, const KeyedAlgorithm& algorithm,
                       std::string_view why) {
    if (algorithm.icv_bits) translation.error(algorithm.icv_bits->span, std::string{why});
}

void put_encryption(const Translation& translation, const KeyedAlgorithm& algorithm, SaSpec& spec) {
    const auto words = encryption_words();
    const AlgorithmRow* const row =
        known(translation, algorithm.name, find_encryption(algorithm.name.value), words);
    if (row == nullptr) return;
    Secret key = key_of(translation, algorithm, *row);
    if (row->kind == AlgorithmKind::CombinedMode) {
        refuse_icv_length(translation, algorithm,
                          "the name of a combined mode says how long its ICV is");
        spec.aead =
            xfrm::AeadAlgorithm{std::string{row->kernel_name}, std::move(key), row->icv_bits};
    } else {
        refuse_icv_length(translation, algorithm, "a cipher alone has no ICV");
        spec.encryption = xfrm::EncryptionAlgorithm{std::string{row->kernel_name}, std::move(key)};
    }
}

std::uint32_t icv_bits_of(const Translation& translation, const KeyedAlgorithm& algorithm,
                          const AlgorithmRow& row) {
    if (algorithm.icv_bits) {
        const std::uint32_t bits = algorithm.icv_bits->value;
        if (bits % 8 != 0 || bits > row.icv_bits_most)
            translation.error(algorithm.icv_bits->span,
                              std::format("the ICV of {} is a multiple of 8 bits, at most {}",
                                          algorithm.name.value, row.icv_bits_most));
        return bits;
    }
    if (row.icv_bits != row.icv_bits_rfc)
        translation.warning(
            algorithm.name.span,
            std::format("{} has an ICV of {} bits here, as setkey has always installed it",
                        algorithm.name.value, row.icv_bits),
            std::format("write {}/{} for a peer that keeps to the RFCs; both ends need the same",
                        algorithm.name.value, row.icv_bits_rfc));
    return row.icv_bits;
}

void put_integrity(const Translation& translation, const KeyedAlgorithm& algorithm, SaSpec& spec) {
    const auto words = integrity_words();
    const AlgorithmRow* const row =
        known(translation, algorithm.name, find_integrity(algorithm.name.value), words);
    if (row == nullptr) return;
    Secret key = key_of(translation, algorithm, *row);
    const std::uint32_t bits = icv_bits_of(translation, algorithm, *row);
    spec.integrity = xfrm::IntegrityAlgorithm{std::string{row->kernel_name}, std::move(key), bits};
}

void refuse(const Translation& translation, const std::optional<KeyedAlgorithm>& algorithm,
            std::string_view why) {
    if (algorithm) translation.error(algorithm->name.span, std::string{why});
}

void refuse(const Translation& translation, const std::optional<Compression>& compression,
            std::string_view why) {
    if (compression) translation.error(compression->name.span, std::string{why});
}

void put_esp(const Translation& translation, const SaDefinition& definition, SaSpec& spec) {
    const Algorithms& algorithms = definition.algorithms;
    refuse(translation, algorithms.compression, "-C is for ipcomp");
    if (!algorithms.encryption)
        return translation.error(definition.spi.span, "esp needs -E",
                                 "-E null with -A, if it is to authenticate only");
    put_encryption(translation, *algorithms.encryption, spec);
    if (spec.aead)
        return refuse(translation, algorithms.authentication,
                      "a combined mode authenticates itself: -A is too much");
    if (algorithms.authentication)
        return put_integrity(translation, *algorithms.authentication, spec);
    translation.warning(algorithms.encryption->name.span,
                        "without -A nothing tells whether a packet was changed on its way",
                        "-E aes-gcm-16, or -A hmac-sha256/128 behind the cipher");
}

void put_ah(const Translation& translation, const SaDefinition& definition, SaSpec& spec) {
    const Algorithms& algorithms = definition.algorithms;
    refuse(translation, algorithms.encryption, "AH does not encrypt: -E is for esp");
    refuse(translation, algorithms.compression, "-C is for ipcomp");
    if (!algorithms.authentication) return translation.error(definition.spi.span, "ah needs -A");
    if (algorithms.authentication->name.value == "null")
        return translation.error(algorithms.authentication->name.span,
                                 "AH cannot do without authentication, which is all it does");
    put_integrity(translation, *algorithms.authentication, spec);
}

void put_ipcomp(const Translation& translation, const SaDefinition& definition, SaSpec& spec) {
    const Algorithms& algorithms = definition.algorithms;
    refuse(translation, algorithms.encryption, "IPComp does not encrypt: -E is for esp");
    refuse(translation, algorithms.authentication,
           "IPComp does not authenticate: -A is for esp and ah");
    if (!algorithms.compression) return translation.error(definition.spi.span, "ipcomp needs -C");
    const auto words = compression_words();
    const Located<std::string>& name = algorithms.compression->name;
    if (const AlgorithmRow* const row =
            known(translation, name, find_compression(name.value), words))
        spec.compression = xfrm::CompressionAlgorithm{std::string{row->kernel_name}};
}

bool has_flag(const Extensions& extensions, SaFlag wanted) {
    return std::ranges::contains(extensions.flags, wanted, &Located<SaFlag>::value);
}

}  // namespace

void put_algorithms(const Translation& translation, const SaDefinition& definition, SaSpec& spec) {
    switch (spec.id.protocol) {
        case IpsecProtocol::Esp:
            return put_esp(translation, definition, spec);
        case IpsecProtocol::Ah:
            return put_ah(translation, definition, spec);
        case IpsecProtocol::Ipcomp:
            return put_ipcomp(translation, definition, spec);
    }
}

// RFC 4302 §3.3.3.2.1 pads the header to 4 octets on IPv4, Linux to 8 unless it is told. Hosts with
// setkey could not tell it, so its words keep to 8, and ours (with the ICV's length) to the RFC.
bool align4_of(const Translation& translation, const SaDefinition& definition, const SaSpec& spec) {
    const bool applies = spec.id.protocol == IpsecProtocol::Ah && spec.id.destination.is_v4() &&
                         spec.integrity && definition.algorithms.authentication;
    const bool align4 = has_flag(definition.extensions, SaFlag::Align4);
    const bool no_align4 = has_flag(definition.extensions, SaFlag::NoAlign4);
    if (align4 && no_align4)
        translation.error(definition.extensions.flags.front().span,
                          "align4 and no-align4 exclude each other");
    if (!applies || align4 || no_align4) return align4 && applies;
    if (definition.algorithms.authentication->icv_bits) return true;
    const bool differs = (kFixedOctetsOfAh + spec.integrity->truncated_bits / 8) % 8 != 0;
    if (differs)
        translation.warning(
            definition.algorithms.authentication->name.span,
            "this AH header is padded to 8 octets, as between hosts with setkey",
            "RFC 4302 wants 4 on IPv4: -f align4, or -f no-align4 to keep it without this warning");
    return false;
}

}  // namespace xfrmd::setkey
