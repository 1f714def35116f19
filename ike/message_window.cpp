// SPDX-License-Identifier: Apache-2.0
#include "ike/message_window.h"

#include <algorithm>
#include <utility>

namespace xfrmd::ike {

Arrival InboundWindow::classify(MessageId id, View request) const {
    if (id > expected_) return Arrival::Ahead;
    if (id == expected_) {
        if (!in_progress_) return Arrival::Next;
        return equal(request, request_) ? Arrival::InProgress : Arrival::Stale;
    }
    return has_just_answered(id) && equal(request, request_) ? Arrival::Duplicate : Arrival::Stale;
}

void InboundWindow::begin(Bytes request) {
    request_ = std::move(request);
    in_progress_ = true;
}

void InboundWindow::abandon() {
    request_.clear();
    in_progress_ = false;
}

void InboundWindow::complete(Datagrams response) {
    response_ = std::move(response);
    in_progress_ = false;
    expected_ = next(expected_);
}

void OutboundWindow::send(Datagrams datagrams) {
    outstanding_ = Outstanding{next_, std::move(datagrams), 1};
    next_ = next(next_);
}

void OutboundWindow::resend(Datagrams datagrams) {
    outstanding_->datagrams = std::move(datagrams);
    outstanding_->transmissions = 1;
}

bool OutboundWindow::accept_response(MessageId id) {
    if (!outstanding_ || outstanding_->id != id) return false;
    outstanding_.reset();
    return true;
}

Duration retransmission_delay(const Limits& limits, std::uint32_t transmissions,
                              std::uint8_t jitter) {
    Duration delay = limits.retransmit_first;
    for (std::uint32_t i = 1; i < transmissions && delay < limits.retransmit_max; ++i) delay *= 2;
    delay = std::min(delay, limits.retransmit_max);
    return delay + delay * jitter / 1024;
}

}  // namespace xfrmd::ike
