// SPDX-License-Identifier: Apache-2.0
// Key material: moved, never copied, printed or compared with ==; wiped when it goes.
#pragma once

#include <botan/secmem.h>

#include <cstdint>
#include <span>
#include <string>

#include "netlink/model/octets.h"

namespace xfrmd {

// Octets that must not leak. Botan's secure_vector zeroes its memory on release and on growth.
class Secret {
  public:
    Secret() = default;
    explicit Secret(Botan::secure_vector<std::uint8_t> octets) : octets_{std::move(octets)} {}
    explicit Secret(View octets) : octets_{octets.begin(), octets.end()} {}
    Secret(Secret&& other) noexcept = default;
    Secret& operator=(Secret&& other) noexcept = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() = default;

    // A deliberate copy: written out where a second owner is needed (a crypto job, a kernel request).
    [[nodiscard]] Secret clone() const { return Secret{View{octets_}}; }

    [[nodiscard]] View view() const { return octets_; }
    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    [[nodiscard]] bool empty() const { return octets_.empty(); }

  private:
    Botan::secure_vector<std::uint8_t> octets_;
};

// Overwrites text that holds a secret because a library or a file gave it so, and empties it. Copies
// that were made of it before are out of reach.
void wipe_text(std::string& text);

// True if both hold the same octets; the time taken depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(View left, View right);

}  // namespace xfrmd
