// SPDX-License-Identifier: Apache-2.0
// xfrmctl pki: an authority of one's own, and certificates for hosts, without a daemon.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.h"
#include "cli/pki/key.h"

namespace xfrmd::cli {
struct Options;
}  // namespace xfrmd::cli

namespace xfrmd::cli::pki {

using Path = std::filesystem::path;

// Where an authority lies unless --ca names another folder.
inline constexpr const char* kDefaultAuthority = "ca";

// About whom a certificate is to be. All of them texts as they were typed.
struct Wish {
    std::string subject;  // empty: CN=NAME
    std::vector<std::string> dns, addresses, emails;
    [[nodiscard]] bool has_names() const {
        return !dns.empty() || !addresses.empty() || !emails.empty();
    }
};

// A key that is made, and whether it gets a passphrase.
struct NewKey {
    KeyType type = kKeyTypes.front().type;
    bool encrypt = false;
    Path passphrase_file;  // empty: the terminal is asked
};

namespace command {

struct Init {
    Path ca;
    std::string subject;
    std::optional<Path> parent;  // the folder of the authority above; none: a root
    Path parent_passphrase_file;
    std::uint32_t path_length = 0;  // below an authority that is no root
    NewKey key;
    std::uint32_t days = 3650;
    bool force = false;
};
struct Issue {
    std::string name;  // of the files, and of the holder unless the wish says more
    Path ca;
    Path ca_passphrase_file;
    Wish wish;
    std::vector<std::string> usages;  // words of kUsages; "none" alone leaves the extension out
    NewKey key;
    std::optional<std::uint32_t> days;  // none: a year, or as long as the authority lasts
    Path out;
    bool force = false;
};
struct Request {
    std::string name;
    Wish wish;
    NewKey key;
    Path out;
    bool force = false;
};
struct Sign {
    Path request;
    Path ca;
    Path ca_passphrase_file;
    Wish wish;  // what is given here takes the place of what the request asks for
    std::vector<std::string> usages;
    std::optional<std::uint32_t> days;
    Path out;  // a file; empty: beside the request, .csr replaced by .pem
    bool force = false;
};
struct Revoke {
    std::string what;  // name, serial number or file
    Path ca;
    Path ca_passphrase_file;
    std::string reason;
    std::uint32_t days = 30;  // until the list must be renewed
};
struct Crl {
    Path ca;
    Path ca_passphrase_file;
    std::uint32_t days = 30;
};
struct List {
    Path ca;
};
struct Show {
    std::vector<Path> files;
};
struct Verify {
    Path file;
    Path ca;
    std::vector<Path> trust;  // instead of the authority's folder
    std::vector<Path> crls;
    bool require_crl = false;
    std::optional<std::string> id;
    std::string at;  // a day or a time of RFC 3339; empty: now
};
struct Export {
    Path certificate;
    Path key;
    std::vector<Path> chain;  // further certificates
    Path out;                 // empty: the certificate's name with .p12
    Path passphrase_file;     // of the new file
    Path key_passphrase_file;
    bool force = false;
};

}  // namespace command

using Command =
    std::variant<command::Init, command::Issue, command::Request, command::Sign, command::Revoke,
                 command::Crl, command::List, command::Show, command::Verify, command::Export>;

[[nodiscard]] ExitCode run(const Command& command, const Options& options);

}  // namespace xfrmd::cli::pki
