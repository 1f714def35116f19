// SPDX-License-Identifier: Apache-2.0
// Where the mistakes of one load are gathered, so that all of them can be told at once.
#pragma once

#include <string>
#include <vector>

#include "daemon/configuration/diagnostic.h"
#include "daemon/configuration/document.h"

namespace xfrmd::daemon {

class Diagnostics {
  public:
    // Files come in the order in which they are announced.
    void announce_file(const std::string& file) { files_.push_back(file); }
    void error(const Place& place, std::string text, std::string hint = {});
    void warning(const Place& place, std::string text, std::string hint = {});
    // An error that may heal by itself.
    void waits_for_network(const Place& place, std::string text, std::string hint = {});
    // An error at a key whose value must not be shown, by no other diagnostic either: it may be a
    // secret under a misspelt name.
    void error_at_key(const Located<std::string>& key, std::string text, std::string hint = {});
    void add(Diagnostic diagnostic);

    bool has_errors() const { return errors_ > 0; }
    std::size_t errors() const { return errors_; }
    // Sorted by file, then by position; empties this.
    std::vector<Diagnostic> take();

  private:
    void add(Severity severity, const Place& place, std::string text, std::string hint);

    void hide_values(Diagnostic& diagnostic) const;

    std::vector<Diagnostic> all_;
    std::vector<Place> hidden_;       // keys whose values are not shown
    std::vector<std::string> files_;  // in the order they were announced or first complained about
    std::size_t errors_ = 0;
};

}  // namespace xfrmd::daemon
