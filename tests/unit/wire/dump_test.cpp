// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/dump.h"
#include "ike/wire/limits.h"
#include "ike/wire/names.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/wire/hex.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

TEST_CASE("a message is one line", "[wire]") {
    Message init{sample_header(ExchangeType::IkeSaInit, 0), sample_ike_sa_init()};
    CHECK(dump(init) ==
          "IKE_SA_INIT request 0  N(COOKIE) SA KE Ni N(NAT_DETECTION_SOURCE_IP) "
          "N(NAT_DETECTION_DESTINATION_IP) V");
    init.header.response = true;
    init.payloads = {Nonce{}};
    CHECK(dump(init) == "IKE_SA_INIT response 0  Nr");
    CHECK(dump(Message{sample_header(ExchangeType::Informational, 7), {}}) ==
          "INFORMATIONAL request 7");
    CHECK(dump(Message{sample_header(ExchangeType{240}, 7), {Encrypted{}}}) == "240 request 7  SK");
    CHECK(dump(Message{
              sample_header(ExchangeType::IkeAuth, 1),
              {EncryptedFragment{.first_inner = {}, .number = 2, .total = 5, .body = {}}}}) ==
          "IKE_AUTH request 1  SKF(2/5)");
}

TEST_CASE("opened payloads are shown inside of SK", "[wire]") {
    CHECK(dump_opened(sample_header(ExchangeType::IkeAuth, 1), sample_inner()) ==
          "IKE_AUTH request 1  SK{IDi CERT CERTREQ IDr AUTH EAP CP(CFG_REQUEST) SA TSi TSr "
          "N(USE_TRANSPORT_MODE) N(REKEY_SA) D payload(200)}");
    CHECK(dump_opened(sample_header(ExchangeType::Informational, 2), {}) ==
          "INFORMATIONAL request 2  SK{}");
}

TEST_CASE("each payload is described for people", "[wire]") {
    std::vector<std::string> lines;
    for (const Payload& payload : sample_inner()) lines.push_back(describe(payload));
    const Bytes hashes = counting(40);
    CHECK(lines ==
          std::vector<std::string>{
              "IDi ID_FQDN \"east.example\"",
              "CERT X.509 Certificate - Signature, 40 octets",
              "CERTREQ X.509 Certificate - Signature " + to_hex(View{hashes}.first(20)) + " " +
                  to_hex(View{hashes}.last(20)),
              "IDr ID_IPV4_ADDR 192.0.2.1",
              "AUTH Digital Signature, 64 octets",
              "EAP Response 5 octets",
              "CP CFG_REQUEST INTERNAL_IP4_ADDRESS APPLICATION_VERSION=7866726d64",
              "SA #1 ESP c0ffee01 ENCR_AES_GCM_16-128/ESN",
              "TSi 10.0.0.0-10.0.0.255 protocol 6, 2001:db8::-2001:db8::ff",
              "TSr 2001:db8::-2001:db8::ff, TS_SECLABEL 010203",
              "N USE_TRANSPORT_MODE",
              "N REKEY_SA ESP c0ffee02",
              "D ESP c0ffee03 c0ffee04",
              "payload(200) 9 octets",
          });
    CHECK(describe(sample_ike_proposals()) ==
          "SA #1 IKE ENCR_AES_GCM_16-256/PRF_HMAC_SHA2_256/CURVE25519, "
          "#2 IKE 99(unknown attribute)/AUTH_HMAC_SHA2_256_128");
    CHECK(describe(KeyExchange{KeyExchangeMethod::MlKem768, Bytes(1184)}) ==
          "KE ML_KEM_768 1184 octets");
    CHECK(describe(Nonce{Bytes(32)}) == "Nonce 32 octets");
    CHECK(describe(Delete{ProtocolId::Ike, {}}) == "D IKE");
    CHECK(describe(Encrypted{PayloadType::None, Bytes(9)}) == "SK 9 octets");
}

