// SPDX-License-Identifier: Apache-2.0
// The choice among proposals, clause by clause. RFC 7296 §2.7, §3.3.
#include "ike/policy/proposal_select.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <utility>

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

Transform encryption(EncryptionId id, std::optional<std::uint16_t> bits = std::nullopt) {
    return {TransformType::Encryption, std::to_underlying(id), bits, {}};
}
Transform prf(PrfId id) { return {TransformType::Prf, std::to_underlying(id), std::nullopt, {}}; }
Transform integrity(IntegrityId id) {
    return {TransformType::Integrity, std::to_underlying(id), std::nullopt, {}};
}
Transform group(KeyExchangeMethod id) {
    return {TransformType::KeyExchange, std::to_underlying(id), std::nullopt, {}};
}
// The n-th additional key exchange, n from 1.
Transform additional(int n, KeyExchangeMethod id) {
    const auto first = std::to_underlying(TransformType::AdditionalKeyExchange1);
    return {TransformType{static_cast<std::uint8_t>(first + n - 1)}, std::to_underlying(id), std::nullopt, {}};
}
Transform sequence_numbers(SequenceNumbersId id) {
    return {TransformType::SequenceNumbers, std::to_underlying(id), std::nullopt, {}};
}

const Transform kGcm128 = encryption(EncryptionId::AesGcm16, 128);
const Transform kGcm256 = encryption(EncryptionId::AesGcm16, 256);
const Transform kCbc128 = encryption(EncryptionId::AesCbc, 128);
const Transform kChaCha = encryption(EncryptionId::ChaCha20Poly1305);
const Transform kPrf256 = prf(PrfId::HmacSha256);
const Transform kPrf384 = prf(PrfId::HmacSha384);
const Transform kHmac256 = integrity(IntegrityId::HmacSha256_128);
const Transform kNoIntegrity = integrity(IntegrityId::None);
const Transform kX25519 = group(KeyExchangeMethod::X25519);
const Transform kP256 = group(KeyExchangeMethod::EcpP256);
const Transform kEsn = sequence_numbers(SequenceNumbersId::Extended);
const Transform kNoEsn = sequence_numbers(SequenceNumbersId::ThirtyTwoBit);

Proposal ike_sa(std::vector<Transform> transforms, std::uint8_t number = 1) {
    return {number, ProtocolId::Ike, {}, std::move(transforms)};
}
Proposal esp(std::vector<Transform> transforms, std::uint8_t number = 1) {
    return {number, ProtocolId::Esp, {0xc0, 0xff, 0xee, number}, std::move(transforms)};
}
std::vector<Transform> chosen(const std::vector<Proposal>& offered, const std::vector<Proposal>& acceptable) {
    const auto selected = select_proposal(offered, acceptable);
    return selected ? selected->answer.transforms : std::vector<Transform>{};
}
const std::vector<Transform> kNothing;

}  // namespace

TEST_CASE("the responder's order of preference decides", "[policy]") {
    const auto offered = std::vector{ike_sa({kGcm256, kGcm128, kPrf256, kPrf384, kP256, kX25519})};
    const auto acceptable = std::vector{ike_sa({kGcm128, kGcm256, kPrf384, kPrf256, kX25519, kP256})};
    CHECK(chosen(offered, acceptable) == std::vector{kGcm128, kPrf384, kX25519});
}

TEST_CASE("our first proposal wins over the peer's first", "[policy]") {
    const auto offered = std::vector{ike_sa({kCbc128, kPrf256, kHmac256, kP256}, 1), ike_sa({kGcm128, kPrf256, kP256}, 2)};
    const auto acceptable = std::vector{ike_sa({kGcm128, kPrf256, kP256}), ike_sa({kCbc128, kPrf256, kHmac256, kP256})};
    const auto selected = select_proposal(offered, acceptable);
    REQUIRE(selected);
    CHECK(selected->answer.number == 2);
    CHECK(selected->answer.transforms == std::vector{kGcm128, kPrf256, kP256});
}

