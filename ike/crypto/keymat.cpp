// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/keymat.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "ike/crypto/prf.h"
#include "ike/wire/writer.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

std::unexpected<CryptoError> not_usable(const std::string& suite) {
    return std::unexpected{
        CryptoError{CryptoErrorCode::UnsupportedMethod, suite + " is not implemented"}};
}

// Cuts keys off the front of a stream of octets.
class KeyStream {
  public:
    explicit KeyStream(View octets) : rest_{octets} {}

    Secret take(std::size_t length) {
        const View key = rest_.first(length);
        rest_ = rest_.subspan(length);
        return Secret{key};
    }

  private:
    View rest_;
};

Bytes concatenated(View ni, View nr) {
    Bytes nonces = to_bytes(ni);
    append(nonces, nr);
    return nonces;
}

// {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
std::expected<IkeKeys, CryptoError> expand(const IkeSuite& suite, View skeyseed, View ni, View nr,
                                           IkeSpi initiator_spi, IkeSpi responder_spi) {
    Writer seed;
    seed.bytes(ni);
    seed.bytes(nr);
    seed.u64(initiator_spi.value);
    seed.u64(responder_spi.value);
    const std::size_t prf_octets = output_length(suite.prf);
    const KeyLengths octets = key_lengths(suite);
    const Secret stream =
        TRY(prf_plus(suite.prf, skeyseed, std::move(seed).finish(),
                     3 * prf_octets + 2 * octets.integrity + 2 * octets.encryption));
    KeyStream keys{stream.view()};
    IkeKeys result;
    result.d = keys.take(prf_octets);
    result.ai = keys.take(octets.integrity);
    result.ar = keys.take(octets.integrity);
    result.ei = keys.take(octets.encryption);
    result.er = keys.take(octets.encryption);
    result.pi = keys.take(prf_octets);
    result.pr = keys.take(prf_octets);
    return result;
}

// g^ir (new) | Ni | Nr | SK(1) | … | SK(n): the first secret stands before the nonces. RFC 9370
// §2.2.4.
std::vector<View> seed_of_secrets(View ni, View nr, std::span<const View> shared_secrets) {
    std::vector<View> parts;
    parts.reserve(shared_secrets.size() + 2);
    if (!shared_secrets.empty()) parts.push_back(shared_secrets.front());
    parts.push_back(ni);
    parts.push_back(nr);
    for (std::size_t i = 1; i < shared_secrets.size(); ++i) parts.push_back(shared_secrets[i]);
    return parts;
}

Secret concatenated(std::span<const View> parts) {
    std::size_t size = 0;
    for (const View part : parts) size += part.size();
    Botan::secure_vector<std::uint8_t> octets;
    octets.reserve(size);
    for (const View part : parts) octets.insert(octets.end(), part.begin(), part.end());
    return Secret{std::move(octets)};
}

}  // namespace

std::expected<IkeKeys, CryptoError> derive_ike_keys(const IkeSuite& suite, View ni, View nr,
                                                    View shared_secret, IkeSpi initiator_spi,
                                                    IkeSpi responder_spi) {
    if (!is_usable(suite)) return not_usable(to_string(suite));
    // RFC 7296 §2.14: the nonces are the key. Only PRFs with keys of a fixed length shorten them,
    // and HMAC has none.
    const Secret skeyseed = prf(suite.prf, concatenated(ni, nr), shared_secret);
    return expand(suite, skeyseed.view(), ni, nr, initiator_spi, responder_spi);
}

std::expected<IkeKeys, CryptoError> derive_next_ike_keys(const IkeSuite& suite, View previous_sk_d,
                                                         View ni, View nr, View shared_secret,
                                                         IkeSpi initiator_spi,
                                                         IkeSpi responder_spi) {
    if (!is_usable(suite)) return not_usable(to_string(suite));
    const Secret skeyseed = prf(suite.prf, previous_sk_d, std::array{shared_secret, ni, nr});
    return expand(suite, skeyseed.view(), ni, nr, initiator_spi, responder_spi);
}

std::expected<IkeKeys, CryptoError> derive_rekeyed_ike_keys(const IkeSuite& suite, PrfId old_prf,
                                                            View old_sk_d, View ni, View nr,
                                                            std::span<const View> shared_secrets,
                                                            IkeSpi initiator_spi,
                                                            IkeSpi responder_spi) {
    if (!is_usable(suite)) return not_usable(to_string(suite));
    if (output_length(old_prf) == 0) return not_usable("the PRF of the old IKE SA");
    if (shared_secrets.empty())
        return std::unexpected{CryptoError{CryptoErrorCode::Internal,
                                           "an IKE SA is not rekeyed without a key exchange"}};
    // RFC 7296 §2.18: the exchange belongs to the old IKE SA, so SKEYSEED is made with its PRF.
    const Secret skeyseed = prf(old_prf, old_sk_d, seed_of_secrets(ni, nr, shared_secrets));
    return expand(suite, skeyseed.view(), ni, nr, initiator_spi, responder_spi);
}

std::expected<ChildKeys, CryptoError> derive_child_keys(const EspSuite& suite, PrfId prf, View sk_d,
                                                        View ni, View nr,
                                                        std::span<const View> shared_secrets) {
    if (!is_usable(suite)) return not_usable(to_string(suite));
    const KeyLengths octets = key_lengths(suite);
    const Secret seed = concatenated(seed_of_secrets(ni, nr, shared_secrets));
    const Secret stream =
        TRY(prf_plus(prf, sk_d, seed.view(), 2 * octets.encryption + 2 * octets.integrity));
    // RFC 7296 §2.17: the initiator's direction first; in it encryption before integrity.
    KeyStream keys{stream.view()};
    ChildKeys result;
    result.initiator_encryption = keys.take(octets.encryption);
    result.initiator_integrity = keys.take(octets.integrity);
    result.responder_encryption = keys.take(octets.encryption);
    result.responder_integrity = keys.take(octets.integrity);
    return result;
}

}  // namespace xfrmd::ike
