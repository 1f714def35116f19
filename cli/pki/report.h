// SPDX-License-Identifier: Apache-2.0
// Facts as text for people and as JSON. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/pki/facts.h"
#include "cli/render.h"

namespace xfrmd::cli::pki {

// A block of lines, the first unindented.
[[nodiscard]] std::string to_text(const Facts& facts, const Scene& scene);
// An object with a member "kind": "certificate", "request", "crl" or "private_key".
[[nodiscard]] std::string to_json(const Facts& facts);

// What `list` shows of one certificate.
struct IssuedRow {
    CertificateFacts facts;
    bool revoked = false;
};
[[nodiscard]] std::string issued_text(const std::vector<IssuedRow>& rows, const Scene& scene);
[[nodiscard]] std::string issued_json(const IssuedRow& row, WallTime now);

// "valid", "expired", "not yet valid"; "revoked" goes before all of them.
[[nodiscard]] std::string state_of(const IssuedRow& row, WallTime now);

// "db1, 192.0.2.1"
[[nodiscard]] std::string joined(const std::vector<std::string>& words);
[[nodiscard]] std::string json_array(const std::vector<std::string>& words);

}  // namespace xfrmd::cli::pki
