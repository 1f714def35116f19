// SPDX-License-Identifier: Apache-2.0
// Carries out the commands: what they share. Internal to cli/pki.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cli/pki/authority.h"
#include "cli/pki/certificate.h"
#include "cli/pki/commands.h"
#include "cli/pki/file.h"
#include "cli/session.h"

namespace xfrmd::cli::pki {

using Outcome = Made<ExitCode>;

inline constexpr std::int64_t kDay = 24 * 60 * 60;

[[nodiscard]] inline Existing existing(bool force) {
    return force ? Existing::Replace : Existing::Keep;
}

// A passphrase from this file, or from the terminal if there is none.
[[nodiscard]] PassphraseSource from(const Path& file);

class Runner {
  public:
    Runner(const Options& options, Botan::RandomNumberGenerator& random)
        : options_{options}, session_{options}, random_{random} {}

    ExitCode finish(const Outcome& outcome);

    Outcome operator()(const command::Init& init);
    Outcome operator()(const command::Issue& issue);
    Outcome operator()(const command::Request& request);
    Outcome operator()(const command::Sign& sign);
    Outcome operator()(const command::Revoke& revoke);
    Outcome operator()(const command::Crl& crl);
    Outcome operator()(const command::List& list);
    Outcome operator()(const command::Show& show);
    Outcome operator()(const command::Verify& verify);
    Outcome operator()(const command::Export& exported);

  private:
    std::int64_t now() const {
        return std::chrono::floor<std::chrono::seconds>(options_.now()).time_since_epoch().count();
    }
    // From a little before now. `asked`: nothing for `usual`, which gives way to the authority's
    // own end.
    Made<Period> period(std::optional<std::uint32_t> asked, std::uint32_t usual,
                        View authority) const;
    Made<Secret> key_text(const ike::LoadedPrivateKey& key, const NewKey& how, const Path& file);
    // Everything that becomes of a certificate once it is made: it is tried, recorded, written.
    Made<void> check_issued(const Authority& authority, View certificate) const;
    Outcome write_crl(const AuthorityFolder& folder, const Path& passphrase_file,
                      std::optional<Revocation> revocation, std::uint32_t days);
    Outcome tell_issued(View certificate, const Path& certificate_file, const Path& key_file,
                        const AuthorityFolder& folder, const std::string& notes);
    void print(const std::string& text, const std::string& json) {
        session_.print(options_.json ? json + "\n" : text);
    }

    const Options& options_;
    Session session_;
    Botan::RandomNumberGenerator& random_;
};

}  // namespace xfrmd::cli::pki
