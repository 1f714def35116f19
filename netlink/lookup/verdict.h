// SPDX-License-Identifier: Apache-2.0
// What becomes of a packet, and what decided it. Values and their names.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace xfrmd::lookup {

enum class Verdict : std::uint8_t {
    Protected,       // every transform that its policy asks for is applied, or was
    Clear,           // it passes as it is
    Blocked,         // it is dropped
    WouldNegotiate,  // it is dropped or held back, and keys are asked for
};

// What decided. Those of one verdict stand together.
enum class Cause : std::uint8_t {
    SasFound,

    NoPolicy,        // and the default policy accepts
    PolicyAllows,    // a policy without templates
    SasOptional,     // its templates are optional, and no SA serves them
    XfrmDisabled,    // by net.ipv4.conf.*.disable_xfrm
    PolicyDisabled,  // by net.ipv*.conf.*.disable_policy

    DefaultBlocks,  // no policy, and the default policy blocks
    PolicyBlocks,
    TooManyTemplates,      // the kernel takes six, and can apply five
    NobodyNegotiates,      // no SA, and nobody listens for acquires
    SpiTaken,              // the template's SPI belongs to an SA that does not serve it
    WrongDirection,        // the SA that would serve is marked as inbound, or the reverse
    SaExhausted,           // the SA is past a hard limit
    TunnelUnreachable,     // no route to the far end, or not from the near end
    NoTunnelSource,        // the template names no near end, and no route tells one
    AhUnreadable,          // it came through AH inside of transport mode of ESP or IPComp
    SaForOtherTraffic,     // it came through an SA whose selector does not take it
    TransformsMissing,     // it did not come through the SAs that its policy asks for
    TransformsUnexpected,  // it came through a tunnel that its policy does not ask for
    TunnelWithoutPolicy,   // it came through a tunnel, and there is no policy for it

    SaMissing,            // an acquire is sent
    NegotiationUnderWay,  // one was sent already
};

Verdict verdict_of(Cause cause);

// Stable words: "protected", "would_negotiate"; "no_policy", "sa_missing".
std::string_view word_of(Verdict verdict);
std::string_view word_of(Cause cause);

// The counters of /proc/net/xfrm_stat that move when a packet is dropped for this; often one, or
// none. `outbound`: on the way out.
std::vector<std::string_view> counters_of(Cause cause, bool outbound);

}  // namespace xfrmd::lookup
