// SPDX-License-Identifier: Apache-2.0
// How much of anything a peer may put into one message. Beyond these bounds a message is refused,
// not cut.
#pragma once

#include <cstddef>

namespace xfrmd::ike::limits {

// A whole message, and also the inner payloads of a reassembled one.
inline constexpr std::size_t kMessageOctetsMax = 65535;
inline constexpr std::size_t kPayloadsMax = 128;
// The wire allows no more than 255 of these four: their counts are single octets.
inline constexpr std::size_t kProposalsMax = 255;
inline constexpr std::size_t kTransformsMax = 255;
inline constexpr std::size_t kTrafficSelectorsMax = 255;
inline constexpr std::size_t kSpiOctetsMax = 255;
inline constexpr std::size_t kTransformAttributesMax = 16;
inline constexpr std::size_t kConfigurationAttributesMax = 256;
inline constexpr std::size_t kDeletedSpisMax = 1024;
inline constexpr std::size_t kSignatureHashesMax = 64;

// RFC 7296 §3.9
inline constexpr std::size_t kNonceOctetsMin = 16;
inline constexpr std::size_t kNonceOctetsMax = 256;
// RFC 7296 §2.6
inline constexpr std::size_t kCookieOctetsMin = 1;
inline constexpr std::size_t kCookieOctetsMax = 64;

// How much of a peer's text is shown in one place.
inline constexpr std::size_t kShownOctetsMax = 64;
// How many proposals, transforms, selectors, … of one payload are shown.
inline constexpr std::size_t kShownElementsMax = 16;

}  // namespace xfrmd::ike::limits
