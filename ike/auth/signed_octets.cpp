// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/signed_octets.h"

#include <array>
#include <cstdint>
#include <utility>

#include "ike/crypto/guarded.h"
#include "ike/crypto/prf.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike {

std::expected<Bytes, CryptoError> next_intermediate_auth(PrfId id, View sk_p, View previous,
                                                         View prefix, View inner) {
    return guarded(CryptoErrorCode::Internal, [&]() -> std::expected<Bytes, CryptoError> {
        const Secret chunk = prf(id, sk_p, std::array{previous, prefix, inner});
        if (chunk.empty())
            return std::unexpected{CryptoError{CryptoErrorCode::UnsupportedMethod,
                                               "the pseudorandom function is not implemented"}};
        return to_bytes(chunk.view());
    });
}

Bytes full_transcript(View received, View sent) {
    constexpr std::array<std::uint8_t, 8> kNoMessage{};
    Bytes octets;
    octets.reserve(kNoMessage.size() + received.size() + sent.size());
    append(octets, kNoMessage);
    append(octets, received);
    append(octets, sent);
    return octets;
}

Bytes signed_octets(View first_messages, View peer_nonce, View maced_identity,
                    const IntermediateAuth& intermediate, MessageId ike_auth) {
    Writer out;
    out.bytes(first_messages);
    out.bytes(peer_nonce);
    out.bytes(maced_identity);
    if (!intermediate.initiator.empty()) {
        out.bytes(intermediate.initiator);
        out.bytes(intermediate.responder);
        out.u32(ike_auth.value);
    }
    return std::move(out).finish();
}

}  // namespace xfrmd::ike
