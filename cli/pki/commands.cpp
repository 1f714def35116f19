// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/commands.h"

#include <botan/system_rng.h>

#include <chrono>
#include <format>

#include "cli/pki/passphrase.h"
#include "cli/pki/runner.h"
#include "cli/pki/seam.h"
#include "cli/text.h"

namespace xfrmd::cli::pki {

PassphraseSource from(const Path& file) {
    return [file](const std::string& what) { return get_passphrase(file, what, false); };
}

ExitCode Runner::finish(const Outcome& outcome) {
    if (outcome) return session_.finish(*outcome);
    if (options_.json) {
        const std::string line =
            std::format("{{\"error\":\"failed\",\"message\":{}}}\n", json_string(outcome.error()));
        std::fwrite(line.data(), 1, line.size(), options_.err);
    } else {
        session_.print_error(printable(outcome.error()));
    }
    return ExitCode::Failed;
}

ExitCode run(const Command& command, const Options& options) {
    const auto random =
        at_seam("use the system's random generator",
                []() -> Made<Botan::RandomNumberGenerator*> { return &Botan::system_rng(); });
    Botan::Null_RNG none;
    Runner runner{options, random ? **random : none};
    if (!random) return runner.finish(std::unexpected{random.error()});
    return runner.finish(std::visit(runner, command));
}

}  // namespace xfrmd::cli::pki
