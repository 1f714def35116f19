// SPDX-License-Identifier: Apache-2.0
// RSA signatures made with another library (Python's cryptography, which is OpenSSL) by one key of
// 2048 bits with the exponent 65537 over the octets 00 01 … 63, under the algorithm identifiers of
// RFC 7427 Appendix A.
#include <botan/bigint.h>
#include <botan/rsa.h>

#include <catch2/catch_test_macros.hpp>

#include <string_view>

#include "ike/crypto/signature.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

constexpr std::string_view kModulus =
    "c01840c915ad76d1641784ecd8a76bb7267f5efa331f06e9c6647368669a0c3fa511eaaf4cf1be43fdd6"
    "b407ede429d4e7afe5e45d11b216d8813ba8180aff39ea8ab88bb498accab7be5ee2de435301d165dc43"
    "1ed39172ba2e47c97e220e00e0efd874b186edc127dc6dcac26261757fb4a8cb128988f401b3bf33ae5e"
    "a728c3a17a6ee0bec79e6a367262203431c0db2f6b0c38221c40f11ae233a169c9bc0f2df8a970737606"
    "8338ad97a4b2d0322488cd1fa50db4f300a7db8a66afab798c0e8333ae2a0e2f4c04fcbc7edfb82c76e7"
    "e2da572fb28ab9146fc4df6f3222672328312d840de85fec03ecd0cdc70a587b4152aaf654eae1b3197b"
    "b892550f";
constexpr std::string_view kPss256 =
    "afce467ca162970649116677f4012d37c62130d048f5fcd212ecfb31a8ee0b6232e1ae4fc2842195877c"
    "3b7472f746e1566a3621655636ea0bb49abf8f90fa06844bcdc605e69492a5606a4925e680750cd1eea4"
    "f07e7ec8353365624e129434fcbcfa9c3d79db9a29bd94e213af79fdccdbcf4c29e589e22f50a80098a0"
    "75697e358738743a90a6a4e56053e5ef60a7687d61701abc1b2cfc997e5e9f84b4db438bf1c30506c286"
    "59276d4fe65227036c235aca903d52ef2f1ccd17ae032962bfe6408a8f1a3730312917aa3528213dda04"
    "c29798d4065b590c6c516e8359f3f44af33e88dfa998f6410e0c8d8391d1b987a20a8b28e02fdc41c33e"
    "7a175c0f";
constexpr std::string_view kPss384 =
    "29a3f6c95a39740ec731a49fa5043187c3143f80dddcfe23cd562890c36e7c4eb4ef2e5d06586147973a"
    "93bf6bc2269b09a99e1b771f10a0ba577b0843e1fa0a3f98c827a73da1383ac6d7ddcf710d614398e81e"
    "eaedd2436a4f2efc9a1b6bfa6e676856ee706eda6bb43d5a890add7a6c2a4550a4966bf33ed27b2347b7"
    "3c2de18fcf873b3e846010d2f18a75d0dbfcc385b875214ad93933f512319cb107c9146287e2178cff5e"
    "794dd29091865a1dfa0546e0a620ff759fd867498a5455597fa9758d158eda7f330e5810907e05d05308"
    "a35594e47df670138ec92c04c6ead5274c4bee1b4c75351380b15b47e2d1cf998fc12aa918fc458fbb20"
    "e8d6e71b";
constexpr std::string_view kPss512 =
    "2cfd7aaaac7b6d21b57bca32427dd88c0fc34c8bb76a6652c3385cd0e2bba31c7599d0232dfc4c7ba4c3"
    "04ac5e25ce73e2064e0b249eb70c5a7e5159633c99c0c862e6b761e6422f1a6f99dc3980c2e573455ff7"
    "46497bc67e0cecdeffe06d935a0536c5b7a05cf02f524299d17af7ecbc48f6ec46ecf93d7cdad1d3e4dd"
    "0030ebb209f156dc1b32803a5dacdade1d8c8ca61bd7f02945f2ca944a53bbfec6ba93536bf8aa235bf5"
    "2bd3a08a23fbf66210086efbc81fb1dc483d14a13f4580c653d933d879605e126a23ab6ad30e1326f1f9"
    "2fe05248ea1c2f0c47fad23ff510ae4882275525964116e94d20b3f4ed9b1a39061eb9378d1b30ed13f9"
    "e81296f8";
constexpr std::string_view kPkcs256 =
    "59bd987694566b23fe605048a1a66c4c7b852a4738f77dbfe1715d52f8805c50f20e73ce1ff2a2d2aead"
    "0ff009eb7ce7119862d191689ea6f0e9b921ab8284e809ea387c2e7f0008035bdf9a657e11f5b9ecb42d"
    "a47cf02932a3307a93d6e0a357a7f7159c8e21818ca63272e43d3ade3d722733d1f1aaf81af27eedbc92"
    "e65657d7da9af2e028698477dface840c2164112d3a9ae1afa8dcfb2d094388778ae52534aa27c86d4ee"
    "e8c825bbc383df79300b41bc8a68c83fd8b593df9e30b6bddbc405a7d0b85b0e012f9caa84b552b67ff9"
    "1fbb08f0aac0c0a756051d7a32dbb6fc727729a6ca2cd51881b292af49f3bc3ef42b6c91ca030f1e5b68"
    "4545287a";
