// SPDX-License-Identifier: Apache-2.0
// Texts in the setkey language, carried out: all of them together, or nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "cli/exit_code.h"
#include "cli/setkey/dump/run.h"
#include "cli/setkey/input.h"
#include "cli/setkey/owned_record.h"
#include "cli/setkey/plan.h"
#include "cli/setkey/translator.h"

namespace xfrmd::setkey {

struct RunOptions {
    Semantics semantics = Semantics::Rfc;
    FlushScope scope = FlushScope::Owned;
    bool parse_only = false;  // -n: the kernel is not even asked
    bool dry_run = false;     // shows what would change
    bool verbose = false;     // shows what has changed
    bool json = false;
    bool with_keys = false;  // in what `get` and `dump` show
    // `add` with a key is refused in an input that came from the arguments, unless this says so.
    bool keys_in_arguments = false;
    std::filesystem::path record_folder = kRecordFolder;
    // The socket of a daemon that is to make the changes, and whose own entries stay; empty: the
    // kernel alone is asked.
    std::filesystem::path daemon;
};

// Parses everything and tells every mistake, before anything else is done. Then the kernel's tables
// become what the texts ask for; what they ask to see is shown on the way. A refusal of the kernel
// takes back all that was done before it. The exit code is Ok only if all took effect.
[[nodiscard]] cli::ExitCode run_statements(std::vector<Input> inputs, const RunOptions& options,
                                           const dump::Streams& streams);

}  // namespace xfrmd::setkey
