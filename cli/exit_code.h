// SPDX-License-Identifier: Apache-2.0
// What xfrmctl ends with; scripts rely on it.
#pragma once

namespace xfrmd::cli {

enum class ExitCode : int {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotUpOrNotFound = 3,
    Unreachable = 4,
    Denied = 5,
    // `migrate` only: what was made waits for a decision.
    ToDecide = 10,
    // What becomes of the packet that `explain` was asked about; Ok: it is protected.
    Clear = 10,
    Blocked = 11,
    WouldNegotiate = 12,
};

}  // namespace xfrmd::cli
