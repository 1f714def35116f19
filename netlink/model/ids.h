// SPDX-License-Identifier: Apache-2.0
// Strong types for the numbers of XFRM.
#pragma once

#include <compare>
#include <cstdint>

namespace xfrmd::xfrm {

// The SPI of an ESP or AH SA (or an IPComp CPI), host byte order. Values below 256 are reserved: RFC 4303 §2.1.
struct EspSpi {
    std::uint32_t value = 0;
    auto operator<=>(const EspSpi&) const = default;
};

// Ties policy templates to SAs; never zero for what we install.
struct ReqId {
    std::uint32_t value = 0;
    auto operator<=>(const ReqId&) const = default;
};

// XFRMA_IF_ID; zero means none.
struct IfId {
    std::uint32_t value = 0;
    auto operator<=>(const IfId&) const = default;
};

// XFRMA_MARK; a mask of zero means none.
struct Mark {
    std::uint32_t value = 0;
    std::uint32_t mask = 0;
    auto operator<=>(const Mark&) const = default;
};

// IP protocol numbers of the transforms the kernel runs.
enum class IpsecProtocol : std::uint8_t { Esp = 50, Ah = 51, Ipcomp = 108 };

enum class Mode : std::uint8_t { Transport, Tunnel, Beet };

enum class Direction : std::uint8_t { In, Out, Forward };

}  // namespace xfrmd::xfrm
