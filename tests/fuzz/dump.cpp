// SPDX-License-Identifier: Apache-2.0
// What the kernel says, as it is shown: text that acts on no terminal, JSON that is JSON, and keys
// nowhere unless they were asked for.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/setkey/dump/json.h"
#include "cli/setkey/dump/notice_text.h"
#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "daemon/api/json_text.h"
#include "netlink/decode_notice.h"
#include "netlink/decode_stored.h"
#include "tests/fuzz/kernel_messages.h"
#include "tests/fuzz/target.h"

namespace xfrmd::fuzz {

namespace {

using namespace netlink;
using namespace setkey::dump;

constexpr std::uint64_t kNow = 1795435200;

Scene scene() {
    return {.now = kNow, .local_time = utc, .protocol_names = nullptr, .pid = 1};
}

void check_text(const std::string& text) {
    require(text.ends_with('\n'), "a text ends in half a line");
    const bool is_plain = std::ranges::all_of(text, [](char character) {
        const auto octet = static_cast<unsigned char>(character);
        return octet == '\n' || octet == '\t' || (octet >= 0x20 && octet != 0x7f);
    });
    require(is_plain, "a text has a control character");
}

void check_json(const std::string& line) {
    require(line.find('\n') == line.size() - 1, "JSON takes not one line");
    require(api::parse_json(line).has_value(), "JSON cannot be parsed");
}

// Octets as they would be shown in text, or in JSON. Shorter keys may be there by chance.
void check_hidden(const std::string& text, const xfrm::StoredSa& sa) {
    constexpr std::size_t kTelling = 16;
    for (const auto* algorithm : {&sa.aead, &sa.encryption, &sa.integrity}) {
        if (!*algorithm || (*algorithm)->key.size() < kTelling) continue;
        const bool is_shown = text.contains(key_text(**algorithm, {.with_keys = true})) ||
                              text.contains(to_hex((*algorithm)->key.view()));
        require(!is_shown, "a key is shown that was not asked for");
    }
}

void check_sa(View payload) {
    const auto sa = decode_stored_sa(payload, Keys::Read);
    if (!sa) return;
    const std::string plain = sa_text(*sa, 1, {}, scene());
    check_text(plain);
    check_hidden(plain, *sa);
    check_text(
        sa_text(*sa, 1, {.with_ports = true, .with_keys = true, .with_details = true}, scene()));
    check_text(sa_text(*sa, 1, {.with_details = true}, scene()));
    check_text(short_sa_text(*sa, scene()));
    check_json(sa_json_line(*sa, true, kNow));
    const std::string hidden = sa_json_line(*sa, false, kNow);
    check_json(hidden);
    check_hidden(hidden, *sa);
}

void check_policy(View payload) {
    const auto policy = decode_stored_policy(payload);
    if (!policy) return;
    check_text(policy_text(*policy, 1, {.with_ports = true, .with_details = true}, scene()));
    check_json(policy_json_line(*policy, true));
}

void check_notice(const MessageView& message) {
    const xfrm::Notice notice = notice_of(message, Keys::Skip);
    check_text(notice_text(notice, {.with_details = true}, scene()));
    check_json(notice_json_line(notice, {}, false));
    (void)hex_text(message.payload, key_octets(message));
}

}  // namespace

std::vector<Bytes> seeds() {
    return kernel_messages();
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    netlink::MessageReader reader{View{data, size}};
    while (const auto message = reader.next()) {
        fuzz::check_notice(*message);
        fuzz::check_sa(message->payload);
        fuzz::check_policy(message->payload);
    }
    return 0;
}