TEST_CASE("ports are shown when they say something", "[wire]") {
    TrafficSelector selector = sample_selector_v4();
    selector.start_port = selector.end_port = 443;
    CHECK(describe(TrafficSelectorsInitiator{{selector}}) ==
          "TSi 10.0.0.0-10.0.0.255 protocol 6 port 443-443");
    selector.start_port = 65535;
    selector.end_port = 0;
    CHECK(describe(TrafficSelectorsInitiator{{selector}}) ==
          "TSi 10.0.0.0-10.0.0.255 protocol 6 port OPAQUE");
}

TEST_CASE("what a peer wrote is escaped and cut", "[wire]") {
    CHECK(escape(as_view("plain text ~")) == "plain text ~");
    CHECK(escape(as_view("\"\\\n\x1b[31m\x7f\xc3\xa9")) ==
          "\\x22\\x5c\\x0a\\x1b[31m\\x7f\\xc3\\xa9");
    const std::string longer(limits::kShownOctetsMax + 1, 'a');
    CHECK(escape(as_view(longer)) == longer.substr(1) + "...");
    CHECK(describe(VendorId{to_bytes(as_view("a\nb"))}) == "V \"a\\x0ab\"");
    CHECK(describe(IdentificationInitiator{{IdType::KeyId, to_bytes(as_view("\x01"))}}) ==
          "IDi ID_KEY_ID \"\\x01\"");
    // An address type with data of another length can be built, though not parsed.
    CHECK(describe(IdentificationInitiator{{IdType::Ipv4Address, hex("0102")}}) ==
          "IDi ID_IPV4_ADDR 0102");
}

TEST_CASE("a line stays short however much a payload holds", "[wire]") {
    Delete many{.protocol = ProtocolId::Esp, .spis = {}};
    many.spis.resize(limits::kDeletedSpisMax, {1});
    const std::string text = describe(many);
    CHECK(text.size() < 200);
    CHECK(text.ends_with(" 1008 more"));
    CHECK(describe(Unknown{PayloadType{9}, false, Bytes(60000)}).size() < 200);
    CHECK(describe(IdentificationInitiator{{IdType::DerAsn1Dn, Bytes(60000)}}).size() < 200);
}

TEST_CASE("numbers have the names of the RFCs, and unknown ones their number", "[wire]") {
    CHECK(name(PayloadType::TrafficSelectorsResponder) == "TSr");
    CHECK(name(ExchangeType::IkeFollowupKe) == "IKE_FOLLOWUP_KE");
    CHECK(name(NotifyType::IkeSaInitFullTranscriptAuth) == "IKE_SA_INIT_FULL_TRANSCRIPT_AUTH");
    CHECK(name(NotifyType{12345}) == "12345");
    CHECK(name(ProtocolId{200}) == "200");
    CHECK(name_transform(TransformType::Encryption, 28) == "ENCR_CHACHA20_POLY1305");
    CHECK(name_transform(TransformType::Prf, 7) == "PRF_HMAC_SHA2_512");
    CHECK(name_transform(TransformType::AdditionalKeyExchange7, 36) == "ML_KEM_768");
    CHECK(name_transform(TransformType::SequenceNumbers, 0) == "NO_ESN");
    CHECK(name_transform(TransformType{99}, 4) == "4");
}

TEST_CASE("every fault has a sentence of its own", "[wire]") {
    std::vector<std::string> sentences;
    for (int fault = 0; fault <= static_cast<int>(DecodeFault::UnexpectedPayload); ++fault)
        sentences.emplace_back(explain(static_cast<DecodeFault>(fault)));
    std::ranges::sort(sentences);
    CHECK(std::ranges::adjacent_find(sentences) == sentences.end());
    CHECK(to_string(DecodeError{DecodeFault::UnsupportedCriticalPayload, PayloadType{200}}) ==
          "200 payload: critical, and not known here");
    CHECK(to_string(DecodeError{DecodeFault::LengthMismatch}) ==
          "the header's length is not the datagram's");
}

}  // namespace xfrmd::ike::test
