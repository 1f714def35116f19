// SPDX-License-Identifier: Apache-2.0
// Does a job of the core: a pure function of the job, the credentials and the time. Any thread may
// run it.
#pragma once

#include "ike/auth/credentials.h"
#include "ike/crypto/job.h"
#include "ike/time.h"

namespace xfrmd::ike {

// Total: whatever the job holds, the outcome is an answer or an error, never an exception.
[[nodiscard]] CryptoOutcome run_job(const CryptoJob& job, const CredentialStore& credentials,
                                    WallTime now);

}  // namespace xfrmd::ike
