// SPDX-License-Identifier: Apache-2.0
// What the exchanges work on: the Host's state and the effects of the step under way. Internal to ike/.
#pragma once

#include <botan/rng.h>

#include <compare>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ike/answer_budget.h"
#include "ike/connection_state.h"
#include "ike/deadlines.h"
#include "ike/half_open.h"
#include "ike/host.h"
#include "ike/ike_sa.h"
#include "ike/io.h"
#include "ike/slot_map.h"

namespace xfrmd::ike {

// Of a connection: the address that packets to its peer carry.
struct SourceOf {
    std::string connection;
};

// Of a connection: the policies that somebody else has put into the kernel for it.
struct PoliciesFor {
    std::string connection;
};

// The policies by which neighbour discovery passes.
struct NeighbourDiscovery {};

// Who waits for a kernel reply, and what to take out of the kernel if the one who asked is gone by then.
struct KernelWaiter {
    std::variant<SaHandle, std::string /* connection: its policies */, SourceOf, PoliciesFor, NeighbourDiscovery,
                 std::monostate /* nobody */> who;
    std::vector<xfrm::SaId> leftovers;  // for AllocateSpi the SPI is filled in from the answer
    bool allocates = false;
    std::optional<CommandId> configure;     // the Configure command this belongs to
};

// Who owns a deadline: an IKE SA, a connection, or what a connection keeps of a former run.
struct DeadlineOwner {
    SaHandle sa = {};        // generation 0: none
    std::string connection = {};
    bool kept = false;
    auto operator<=>(const DeadlineOwner&) const = default;
};

// How many IKE SAs we have begun since a second began.
struct InitiationBudget {
    Time begun{};
    std::uint32_t given = 0;
};

// Kernel events were lost, and a dump is on its way.
struct Resync {
    RequestId request;
    Time asked;
};

// Whose policies ask for SAs with a certain reqid.
struct ReqIdOwner {
    std::string connection;
    std::string child;
};

// Others take its place.
struct SupersededPolicy {
    std::string connection;
    xfrm::PolicyId id;
};

struct Core {
    Core(Botan::RandomNumberGenerator& random, HostOptions host_options)
        : rng{random}, options{std::move(host_options)} {}

    Botan::RandomNumberGenerator& rng;
    HostOptions options;
    Time now{};
    Effects effects;

    std::shared_ptr<const Configuration> configuration = std::make_shared<Configuration>();
    std::map<std::string, ManagedConnection, std::less<>> connections;
    std::map<xfrm::ReqId, ReqIdOwner> by_reqid;
    std::map<xfrm::Address, std::vector<std::string>> by_remote;  // in the order of the configuration
    bool neighbour_discovery_installed = false;
    std::size_t installing_policies = 0;                          // kernel replies still to come
    std::vector<SupersededPolicy> superseded_policies;            // to be removed once those are here
    std::map<CommandId, std::size_t> configuring;                 // kernel replies still to come

    SlotMap<IkeSa> ike_sas;
    std::map<IkeSpi, SaHandle> by_local_spi;
    std::map<std::pair<IkeSpi, xfrm::Endpoint>, SaHandle> by_init_request;  // responder: RFC 7296 §2.1
    std::set<IkeSpi> announced_spis;                              // each IKE SA's, if it has one
    HalfOpenTable half_open;
    CookieJar cookies;
    AnswerBudget answers;
    InitiationBudget initiations;
    std::vector<Ikev1Peer> ikev1_peers;                           // oldest first
    Deadlines<DeadlineOwner> deadlines;

    std::map<JobId, SaHandle> jobs;
    std::map<RequestId, KernelWaiter> kernel_requests;
    std::optional<Resync> resync;
    std::optional<Time> looked_for_loss;  // see look_for_loss()
    std::uint64_t last_job = 0;
    std::uint64_t last_request = 0;
    Statistics statistics;
    std::optional<Failure> last_unassigned_failure;
    std::optional<Time> stranger_told;  // when people were last told of a peer that nobody has authenticated
    std::optional<CommandId> shutting_down;
    std::uint32_t shut_down_before = 0;  // the slots that were found closed or empty

    // ---- effects
    void transmit(const Path& path, Bytes octets);
    void transmit(const Path& path, const Datagrams& datagrams);
    // To an address that has proven nothing: never more octets than the request had.
    void answer_stranger(const Path& path, View request, Bytes octets);
    JobId request_crypto(const IkeSa& sa, CryptoJob job);
    RequestId request_kernel(KernelWaiter waiter, xfrm::KernelRequest request);
    // Nobody waits for the answer.
    void remove_sas(std::vector<xfrm::SaId> sas);
    void answer(CommandId id, std::expected<std::monostate, CommandFailure> result) {
        effects.emplace_back(CommandReply{id, std::move(result)});
    }
    void emit(Event event) { effects.emplace_back(std::move(event)); }
    void progress(const IkeSa& sa, std::string step);
    void drop(Dropped why) { ++statistics.dropped[static_cast<std::size_t>(why)]; }

    // ---- randomness
    IkeSpi fresh_ike_spi();
    Bytes fresh_nonce();
    Secret fresh_seed();
    std::uint32_t fresh_message_id();  // of a message of IKEv1
    std::uint8_t fresh_jitter();
    // By up to an eighth, so that what began together does not end together.
    Duration shortened(Duration duration);

    // ---- IKE SAs
    // Enters it in the tables; role, path and SPIs must be set.
    IkeSa& add(IkeSa sa);
    // Takes it out of every table. The reference is gone afterwards.
    void erase(IkeSa& sa);
    ManagedConnection* find_connection(std::string_view name);
    ManagedConnection* connection_of(const IkeSa& sa) { return find_connection(sa.connection); }
    // Null once a reload has taken the connection away.
    const Connection* wanted_of(const IkeSa& sa);
    void assign(IkeSa& sa, const std::string& connection);
    // What the peer's rekey of this one has made, while ours is to be compared with it; null if there is none.
    IkeSa* undecided_successor(const IkeSa& sa);
    // A rekey of this one is about to tell the peer an SPI of ours.
    void announce_spi(IkeSa& sa, IkeSpi spi);

    // ---- timers
    void arm(IkeSa& sa, Timer timer, std::optional<Time> at);
    void arm_in(IkeSa& sa, Timer timer, Duration delay) { arm(sa, timer, now + delay); }
    void disarm_all(IkeSa& sa);
    // All but that of the request under way: whatever becomes of the IKE SA, it is repeated until it is answered.
    void disarm_all_but_retransmission(IkeSa& sa);
    void schedule(ManagedConnection& connection, std::optional<Time> at);
};

// What a Host is made of.
[[nodiscard]] Core& core_of(Host& host);

}  // namespace xfrmd::ike
