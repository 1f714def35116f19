// SPDX-License-Identifier: Apache-2.0
// A daemon's values for the control interface, without a daemon: what is written here is what the
// methods are to show.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/control_methods.h"

namespace xfrmd::test {

// Two connections: "db" is up with one child, "branch" is retrying after a failure. Times count
// from the origin.
[[nodiscard]] ike::Snapshot sample_snapshot();
[[nodiscard]] xfrm::SaInfo sample_sa();
[[nodiscard]] xfrm::PolicyInfo sample_policy();
// SK_ei is e1e1, SK_er e2e2.
[[nodiscard]] ike::ExportedKeys sample_keys(const ike::SpiPair& spis);

// Services that answer from values; replies go to `replies` unless somebody else serves them.
struct FakeDaemon {
    using Replies = std::vector<std::pair<daemon::ControlServer::ClientId, api::Reply>>;

    FakeDaemon();
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;

    // Answers the oldest command that waits.
    void answer(std::expected<std::monostate, ike::CommandFailure> result = {});

    ike::Snapshot snapshot = sample_snapshot();
    ike::Time now{std::chrono::seconds{100}};
    bool stopping = false;
    std::function<xfrm::KernelResult(const xfrm::KernelRequest&)> kernel;
    daemon::ReloadOutcome reload_outcome;
    std::expected<daemon::Planned, std::vector<daemon::Diagnostic>> planned;
    std::optional<ike::Duration> confirm_within;  // of the last Apply
    bool confirmable = false;
    std::vector<std::string> statements;  // that clients have asked for
    std::optional<daemon::TableRefusal> table_refusal;
    std::size_t kept = 0;
    std::size_t taken_back = 0;
    daemon::FlushOutcome flush_outcome;
    daemon::Level log_level = daemon::Level::Info;
    std::vector<ike::SpiPair> key_owners{{{0x11}, {0x22}}};
    std::vector<std::pair<std::size_t, std::chrono::seconds>> key_exports_told;
    std::optional<ike::Time> key_exports_end;
    std::vector<std::pair<daemon::ControlServices::CommandWhat,
                          std::function<void(const ike::CommandReply&)>>>
        commands;
    Replies replies;
    daemon::ControlServices services;
};

}  // namespace xfrmd::test
