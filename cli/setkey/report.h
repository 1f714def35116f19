// SPDX-License-Identifier: Apache-2.0
// What a run has to say: for people, mistakes on the error stream and differences on the other; as
// JSON, one object in the end.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/setkey/dump/run.h"
#include "cli/setkey/plan.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::setkey {

class Report {
  public:
    Report(bool json, const dump::Streams& streams) : json_{json}, streams_{streams} {}

    // What would change, or has: "+ spdadd …;", "- delete …;".
    void add_differences(const Plan& plan);
    // Something about the run, not about a place in a text.
    void complain(std::string what);
    // From here on what does not succeed changes nothing, which is worth a word.
    void expect_changes() { may_change_ = true; }
    // The last word.
    cli::ExitCode finish(const std::vector<daemon::Diagnostic>& diagnostics, cli::ExitCode code);

  private:
    struct Line {
        char sign = '+';
        std::string statement;
    };

    void finish_text(const std::vector<daemon::Diagnostic>& diagnostics, cli::ExitCode code);
    void finish_json(const std::vector<daemon::Diagnostic>& diagnostics, cli::ExitCode code);

    bool json_;
    dump::Streams streams_;
    std::vector<Line> lines_;
    std::size_t unchanged_ = 0;
    bool has_differences_ = false;
    bool may_change_ = false;
    std::vector<std::string> complaints_;
};

}  // namespace xfrmd::setkey
