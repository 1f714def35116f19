// SPDX-License-Identifier: Apache-2.0
// Strong types for the numbers of IKE. None converts to another or to a plain integer by itself.
#pragma once

#include <compare>
#include <cstdint>

namespace xfrmd::ike {

// An IKE SPI: 8 octets on the wire, held here as a number in host byte order. RFC 7296 §3.1.
struct IkeSpi {
    std::uint64_t value = 0;
    auto operator<=>(const IkeSpi&) const = default;
    // A responder's SPI is zero in the first message of an initial exchange.
    constexpr bool is_zero() const { return value == 0; }
};

// RFC 7296 §2.2: counts up from zero, one sequence for each direction of requests.
struct MessageId {
    std::uint32_t value = 0;
    auto operator<=>(const MessageId&) const = default;
};
constexpr MessageId next(MessageId id) { return {id.value + 1}; }

// Ties a CryptoJob to its CryptoResult, a KernelRequest to its KernelReply. Never reused in a Host's life.
struct JobId {
    std::uint64_t value = 0;
    auto operator<=>(const JobId&) const = default;
};
struct RequestId {
    std::uint64_t value = 0;
    auto operator<=>(const RequestId&) const = default;
};

// Ties a Command to its CommandReply. Chosen by the driver.
struct CommandId {
    std::uint64_t value = 0;
    auto operator<=>(const CommandId&) const = default;
};

// Names an IKE SA inside one Host. The generation makes a handle of a gone SA find nobody.
struct SaHandle {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    auto operator<=>(const SaHandle&) const = default;
};

}  // namespace xfrmd::ike
