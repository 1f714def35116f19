// SPDX-License-Identifier: Apache-2.0
// The chain of payloads. RFC 7296 §3.2, the generic header in front of each
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Next Payload  |C|  RESERVED   |         Payload Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ike/wire/payload.h"

#include <type_traits>
#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kGenericHeader = 4;
constexpr std::uint8_t kCriticalBit = 0x80;

// One payload as the generic header delimits it.
struct Framed {
    PayloadType type;
    PayloadType next;
    bool critical;
    View body;
};

template <class T>
concept Sealed = std::is_same_v<T, Encrypted> || std::is_same_v<T, EncryptedFragment>;

bool is_sealed(PayloadType type) {
    return type == PayloadType::Encrypted || type == PayloadType::EncryptedFragment;
}

Decoded<Framed> parse_frame(PayloadType type, Reader& chain) {
    const auto head = TRY(chain.fixed<kGenericHeader>());
    const auto length = head.at<std::uint16_t, 2>();
    if (length < kGenericHeader) return refuse(DecodeFault::BadLength);
    return Framed{.type = type,
                  .next = PayloadType{head.at<std::uint8_t, 0>()},
                  .critical = (head.at<std::uint8_t, 1>() & kCriticalBit) != 0,
                  .body = TRY(chain.take(length - kGenericHeader))};
}

Decoded<Payload> parse_unknown(const Framed& framed) {
    if (framed.critical) return refuse(DecodeFault::UnsupportedCriticalPayload);
    return Unknown{.type = framed.type, .critical = false, .body = to_bytes(framed.body)};
}

Decoded<Payload> parse_payload(const Framed& framed) {
    switch (framed.type) {
        case PayloadType::SecurityAssociation: return SecurityAssociation::parse(framed.body);
        case PayloadType::KeyExchange: return KeyExchange::parse(framed.body);
        case PayloadType::IdentificationInitiator:
            return IdentificationInitiator::parse(framed.body);
        case PayloadType::IdentificationResponder:
            return IdentificationResponder::parse(framed.body);
        case PayloadType::Certificate: return Certificate::parse(framed.body);
        case PayloadType::CertificateRequest: return CertificateRequest::parse(framed.body);
        case PayloadType::Authentication: return Authentication::parse(framed.body);
        case PayloadType::Nonce: return Nonce::parse(framed.body);
        case PayloadType::Notify: return Notify::parse(framed.body);
        case PayloadType::Delete: return Delete::parse(framed.body);
        case PayloadType::VendorId: return VendorId::parse(framed.body);
        case PayloadType::TrafficSelectorsInitiator:
            return TrafficSelectorsInitiator::parse(framed.body);
        case PayloadType::TrafficSelectorsResponder:
            return TrafficSelectorsResponder::parse(framed.body);
        case PayloadType::Encrypted: return Encrypted::parse(framed.next, framed.body);
        case PayloadType::Configuration: return ConfigurationPayload::parse(framed.body);
        case PayloadType::Eap: return Eap::parse(framed.body);
        case PayloadType::EncryptedFragment:
            return EncryptedFragment::parse(framed.next, framed.body);
        case PayloadType::None: break;
    }
    return parse_unknown(framed);
}

enum class Place : std::uint8_t { Outer, Inner };

// Walks the chain to its end. `type` is set to the payload at hand, for the error.
Decoded<std::vector<Payload>> walk_chain(PayloadType& type, View octets, Place place) {
    std::vector<Payload> payloads;
    Reader chain{octets};
    while (type != PayloadType::None) {
        if (payloads.size() == limits::kPayloadsMax) return refuse(DecodeFault::TooMany);
        if (is_sealed(type) && place == Place::Inner)
            return refuse(DecodeFault::SealedPayloadInside);
        const Framed framed = TRY(parse_frame(type, chain));
        payloads.push_back(TRY(parse_payload(framed)));
        // RFC 7296 §3.14: the Next Payload of SK is the first inner one, so the outer chain ends
        // here.
        if (is_sealed(type)) {
            if (!chain.done()) return refuse(DecodeFault::SealedPayloadNotLast);
            return payloads;
        }
        type = framed.next;
    }
    if (!chain.done()) return refuse(DecodeFault::TrailingOctets);
    return payloads;
}

Decoded<std::vector<Payload>> parse_chain(PayloadType first, View octets, Place place) {
    PayloadType type = first;
    auto payloads = walk_chain(type, octets, place);
    if (!payloads) return std::unexpected{DecodeError{payloads.error().fault, type}};
    return payloads;
}

// The Next Payload field of a payload, given the type of the one after it.
PayloadType next_field(const Payload& payload, PayloadType following) {
    return std::visit(
        [&]<class T>(const T& each) {
            if constexpr (Sealed<T>) return each.first_inner;
            else return following;
        },
        payload);
}

