// SPDX-License-Identifier: Apache-2.0
// The protocol core of one host: effects = host.step(now, input). No sockets, clocks, threads or files behind it;
// the same input at the same times with the same random numbers gives the same effects.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "ike/io.h"
#include "ike/snapshot.h"
#include "ike/time.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

struct HostOptions {
    std::uint16_t port = 500;       // local UDP port of plain IKE
    std::uint16_t nat_port = 4500;  // local and remote UDP port with ESP in UDP, RFC 7296 §2.23
    // RFC 6290 §5.1: 32 octets that are the same after a restart. Empty: peers do not learn of a crash of ours.
    Secret crash_secret = {};
};

struct Deadline {
    Time at;
    const char* why;  // for people: which timer
};

struct Core;

class Host {
  public:
    // `rng` must outlive the Host. It starts with an empty configuration.
    explicit Host(Botan::RandomNumberGenerator& rng, HostOptions options = {});
    Host(Host&&) noexcept;
    Host& operator=(Host&&) noexcept;
    ~Host();

    // Takes one input and returns everything that follows from it, in the order in which it must be carried out: a
    // Transmit that the kernel must be ready for comes out only after the kernel's reply came in. `now` must not run
    // backwards; if it does, the latest time seen counts.
    [[nodiscard]] Effects step(Time now, Input input);

    // When a Tick is due at the latest; nothing if only inputs can change anything.
    [[nodiscard]] std::optional<Deadline> next_deadline() const;

    // The state for people, without secrets.
    [[nodiscard]] Snapshot snapshot() const;

  private:
    // The inner state, for tests that prove things about it (ike/core.h). Nobody else has a use for it.
    friend Core& core_of(Host& host);
    std::unique_ptr<Core> core_;
};

}  // namespace xfrmd::ike
