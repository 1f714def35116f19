// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.3: an SA payload's body is a chain of proposals, each with a chain of transforms,
// each with attributes up to its end.
#include "ike/wire/proposal.h"

#include <utility>

#include "ike/wire/limits.h"
#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

// The Last Substruc field: 0 in the last of a chain, otherwise the number of the structure that
// follows.
constexpr std::uint8_t kLast = 0;
constexpr std::uint8_t kMoreProposals = 2;
constexpr std::uint8_t kMoreTransforms = 3;

constexpr std::uint16_t kShortForm = 0x8000;
constexpr std::uint16_t kKeyLength = 14;

// RFC 7296 §3.3.5
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |A|       Attribute Type        |    AF=0  Attribute Length     |
// |F|                             |    AF=1  Attribute Value      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   AF=0  Attribute Value                       |
// |                   AF=1  Not Transmitted                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<TransformAttribute> parse_attribute(Reader& in) {
    const auto head = TRY(in.fixed<4>());
    const auto type = head.at<std::uint16_t, 0>();
    const auto second = head.at<std::uint16_t, 2>();
    if ((type & kShortForm) != 0)
        return TransformAttribute{.type = static_cast<std::uint16_t>(type & ~kShortForm),
                                  .value = second};
    return TransformAttribute{.type = type, .value = to_bytes(TRY(in.take(second)))};
}

void write_attribute(Writer& out, const TransformAttribute& attribute) {
    if ((attribute.type & kShortForm) != 0) out.spoil();
    if (const auto* number = std::get_if<std::uint16_t>(&attribute.value)) {
        out.u16(static_cast<std::uint16_t>(attribute.type | kShortForm));
        out.u16(*number);
        return;
    }
    const Bytes& octets = std::get<Bytes>(attribute.value);
    out.u16(attribute.type);
    out.count<std::uint16_t>(octets.size());
    out.bytes(octets);
}

// Takes the chain's next structure of at least `kHead` octets: its head and what follows the head
// within the length that stands at octet 2.
template <std::size_t kHead>
Decoded<std::pair<Fixed<kHead>, Reader>> next_structure(Reader& chain, std::uint8_t more) {
    const auto head = TRY(chain.fixed<kHead>());
    const auto length = head.template at<std::uint16_t, 2>();
    if (length < kHead) return refuse(DecodeFault::BadLength);
    const View body = TRY(chain.take(length - kHead));
    if (head.template at<std::uint8_t, 0>() != (chain.done() ? kLast : more))
        return refuse(DecodeFault::BadCount);
    return std::pair{head, Reader{body}};
}

// RFC 7296 §3.3.2
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Last Substruc |   RESERVED    |        Transform Length       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Transform Type |   RESERVED    |          Transform ID         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                      Transform Attributes                     ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Transform> parse_transform(Reader& chain) {
    auto [head, attributes] = TRY(next_structure<8>(chain, kMoreTransforms));
    Transform transform{.type = TransformType{head.at<std::uint8_t, 4>()},
                        .id = head.at<std::uint16_t, 6>(),
                        .key_length = std::nullopt,
                        .unknown_attributes = {}};
    while (!attributes.done()) {
        auto attribute = TRY(parse_attribute(attributes));
        const auto* number = std::get_if<std::uint16_t>(&attribute.value);
        // A second key length, or one in the long form, is not what RFC 7296 §3.3.5 defines: as an
        // unknown attribute it keeps the transform from being chosen.
        if (attribute.type == kKeyLength && number != nullptr && !transform.key_length) {
            transform.key_length = *number;
            continue;
        }
        if (transform.unknown_attributes.size() == limits::kTransformAttributesMax)
            return refuse(DecodeFault::TooMany);
        transform.unknown_attributes.push_back(std::move(attribute));
    }
    return transform;
}

void write_transform(Writer& out, const Transform& transform, bool last) {
    const std::size_t start = out.size();
    out.u8(last ? kLast : kMoreTransforms);
    out.u8(0);
    out.u16(0);  // patched
    out.u8(std::to_underlying(transform.type));
    out.u8(0);
    out.u16(transform.id);
    if (transform.key_length)
        write_attribute(out, {.type = kKeyLength, .value = *transform.key_length});
    for (const TransformAttribute& attribute : transform.unknown_attributes)
        write_attribute(out, attribute);
    out.patch<std::uint16_t>(start + 2, out.size() - start);
}

// RFC 7296 §3.3.1
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Last Substruc |   RESERVED    |         Proposal Length       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                        SPI (variable)                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        <Transforms>                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Proposal> parse_proposal(Reader& chain) {
    auto [head, body] = TRY(next_structure<8>(chain, kMoreProposals));
    Proposal proposal{.number = head.at<std::uint8_t, 4>(),
                      .protocol = ProtocolId{head.at<std::uint8_t, 5>()},
                      .spi = to_bytes(TRY(body.take(head.at<std::uint8_t, 6>()))),
                      .transforms = {}};
    const std::size_t count = head.at<std::uint8_t, 7>();
    while (!body.done()) {
        if (proposal.transforms.size() == count) return refuse(DecodeFault::BadCount);
        proposal.transforms.push_back(TRY(parse_transform(body)));
    }
    if (proposal.transforms.size() != count) return refuse(DecodeFault::BadCount);
    return proposal;
}

void write_proposal(Writer& out, const Proposal& proposal, bool last) {
    const std::size_t start = out.size();
    out.u8(last ? kLast : kMoreProposals);
    out.u8(0);
    out.u16(0);  // patched
    out.u8(proposal.number);
    out.u8(std::to_underlying(proposal.protocol));
    out.count<std::uint8_t>(proposal.spi.size());
    out.count<std::uint8_t>(proposal.transforms.size());
    out.bytes(proposal.spi);
    for (const Transform& transform : proposal.transforms)
        write_transform(out, transform, &transform == &proposal.transforms.back());
    out.patch<std::uint16_t>(start + 2, out.size() - start);
}

}  // namespace

Decoded<SecurityAssociation> SecurityAssociation::parse(View body) {
    SecurityAssociation payload;
    Reader chain{body};
    do {
        if (payload.proposals.size() == limits::kProposalsMax) return refuse(DecodeFault::TooMany);
        payload.proposals.push_back(TRY(parse_proposal(chain)));
    } while (!chain.done());
    return payload;
}

void SecurityAssociation::write(Writer& out) const {
    for (const Proposal& proposal : proposals)
        write_proposal(out, proposal, &proposal == &proposals.back());
}

}  // namespace xfrmd::ike
