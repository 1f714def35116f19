// SPDX-License-Identifier: Apache-2.0
// RFC 5280 §4.2.1.10: the names a CA may certify. Checked here for all forms that we use, IPv6,
// mail addresses and directory names included.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ike/auth/certificate_names.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

class NameConstraints {
  public:
    // The content of the extension. The error is a sentence for people.
    static std::expected<NameConstraints, std::string> parse(View der);

    // All names of a certificate below the CA. The error names the one that may not be there.
    [[nodiscard]] std::expected<void, std::string> check(const CertificateNames& names) const;

  private:
    [[nodiscard]] bool allows(const GeneralName& name) const;

    std::vector<GeneralName> permitted_;
    std::vector<GeneralName> excluded_;
};

}  // namespace xfrmd::ike
