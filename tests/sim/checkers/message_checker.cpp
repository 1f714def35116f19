// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/message_checker.h"

#include "ike/wire/payload.h"

namespace xfrmd::sim {

namespace {

// The shortest IV there is; longer ones are random, so that their beginning does not repeat either.
constexpr std::size_t kIvOctets = 8;

std::string name_of(const ike::Header& header) {
    return std::string{header.response ? "response " : "request "} + std::to_string(header.message_id.value);
}

bool is_sealed(const ike::Header& header) {
    return header.next_payload == ike::PayloadType::Encrypted ||
           header.next_payload == ike::PayloadType::EncryptedFragment;
}

// RFC 7383 §2.5; 0 for a message in one piece.
std::uint16_t fragment_number(const ike::Header& header, View octets) {
    if (header.next_payload != ike::PayloadType::EncryptedFragment) return 0;
    const View field = octets.subspan(ike::kSealedPrefixOctets, 2);
    return static_cast<std::uint16_t>(field[0] << 8 | field[1]);
}

}  // namespace

std::optional<std::string> MessageChecker::sent(View octets) {
    const auto header = ike::parse_header(octets);
    if (!header) return "a message without a header was sent";
    if (header->length != octets.size()) return "a message was sent whose length is not what its header says";
    const bool sealed = is_sealed(*header);
    // Answers to strangers are made without state and may differ.
    if (!sealed && header->exchange != ike::ExchangeType::IkeSaInit) return std::nullopt;
    if (sealed)
        if (auto wrong = check_iv(*header, octets)) return wrong;
    return header->response ? sent_response(*header, octets) : sent_request(*header, octets);
}

std::optional<std::string> MessageChecker::check_iv(const ike::Header& header, View octets) {
    const bool fragment = header.next_payload == ike::PayloadType::EncryptedFragment;
    const std::size_t start = fragment ? ike::kFragmentPrefixOctets : ike::kSealedPrefixOctets;
    if (octets.size() < start + kIvOctets) return "a sealed message is too short for an IV";
    // RFC 9370 §2.2.2: each IKE_INTERMEDIATE ends with other keys.
    const std::uint32_t keys = header.exchange == ike::ExchangeType::IkeIntermediate ? header.message_id.value : 0;
    const Sa sa{header.initiator_spi, header.responder_spi};
    const auto [at, fresh] =
        by_iv_.try_emplace({sa, keys, to_bytes(octets.subspan(start, kIvOctets))}, to_bytes(octets));
    if (!fresh && !equal(at->second, octets)) return "two messages were sealed with the same IV";
    return std::nullopt;
}

std::optional<std::string> MessageChecker::sent_response(const ike::Header& header, View octets) {
    if (!is_sealed(header) && header.responder_spi.is_zero()) return std::nullopt;
    if (header.exchange == ike::ExchangeType::IkeSaInit &&
        header.next_payload != ike::PayloadType::SecurityAssociation)
        return std::nullopt;  // an error or a cookie, without state
    const Key key{{header.initiator_spi, header.responder_spi}, header.message_id, fragment_number(header, octets)};
    const auto [at, fresh] = responses_.try_emplace(key, to_bytes(octets));
    if (!fresh && !equal(at->second, octets)) return name_of(header) + " differs from what was sent before";
    return std::nullopt;
}

std::optional<std::string> MessageChecker::sent_request(const ike::Header& header, View octets) {
    // RFC 7296 §2.6: IKE_SA_INIT may change under the same id, for a cookie or another group.
    if (header.exchange == ike::ExchangeType::IkeSaInit) {
        if (header.message_id != ike::MessageId{0}) return "IKE_SA_INIT with a message id other than 0";
        began_.insert(header.initiator_spi);
        return std::nullopt;
    }
    const Sa sa{header.initiator_spi, header.responder_spi};
    const std::uint16_t fragment = fragment_number(header, octets);
    const Key key{sa, header.message_id, fragment};
    const auto [at, fresh] = requests_.try_emplace(key, to_bytes(octets));
    if (!fresh) {
        if (!equal(at->second, octets)) return name_of(header) + " differs from what was sent before";
        return std::nullopt;
    }
    if (fragment > 1) return std::nullopt;  // belongs to what the first one began
    const auto last = last_request_.find(sa);
    // The initiator has spent 0 on IKE_SA_INIT. RFC 7296 §2.18: an IKE SA that takes over from another begins at 0.
    const ike::MessageId first{header.initiator && began_.contains(header.initiator_spi) ? 1U : 0U};
    const ike::MessageId expected = last == last_request_.end() ? first : next(last->second);
    if (header.message_id != expected)
        return name_of(header) + " was sent where " + std::to_string(expected.value) + " is next";
    if (last != last_request_.end() && !answered_.contains({sa, last->second}))
        return name_of(header) + " was sent while " + std::to_string(last->second.value) + " is unanswered";
    last_request_[sa] = header.message_id;
    return std::nullopt;
}

void MessageChecker::received(View octets) {
    const auto header = ike::parse_header(octets);
    if (header && header->response)
        answered_.insert({{header->initiator_spi, header->responder_spi}, header->message_id});
}

}  // namespace xfrmd::sim
