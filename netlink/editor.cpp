// SPDX-License-Identifier: Apache-2.0
#include "netlink/editor.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <chrono>
#include <format>
#include <map>
#include <optional>
#include <variant>

#include "netlink/change_run.h"
#include "netlink/conversation.h"
#include "netlink/errors.h"
#include "netlink/model/neighbour_discovery.h"
#include "netlink/model/overloaded.h"
#include "netlink/socket.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

using namespace xfrm;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kSilenceMax{10};

// Hands all answers there are to `take`, but at least one. False if the kernel says nothing any
// more.
bool await_replies(RequestSocket& socket, const std::function<void(const Reply&)>& take) {
    std::vector<Reply> replies;
    for (bool any = false;;) {
        replies.clear();
        const Received received = socket.receive(replies);
        for (const Reply& reply : replies) take(reply);
        any |= !replies.empty();
        if (received != Received::Nothing) continue;
        if (any) return true;
        if (!wait_readable(socket.fd(), Clock::now() + kSilenceMax)) return false;
    }
}

// What a change would remove or replace; nothing if it adds.
using Subject = std::variant<std::monostate, SaId, PolicyId>;

Subject subject_of(const Change& change) {
    return std::visit(
        Overloaded{[](const change::ReplaceSa& replace) { return Subject{replace.spec.id}; },
                   [](const change::RemoveSa& remove) { return Subject{remove.id}; },
                   [](const change::ReplacePolicy& replace) { return Subject{replace.spec.id}; },
                   [](const change::RemovePolicy& remove) { return Subject{remove.id}; },
                   [](const auto&) { return Subject{}; }},
        change);
}

// Nothing for what cannot be asked: it cannot be changed either, and the change will be told so.
std::optional<Message> query_of(const Subject& subject) {
    Encoded query = std::unexpected{KernelError{}};
    if (const auto* const sa = std::get_if<SaId>(&subject)) query = encode_query_sa(*sa);
    if (const auto* const policy = std::get_if<PolicyId>(&subject))
        query = encode_query_policy(*policy);
    return query ? std::optional{std::move(*query)} : std::nullopt;
}

std::string name_of(const Subject& subject) {
    const auto* const sa = std::get_if<SaId>(&subject);
    return sa != nullptr ? netlink::name_of(*sa) : netlink::name_of(std::get<PolicyId>(subject));
}

// Whose what the kernel shows is; empty: nobody's that is known.
std::string owner_in(const Reply& reply, const Editor::OwnerOf& owner) {
    if (reply.type == XFRM_MSG_NEWSA) {
        const auto sa = decode_sa(reply.payload, Keys::Skip);
        return sa ? owner(sa->spec.reqid) : std::string{};
    }
    const auto policy = decode_policy(reply.payload);
    if (!policy) return {};
    if (is_neighbour_discovery(policy->spec)) return std::string{kNeighbourDiscovery};
    for (const Template& wanted : policy->spec.templates)
        if (auto name = owner(wanted.reqid); !name.empty()) return name;
    return {};
}

// Carries the messages of one run.
class Carrier {
  public:
    Carrier(RequestSocket& socket, ChangeRun& run) : socket_{socket}, run_{run} {}

    // False if the kernel says nothing any more.
    bool carry(const Editor::Progress& progress) {
        while (!run_.finished()) {
            send();
            if (steps_.empty()) continue;  // it ended, or goes backward from here
            if (!await_replies(socket_, [this](const Reply& reply) { take(reply); })) return false;
            if (progress && !run_.finished() && !progress(run_.done())) run_.take_back();
        }
        return true;
    }

  private:
    void send() {
        for (Step& step : run_.next_steps())
            steps_[socket_.send(std::move(step.message))] = step.number;
        socket_.flush();
    }

    void take(const Reply& reply) {
        const auto step = steps_.find(reply.sequence);
        if (step == steps_.end()) return;
        if (reply.kind == Reply::Kind::Part) run_.part(step->second, {reply.type, reply.payload});
        if (reply.kind != Reply::Kind::End) return;
        const std::uint32_t number = step->second;
        steps_.erase(step);
        run_.end(number, reply.refusal);
    }

    RequestSocket& socket_;
    ChangeRun& run_;
    std::map<std::uint32_t, std::uint32_t> steps_;  // by sequence number
};

}  // namespace

std::expected<Editor, KernelError> Editor::open() {
    RequestSocket socket = TRY(RequestSocket::open(Bus::Xfrm));
    return Editor{std::make_unique<RequestSocket>(std::move(socket))};
}

Editor::Editor(std::unique_ptr<RequestSocket> socket) : socket_{std::move(socket)} {}
Editor::Editor(Editor&&) noexcept = default;
Editor& Editor::operator=(Editor&&) noexcept = default;
Editor::~Editor() = default;

std::expected<std::vector<EspSpi>, ChangeRefusal> Editor::apply(std::vector<Change> changes,
                                                                const Progress& progress) {
    ChangeRun run{std::move(changes), log_};
    if (!Carrier{*socket_, run}.carry(progress))
        return std::unexpected{
            ChangeRefusal{run.done(), timed_out(), "what was changed is not known"}};
    if (auto refusal = run.take_refusal()) return std::unexpected{std::move(*refusal)};
    return run.reserved();
}

std::expected<void, ChangeRefusal> Editor::spare(const std::vector<Change>& changes,
                                                 const OwnerOf& owner) {
    std::map<std::uint32_t, std::size_t> asked;  // positions by sequence number
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (auto query = query_of(subject_of(changes[i])))
            asked[socket_->send(std::move(*query))] = i;
    }
    std::map<std::size_t, std::string> owned;
    while (!asked.empty()) {
        socket_->flush();
        const bool answered = await_replies(*socket_, [&](const Reply& reply) {
            const auto question = asked.find(reply.sequence);
            if (question == asked.end()) return;
            if (reply.kind == Reply::Kind::End) return void(asked.erase(question));
            if (auto name = owner_in(reply, owner); !name.empty())
                owned.emplace(question->second, std::move(name));
        });
        if (!answered) return std::unexpected{ChangeRefusal{0, timed_out(), {}}};
    }
    if (owned.empty()) return {};
    const auto& [position, name] = *owned.begin();
    return std::unexpected{ChangeRefusal{
        position,
        {EPERM, std::format("{}: belongs to {}", name_of(subject_of(changes[position])), name)},
        {}}};
}

std::string Editor::take_back() {
    ChangeRun run{{}, log_};
    run.take_back();
    if (!Carrier{*socket_, run}.carry({})) return timed_out().what;
    const auto refusal = run.take_refusal();
    return refusal ? refusal->trouble : std::string{};
}

}  // namespace xfrmd::netlink