TEST_CASE("the peer's SPI is kept apart from the answer", "[policy]") {
    const auto selected = select_proposal({esp({kGcm128, kNoEsn}, 7)}, {esp({kGcm128, kNoEsn})});
    REQUIRE(selected);
    CHECK(selected->answer.number == 7);
    CHECK(selected->answer.spi.empty());
    CHECK(selected->peer_spi == Bytes{0xc0, 0xff, 0xee, 7});
}

TEST_CASE("key lengths must agree", "[policy]") {
    CHECK(chosen({esp({kGcm128, kEsn})}, {esp({kGcm256, kEsn})}) == kNothing);
    CHECK(chosen({esp({encryption(EncryptionId::AesGcm16), kEsn})}, {esp({kGcm128, kEsn})}) == kNothing);
    CHECK(chosen({esp({encryption(EncryptionId::ChaCha20Poly1305, 256), kEsn})}, {esp({kChaCha, kEsn})}) ==
          kNothing);
}

TEST_CASE("a transform with an unknown attribute is passed over, not its proposal", "[policy]") {
    Transform strange = kGcm128;
    strange.unknown_attributes.push_back({99, std::uint16_t{1}});
    CHECK(chosen({esp({strange, kEsn})}, {esp({kGcm128, kEsn})}) == kNothing);
    CHECK(chosen({esp({strange, kGcm256, kEsn})}, {esp({kGcm128, kGcm256, kEsn})}) == std::vector{kGcm256, kEsn});
}

TEST_CASE("a proposal with an unknown transform type is passed over, others are not", "[policy]") {
    const Transform unknown{static_cast<TransformType>(200), 1, std::nullopt, {}};
    const auto acceptable = std::vector{esp({kGcm128, kEsn})};
    CHECK(chosen({esp({kGcm128, kEsn, unknown})}, acceptable) == kNothing);
    const auto selected = select_proposal({esp({kGcm128, kEsn, unknown}, 1), esp({kGcm128, kEsn}, 2)}, acceptable);
    REQUIRE(selected);
    CHECK(selected->answer.number == 2);
}

TEST_CASE("a proposal without a type that its protocol needs is passed over", "[policy]") {
    CHECK(chosen({esp({kGcm128})}, {esp({kGcm128, kNoEsn})}) == kNothing);
    CHECK(chosen({ike_sa({kGcm128, kPrf256})}, {ike_sa({kGcm128, kPrf256, kX25519})}) == kNothing);
    CHECK(chosen({ike_sa({kGcm128, kX25519})}, {ike_sa({kGcm128, kPrf256, kX25519})}) == kNothing);
    CHECK(chosen({esp({kGcm128, kEsn, kPrf256})}, {esp({kGcm128, kEsn})}) == kNothing);  // a PRF is no part of ESP
}

TEST_CASE("combined-mode ciphers go without integrity", "[policy]") {
    const auto acceptable = std::vector{esp({kGcm128, kEsn}), esp({kCbc128, kHmac256, kEsn})};
    CHECK(chosen({esp({kGcm128, kHmac256, kEsn})}, acceptable) == kNothing);
    CHECK(chosen({esp({kGcm128, kNoIntegrity, kEsn})}, acceptable) == std::vector{kGcm128, kNoIntegrity, kEsn});
    CHECK(chosen({esp({kGcm128, kHmac256, kNoIntegrity, kEsn})}, acceptable) ==
          std::vector{kGcm128, kNoIntegrity, kEsn});
    // A mixed proposal is usable for the cipher that its integrity fits.
    CHECK(chosen({esp({kGcm128, kCbc128, kHmac256, kEsn})}, acceptable) == std::vector{kCbc128, kHmac256, kEsn});
}

TEST_CASE("other ciphers do not go without integrity", "[policy]") {
    CHECK(chosen({esp({kCbc128, kEsn})}, {esp({kCbc128, kEsn})}) == kNothing);
    CHECK(chosen({esp({kCbc128, kNoIntegrity, kEsn})}, {esp({kCbc128, kNoIntegrity, kEsn})}) == kNothing);
}

