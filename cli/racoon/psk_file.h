// SPDX-License-Identifier: Apache-2.0
// psk.txt: which secret goes with which peer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/configuration/diagnostic.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::racoon {

inline constexpr std::size_t kPskFileSizeMax = 1024 * 1024;

struct PskEntry {
    std::uint32_t line = 0;
    std::string identity;  // an address, a name, a DN; "*" matches everybody
    Secret key;            // the octets as IKE uses them

    [[nodiscard]] bool matches_everybody() const { return identity == "*"; }
};

struct PskFile {
    std::string file;
    std::vector<PskEntry> entries;  // in the order of the file: the first that matches counts
};

// One entry a line: IDENTITY, blanks, KEY up to the end of the line, blanks inside it included; 0x…
// is hexadecimal. A '#' in the first column begins a comment. Total; no diagnostic shows a line.
[[nodiscard]] PskFile parse_psk_file(std::string file, View text,
                                     std::vector<daemon::Diagnostic>& diagnostics);

}  // namespace xfrmd::racoon
