// SPDX-License-Identifier: Apache-2.0
// Two hosts, their kernels and a wire between them, in virtual time: what a scenario needs and nothing more.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ike/auth/credentials.h"
#include "ike/host.h"
#include "ike/ike_sa.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/prng.h"
#include "tests/support/test_pki.h"

namespace xfrmd::test {

using namespace xfrmd::ike;

// One host: the core, a kernel, credentials, and what came out of the core so far.
class Peer {
  public:
    Peer(std::string name, const xfrm::Address& address, std::uint64_t seed);

    const std::string name;
    const xfrm::Address address;
    Connection connection;          // what configure() loads; change it first
    CredentialStore credentials;
    Limits limits;
    IkeOptions options;
    sim::KernelModel kernel;
    std::unique_ptr<Host> host;
    std::vector<Event> events;
    std::vector<Transmit> sent;     // everything, oldest first
    std::vector<Path> keepalives;   // likewise
    std::vector<CommandReply> replies;
    std::function<void(const CryptoJob&)> job_seen;
    std::function<void(xfrm::KernelRequest&, std::optional<xfrm::KernelResult>&)> kernel_fault;
    // The kernel does what these ask for, and its answers wait in `late_replies` until they are given to the host.
    std::function<bool(const xfrm::KernelRequest&)> answers_late;
    std::vector<KernelReply> late_replies;

    // The daemon ends without a word and begins anew, and takes what it finds of its own out of the kernel.
    void crash();
    // The same, but the next configuration tells it what it has left there.
    void restart();

    // As the kernel chooses it; unspecified without a way.
    [[nodiscard]] xfrm::Address source_towards(const xfrm::Address& destination);
    // The last failure, wherever it is recorded.
    [[nodiscard]] std::optional<Failure> failure() const;
    [[nodiscard]] ConnectionState state() const;
    [[nodiscard]] std::size_t kernel_sas() const { return kernel.sas().size(); }
    [[nodiscard]] std::uint64_t dropped(Dropped why) const;

  private:
    friend class Pair;
    void start();
    sim::SimulatedRandom random_;
    std::vector<FormerSa> former_;
};

// Alice at 192.0.2.1 and bob at 192.0.2.2 (or IPv6), with one connection "link" between them: the same pre-shared key,
// transport mode, default proposals, and both of them passive until told.
class Pair {
  public:
    explicit Pair(xfrm::Family family = xfrm::Family::V4, std::uint64_t seed = 1);

    Peer alice;
    Peer bob;
    Time now{};
    std::int64_t wall = kNow;       // seconds since 1970, for certificates
    // Sees each datagram before it is delivered: true lets it pass, and it may change it.
    std::function<bool(const Peer& to, Datagram&)> wire = [](const Peer&, Datagram&) { return true; };
    std::size_t delivered = 0;

    // Certificates of one authority for both, instead of the pre-shared key.
    void use_certificates(KeyKind kind = KeyKind::EcdsaP256);
    void use_tunnel();
    // Loads both configurations, as they are now, and lets the kernels answer.
    void configure();
    void configure(Peer& peer);
    // Gives the input to the peer and delivers what follows until nothing is under way.
    void input(Peer& peer, Input input);
    void up(Peer& peer);
    void down(Peer& peer);
    // Gives the commands to alice and to bob; the CREATE_CHILD_SA requests that come of them are both on the wire before
    // either is delivered. False if there are not two.
    [[nodiscard]] bool cross(const Command& alices, const Command& bobs, bool alices_first);
    // Runs timers until `duration` has passed.
    void pass(Duration duration);
    [[nodiscard]] bool both_up() const;
    Peer& other(const Peer& peer) { return &peer == &alice ? bob : alice; }

    TestPki pki{7};
    Credential root;

  private:
    void carry_out(Peer& peer, Effects effects);
    void deliver();
    struct UnderWay {
        Peer* to;
        Datagram datagram;
    };
    std::deque<UnderWay> under_way_;
    std::uint64_t last_command_ = 0;
    std::uint64_t configurations_ = 0;
};

// What a datagram that belongs to no IKE SA may bring about: nothing, or to be told so, in no more octets than it has.
// RFC 7296 §1.5
[[nodiscard]] bool nothing_but_unknown(const Effects& effects, std::size_t octets);

// The oldest IKE SA of connection "link", which the peer must have.
[[nodiscard]] IkeSa& ike_sa_of(Peer& peer);

// New keys for connection "link".
[[nodiscard]] Command rekey(bool ike_sa, bool children);

// Of all SAs that the peer's kernel has.
[[nodiscard]] std::set<std::uint32_t> spis(const Peer& peer);

// The events of this kind so far.
template <class Kind>
[[nodiscard]] std::size_t count(const Peer& peer) {
    return static_cast<std::size_t>(
        std::ranges::count_if(peer.events, [](const Event& event) { return std::holds_alternative<Kind>(event); }));
}

}  // namespace xfrmd::test