TEST_CASE("a child without key exchange takes NONE and refuses a demanded one", "[policy]") {
    const Transform none = group(KeyExchangeMethod::None);
    const auto acceptable = std::vector{esp({kGcm128, kEsn})};
    CHECK(chosen({esp({kGcm128, kX25519, kEsn})}, acceptable) == kNothing);
    CHECK(chosen({esp({kGcm128, kX25519, none, kEsn})}, acceptable) == std::vector{kGcm128, none, kEsn});
    CHECK(chosen({esp({kGcm128, kEsn})}, {esp({kGcm128, kX25519, kEsn})}) == kNothing);
    CHECK(chosen({esp({kGcm128, kEsn})}, {esp({kGcm128, kX25519, none, kEsn})}) == std::vector{kGcm128, kEsn});
}

TEST_CASE("additional key exchanges that are required and not ours are refused", "[policy]") {
    const Transform extra{TransformType::AdditionalKeyExchange1, 36, std::nullopt, {}};
    const Transform no_extra{TransformType::AdditionalKeyExchange1, 0, std::nullopt, {}};
    const auto acceptable = std::vector{ike_sa({kGcm128, kPrf256, kX25519})};
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, extra})}, acceptable) == kNothing);
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, extra, no_extra})}, acceptable) ==
          std::vector{kGcm128, kPrf256, kX25519, no_extra});
}

TEST_CASE("each additional key exchange is chosen like the first", "[policy]") {
    using enum KeyExchangeMethod;
    const auto wanted = std::vector{ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem768), additional(1, MlKem1024),
                                            additional(2, EcpP384), additional(2, None)})};
    CHECK(chosen(wanted, wanted) == std::vector{kGcm128, kPrf256, kX25519, additional(1, MlKem768), additional(2, EcpP384)});
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem1024)})}, wanted) ==
          std::vector{kGcm128, kPrf256, kX25519, additional(1, MlKem1024)});
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem1024), additional(2, None)})}, wanted) ==
          std::vector{kGcm128, kPrf256, kX25519, additional(1, MlKem1024), additional(2, None)});
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem512)})}, wanted) == kNothing);
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519})}, wanted) == kNothing);
    CHECK(chosen({ike_sa({kGcm128, kPrf256, kX25519, additional(2, MlKem768)})}, wanted) == kNothing);
}

TEST_CASE("no method is chosen for two key exchanges", "[policy]") {
    using enum KeyExchangeMethod;
    // RFC 9370 §2.2.1: the first type gives up its preference, so that the second has one left.
    const auto wanted = std::vector{ike_sa({kGcm128, kPrf256, kX25519, kP256, additional(1, MlKem768),
                                            additional(1, MlKem1024), additional(2, MlKem768)})};
    CHECK(chosen(wanted, wanted) ==
          std::vector{kGcm128, kPrf256, kX25519, additional(1, MlKem1024), additional(2, MlKem768)});
    const auto classical = std::vector{ike_sa({kGcm128, kPrf256, kX25519, kP256, additional(3, X25519)})};
    CHECK(chosen(classical, classical) == std::vector{kGcm128, kPrf256, kP256, additional(3, X25519)});
    const auto impossible = std::vector{ike_sa({kGcm128, kPrf256, kX25519, additional(1, X25519)})};
    CHECK(chosen(impossible, impossible) == kNothing);
    // NONE may stand twice.
    const auto none = std::vector{ike_sa({kGcm128, kPrf256, kX25519, additional(1, None), additional(2, None)})};
    CHECK(chosen(none, none) == none.front().transforms);
}

