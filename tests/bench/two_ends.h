// SPDX-License-Identifier: Apache-2.0
// Two hosts in one process, without sockets and with kernels that do everything at once: one begins a
// connection with each of many initiators' addresses, the other, the server, answers all of them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/initiators.h"
#include "tests/sim/prng.h"

namespace xfrmd::bench {

class TwoEnds {
  public:
    TwoEnds() = default;
    TwoEnds(const TwoEnds&) = delete;
    TwoEnds& operator=(const TwoEnds&) = delete;
    virtual ~TwoEnds() = default;

    // Loads, at both ends, a connection with each of so many peers.
    void configure(std::uint32_t count, const Terms& terms);
    void up(std::uint32_t number);
    void rekey_child(std::uint32_t number);
    void pass(ike::Duration duration);
    // Requests so far to install SAs, at both ends.
    [[nodiscard]] std::size_t installations() const { return installations_; }
    // Commands to the initiators that were carried out.
    [[nodiscard]] std::size_t commands_done() const { return commands_done_; }
    [[nodiscard]] std::size_t up_at_server() const;

  protected:
    // Does what the core asks for, and gives the result to finish(), now or later.
    virtual void compute(End& end, ike::CryptoRequest request);
    // As this end has the connection with the peer of this number.
    [[nodiscard]] virtual ike::Connection connection(std::uint32_t number, bool at_server, const Terms& terms) const;
    void finish(End& end, ike::CryptoResult result) { input(end, std::move(result)); }

    End& server() { return server_; }
    End& client() { return client_; }

  private:
    void input(End& end, ike::Input what);
    void carry_out(End& end, ike::Effects effects);

    sim::SimulatedRandom server_random_{sim::Prng{1}.split("random")};
    sim::SimulatedRandom client_random_{sim::Prng{2}.split("random")};
    End server_{server_random_, "a shared secret of some length"};
    End client_{client_random_, "a shared secret of some length"};
    ike::Time now_{std::chrono::hours{1}};
    std::uint64_t commands_ = 0;
    std::size_t commands_done_ = 0;
    std::uint32_t next_spi_ = 0xc0000000;
    std::size_t installations_ = 0;
    std::deque<std::pair<End*, ike::Datagram>> under_way_;
};

// The words of a proposal; ends the program if they are none.
[[nodiscard]] ike::Proposal proposal_of(ike::ProtocolId protocol, const std::string& text);

}  // namespace xfrmd::bench
