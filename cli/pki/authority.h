// SPDX-License-Identifier: Apache-2.0
// The folder of a certification authority:
//
//   ca.pem            its certificate, then those of the authorities above it without the root
//   ca.key            its private key, 0600
//   crl.pem           its revocation list, which is also its only record of what is revoked
//   issued/SERIAL.pem every certificate that it has issued
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/pki/certificate.h"
#include "cli/pki/file.h"
#include "netlink/model/secret.h"

namespace xfrmd::cli::pki {

struct AuthorityFolder {
    std::filesystem::path path;

    [[nodiscard]] std::filesystem::path certificate() const { return path / "ca.pem"; }
    [[nodiscard]] std::filesystem::path key() const { return path / "ca.key"; }
    [[nodiscard]] std::filesystem::path crl() const { return path / "crl.pem"; }
    [[nodiscard]] std::filesystem::path issued() const { return path / "issued"; }
};

struct Authority {
    Issuer issuer;
    // What goes with a certificate of its: its own and those above it, DER; none for a root.
    std::vector<Bytes> chain;
};

// Asked only if the key is encrypted; the argument is what the passphrase is for.
using PassphraseSource = std::function<Made<Secret>(const std::string& what)>;

// A folder for an authority, mode 0700, with the folders above it and a folder for records.
[[nodiscard]] Made<void> make_folder(const AuthorityFolder& folder);
[[nodiscard]] Made<Authority> open_authority(const AuthorityFolder& folder,
                                             const PassphraseSource& passphrase);
// ca.pem, DER.
[[nodiscard]] Made<std::vector<Bytes>> authority_certificates(const AuthorityFolder& folder);
// A private key file, asked for its passphrase if it needs one.
[[nodiscard]] Made<ike::LoadedPrivateKey> open_key(const std::filesystem::path& file,
                                                   const PassphraseSource& passphrase);

[[nodiscard]] Made<void> record(const AuthorityFolder& folder, View certificate);
// All that was recorded, DER, in the order of their serial numbers.
[[nodiscard]] Made<std::vector<Bytes>> recorded(const AuthorityFolder& folder);
// The one recorded certificate with this serial number (hexadecimal), or about this name; else the
// certificate in the file of this name. Several certificates about one name are an error that tells
// their serial numbers.
[[nodiscard]] Made<Bytes> find_issued(const AuthorityFolder& folder, std::string_view what);

// Keeps others from changing the revocation list until it goes.
class AuthorityLock {
  public:
    [[nodiscard]] static Made<AuthorityLock> take(const AuthorityFolder& folder);
    AuthorityLock(AuthorityLock&& other) noexcept;
    AuthorityLock& operator=(AuthorityLock&&) = delete;
    AuthorityLock(const AuthorityLock&) = delete;
    AuthorityLock& operator=(const AuthorityLock&) = delete;
    ~AuthorityLock();

  private:
    explicit AuthorityLock(int fd) : fd_{fd} {}
    int fd_;
};

}  // namespace xfrmd::cli::pki
