// SPDX-License-Identifier: Apache-2.0
#include "netlink/probe.h"

#include <array>
#include <cerrno>

#include "netlink/errors.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

struct Trial {
    IpsecProtocol protocol = IpsecProtocol::Esp;
    std::string_view aead;
    std::string_view encryption;
    std::size_t key_octets = 0;
    std::string_view integrity;
    std::size_t integrity_octets = 0;
    std::uint32_t icv_bits = 0;
};

constexpr auto kTrials = std::to_array<Trial>({
    {IpsecProtocol::Esp, "rfc4106(gcm(aes))", "", 20, "", 0, 128},
    {IpsecProtocol::Esp, "rfc7539esp(chacha20,poly1305)", "", 36, "", 0, 128},
    {IpsecProtocol::Esp, "", "cbc(aes)", 16, "hmac(sha256)", 32, 128},
    {IpsecProtocol::Esp, "", "cbc(aes)", 16, "hmac(sha384)", 48, 192},
    {IpsecProtocol::Esp, "", "cbc(aes)", 16, "hmac(sha512)", 64, 256},
    {IpsecProtocol::Ah, "", "", 0, "hmac(sha256)", 32, 128},
});

// 240.0.0.0/4 is reserved (RFC 1112 §4) and 100::/64 discards (RFC 6666): no peer has such an
// address.
Address nowhere(Family family, std::uint8_t host) {
    if (family == Family::V4) return Address::v4(0xf0000000u | host);
    std::array<std::uint8_t, 16> octets{0x01};
    octets[15] = host;
    return Address::v6(octets);
}

Secret some_key(std::size_t octets) {
    // Not a secret: no packet is ever protected with it. It counts up because some ciphers refuse
    // weak keys.
    Bytes key(octets);
    for (std::size_t i = 0; i < octets; ++i) key[i] = static_cast<std::uint8_t>(i * 7 + 1);
    return Secret{View{key}};
}

SaSpec sa_for(const Trial& trial, Family family, std::uint32_t spi) {
    SaSpec spec;
    spec.id = {nowhere(family, 1), nowhere(family, 2), trial.protocol, EspSpi{spi}, {}};
    if (!trial.aead.empty())
        spec.aead =
            AeadAlgorithm{std::string{trial.aead}, some_key(trial.key_octets), trial.icv_bits};
    if (!trial.encryption.empty())
        spec.encryption =
            EncryptionAlgorithm{std::string{trial.encryption}, some_key(trial.key_octets)};
    if (!trial.integrity.empty())
        spec.integrity = IntegrityAlgorithm{std::string{trial.integrity},
                                            some_key(trial.integrity_octets), trial.icv_bits};
    spec.limits.hard_add_seconds = 60;  // should we die in between
    return spec;
}

std::vector<std::string> names_of(const Trial& trial) {
    std::vector<std::string> names;
    for (const std::string_view name : {trial.aead, trial.encryption, trial.integrity})
        if (!name.empty()) names.emplace_back(name);
    return names;
}

// Refusals that are about the asker or the machine, not about what the kernel offers.
bool is_general(int error_number) {
    return error_number == EPERM || error_number == EACCES || error_number == ENOMEM ||
           error_number == ENOBUFS || error_number == ETIMEDOUT;
}

// The reason alone: the SA that was tried, which every error names first, means nothing to anybody.
std::string reason_of(const KernelError& error, const SaId& id) {
    const std::string prefix = name_of(id) + ": ";
    return error.what.starts_with(prefix) ? error.what.substr(prefix.size()) : error.what;
}

}  // namespace

std::expected<std::vector<Offer>, KernelError> probe(Kernel& kernel) {
    std::vector<Offer> offers;
    std::uint32_t spi = 0x7f000000;
    for (const Family family : {Family::V4, Family::V6}) {
        for (const Trial& trial : kTrials) {
            InstallSas request;
            request.sas.push_back(sa_for(trial, family, spi++));
            const SaId id = request.sas.front().id;
            const auto result = kernel.run(std::move(request), std::chrono::seconds{30});
            Offer offer{family, trial.protocol, names_of(trial), {}};
            if (result) {
                if (auto removed = kernel.run(RemoveSas{{id}}); !removed)
                    return std::unexpected{removed.error()};
            } else if (is_general(result.error().error_number)) {
                return std::unexpected{result.error()};
            } else if (result.error().error_number !=
                       EEXIST) {  // left over from a probe that died: it works
                offer.missing = reason_of(result.error(), id);
            }
            offers.push_back(std::move(offer));
        }
    }
    return offers;
}

}  // namespace xfrmd::netlink
