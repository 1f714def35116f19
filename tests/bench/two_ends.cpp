// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/two_ends.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "ike/auth/run_job.h"
#include "ike/policy/default_proposals.h"
#include "tests/support/test_pki.h"

namespace xfrmd::bench {

using namespace ike;

void TwoEnds::configure(std::uint32_t count, const Terms& terms) {
    for (const bool at_server : {true, false}) {
        auto configuration = std::make_shared<Configuration>();
        configuration->number = 1;
        configuration->limits = no_limits(count);
        for (std::uint32_t i = 0; i < count; ++i) configuration->connections.push_back(connection(i, at_server, terms));
        input(at_server ? server_ : client_, Command{CommandId{++commands_}, Configure{std::move(configuration), {}}});
    }
    commands_done_ = 0;
}

void TwoEnds::up(std::uint32_t number) { input(client_, Command{CommandId{++commands_}, Up{name_of(number)}}); }

void TwoEnds::rekey_child(std::uint32_t number) {
    input(client_, Command{CommandId{++commands_}, Rekey{name_of(number), false, true}});
    // What is deleted stays for packets that are late.
    pass(std::chrono::milliseconds{1});
}

void TwoEnds::pass(Duration duration) {
    const Time end = now_ + duration;
    for (End* one : {&server_, &client_})
        for (auto deadline = one->host->next_deadline(); deadline && deadline->at <= end;
             deadline = one->host->next_deadline()) {
            now_ = std::max(now_, deadline->at);
            input(*one, Tick{});
        }
    now_ = end;
}

std::size_t TwoEnds::up_at_server() const {
    std::size_t up = 0;
    for (const ConnectionSnapshot& connection : server_.host->snapshot().connections)
        up += connection.state == ConnectionState::Up ? 1 : 0;
    return up;
}

void TwoEnds::compute(End& end, CryptoRequest request) {
    finish(end, CryptoResult{request.id, run_job(request.job, end.credentials, WallTime{test::kNow})});
}

Connection TwoEnds::connection(std::uint32_t number, bool at_server, const Terms& terms) const {
    return connection_of(number, at_server, terms);
}

void TwoEnds::input(End& end, Input what) {
    carry_out(end, end.host->step(now_, std::move(what)));
    while (!under_way_.empty()) {
        auto [to, datagram] = std::move(under_way_.front());
        under_way_.pop_front();
        carry_out(*to, to->host->step(now_, std::move(datagram)));
    }
}

void TwoEnds::carry_out(End& end, Effects effects) {
    for (Effect& effect : effects) {
        if (auto* transmit = std::get_if<Transmit>(&effect)) {
            Path back{transmit->path.remote, transmit->path.local, transmit->path.encapsulated};
            under_way_.emplace_back(&end == &server_ ? &client_ : &server_, Datagram{back, std::move(transmit->octets)});
        } else if (auto* request = std::get_if<KernelRequest>(&effect)) {
            if (std::holds_alternative<xfrm::InstallSas>(request->request)) ++installations_;
            carry_out(end, end.host->step(now_, KernelReply{request->id, answer(request->request, next_spi_)}));
        } else if (auto* crypto = std::get_if<CryptoRequest>(&effect)) {
            compute(end, std::move(*crypto));
        } else if (const auto* reply = std::get_if<CommandReply>(&effect)) {
            if (&end == &client_ && reply->result) ++commands_done_;
        }
    }
}

Proposal proposal_of(ProtocolId protocol, const std::string& text) {
    auto proposal = parse_proposal(protocol, text);
    if (proposal) return *std::move(proposal);
    std::fprintf(stderr, "%s\n", proposal.error().c_str());
    std::exit(2);
}

}  // namespace xfrmd::bench
