// SPDX-License-Identifier: Apache-2.0
// Datagrams of the kernel.
// Every decoder sees them. An SA or a policy that decodes must encode, unless the structures cannot
// hold it, and what was encoded must decode as itself.
#include "netlink/decode_notice.h"
#include "netlink/decode_stored.h"
#include "netlink/rtnl.h"
#include "netlink/socket.h"
#include "netlink/xfrm_event.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_settings.h"
#include "tests/fuzz/kernel_messages.h"
#include "tests/fuzz/target.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::fuzz {

namespace {

using namespace netlink;
using tests::payload_of;

void check_sa(View payload) {
    const auto skipped = decode_sa(payload, Keys::Skip);
    const auto read = decode_sa(payload, Keys::Read);
    require(skipped.has_value() == read.has_value(), "whether an SA decodes depends on its keys");
    const auto stored = decode_stored_sa(payload, Keys::Read);
    require(stored.has_value() || !read, "an SA decodes in part but not in full");
    if (!read) return;
    const auto written = encode_install_sa(read->spec, SaEntry::New);
    if (!written) return;
    const auto again = decode_sa(payload_of(*written), Keys::Read);
    require(again.has_value(), "an SA that was encoded does not decode");
    const auto rewritten = encode_install_sa(again->spec, SaEntry::New);
    require(rewritten && equal(written->view(), rewritten->view()),
            "an SA encodes differently the second time");
}

void check_policy(View payload) {
    const auto read = decode_policy(payload);
    const auto stored = decode_stored_policy(payload);
    require(stored.has_value() || !read, "a policy decodes in part but not in full");
    if (!read) return;
    const auto written = encode_install_policy(read->spec, PolicyEntry::New);
    if (!written) return;
    const auto again = decode_policy(payload_of(*written));
    require(again.has_value(), "a policy that was encoded does not decode");
    const auto rewritten = encode_install_policy(again->spec, PolicyEntry::New);
    require(rewritten && equal(written->view(), rewritten->view()),
            "a policy encodes differently the second time");
}

void check_message(const MessageView& message) {
    const auto event = decode_xfrm_event(message);
    const auto notice = decode_notice(message, Keys::Read);
    require(notice.has_value() || !event || !*event, "an event decodes that is no notice");
    (void)decode_route_event(message);
    (void)decode_refusal(message);
    (void)decode_own_address(message.payload);
    (void)decode_route(message.payload);
    (void)decode_defaults(message.payload);
    (void)decode_sa_buckets(message.payload);
    for (const View place : key_octets(message))
        require(place.data() >= message.payload.data() &&
                    place.data() + place.size() <= message.payload.data() + message.payload.size(),
                "a key lies outside its message");
    check_sa(message.payload);
    check_policy(message.payload);
}

}  // namespace

std::vector<Bytes> seeds() {
    return kernel_messages();
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    netlink::MessageReader reader{View{data, size}};
    while (const auto message = reader.next()) fuzz::check_message(*message);
    fuzz::check_sa({data, size});
    fuzz::check_policy({data, size});
    return 0;
}
