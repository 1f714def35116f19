// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder share: chance that repeats itself, an authority, a folder.
#pragma once

#include <botan/rng.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/pki/certificate.h"
#include "cli/pki/commands.h"
#include "tests/support/temporary_directory.h"

namespace xfrmd::cli::pki::test {

using xfrmd::test::TemporaryDirectory;

// 2026-06-01T00:00:00Z, seconds since 1970.
inline constexpr std::int64_t kNow = 1780272000;
inline constexpr std::int64_t kDay = 86400;
inline constexpr Period kYear{kNow - 3600, kNow + 365 * kDay};

// The same numbers in every run.
Botan::RandomNumberGenerator& chance();

// Fail the test where the text is none.
ike::DistinguishedName subject(std::string_view text);
ike::Identity identity(std::string_view text);
ike::LoadedPrivateKey key(KeyType type = KeyType::EcdsaP256);
Holder holder(std::string_view dns_name);

// A root for ten years.
Issuer authority(std::string_view name = "CN=Fleet CA, O=Test", KeyType type = KeyType::EcdsaP256);
// Of a host with one domain name, DER; fails the test if it cannot be made.
Bytes certificate(const Issuer& issuer, std::string_view dns_name,
                  const ike::LoadedPrivateKey& key);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, std::string_view text, unsigned mode = 0600);

// Carries commands out in a folder of its own, at kNow.
class Desk {
  public:
    Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;
    ~Desk();

    struct Outcome {
        ExitCode code = ExitCode::Failed;
        std::string out;
        std::string err;
    };
    Outcome run(const Command& command, bool json = false) const;
    // Fails the test if the command fails.
    std::string done(const Command& command, bool json = false) const;
    [[nodiscard]] std::filesystem::path at(std::string_view name) const {
        return folder_.path() / name;
    }

    // The usual authority, in at("ca").
    void init() const;
    void issue(const std::string& name) const;

    std::int64_t now = kNow;

  private:
    TemporaryDirectory folder_;
};

}  // namespace xfrmd::cli::pki::test
