// SPDX-License-Identifier: Apache-2.0
// What xfrmd would say to a peer that shows this certificate: the daemon's own check, asked here.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ike/auth/certificate_path.h"
#include "netlink/model/octets.h"

namespace xfrmd::cli::pki {

struct Question {
    Bytes certificates;       // of the peer, PEM or DER, its own first
    Bytes authorities;        // that are trusted, PEM or DER
    std::vector<Bytes> crls;  // PEM or DER
    ike::CrlMode crl_mode = ike::CrlMode::IfAvailable;
    std::optional<std::string> id;  // as `id` of a peer is written, wildcards included
    std::int64_t now = 0;           // seconds since 1970
};

struct Verdict {
    bool accepted = false;
    std::string reason;  // a sentence, if it is not accepted
    std::string subject;
    std::vector<std::string> identities;  // that the peer may claim with this certificate
    std::int64_t until = 0;               // when the first certificate of the path expires
};

// An error if there is something wrong with what is trusted, or with the question itself.
[[nodiscard]] std::expected<Verdict, std::string> verify(const Question& question);

}  // namespace xfrmd::cli::pki
