// SPDX-License-Identifier: Apache-2.0
// The fragments of a peer's message, until it is whole. RFC 7383 §2.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "ike/plain_message.h"
#include "ike/policy/connection.h"
#include "ike/wire/sealed.h"

namespace xfrmd::ike {

// What to do with a fragment, before its integrity check costs anything.
enum class FragmentVerdict : std::uint8_t {
    Wanted,     // worth opening; keep() it if it is authentic
    Duplicate,  // it is there already
    Outdated,   // of fewer fragments than the message is known to have
    Strange,    // of another exchange than the fragments before it
    TooLarge,   // the message exceeds what we put together
};

// A message that is whole.
struct Reassembled {
    PlainMessage message;
    Bytes first_datagram;  // fragment 1 as it came: RFC 7383 §2.6.1 recognises a repeated request by it
};

// One message at a time. What is kept has passed its integrity check, and is bounded by Limits.
class Reassembly {
  public:
    [[nodiscard]] FragmentVerdict judge(const Header& header, const EncryptedFragment& fragment,
                                        const Limits& limits) const;

    // Keeps the `content` of an authentic fragment that was judged Wanted. A fragment of another message, or of more
    // fragments than before, puts the others out.
    void keep(const Header& header, const EncryptedFragment& fragment, Secret content,
              View datagram);

    // The message, once; nothing while fragments are missing.
    [[nodiscard]] std::optional<Reassembled> take();

    // Octets kept.
    [[nodiscard]] std::size_t octets() const { return octets_ + first_datagram_.size(); }

  private:
    [[nodiscard]] bool continues(const Header& header) const;

    Header header_;            // of the fragment that came first
    PayloadType first_inner_ = PayloadType::None;
    std::uint16_t total_ = 0;  // 0: no message is under way
    std::map<std::uint16_t, Secret> contents_;  // by fragment number
    std::size_t octets_ = 0;
    Bytes first_datagram_;
};

}  // namespace xfrmd::ike
