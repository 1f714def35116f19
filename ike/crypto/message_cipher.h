// SPDX-License-Identifier: Apache-2.0
// Encrypts and decrypts the body of the Encrypted payload (and of the Encrypted Fragment payload)
// in one direction. RFC 7296 §3.14, RFC 5282, RFC 7383 §2.5, RFC 7634.
#pragma once

#include <botan/rng.h>

#include <cstddef>
#include <cstdint>
#include <expected>

#include "ike/crypto/job.h"
#include "ike/crypto/suite.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// The only way in which a body fails to open: which check it was tells nobody anything.
struct NotAuthentic {};

// The key of one direction and how often it was used. Move-only.
//
// Body = IV | ciphertext of (plaintext | padding | pad length) | integrity check value. The
// associated data are all octets of the message before the body: from the IKE header to the generic
// header of the Encrypted payload (of an Encrypted Fragment payload: to Total Fragments), with
// their final lengths, for which sealed_size() is there. RFC 5282 §5.1.
class MessageCipher {
  public:
    // `encryption_key` and `integrity_key`: SK_ei and SK_ai, or SK_er and SK_ar. UnsupportedMethod
    // if the suite is not usable, Internal if a key has not the suite's length.
    [[nodiscard]] static std::expected<MessageCipher, CryptoError> create(
        const IkeSuite& suite, const Secret& encryption_key, const Secret& integrity_key);

    // Octets of the body that seal() makes of so many octets of payloads.
    [[nodiscard]] std::size_t sealed_size(std::size_t plaintext_size) const;

    // `plaintext`: the chain of inner payloads. `rng` gives the IV in CBC mode; a combined mode
    // counts. Error: the counter is used up, or the random generator failed.
    [[nodiscard]] std::expected<Bytes, CryptoError> seal(View associated_data, View plaintext,
                                                         Botan::RandomNumberGenerator& rng);

    // The chain of inner payloads, without padding, of any body that anybody sent.
    [[nodiscard]] std::expected<Secret, NotAuthentic> open(View associated_data, View body) const;

    // The IV that the next seal() of a combined mode uses. Whoever stores keys to go on with them
    // after a restart stores this too: the same IV under the same key again gives the key away.
    [[nodiscard]] std::uint64_t next_iv() const { return next_iv_; }
    // Goes on from here; a value that was passed already is ignored.
    void skip_to_iv(std::uint64_t next_iv);

    // As they came into create(): for root, who wants to read a capture.
    [[nodiscard]] const Secret& encryption_key() const { return encryption_key_; }
    [[nodiscard]] const Secret& integrity_key() const { return integrity_key_; }

  private:
    MessageCipher(const IkeSuite& suite, const Secret& encryption_key, const Secret& integrity_key);

    std::expected<Bytes, CryptoError> seal_combined(View associated_data, View plaintext);
    std::expected<Bytes, CryptoError> seal_cbc(View associated_data, View plaintext,
                                               Botan::RandomNumberGenerator& rng) const;
    std::expected<Secret, NotAuthentic> open_combined(View associated_data, View body) const;
    std::expected<Secret, NotAuthentic> open_cbc(View associated_data, View body) const;

    IkeSuite suite_;
    Secret encryption_key_;
    Secret integrity_key_;
    std::uint64_t next_iv_ = 0;
};

}  // namespace xfrmd::ike
