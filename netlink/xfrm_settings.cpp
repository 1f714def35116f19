// SPDX-License-Identifier: Apache-2.0
#include "netlink/xfrm_settings.h"

#include <linux/xfrm.h>

#include <bit>
#include <cerrno>

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

// Kernels say 0 (unspecified) for a direction that nobody has set.
PolicyAction action_from_kernel(std::uint8_t action) {
    return action == XFRM_USERPOLICY_BLOCK ? PolicyAction::Block : PolicyAction::Allow;
}

std::uint8_t to_kernel(PolicyAction action) {
    return action == PolicyAction::Block ? XFRM_USERPOLICY_BLOCK : XFRM_USERPOLICY_ACCEPT;
}

}  // namespace

Encoded encode_query_defaults() {
    MessageBuilder builder{XFRM_MSG_GETDEFAULT, NLM_F_ACK, kXfrmAttributes};
    builder.body(xfrm_userpolicy_default{});
    return builder.finish();
}

Decoded<DefaultPolicies> decode_defaults(View payload) {
    const auto read = read_structure<xfrm_userpolicy_default>(payload);
    if (!read) return std::unexpected{KernelError{EBADMSG, "the kernel's message is too short"}};
    return DefaultPolicies{action_from_kernel(read->in), action_from_kernel(read->out),
                           action_from_kernel(read->fwd)};
}

Encoded encode_set_defaults(const DefaultPolicies& defaults) {
    xfrm_userpolicy_default body{};
    body.in = to_kernel(defaults.in);
    body.out = to_kernel(defaults.out);
    body.fwd = to_kernel(defaults.forward);
    MessageBuilder builder{XFRM_MSG_SETDEFAULT, NLM_F_ACK, kXfrmAttributes};
    builder.body(body);
    return builder.finish();
}

Encoded encode_query_sa_table() {
    MessageBuilder builder{XFRM_MSG_GETSADINFO, NLM_F_ACK, kSaTableAttributes};
    builder.body(std::uint32_t{0});
    return builder.finish();
}

Decoded<std::uint32_t> decode_sa_buckets(View payload) {
    const auto [flags, attributes] = TRY(parse_body<std::uint32_t>(payload, kSaTableAttributes));
    const auto hashing = attributes.value<xfrmu_sadhinfo>(XFRMA_SAD_HINFO);
    if (!hashing || !std::has_single_bit(hashing->sadhcnt))
        return std::unexpected{KernelError{EBADMSG, "the kernel does not tell its SA table"}};
    return hashing->sadhcnt;
}

}  // namespace xfrmd::netlink
