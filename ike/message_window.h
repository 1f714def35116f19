// SPDX-License-Identifier: Apache-2.0
// Message ids, retransmission and the answer kept for a repeated request. RFC 7296 §2.1 to §2.3; window size 1.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ike/ids.h"
#include "ike/policy/connection.h"
#include "ike/time.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// A message as it travels: one datagram, or its fragments in order (RFC 7383).
using Datagrams = std::vector<Bytes>;

// What a request is to us, by its message id and its octets.
enum class Arrival : std::uint8_t {
    Next,        // the one we wait for
    Duplicate,   // octet for octet the last one answered: send the same answer again
    InProgress,  // octet for octet the one we work on: it will be answered
    Stale,       // an old id, or an answered id with other octets
    Ahead,       // outside our window of one
};

// The peer's requests.
class InboundWindow {
  public:
    // RFC 7383 §2.6.1: of a request in fragments the first one stands for all.
    [[nodiscard]] Arrival classify(MessageId id, View request) const;

    // From here on the request counts as being worked on. `request`: its datagram, or its first fragment.
    void begin(Bytes request);
    // A request that turned out to be no valid message: as if it had never come.
    void abandon();
    // Keeps the answer for retransmissions and waits for the next id.
    void complete(Datagrams response);

    [[nodiscard]] MessageId expected() const { return expected_; }
    // response() answers this request.
    [[nodiscard]] bool has_just_answered(MessageId id) const {
        return next(id) == expected_ && !in_progress_;
    }
    // RFC 7296 §2.1: octet for octet what was sent before.
    [[nodiscard]] const Datagrams& response() const { return response_; }
    [[nodiscard]] bool in_progress() const { return in_progress_; }

  private:
    MessageId expected_;
    Bytes request_;
    Datagrams response_;
    bool in_progress_ = false;
};

// Our requests: at most one is outstanding.
class OutboundWindow {
  public:
    struct Outstanding {
        MessageId id;
        Datagrams datagrams;
        std::uint32_t transmissions = 1;
    };

    [[nodiscard]] MessageId next_id() const { return next_; }
    [[nodiscard]] bool is_idle() const { return !outstanding_; }
    [[nodiscard]] const std::optional<Outstanding>& outstanding() const { return outstanding_; }

    // Takes next_id() for this request.
    void send(Datagrams datagrams);
    // RFC 7296 §2.6: IKE_SA_INIT is sent again with a cookie or another group under the same message id.
    void resend(Datagrams datagrams);
    void count_retransmission() { ++outstanding_->transmissions; }
    // True if `id` answers the outstanding request, which then is outstanding no more.
    [[nodiscard]] bool accept_response(MessageId id);
    void give_up() { outstanding_.reset(); }

  private:
    MessageId next_;
    std::optional<Outstanding> outstanding_;
};

// How long to wait after the n-th transmission (n >= 1): doubling from retransmit_first up to retransmit_max, and up to
// a quarter more by `jitter` so that hosts that failed together do not retry together.
[[nodiscard]] Duration retransmission_delay(const Limits& limits, std::uint32_t transmissions,
                                            std::uint8_t jitter);

}  // namespace xfrmd::ike
