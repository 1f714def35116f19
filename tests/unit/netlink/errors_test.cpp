// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <cerrno>

#include "netlink/errors.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::outbound;
using kernel_contract::tunnel_policies;

namespace {

std::string said(const SaSpec& spec, int error_number, std::string text = {}) {
    const KernelError error = explain(Refusal{error_number, std::move(text), false}, spec);
    CHECK(error.error_number == error_number);
    return error.what;
}

}  // namespace

TEST_CASE("a missing protocol names its module, by family", "[netlink]") {
    CHECK(said(outbound(Family::V4), EPROTONOSUPPORT, "Requested type not found") ==
          "ESP SA 192.0.2.1 -> 192.0.2.2 SPI 0x00001000: this kernel has no ESP for IPv4: load "
          "module esp4 "
          "(CONFIG_INET_ESP)");
    SaSpec six = outbound(Family::V6);
    six.id.protocol = IpsecProtocol::Ah;
    CHECK(said(six, EPROTONOSUPPORT) ==
          "AH SA 2001:db8::1 -> 2001:db8::2 SPI 0x00001000: this kernel has no AH for IPv6: load "
          "module ah6 "
          "(CONFIG_INET6_AH)");
    six.id.protocol = IpsecProtocol::Ipcomp;
    CHECK(said(six, EPROTONOSUPPORT).ends_with("load module ipcomp6 (CONFIG_INET6_IPCOMP)"));
}

TEST_CASE("a missing algorithm names its module", "[netlink]") {
    CHECK(said(outbound(Family::V4), ENOSYS, "Requested AEAD algorithm not found")
              .ends_with(
                  "this kernel has no rfc4106(gcm(aes)): load module gcm (CONFIG_CRYPTO_GCM)"));
    SaSpec cbc = outbound(Family::V4);
    cbc.aead.reset();
    cbc.encryption = EncryptionAlgorithm{"cbc(aes)", {}};
    cbc.integrity = IntegrityAlgorithm{"hmac(sha384)", {}, 192};
    CHECK(said(cbc, ENOSYS, "Requested AUTH_TRUNC algorithm not found")
              .ends_with("this kernel has no hmac(sha384): load module sha512_generic "
                         "(CONFIG_CRYPTO_SHA512)"));
    CHECK(said(cbc, ENOSYS, "Requested CRYPT algorithm not found")
              .ends_with("this kernel has no cbc(aes): load module cbc (CONFIG_CRYPTO_CBC)"));
    CHECK(
        said(cbc, ENOENT, "Kernel was unable to initialize cryptographic operations")
            .ends_with(
                "this kernel has no cbc(aes) or hmac(sha384): load module cbc (CONFIG_CRYPTO_CBC), "
                "sha512_generic (CONFIG_CRYPTO_SHA512)"));
    SaSpec unknown = outbound(Family::V4);
    unknown.aead->name = "rfc9999(new)";
    CHECK(said(unknown, ENOSYS).ends_with("this kernel has no rfc9999(new)"));
}

TEST_CASE("missing rights, duplicates and everything else are said plainly", "[netlink]") {
    CHECK(said(outbound(Family::V4), EPERM).ends_with(": not permitted, this needs CAP_NET_ADMIN"));
    CHECK(said(outbound(Family::V4), EEXIST).ends_with("SPI 0x00001000: exists already"));
    CHECK(said(outbound(Family::V4), EINVAL, "Bad thing")
              .ends_with(": Invalid argument (Bad thing)"));
    const PolicySpec policy = tunnel_policies(Family::V4)[2];
    CHECK(explain(Refusal{EEXIST, {}, false}, policy).what ==
          "forward policy 10.2.0.0/16 -> 10.1.0.0/16: exists already");
    CHECK(explain(Refusal{EINVAL, {}, false}, policy).what.ends_with(": Invalid argument"));
}

TEST_CASE("a lost answer is not mistaken for the kernel's refusal", "[netlink]") {
    const KernelError error = explain(Refusal{ENOBUFS, {}, true}, outbound(Family::V4));
    CHECK(error.what.ends_with(": the kernel's answer was lost, its receive queue overran"));
}

}  // namespace xfrmd::netlink::tests
