// SPDX-License-Identifier: Apache-2.0
// Many initiators in one process, by the project's own core, over UDP and in real time, against any
// responder. Their kernel is a stand-in: the responder's is the one that is measured.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/event_loop.h"
#include "daemon/udp_socket.h"
#include "tests/bench/initiators.h"

namespace xfrmd::bench {

// PEM, or a certificate's DER.
struct Certificates {
    Bytes key;
    Bytes certificate;
    Bytes authority;  // of the responder's
};

struct GeneratorOptions {
    Terms terms;
    std::string secret;
    std::optional<Certificates> certificates = std::nullopt;  // instead of the secret
    std::uint16_t local_port = 500;
    std::uint16_t remote_port = 500;
    std::uint32_t count = 1'000;
    std::uint32_t parallel = 1;  // operations under way at once, at most
    double rate = 0;             // operations begun a second; 0: as soon as another one has ended
    ike::Duration patience = std::chrono::seconds{40};  // then an operation has failed
    // IKE_SA_INITs a second that nobody goes on with, from the initiators' own addresses; 0: none.
    double flood = 0;
};

enum class Operation : std::uint8_t { Open, RekeyChild, RekeyIkeSa, Close };

struct Outcome {
    std::uint32_t done = 0;
    std::uint32_t failed = 0;
    std::string first_failure;  // a sentence, empty if there was none
    ike::Duration took{0};      // all of them together
    // Of each that succeeded, from when it was due: with a rate, also what it had to wait for its
    // start.
    std::vector<ike::Duration> latencies;
    std::uint64_t flooded = 0;
};

class Generator {
  public:
    // Called after each operation with how many there have been.
    using OnProgress = std::function<void(std::uint32_t)>;

    // The error is a sentence for people.
    [[nodiscard]] static std::expected<std::unique_ptr<Generator>, std::string> create(
        GeneratorOptions options);
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;
    ~Generator();

    // Does it once for each initiator and waits for all of them. Error: a sentence.
    [[nodiscard]] std::expected<Outcome, std::string> run(Operation operation,
                                                          const OnProgress& on_progress);
    // Holds what there is, and answers the responder. Returns how many datagrams came meanwhile.
    [[nodiscard]] std::expected<std::uint64_t, std::string> hold(ike::Duration duration);

  private:
    struct Round;

    Generator(GeneratorOptions options, std::unique_ptr<daemon::EventLoop> loop,
              daemon::UdpSocket socket);
    [[nodiscard]] std::expected<void, std::string> take_certificates();
    void configure();
    void make_flood_template();
    // Gives up what has taken too long, and begins what is due.
    void begin_due(Round& round, ike::Time now);
    void begin(Round& round, std::uint32_t number, ike::Time due);
    void end(Round& round, std::uint32_t number, std::string failure);
    void flood(const Round& round, ike::Time now);
    [[nodiscard]] std::expected<void, std::string> turn(ike::Time until);
    void send();
    void receive();
    void input(ike::Input what);
    void carry_out(ike::Effects effects);
    void notice(const ike::Event& event);
    void notice(const ike::CommandReply& reply);

    GeneratorOptions options_;
    std::unique_ptr<daemon::EventLoop> loop_;
    daemon::UdpSocket socket_;
    End end_;
    std::vector<ike::Transmit> outgoing_;
    Bytes flood_template_;
    std::uint64_t flooded_ = 0;
    std::uint64_t received_ = 0;
    std::uint32_t next_spi_ = 0xc0000000;
    std::uint64_t commands_ = 0;
    Round* round_ = nullptr;        // the one that runs
    daemon::EventLoop::Watch watch_;  // last: it must go before the socket
};

}  // namespace xfrmd::bench
