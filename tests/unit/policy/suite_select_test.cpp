// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/suite_select.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"
#include "ike/policy/proposal_select.h"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

Proposal first(ProtocolId protocol, std::string_view text) {
    const auto wanted = parse_proposal(protocol, text).value();
    return select_proposal(as_offer({wanted}, {}), {wanted}).value().answer;
}

}  // namespace

TEST_CASE("a chosen proposal becomes its suite", "[policy]") {
    CHECK(ike_suite_of(first(ProtocolId::Ike, "aes128gcm16-prfsha384-x25519")) ==
          IkeSuite{EncryptionId::AesGcm16, 128, PrfId::HmacSha384, IntegrityId::None, KeyExchangeMethod::X25519});
    CHECK(ike_suite_of(first(ProtocolId::Ike, "aes256-sha512-ecp521")) ==
          IkeSuite{EncryptionId::AesCbc, 256, PrfId::HmacSha512, IntegrityId::HmacSha512_256,
                   KeyExchangeMethod::EcpP521});
    CHECK(child_suite_of(first(ProtocolId::Esp, "chacha20poly1305")) ==
          EspSuite{EncryptionId::ChaCha20Poly1305, 0, IntegrityId::None, true, KeyExchangeMethod::None});
    CHECK(child_suite_of(first(ProtocolId::Esp, "aes128-sha256-ecp256-noesn")) ==
          EspSuite{EncryptionId::AesCbc, 128, IntegrityId::HmacSha256_128, false, KeyExchangeMethod::EcpP256});
}

TEST_CASE("a chosen proposal for AH has integrity alone", "[policy]") {
    EspSuite wanted{.integrity = IntegrityId::HmacSha384_192,
                    .extended_sequence_numbers = true,
                    .protocol = xfrm::IpsecProtocol::Ah};
    CHECK(child_suite_of(first(ProtocolId::Ah, "sha384-esn")) == wanted);
    CHECK(to_string(wanted) == "sha384-esn");
    Proposal encrypts = first(ProtocolId::Ah, "sha384-esn");
    encrypts.transforms.push_back({TransformType::Encryption, 12, std::uint16_t{128}, {}});
    CHECK_FALSE(child_suite_of(encrypts));
    Proposal nothing = first(ProtocolId::Ah, "sha384-esn");
    std::erase_if(nothing.transforms, [](const Transform& t) { return t.type == TransformType::Integrity; });
    CHECK_FALSE(child_suite_of(nothing));
    Proposal bare = first(ProtocolId::Esp, "aes128-sha256-esn");
    std::erase_if(bare.transforms, [](const Transform& t) { return t.type == TransformType::Encryption; });
    CHECK_FALSE(child_suite_of(bare));
}

TEST_CASE("additional key exchanges are listed in the order of their types", "[policy]") {
    using enum KeyExchangeMethod;
    const auto ike = ike_suite_of(first(
        ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke5_ecp384-ke1_mlkem1024-ke2_none-ke3_mlkem512"));
    REQUIRE(ike);
    CHECK(ike->additional == AdditionalKeyExchanges{MlKem1024, MlKem512, EcpP384});
    CHECK(to_string(*ike) == "aes128gcm16-prfsha256-x25519-ke1_mlkem1024-ke2_mlkem512-ke3_ecp384");
    CHECK(is_quantum_resistant(*ike));
    const auto esp = child_suite_of(first(ProtocolId::Esp, "aes128gcm16-x25519-ke1_mlkem768-noesn"));
    REQUIRE(esp);
    CHECK(to_string(*esp) == "aes128gcm16-x25519-ke1_mlkem768");
    CHECK_FALSE(is_quantum_resistant(ike_suite_of(first(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")).value()));
}

TEST_CASE("what is no single usable choice has no suite", "[policy]") {
    const Proposal ike = first(ProtocolId::Ike, "aes128gcm16-prfsha384-x25519");
    const Proposal esp = first(ProtocolId::Esp, "aes128gcm16-esn");
    CHECK_FALSE(child_suite_of(ike));
    CHECK_FALSE(ike_suite_of(esp));
    CHECK_FALSE(ike_suite_of(parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ecp256").value()));
    CHECK_FALSE(child_suite_of(parse_proposal(ProtocolId::Esp, "aes128gcm16").value()));  // both kinds of numbers

    Proposal more = ike;
    more.transforms.push_back({TransformType::AdditionalKeyExchange1, 36, std::nullopt, {}});
    CHECK(ike_suite_of(more).value().additional == AdditionalKeyExchanges{KeyExchangeMethod::MlKem768});
    more.transforms.back().id = 0;  // NONE
    CHECK(ike_suite_of(more).value().additional.empty());
    more.transforms.back().id = 31;  // X25519 once more
    CHECK_FALSE(ike_suite_of(more));
    more.transforms.back().id = 999;
    CHECK_FALSE(ike_suite_of(more));

    Proposal strange = esp;
    strange.transforms[0].unknown_attributes.push_back({99, std::uint16_t{1}});
    CHECK_FALSE(child_suite_of(strange));
    Proposal protected_twice = esp;
    protected_twice.transforms.push_back({TransformType::Integrity, 12, std::nullopt, {}});
    CHECK_FALSE(child_suite_of(protected_twice));
    Proposal forbidden = ike;
    forbidden.transforms[0] = {TransformType::Encryption, 3, std::nullopt, {}};
    CHECK_FALSE(ike_suite_of(forbidden));
    Proposal numbers = esp;
    numbers.transforms[1].id = 7;
    CHECK_FALSE(child_suite_of(numbers));
}
