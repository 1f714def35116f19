// SPDX-License-Identifier: Apache-2.0
// A control server over a real socket, driven by hand on the test's own thread, and clients that
// misbehave on purpose.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/control_server.h"
#include "daemon/event_loop.h"
#include "tests/support/temporary_directory.h"

namespace xfrmd::test {

class ControlHarness {
  public:
    using Handler = daemon::ControlServer::Handler;

    // Everybody may do everything, unless other rules are given.
    explicit ControlHarness(Handler handler, daemon::ControlLimits limits = {},
                            std::optional<daemon::AccessRules> rules = {});

    // Lets the server do what it can at once.
    void turn();
    // Lets it work until `done`, at most five seconds. Returns whether it is done.
    bool work_until(const std::function<bool()>& done);

    // Lets it work until another thread says so.
    void work_until_stopped(const std::atomic<bool>& stop);

    [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "io.xfrmd"; }
    [[nodiscard]] daemon::ControlServer& server() { return *server_; }
    [[nodiscard]] const std::vector<daemon::ControlServer::ClientId>& gone() const { return gone_; }

  private:
    TemporaryDirectory directory_;
    std::unique_ptr<daemon::EventLoop> loop_;
    std::vector<daemon::ControlServer::ClientId> gone_;
    std::unique_ptr<daemon::ControlServer> server_;
};

// Octets in, octets out; never blocks.
class RawClient {
  public:
    explicit RawClient(const ControlHarness& harness);
    RawClient(RawClient&& other) noexcept;
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient();

    // As much as the socket takes at once.
    std::size_t write(std::string_view octets);
    // What is there, kept in `received`.
    void read();
    void end_writing();
    [[nodiscard]] bool is_connected() const { return connected_; }
    // The server has closed the connection.
    [[nodiscard]] bool at_end() const { return at_end_; }
    // The whole messages of what was read, without their ends.
    [[nodiscard]] std::vector<std::string> messages() const;
    [[nodiscard]] const std::string& received() const { return received_; }

  private:
    int fd_;
    bool connected_ = false;
    bool at_end_ = false;
    std::string received_;
};

}  // namespace xfrmd::test
