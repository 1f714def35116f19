// SPDX-License-Identifier: Apache-2.0
// Netlink messages: built in one buffer with checked attributes, read from spans without trusting a
// length.
#pragma once

#include <botan/secmem.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "netlink/attribute_policy.h"
#include "netlink/model/kernel.h"
#include "netlink/model/octets.h"
#include "netlink/model/result.h"

namespace xfrmd::netlink {

using xfrm::KernelError;

// One message for the kernel, whole but for its sequence number (zero here; the socket fills it
// in). It may hold keys, so its memory is wiped on release.
struct Message {
    Botan::secure_vector<std::uint8_t> octets;

    View view() const { return octets; }
    bool is_dump() const;
    void set_sequence(std::uint32_t sequence);
};

using Encoded = std::expected<Message, KernelError>;
template <class Value>
using Decoded = std::expected<Value, KernelError>;

// The octets of a structure of the kernel's interface, in host byte order unless its fields say
// otherwise.
template <class Structure>
requires std::is_trivially_copyable_v<Structure> View octets_of(const Structure& structure) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(&structure)),
            sizeof(Structure)};
}

// A copy of the structure that a view starts with, whatever its alignment; nothing if the view is
// shorter.
template <class Structure>
requires std::is_trivially_copyable_v<Structure> std::optional<Structure> read_structure(
    View view) {
    if (view.size() < sizeof(Structure)) return std::nullopt;
    Structure structure;
    std::memcpy(&structure, view.data(), sizeof(Structure));
    return structure;
}

// The same for structures with a flexible array at their end, which std::optional cannot hold.
// False if too short.
template <class Structure>
requires std::is_trivially_copyable_v<Structure>
bool read_structure(View view, Structure& structure) {
    if (view.size() < sizeof(Structure)) return false;
    std::memcpy(&structure, view.data(), sizeof(Structure));
    return true;
}

// Assembles one message. The first mistake (no room, a length its table forbids) is kept and told
// by finish().
class MessageBuilder {
  public:
    // `flags` without NLM_F_REQUEST, which every message has.
    MessageBuilder(std::uint16_t type, std::uint16_t flags, AttributePolicies policies);
    MessageBuilder(const MessageBuilder&) = delete;
    MessageBuilder& operator=(const MessageBuilder&) = delete;
    ~MessageBuilder();  // wipes

    // The fixed part; call it once and first.
    void body(View structure);
    template <class Structure>
    void body(const Structure& structure) {
        body(octets_of(structure));
    }

    void attribute(std::uint16_t type, View value);
    // A structure with a flexible array behind it.
    void attribute(std::uint16_t type, View head, View tail);
    template <class Structure>
    requires std::is_trivially_copyable_v<Structure> &&
        (!std::is_convertible_v<Structure, View>)void attribute(std::uint16_t type,
                                                                const Structure& structure) {
        attribute(type, octets_of(structure));
    }

    Encoded finish();

  private:
    static constexpr std::size_t kCapacity = 8192;
    nlmsghdr* header();

    alignas(nlmsghdr) std::array<std::uint8_t, kCapacity> buffer_{};
    AttributePolicies policies_;
    std::optional<KernelError> mistake_;
};

// One message as it was received; valid as long as the datagram.
struct MessageView {
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t sequence = 0;
    View payload;
};

// Walks the messages of one datagram.
class MessageReader {
  public:
    explicit MessageReader(View datagram) : rest_{datagram} {}

    // The next message, or nothing at the end or where the octets make no sense.
    std::optional<MessageView> next();
    // True once next() stopped in the middle.
    bool damaged() const { return damaged_; }

  private:
    View rest_;
    bool damaged_ = false;
};

// The attributes of a message, by type. Of a repeated one the last counts, as in the kernel.
class Attributes {
  public:
    // A type that the table knows with a length that it forbids, or a broken chain, is an error
    // (EBADMSG). Types that the table does not know are kept as they are, below
    // kAttributeTypesMax.
    static Decoded<Attributes> parse(View octets, AttributePolicies policies);

    bool has(std::uint16_t type) const { return present_.at(type); }
    // Empty if absent.
    View get(std::uint16_t type) const { return values_.at(type); }
    template <class Structure>
    std::optional<Structure> value(std::uint16_t type) const {
        if (!has(type)) return std::nullopt;
        return read_structure<Structure>(get(type));
    }
    // The types that are there and not among `read`, which is what a decoder knows to read.
    std::vector<std::uint16_t> others(std::span<const std::uint16_t> read) const;
    // Up to the first NUL or the end; empty if absent.
    std::string_view text(std::uint16_t type) const;

  private:
    std::array<View, kAttributeTypesMax> values_{};
    std::array<bool, kAttributeTypesMax> present_{};
};

// The values of every attribute of one type, which may stand there more than once.
std::vector<View> attributes_of(View octets, std::uint16_t type);

// The fixed part of a payload and the attributes behind it. EBADMSG if either does not fit.
template <class Structure>
struct Body {
    Structure fixed;
    Attributes attributes;
};

template <class Structure>
Decoded<Body<Structure>> parse_body(View payload, AttributePolicies policies) {
    const auto fixed = read_structure<Structure>(payload);
    if (!fixed) return std::unexpected{KernelError{EBADMSG, "the kernel's message is too short"}};
    // Attributes start at a multiple of four: NLMSG_ALIGN of the fixed part, which may be all there
    // is.
    const std::size_t start =
        std::min<std::size_t>((sizeof(Structure) + 3) & ~std::size_t{3}, payload.size());
    return Body<Structure>{*fixed, TRY(Attributes::parse(payload.subspan(start), policies))};
}

// Text of at most `view` octets that ends at the first NUL.
std::string_view until_nul(View view);

// The bit of a multicast group, such as XFRMNLGRP_ACQUIRE, in the mask that a socket is bound with.
constexpr std::uint32_t group_bit(unsigned group) {
    return std::uint32_t{1} << (group - 1);
}

}  // namespace xfrmd::netlink
