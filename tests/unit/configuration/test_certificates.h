// SPDX-License-Identifier: Apache-2.0
// A small authority and what it certifies, made once per run. All in PEM.
#pragma once

#include <string>

namespace xfrmd::test {

struct Certificates {
    std::string authority;
    std::string revocations;
    std::string host;  // for web1.clients.example.net and web1.example.net, valid at kNow
    std::string host_key;
    std::string expired;    // of host_key too
    std::string other_key;  // belongs to no certificate
};

const Certificates& test_certificates();

}  // namespace xfrmd::test
