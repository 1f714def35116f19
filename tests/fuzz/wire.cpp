// SPDX-License-Identifier: Apache-2.0
// IKE messages and chains of payloads.
// Through the parser, the writer, the sorter by exchange and the renderer: what parses must write,
// and read back as itself.
#include "ike/wire/dump.h"
#include "ike/wire/messages.h"
#include "tests/fuzz/target.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::fuzz {

namespace {

using namespace ike;

// What a typed message writes, it reads, and writes again in the same order.
template <class Parse>
void check_sorts(const std::vector<Payload>& payloads, Parse parse) {
    const auto message = parse(payloads);
    if (!message) return require(!to_string(message.error()).empty(), "an error without a text");
    const auto written = message->to_payloads();
    const auto again = parse(written);
    require(again && again->to_payloads() == written,
            "a typed message writes differently the second time");
}

void check_payloads(const std::vector<Payload>& payloads) {
    check_sorts(payloads, IkeSaInitRequest::from_payloads);
    check_sorts(payloads, IkeSaInitResponse::from_payloads);
    check_sorts(payloads, IkeAuthRequest::from_payloads);
    check_sorts(payloads, IkeAuthResponse::from_payloads);
    check_sorts(payloads, CreateChildSaRequest::from_payloads);
    check_sorts(payloads, CreateChildSaResponse::from_payloads);
    check_sorts(payloads, Informational::from_payloads);
    for (const auto kind : {MessageKind::Request, MessageKind::Response}) {
        check_sorts(payloads,
                    [&](auto all) { return IkeIntermediate::from_payloads(kind, std::move(all)); });
        check_sorts(payloads,
                    [&](auto all) { return IkeFollowupKe::from_payloads(kind, std::move(all)); });
    }
    for (const Payload& payload : payloads) require(!describe(payload).empty(), "no description");
}

void check_datagram(View datagram) {
    const auto message = parse_message(datagram);
    if (!message) return require(!to_string(message.error()).empty(), "an error without a text");
    const auto again = parse_message(write_message(message->header, message->payloads));
    require(again.has_value(), "what was written is not accepted");
    require(again->payloads == message->payloads, "what was written reads differently");
    require(!dump(*message).empty(), "no rendering");
    if (const auto layout = sealed_layout(*message))
        require(layout->associated_octets + layout->body_octets == datagram.size(),
                "a sealed message does not end with its body");
    check_payloads(message->payloads);
}

// As if opened: the first octet says what stands first.
void check_chain(View octets) {
    if (octets.empty()) return;
    const auto payloads = parse_payloads(PayloadType{octets.front()}, octets.subspan(1));
    if (!payloads) return;
    const auto again = parse_payloads(first_payload_type(*payloads), write_payloads(*payloads));
    require(again && *again == *payloads, "a chain that was written reads differently");
    check_payloads(*payloads);
}

// A length that fits, or nothing past the header would ever be looked at.
Bytes with_true_length(View datagram) {
    Bytes octets = to_bytes(datagram);
    for (std::size_t i = 0; octets.size() >= kHeaderOctets && i < 4; ++i)
        octets[24 + i] = static_cast<std::uint8_t>(octets.size() >> (24 - 8 * i));
    return octets;
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all = ike::test::sample_datagrams();
    for (const Bytes& datagram : all)
        require(parse_message(datagram).has_value(), "a sample is refused");
    for (const auto& payloads : {ike::test::sample_inner(), ike::test::sample_ike_sa_init()}) {
        Bytes chain{static_cast<std::uint8_t>(first_payload_type(payloads))};
        append(chain, write_payloads(payloads));
        all.push_back(std::move(chain));
    }
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const xfrmd::View input{data, size};
    xfrmd::fuzz::check_datagram(input);
    xfrmd::fuzz::check_datagram(xfrmd::fuzz::with_true_length(input));
    xfrmd::fuzz::check_chain(input);
    return 0;
}
