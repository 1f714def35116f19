// SPDX-License-Identifier: Apache-2.0
// From what went wrong to why it failed, in the closed list of Reason.
#pragma once

#include <span>

#include "ike/crypto/job.h"
#include "ike/policy/connection.h"
#include "ike/teardown.h"
#include "ike/wire/decode_error.h"
#include "ike/wire/notify.h"
#include "ike/wire/notify_types.h"

namespace xfrmd::ike {

// What an error notification of the peer means.
[[nodiscard]] Reason reason_of(NotifyType error);

// The same as a sentence: "the peer answered NO_PROPOSAL_CHOSEN".
[[nodiscard]] std::string answered(NotifyType error);

// The peer refuses a child: what it said, and what we had asked for. `proposals`: those that were sent.
[[nodiscard]] WhyFailed child_refused(NotifyType error, const Child& child, std::span<const Proposal> proposals);

// Why a crypto job failed.
[[nodiscard]] WhyFailed failure_of(const CryptoError& error);
// The same of an outcome that has either an error or an answer of the wrong kind.
[[nodiscard]] WhyFailed failure_of(const CryptoOutcome& outcome);

// Why a message that opened well could not be understood.
[[nodiscard]] WhyFailed failure_of(const DecodeError& error);

// What its sender is told of it. RFC 7296 §2.5, §2.21.2
[[nodiscard]] Notify notify_of(const DecodeError& error);

}  // namespace xfrmd::ike
