// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/wire/samples.h"

#include "ike/wire/notify_data.h"
#include "tests/unit/wire/hex.h"

namespace xfrmd::ike::test {

namespace {

Transform transform(TransformType type, std::uint16_t id,
                    std::optional<std::uint16_t> key_length = std::nullopt) {
    return {.type = type, .id = id, .key_length = key_length, .unknown_attributes = {}};
}

}  // namespace

SecurityAssociation sample_ike_proposals() {
    Transform odd = transform(TransformType::Encryption, 99);
    odd.unknown_attributes = {{.type = 15, .value = std::uint16_t{7}},
                              {.type = 16, .value = hex("0102")}};
    return {{{.number = 1,
              .protocol = ProtocolId::Ike,
              .spi = {},
              .transforms = {transform(TransformType::Encryption, 20, 256),
                             transform(TransformType::Prf, 5),
                             transform(TransformType::KeyExchange, 31)}},
             {.number = 2,
              .protocol = ProtocolId::Ike,
              .spi = {},
              .transforms = {odd, transform(TransformType::Integrity, 12)}}}};
}

SecurityAssociation sample_esp_proposals() {
    return {{{.number = 1,
              .protocol = ProtocolId::Esp,
              .spi = hex("c0ffee01"),
              .transforms = {transform(TransformType::Encryption, 20, 128),
                             transform(TransformType::SequenceNumbers, 1)}}}};
}

TrafficSelector sample_selector_v4() {
    return make_selector(xfrm::Address::v4(0x0a000000), xfrm::Address::v4(0x0a0000ff), 6);
}

TrafficSelector sample_selector_v6() {
    std::array<std::uint8_t, 16> last{0x20, 0x01, 0x0d, 0xb8};
    const auto start = xfrm::Address::v6(last);
    last.back() = 0xff;
    return make_selector(start, xfrm::Address::v6(last));
}

Header sample_header(ExchangeType exchange, std::uint32_t message_id) {
    return {.initiator_spi = {0x0102030405060708},
            .responder_spi = {message_id == 0 ? 0 : 0xa1a2a3a4a5a6a7a8},
            .next_payload = PayloadType::None,
            .major = 2,
            .minor = 0,
            .exchange = exchange,
            .initiator = true,
            .version_flag = false,
            .response = false,
            .message_id = {message_id},
            .length = 0};
}

std::vector<Payload> sample_ike_sa_init() {
    return {make_cookie(counting(24)),
            sample_ike_proposals(),
            KeyExchange{.method = KeyExchangeMethod::X25519, .data = counting(32)},
            Nonce{.data = counting(32)},
            make_nat_detection(NotifyType::NatDetectionSourceIp, {1, 2, 3}),
            make_nat_detection(NotifyType::NatDetectionDestinationIp, {4, 5, 6}),
            VendorId{.data = to_bytes(as_view("a vendor"))}};
}

std::vector<Payload> sample_inner() {
    TrafficSelector label;
    label.type = TsType::SecurityLabel;
    label.unknown = hex("010203");
    return {
        IdentificationInitiator{{.type = IdType::Fqdn, .data = to_bytes(as_view("east.example"))}},
        Certificate{.encoding = CertificateEncoding::X509Signature, .data = counting(40)},
        CertificateRequest{.encoding = CertificateEncoding::X509Signature,
                           .authorities = counting(40)},
        IdentificationResponder{{.type = IdType::Ipv4Address, .data = hex("c0000201")}},
        Authentication{.method = AuthMethod::DigitalSignature, .data = counting(64)},
        Eap{.message = hex("02 07 00 05 01")},
        ConfigurationPayload{.type = ConfigurationType::Request,
                             .attributes = {{ConfigurationAttributeType::InternalIp4Address, {}},
                                            {ConfigurationAttributeType::ApplicationVersion,
                                             to_bytes(as_view("xfrmd"))}}},
        sample_esp_proposals(),
        TrafficSelectorsInitiator{{sample_selector_v4(), sample_selector_v6()}},
        TrafficSelectorsResponder{{sample_selector_v6(), label}},
        make_notify(NotifyType::UseTransportMode),
        make_child_sa(NotifyType::RekeySa, {.protocol = ProtocolId::Esp, .spi = {0xc0ffee02}}),
        Delete{.protocol = ProtocolId::Esp, .spis = {{0xc0ffee03}, {0xc0ffee04}}},
        Unknown{.type = PayloadType{200}, .critical = false, .body = counting(9)}};
}

std::vector<Bytes> sample_datagrams() {
    const Encrypted sealed{.first_inner = PayloadType::IdentificationInitiator,
                           .body = counting(61)};
    const EncryptedFragment fragment{.first_inner = PayloadType::IdentificationInitiator,
                                     .number = 1,
                                     .total = 3,
                                     .body = counting(61)};
    return {write_message(sample_header(ExchangeType::IkeSaInit, 0), sample_ike_sa_init()),
            write_message(sample_header(ExchangeType::IkeAuth, 1), sample_inner()),
            write_message(sample_header(ExchangeType::IkeAuth, 1), std::vector<Payload>{sealed}),
            write_message(sample_header(ExchangeType::CreateChildSa, 2),
                          std::vector<Payload>{make_notify(NotifyType::Cookie2), fragment})};
}

}  // namespace xfrmd::ike::test