constexpr std::string_view kPkcs512 =
    "ad6cef8a34e58df4c89038273c302d23adae45087fee6036936b4b28d566a5300ea390a028158340f9d0"
    "d3c5a61cd9eef29558eef7ae72b6ee152aefd0a19048926c25745ac6e904328c97815ae648f6a9f0a4f5"
    "da4c6b92b1ce220cd2efb2d14088ee5b4dcf8cc2c1190fa9a7858313ab07d83c66f63d0eae2c3f667fd5"
    "ec2722e71c1e8fef5f6a644cc41fcceb676050f1a6613678b82eb6f98c13be4c43a3ff4901b8c4fe9749"
    "9f98c826b273f63cc48141ec1a8610f6d096d25284bd26450ee53fefd52cbdb21f573a46a48379adcc19"
    "a4aa8fcf90a40bdbc8cc2732f53d3be36b00aef897baa7ce6bb80e9f37c7163f4576baffb15509efe6c6"
    "e4857192";

struct Vector {
    std::string_view identifier;
    std::string_view signature;
};

constexpr Vector kVectors[] = {
    // RSASSA-PSS with SHA-256: parameters of the hash NULL, absent, and (A.4.3) NULL with the
    // trailer field written out.
    {"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
     "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
     kPss256},
    {"303d06092a864886f70d01010a3030a00d300b0609608648016503040201"
     "a11a301806092a864886f70d010108300b0609608648016503040201a203020120",
     kPss256},
    {"304606092a864886f70d01010a3039a00f300d06096086480165030402010500"
     "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101",
     kPss256},
    {"304106092a864886f70d01010a3034a00f300d06096086480165030402020500"
     "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
     kPss384},
    {"304106092a864886f70d01010a3034a00f300d06096086480165030402030500"
     "a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140",
     kPss512},
    // A.1.2 sha256WithRSAEncryption, A.1.4 sha512WithRSAEncryption
    {"300d06092a864886f70d01010b0500", kPkcs256},
    {"300d06092a864886f70d01010d0500", kPkcs512},
};

Authentication authentication(std::string_view identifier, View signature) {
    return {AuthMethod::DigitalSignature,
            DigitalSignature{hex(identifier), to_bytes(signature)}.write()};
}

Botan::RSA_PublicKey key() {
    return {Botan::BigInt{hex(kModulus)}, 65537};
}

}  // namespace

TEST_CASE("RSA signatures of another library", "[crypto][vectors]") {
    for (const Vector& vector : kVectors) {
        CAPTURE(vector.identifier);
        CHECK(
            verify(key(), authentication(vector.identifier, hex(vector.signature)), counting(100)));
    }
}

TEST_CASE("RSA signatures of another library with any octet changed", "[crypto][vectors]") {
    for (const Vector& vector : kVectors) {
        CAPTURE(vector.identifier);
        Bytes signature = hex(vector.signature);
        for (std::size_t i = 0; i < signature.size(); i += 17) {
            signature[i] ^= 0x10;
            CHECK_FALSE(verify(key(), authentication(vector.identifier, signature), counting(100)));
            signature[i] ^= 0x10;
        }
        CHECK_FALSE(verify(key(), authentication(vector.identifier, signature), counting(101)));
        // Of another length, even if the number is the same.
        signature.insert(signature.begin(), 0);
        CHECK_FALSE(verify(key(), authentication(vector.identifier, signature), counting(100)));
        CHECK_FALSE(verify(key(), authentication(vector.identifier, View{signature}.subspan(2)),
                           counting(100)));
        // More than the modulus.
        CHECK_FALSE(
            verify(key(), authentication(vector.identifier, Bytes(256, 0xff)), counting(100)));
        CHECK_FALSE(verify(key(), authentication(vector.identifier, Bytes(256, 0)), counting(100)));
        CHECK_FALSE(verify(key(), authentication(vector.identifier, Bytes{1}), counting(100)));
    }
}

TEST_CASE("An algorithm identifier counts octet for octet", "[crypto][vectors]") {
    for (const Vector& vector : kVectors) {
        Bytes identifier = hex(vector.identifier);
        for (std::size_t i = 0; i < identifier.size(); ++i) {
            identifier[i] ^= 1;
            const Bytes data = DigitalSignature{identifier, hex(vector.signature)}.write();
            CHECK_FALSE(verify(key(), {AuthMethod::DigitalSignature, data}, counting(100)));
            identifier[i] ^= 1;
        }
    }
}