void write_frame(Writer& out, const Payload& payload, PayloadType following) {
    const auto* unknown = std::get_if<Unknown>(&payload);
    const std::size_t start = out.size();
    out.u8(std::to_underlying(next_field(payload, following)));
    out.u8(unknown != nullptr && unknown->critical ? kCriticalBit : 0);
    out.u16(0);  // patched
    std::visit(
        [&]<class T>(const T& each) {
            if constexpr (std::is_same_v<T, Unknown>) out.bytes(each.body);
            else each.write(out);
        },
        payload);
    out.patch<std::uint16_t>(start + 2, out.size() - start);
}

void write_chain(Writer& out, std::span<const Payload> payloads) {
    while (!payloads.empty()) {
        const Payload& payload = payloads.front();
        payloads = payloads.subspan(1);
        if (is_sealed(payload_type(payload)) && !payloads.empty()) out.spoil();
        // No chain can name a payload of type zero: that number ends it.
        if (payload_type(payload) == PayloadType::None) out.spoil();
        write_frame(out, payload, first_payload_type(payloads));
    }
}

// The header with what only the whole message tells.
Header completed(const Header& header, PayloadType first, std::size_t octets) {
    Header whole = header;
    whole.next_payload = first;
    whole.length = static_cast<std::uint32_t>(octets);
    return whole;
}

}  // namespace

PayloadType payload_type(const Payload& payload) {
    return std::visit(
        []<class T>(const T& each) {
            if constexpr (std::is_same_v<T, Unknown>) return each.type;
            else return T::kType;
        },
        payload);
}

Decoded<Message> parse_message(View datagram) {
    if (datagram.size() > limits::kMessageOctetsMax) return refuse(DecodeFault::TooLong);
    const Header header = TRY(parse_header(datagram));
    if (header.major != kMajorVersion) return refuse(DecodeFault::UnsupportedMajorVersion);
    if (header.length != datagram.size()) return refuse(DecodeFault::LengthMismatch);
    return Message{.header = header,
                   .payloads = TRY(parse_chain(header.next_payload, datagram.subspan(kHeaderOctets),
                                               Place::Outer))};
}

Decoded<std::vector<Payload>> parse_payloads(PayloadType first, View chain) {
    if (chain.size() > limits::kMessageOctetsMax) return refuse(DecodeFault::TooLong);
    return parse_chain(first, chain, Place::Inner);
}

Bytes write_message(const Header& header, std::span<const Payload> payloads) {
    Writer out;
    write_header(out, completed(header, first_payload_type(payloads), 0));
    write_chain(out, payloads);
    if (out.size() > limits::kMessageOctetsMax) out.spoil();
    out.patch<std::uint32_t>(kHeaderOctets - sizeof(std::uint32_t), out.size());
    return std::move(out).finish();
}

Bytes write_payloads(std::span<const Payload> payloads) {
    Writer out;
    write_chain(out, payloads);
    if (out.size() > limits::kMessageOctetsMax) out.spoil();
    return std::move(out).finish();
}

PayloadType first_payload_type(std::span<const Payload> payloads) {
    return payloads.empty() ? PayloadType::None : payload_type(payloads.front());
}

std::optional<SealedLayout> sealed_layout(const Message& message) {
    if (message.payloads.empty()) return std::nullopt;
    return std::visit(
        [&]<class T>(const T& last) -> std::optional<SealedLayout> {
            if constexpr (Sealed<T>) {
                if (last.body.size() > message.header.length) return std::nullopt;
                return SealedLayout{.associated_octets = message.header.length - last.body.size(),
                                    .body_octets = last.body.size()};
            } else {
                return std::nullopt;
            }
        },
        message.payloads.back());
}

Bytes write_sealed_prefix(const Header& header, PayloadType first_inner, std::size_t body_octets) {
    Writer out;
    if (kSealedPrefixOctets + body_octets > limits::kMessageOctetsMax) out.spoil();
    write_header(out, completed(header, PayloadType::Encrypted, kSealedPrefixOctets + body_octets));
    out.u8(std::to_underlying(first_inner));
    out.u8(0);
    out.count<std::uint16_t>(kGenericHeader + body_octets);
    return std::move(out).finish();
}

Bytes write_fragment_prefix(const Header& header, PayloadType first_inner, std::uint16_t number,
                            std::uint16_t total, std::size_t body_octets) {
    Writer out;
    if (kFragmentPrefixOctets + body_octets > limits::kMessageOctetsMax) out.spoil();
    write_header(out, completed(header, PayloadType::EncryptedFragment,
                                kFragmentPrefixOctets + body_octets));
    out.u8(std::to_underlying(number == 1 ? first_inner : PayloadType::None));
    out.u8(0);
    out.count<std::uint16_t>(kFragmentPrefixOctets - kHeaderOctets + body_octets);
    out.u16(number);
    out.u16(total);
    return std::move(out).finish();
}

}  // namespace xfrmd::ike
