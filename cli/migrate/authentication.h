// SPDX-License-Identifier: Apache-2.0
// Who proves what, and how, from a remote block: identities, trusts, secrets, and the peer's
// identity.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/migrate/facts.h"
#include "cli/migrate/findings.h"
#include "cli/migrate/model.h"
#include "cli/racoon/configuration.h"
#include "cli/racoon/psk_file.h"

namespace xfrmd::migrate {

class Authentication {
  public:
    // All outlive it. `psk` may be null.
    Authentication(const racoon::Configuration& configuration, const racoon::PskFile* psk,
                   const Facts& facts, Findings& findings, Model& model)
        : configuration_{configuration},
          psk_{psk},
          facts_{facts},
          findings_{findings},
          model_{model} {}

    // Fills in what the connection says about identities; `remote` is its peer's address or "any".
    void fill(const racoon::Remote& remote, Connection& connection);
    // What is to be said of psk.txt once all connections are made.
    void finish();

  private:
    enum class Method : std::uint8_t { Secret, Certificate, None };
    static Method method_of(const racoon::Remote& remote);

    void with_certificate(const racoon::Remote& remote, Connection& connection);
    void our_certificate(const racoon::Remote& remote, Connection& connection);
    void trust(const racoon::Remote& remote, Connection& connection);
    std::string trust_of_file(const racoon::Certificate& certificate, const racoon::Statement& by);
    std::string trust_of_folder(const racoon::Remote& remote);
    void peer_of_certificate(const racoon::Remote& remote, Connection& connection);
    bool peer_pinned(const racoon::Remote& remote, Connection& connection);
    void undecided_peer(const racoon::Remote& remote, Connection& connection);

    void with_secret(const racoon::Remote& remote, Connection& connection);
    const racoon::PskEntry* secret_for(const racoon::Remote& remote, const Connection& connection);
    void use_secret(const racoon::PskEntry& entry, Connection& connection);
    void judge_secret(const racoon::PskEntry& entry);

    void local_id(const racoon::Remote& remote, Connection& connection);
    bool peer_named(const racoon::Remote& remote, Connection& connection);
    std::string identity_text(const racoon::Said<racoon::Identifier>& identifier);
    [[nodiscard]] std::string folder_of_certificates() const;
    [[nodiscard]] std::string absolute(const std::string& file) const;
    std::string unused_name(const std::string& base) const;

    const racoon::Configuration& configuration_;
    const racoon::PskFile* psk_;
    const Facts& facts_;
    Findings& findings_;
    Model& model_;
    std::set<std::uint32_t> fleet_keys_;  // lines of psk.txt
    std::map<std::uint32_t, std::vector<std::string>>
        secrets_used_;  // line of psk.txt, connections
};

}  // namespace xfrmd::migrate
