// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/wiretap.h"

#include <array>
#include <cstdio>

#include "ike/wire/dump.h"
#include "ike/wire/names.h"

namespace xfrmd::sim {

namespace {

xfrm::EspSpi spi(View octets) {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return {value};
}

// "D" becomes "D c0ffee01", "N(REKEY_SA)" becomes "N(REKEY_SA c0ffee01)".
void insert_after(std::string& text, const std::string& word, const std::vector<xfrm::EspSpi>& spis) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        const bool is_word = (at == 0 || text[at - 1] == ' ' || text[at - 1] == '{') &&
                             (end == text.size() || text[end] == ' ' || text[end] == '}' || text[end] == ')');
        if (!is_word) continue;
        std::string list;
        for (const xfrm::EspSpi each : spis) {
            std::array<char, 12> digits{};
            std::snprintf(digits.data(), digits.size(), " %08x", each.value);
            list += digits.data();
        }
        text.insert(end, list);
        return;
    }
}

}  // namespace

ike::IkeSa* sender_of(ike::Core& core, const ike::Header& header) {
    const auto found = core.by_local_spi.find(header.initiator ? header.initiator_spi : header.responder_spi);
    return found == core.by_local_spi.end() ? nullptr : core.ike_sas.find(found->second);
}

std::optional<OpenedMessage> open_sent(ike::Core& core, View octets) {
    auto message = ike::parse_message(octets);
    if (!message) return std::nullopt;
    const auto* sealed = message->payloads.size() == 1 ? std::get_if<ike::Encrypted>(&message->payloads[0]) : nullptr;
    if (sealed == nullptr) return OpenedMessage{message->header, std::move(message->payloads), false};
    const ike::IkeSa* sa = sender_of(core, message->header);
    const auto layout = ike::sealed_layout(*message);
    if (sa == nullptr || !sa->sealing || !layout) return std::nullopt;
    const auto chain = sa->sealing->open(layout->associated(octets), layout->body(octets));
    if (!chain) return std::nullopt;
    auto payloads = ike::parse_payloads(sealed->first_inner, chain->view());
    if (!payloads) return std::nullopt;
    return OpenedMessage{message->header, *std::move(payloads), true};
}

std::string describe(const OpenedMessage& message) {
    std::string text = message.was_sealed ? ike::dump_opened(message.header, message.payloads)
                                          : ike::dump(ike::Message{message.header, message.payloads});
    // Which SAs it is about says more than that it is about some.
    for (const ike::Payload& payload : message.payloads) {
        const auto* deletion = std::get_if<ike::Delete>(&payload);
        const auto* notify = std::get_if<ike::Notify>(&payload);
        if (deletion != nullptr) insert_after(text, "D", deletion->spis);
        if (notify != nullptr && notify->spi.size() == 4) insert_after(text, "N(" + name(notify->type), {spi(notify->spi)});
    }
    return text;
}

}  // namespace xfrmd::sim
