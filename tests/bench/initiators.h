// SPDX-License-Identifier: Apache-2.0
// The many peers of a benchmark: each has a number, and from that an address of 10.0.0.0/8, an
// identity and one child between its address and the server's, in transport mode.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ike/auth/credentials.h"
#include "ike/host.h"

namespace xfrmd::bench {

inline constexpr std::uint32_t kInitiatorsMax = 1'000'000;

[[nodiscard]] xfrm::Address address_of(std::uint32_t number);
// "peer-17". Its identity is "peer-17.example.net"; the server's is "server.example.net".
[[nodiscard]] std::string name_of(std::uint32_t number);
// The number in such a name.
[[nodiscard]] std::optional<std::uint32_t> number_of(std::string_view name);
// The number of such an address.
[[nodiscard]] std::optional<std::uint32_t> number_of(const xfrm::Address& address);

// One certificate for all initiators, whose identity is then "peers.example.net".
struct Certified {
    ike::LocalCertificate own;
    ike::PeerCertificate server;
};

// What all connections of a benchmark have in common.
struct Terms {
    xfrm::Address server;
    ike::Proposal ike;
    ike::Proposal esp;
    std::optional<Certified> certified = std::nullopt;  // of the initiators; else a shared secret
};

// As the server has it, or as the initiator with this number has it. Both have the secret "all", if no
// certificates.
[[nodiscard]] ike::Connection connection_of(std::uint32_t number, bool at_server,
                                            const Terms& terms);

// Nothing that is there to protect a host gets in the way of `count` IKE SAs at once.
[[nodiscard]] ike::Limits no_limits(std::uint32_t count);

// Stands in for a kernel that does at once what it is asked for. `next_spi` counts up.
[[nodiscard]] xfrm::KernelResult answer(const xfrm::KernelRequest& request,
                                        std::uint32_t& next_spi);

// One host and its credentials. `random` must outlive it.
struct End {
    End(Botan::RandomNumberGenerator& random, std::string_view secret);
    ike::CredentialStore credentials;
    std::unique_ptr<ike::Host> host;
};

}  // namespace xfrmd::bench