TEST_CASE("an answer with the wrong additional key exchanges is found out", "[policy]") {
    using enum KeyExchangeMethod;
    const auto offered = std::vector{ike_sa({kGcm128, kPrf256, kX25519, kP256, additional(1, MlKem768),
                                             additional(2, MlKem768), additional(2, X25519), additional(2, None)})};
    const auto is_part = [&](std::vector<Transform> more) {
        std::vector<Transform> answer{kGcm128, kPrf256, kX25519};
        answer.insert(answer.end(), more.begin(), more.end());
        return is_subset_of_offer(ike_sa(answer), offered);
    };
    CHECK(is_part({additional(1, MlKem768)}));
    CHECK(is_part({additional(1, MlKem768), additional(2, None)}));
    CHECK_FALSE(is_part({}));                                                     // stripped: a downgrade
    CHECK_FALSE(is_part({additional(1, None)}));
    CHECK_FALSE(is_part({additional(1, MlKem1024)}));                             // not offered
    CHECK_FALSE(is_part({additional(1, MlKem768), additional(2, MlKem768)}));     // the same twice
    CHECK_FALSE(is_part({additional(1, MlKem768), additional(2, X25519)}));       // that of the first exchange
    CHECK_FALSE(is_part({additional(1, MlKem768), additional(3, MlKem512)}));     // a type was added
    CHECK_FALSE(is_part({additional(1, MlKem768), additional(1, MlKem768)}));     // two of a type
    CHECK(is_part({additional(1, MlKem768), additional(3, None)}));
}

TEST_CASE("an additional key exchange of a child needs one to add to", "[policy]") {
    using enum KeyExchangeMethod;
    const auto wanted = std::vector{esp({kGcm128, kX25519, group(None), additional(1, MlKem768), additional(1, None), kEsn})};
    CHECK(chosen({esp({kGcm128, kX25519, additional(1, MlKem768), kEsn})}, wanted) ==
          std::vector{kGcm128, kX25519, kEsn, additional(1, MlKem768)});
    CHECK(chosen({esp({kGcm128, additional(1, MlKem768), kEsn})}, wanted) == kNothing);
    CHECK_FALSE(is_subset_of_offer(esp({kGcm128, group(None), additional(1, MlKem768), kEsn}), wanted));
}

TEST_CASE("whoever must have a KEM is left no other proposals", "[policy]") {
    using enum KeyExchangeMethod;
    const auto left = only_quantum_resistant(
        {ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem768), additional(1, None), additional(1, EcpP256)}),
         ike_sa({kGcm128, kPrf256, kX25519, additional(1, EcpP256)}), ike_sa({kGcm128, kPrf256, kX25519})});
    REQUIRE(left.size() == 1);
    CHECK(left[0].transforms == std::vector{kGcm128, kPrf256, kX25519, additional(1, MlKem768)});
}

TEST_CASE("whoever cannot have additional key exchanges is offered none", "[policy]") {
    using enum KeyExchangeMethod;
    const auto left = without_additional_key_exchanges(
        {ike_sa({kGcm128, kPrf256, kX25519, additional(1, MlKem768)}),
         ike_sa({kGcm128, kPrf256, kP256, additional(1, MlKem768), additional(1, None)}),
         ike_sa({kGcm128, kPrf256, kX25519})});
    REQUIRE(left.size() == 2);
    CHECK(left[0].transforms == std::vector{kGcm128, kPrf256, kP256});
    CHECK(left[1].transforms == std::vector{kGcm128, kPrf256, kX25519});
}

TEST_CASE("protocols are not mixed up", "[policy]") {
    Proposal other = esp({kGcm128, kEsn});
    other.protocol = ProtocolId::Ah;
    CHECK(chosen({other}, {esp({kGcm128, kEsn})}) == kNothing);
    const Proposal authentication{1, ProtocolId::Ah, {1, 2, 3, 4}, {kHmac256, kEsn}};
    CHECK(chosen({authentication}, {authentication}) == std::vector{kHmac256, kEsn});
    CHECK(chosen({}, {authentication}) == kNothing);
}

TEST_CASE("what was selected is part of the offer", "[policy]") {
    std::mt19937_64 random{6};
    const std::vector<Transform> pool{kGcm128, kGcm256, kCbc128, kChaCha,      kHmac256, integrity(IntegrityId::HmacSha512_256),
                                      kEsn,    kNoEsn,  kX25519, kNoIntegrity, kP256,    group(KeyExchangeMethod::None)};
    const auto draw = [&] {
        std::vector<Proposal> proposals;
        for (std::uint8_t number = 1; number <= 3; ++number) {
            std::vector<Transform> transforms;
            for (const Transform& transform : pool)
                if (random() % 2 == 0) transforms.push_back(transform);
            std::ranges::shuffle(transforms, random);
            proposals.push_back(esp(transforms, number));
        }
        return proposals;
    };
    int selections = 0;
    for (int round = 0; round < 2000; ++round) {
        const auto offered = draw();
        auto selected = select_proposal(offered, draw());
        if (!selected) continue;
        ++selections;
        selected->answer.spi = {1, 2, 3, 4};
        REQUIRE(is_subset_of_offer(selected->answer, offered));
    }
    CHECK(selections > 500);
}

