// SPDX-License-Identifier: Apache-2.0
#include "tests/support/forgery.h"

#include "tests/sim/prng.h"

namespace xfrmd::test {

namespace {

constexpr std::size_t kNoise = 48;

// Prefix and sealed body. Empty if one of them cannot be had.
Bytes sealed(ike::MessageCipher& cipher, Bytes prefix, View chain) {
    sim::SimulatedRandom random{sim::Prng{cipher.next_iv()}};
    const auto body =
        prefix.empty() ? std::unexpected{ike::CryptoError{}} : cipher.seal(prefix, chain, random);
    if (!body) return {};
    append(prefix, *body);
    return prefix;
}

}  // namespace

ike::Header header_from_peer(const ike::IkeSa& sa, ike::ExchangeType exchange, bool response,
                             ike::MessageId id) {
    ike::Header header;
    header.initiator_spi = sa.initiator_spi;
    header.responder_spi = sa.responder_spi;
    header.exchange = exchange;
    header.initiator = sa.role == ike::Role::Responder;
    header.response = response;
    header.message_id = id;
    return header;
}

Bytes forge(ike::MessageCipher& cipher, const ike::Header& header, ike::PayloadType first,
            View chain) {
    return sealed(cipher, write_sealed_prefix(header, first, cipher.sealed_size(chain.size())),
                  chain);
}

Bytes forge_fragment(ike::MessageCipher& cipher, const ike::Header& header, ike::PayloadType first,
                     View chain, std::uint16_t number, std::uint16_t total) {
    return sealed(
        cipher,
        write_fragment_prefix(header, first, number, total, cipher.sealed_size(chain.size())),
        chain);
}

Bytes forge(ike::IkeSa& sa, const ike::Header& header, std::span<const ike::Payload> payloads) {
    const ike::PayloadType first = ike::first_payload_type(payloads);
    if (sa.opening) return forge(*sa.opening, header, first, write_payloads(payloads));
    Bytes octets = write_sealed_prefix(header, first, kNoise);
    octets.resize(octets.size() + kNoise, 0x5a);
    return octets;
}

}  // namespace xfrmd::test
