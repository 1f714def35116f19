// SPDX-License-Identifier: Apache-2.0
// Exchanges that cross, as pure decisions: whether a request is answered now, and which of two new SAs stays.
// RFC 7296 §2.8.1, §2.8.2, §2.25.
#pragma once

#include <array>
#include <cstdint>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

// What the peer asks for.
enum class Asked : std::uint8_t { CreateChild, RekeyChild, DeleteChild, RekeyIkeSa, Count_ };

// What we are doing ourselves, as far as it concerns what the peer asks for.
enum class Busy : std::uint8_t {
    Idle,
    CreatingChild,       // or rekeying or deleting another child than the one asked for
    RekeyingThisChild,
    DeletingThisChild,
    RekeyingIkeSa,
    IkeSaSpare,          // rekeyed, and waits to be deleted; or made by a rekey, and it is not decided whether it stays
    ClosingIkeSa,
    Count_,
};

enum class Verdict : std::uint8_t {
    Proceed,
    ProceedAndCompare,   // both sides rekey the same SA: the nonces decide once both have been answered
    TemporaryFailure,
    WithoutDelete,       // RFC 7296 §1.4.1: our own Delete says it already
};

[[nodiscard]] Verdict judge(Asked asked, Busy busy);

// Whose new SA stays when both have rekeyed the same one. RFC 7296 §2.8.1: the one made with the lowest of the four nonces
// is closed by the endpoint that created it.
enum class Survivor : std::uint8_t { Ours, Theirs };
[[nodiscard]] Survivor survivor(View our_lowest_nonce, View their_lowest_nonce);

}  // namespace xfrmd::ike
