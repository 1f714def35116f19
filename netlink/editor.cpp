// SPDX-License-Identifier: Apache-2.0
#include "netlink/editor.h"

#include <cerrno>
#include <chrono>
#include <map>

#include "netlink/change_run.h"
#include "netlink/conversation.h"
#include "netlink/socket.h"

namespace xfrmd::netlink {

using namespace xfrm;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kSilenceMax{10};

// Carries the messages of one run.
class Carrier {
  public:
    Carrier(RequestSocket& socket, ChangeRun& run) : socket_{socket}, run_{run} {}

    // False if the kernel says nothing any more.
    bool carry(const Editor::Progress& progress) {
        while (!run_.finished()) {
            send();
            if (steps_.empty()) continue;  // it ended, or goes backward from here
            if (!receive()) return false;
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

    // All there is, but at least one answer.
    bool receive() {
        bool any = false;
        for (;;) {
            replies_.clear();
            const Received received = socket_.receive(replies_);
            for (const Reply& reply : replies_) take(reply);
            any |= !replies_.empty();
            if (received != Received::Nothing) continue;
            if (any) return true;
            if (!wait_readable(socket_.fd(), Clock::now() + kSilenceMax)) return false;
        }
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
    std::vector<Reply> replies_;
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

std::string Editor::take_back() {
    ChangeRun run{{}, log_};
    run.take_back();
    if (!Carrier{*socket_, run}.carry({})) return timed_out().what;
    const auto refusal = run.take_refusal();
    return refusal ? refusal->trouble : std::string{};
}

}  // namespace xfrmd::netlink
