// SPDX-License-Identifier: Apache-2.0
// The binding of an ID payload to an end certificate. RFC 4945 §3.1.
#pragma once

#include "ike/auth/certificate_names.h"
#include "ike/identity.h"

namespace xfrmd::ike {

// True if the certificate is about this identity: a domain name, mail address or IP address is a
// SubjectAltName of that form; a DN is the subject or a directory name of SubjectAltName; a key id
// is the SubjectKeyIdentifier. The common name is never taken for a host name, and no wildcard of a
// certificate matches anything.
[[nodiscard]] bool is_bound_to(const Identity& identity, const CertificateNames& names);

}  // namespace xfrmd::ike
