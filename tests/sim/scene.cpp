// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scene.h"

#include <algorithm>

#include "tests/sim/checkers/key_checker.h"
#include "tests/sim/checkers/switch_checker.h"
#include "tests/sim/checkers/table_checker.h"

namespace xfrmd::sim {

namespace {

// The SPIs we send with under the same IKE SA for the same child as with this one. Two IKE SAs of crossed initiations
// know nothing of each other's children, and one that is leaving the kernel was given up together with its peer's.
std::vector<xfrm::EspSpi> siblings(const ike::Snapshot& snapshot, xfrm::EspSpi outbound) {
    std::vector<xfrm::EspSpi> found;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) {
            const auto at = std::ranges::find(sa.children, outbound, &ike::ChildSnapshot::outbound);
            if (at == sa.children.end() || !at->has_outbound()) continue;
            for (const ike::ChildSnapshot& other : sa.children)
                if (other.reqid == at->reqid && other.outbound != outbound && other.has_outbound())
                    found.push_back(other.outbound);
        }
    }
    return found;
}

}  // namespace

Scene::Scene(const Options& options, bool with_ladder)
    : stage_{Prng{options.seed}, with_ladder}, network_{Prng{options.seed}.split("network")} {
    const Prng prng{options.seed};
    for (HostIndex host = 0; host < options.hosts; ++host)
        machines_.push_back(
            std::make_unique<Machine>(stage_, make_site(options, host), prng.split(host_name(host))));
    const Site& first = machines_[0]->site();
    if (options.nat) nat_.emplace(prng.split("nat"), *options.nat, first.address, first.public_address);
    stage_.transmit = [this](HostIndex from, const Frame& frame) { transmit(from, frame); };
}

void Scene::run_for(Duration duration) {
    if (is_failed()) return;
    stage_.world.run_until(stage_.world.now() + duration);
    check_always();
}

void Scene::send_probe(HostIndex from, HostIndex to, std::uint16_t source_port, bool second_child) {
    Machine& sender = machine(from);
    const Site& here = sender.site();
    const Site& there = machine(to).site();
    const Packet probe{.source = second_child ? here.other_traffic : here.traffic,
                       .destination = second_child ? there.public_other_traffic : there.public_traffic,
                       .protocol = static_cast<std::uint8_t>(second_child ? 6 : 17),
                       .source_port = source_port,
                       .destination_port = 9,
                       .probe = stage_.oracle.next_probe(from, to)};
    // Before the first start there are no policies, and nothing is promised.
    if (sender.kernel().find_policy(probe, xfrm::Direction::Out) != nullptr) sender.send_probe(probe);
}

void Scene::transmit(HostIndex from, const Frame& sent) {
    check_departure(from, sent);
    std::optional<Frame> frame = sent;
    if (nat_ && from == 0) frame = nat_->outward(stage_.world.now(), sent);
    if (!frame) return stage_.note("nat", "drops what it cannot translate");
    if (intercept && intercept(from, *frame)) return;
    if (const auto* datagram = std::get_if<IkeDatagram>(&frame->content); datagram != nullptr && overheard)
        overheard(*datagram);
    for (Arrival& arrival : network_.send(stage_.world.now(), *frame))
        stage_.world.at(arrival.at, [this, frame = std::move(arrival.frame)] { deliver(frame); });
}

void Scene::check_departure(HostIndex from, const Frame& frame) {
    const auto* wire = std::get_if<WirePacket>(&frame.content);
    const auto* packet = wire == nullptr ? nullptr : std::get_if<IpsecPacket>(wire);
    if (packet == nullptr || !is_honest(from)) return;
    const Machine* receiver = owner_of(packet->destination());
    if (receiver == nullptr || !is_honest(receiver->host())) return;
    // Of a peer that has lost all, none is better than another.
    auto others = siblings(machine(from).snapshot(), packet->headers.front().spi);
    std::erase_if(others, [&](xfrm::EspSpi spi) {
        return std::ranges::none_of(receiver->kernel().sas(), [&](const KernelModel::Sa& sa) { return sa.spec.id.spi == spi; });
    });
    stage_.fail_if(machine(from).site().name,
                   check_switch(*packet, others, [&](xfrm::IpsecProtocol protocol, xfrm::EspSpi spi) {
                       return receiver->has_ever_received_on(protocol, spi);
                   }));
}

void Scene::deliver(const Frame& arrived) {
    if (is_failed()) return;
    std::optional<Frame> frame = arrived;
    if (nat_ && destination_of(arrived) == nat_->outside()) frame = nat_->inward(stage_.world.now(), arrived);
    if (!frame) return stage_.note("nat", "filters " + describe(arrived));
    const xfrm::Address destination = destination_of(*frame);
    for (const auto& each : machines_)
        if (each->kernel().owns(destination)) each->receive(*frame);
}

Machine* Scene::owner_of(const xfrm::Address& public_address) {
    for (const auto& each : machines_)
        if (each->site().public_address == public_address || each->kernel().owns(public_address)) return each.get();
    return nullptr;
}

// ---- What more than one host must agree on

void Scene::check_always() {
    for (HostIndex east = 0; east < hosts(); ++east) {
        for (HostIndex west = east + 1; west < hosts(); ++west) {
            if (!is_honest(east) || !is_honest(west)) continue;
            stage_.fail_if("both", check_same_keys(machine(east).kernel(), machine(west).kernel()));
            ike::Core* left = machine(east).core();
            ike::Core* right = machine(west).core();
            if (left != nullptr && right != nullptr) stage_.fail_if("both", check_same_ike_sas(*left, *right));
        }
    }
}

void Scene::check_together() {
    for (const auto& each : machines_)
        stage_.fail_if(each->site().name, check_belief(each->kernel(), each->snapshot()));
    for (HostIndex east = 0; east < hosts(); ++east) {
        for (HostIndex west = east + 1; west < hosts(); ++west) {
            const std::string pair = std::string{host_name(east)} + " and " + host_name(west);
            stage_.fail_if(pair, check_agreement(connection_of(machine(east).snapshot(), connection(west)),
                                                 connection_of(machine(west).snapshot(), connection(east)),
                                                 nat_.has_value()));
            stage_.fail_if(pair, check_same_encapsulation(machine(east).kernel(), machine(west).kernel()));
        }
    }
}

void Scene::check_apart() {
    for (const auto& each : machines_)
        stage_.fail_if(each->site().name, check_nothing_left(each->kernel(), each->snapshot()));
}

}  // namespace xfrmd::sim