TEST_CASE("an answer that is not part of the offer is found out", "[policy]") {
    const auto offered = std::vector{esp({kGcm128, kGcm256, kEsn, kNoEsn}, 1), esp({kCbc128, kHmac256, kEsn}, 2)};
    CHECK(is_subset_of_offer(esp({kGcm256, kNoEsn}, 1), offered));
    CHECK(is_subset_of_offer(esp({kNoEsn, kGcm256}, 1), offered));
    CHECK(is_subset_of_offer(esp({kGcm256, kNoIntegrity, kNoEsn}, 1), offered));
    CHECK(is_subset_of_offer(esp({kCbc128, kHmac256, kEsn}, 2), offered));

    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kNoEsn}, 2), offered));              // another proposal's transform
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kNoEsn}, 3), offered));              // no such number
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kGcm128, kNoEsn}, 1), offered));     // two of a type
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kNoEsn, kEsn}, 1), offered));
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256}, 1), offered));                      // a type is missing
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kHmac256, kNoEsn}, 1), offered));    // a type was added
    CHECK_FALSE(is_subset_of_offer(esp({kGcm256, kX25519, kNoEsn}, 1), offered));
    CHECK_FALSE(is_subset_of_offer(esp({kCbc128, kEsn}, 2), offered));                // integrity was taken away
    CHECK_FALSE(is_subset_of_offer(esp({kCbc128, kNoIntegrity, kEsn}, 2), offered));
    CHECK_FALSE(is_subset_of_offer(esp({encryption(EncryptionId::AesGcm16, 192), kEsn}, 1), offered));
    CHECK_FALSE(is_subset_of_offer(esp({encryption(EncryptionId::AesGcm16), kEsn}, 1), offered));
    Proposal shortened = esp({kGcm256, kNoEsn}, 1);
    shortened.spi.pop_back();
    CHECK_FALSE(is_subset_of_offer(shortened, offered));
    Proposal other = esp({kGcm256, kNoEsn}, 1);
    other.protocol = ProtocolId::Ike;
    CHECK_FALSE(is_subset_of_offer(other, offered));
    Transform strange = kGcm256;
    strange.unknown_attributes.push_back({99, std::uint16_t{1}});
    CHECK_FALSE(is_subset_of_offer(esp({strange, kNoEsn}, 1), offered));
}

TEST_CASE("an offer is numbered from one and carries the SPI", "[policy]") {
    const auto offer = as_offer({esp({kGcm128, kEsn}, 9), esp({kGcm256, kEsn}, 9)}, {1, 2, 3, 4});
    REQUIRE(offer.size() == 2);
    CHECK(offer[0].number == 1);
    CHECK(offer[1].number == 2);
    CHECK(offer[1].spi == Bytes{1, 2, 3, 4});
    CHECK(as_offer(std::vector(300, esp({kGcm128})), {}).size() == 255);
}

TEST_CASE("groups are listed in order of preference, once", "[policy]") {
    const auto proposals =
        std::vector{ike_sa({kGcm128, kPrf256, kX25519, kP256}), ike_sa({kCbc128, kP256, group(KeyExchangeMethod::Modp2048)})};
    CHECK(key_exchange_methods(proposals) ==
          std::vector{KeyExchangeMethod::X25519, KeyExchangeMethod::EcpP256, KeyExchangeMethod::Modp2048});
    CHECK(key_exchange_methods(without_key_exchange(proposals)).empty());
    CHECK(key_exchange_of(ike_sa({kGcm128, kPrf256, kP256})) == KeyExchangeMethod::EcpP256);
    CHECK(key_exchange_of(esp({kGcm128})) == KeyExchangeMethod::None);
}
