// SPDX-License-Identifier: Apache-2.0
// Makes connections of remote blocks, and says how their children are protected from sainfo blocks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/migrate/authentication.h"
#include "cli/migrate/children.h"
#include "cli/migrate/findings.h"
#include "cli/migrate/match.h"
#include "cli/migrate/model.h"
#include "cli/racoon/configuration.h"

namespace xfrmd::migrate {

enum class Dots : std::uint8_t { Keep, Replace };

// Letters, digits and hyphens, as xfrmd wants names, and dots where no table of TOML has the name.
[[nodiscard]] std::string as_name(std::string_view text, Dots dots);

class Connections {
  public:
    // All outlive it. `psk` may be null.
    Connections(const racoon::Configuration& configuration, const racoon::PskFile* psk,
                const Facts& facts, Findings& findings, Model& model)
        : configuration_{configuration},
          findings_{findings},
          model_{model},
          authentication_{configuration, psk, facts, findings, model} {}

    // The one between these two, new if there is none.
    Connection& between(const racoon::Remote& remote, const Ends& ends);
    // A new one. `peer`: an address, or "any".
    Connection& add(const racoon::Remote& remote, std::string name, std::string peer,
                    std::string local);
    // Algorithms and lifetimes of a child of `connection`, which is named for that.
    void protect(const Traffic& traffic, const racoon::Remote& remote, const Connection& connection,
                 Child& child);
    // With a name that its connection has not yet, from what it is about.
    void name(const Policy& out, const Connection& connection, Child& child) const;

    [[nodiscard]] bool used(const racoon::Remote& remote) const {
        return remotes_.contains(&remote);
    }
    // Somebody else speaks for the block.
    void leave_out(const racoon::Remote& remote) { remotes_[&remote]; }
    // Says of each block what became of it. To be called last.
    void finish();

  private:
    const racoon::Configuration& configuration_;
    Findings& findings_;
    Model& model_;
    Authentication authentication_;
    std::map<const racoon::Remote*, std::vector<std::string>> remotes_;  // names of connections
    std::map<const racoon::Sainfo*, std::vector<std::string>> sainfos_;
};

}  // namespace xfrmd::migrate
