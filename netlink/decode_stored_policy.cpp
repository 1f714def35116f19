// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/decode_stored.h"

#include <array>
#include <cerrno>

#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

// What stored_policy_from_kernel() reads.
constexpr auto kReadOfPolicy = std::to_array<std::uint16_t>({
    XFRMA_TMPL,
    XFRMA_POLICY,  // the whole of it, in what is told of a deleted one
    XFRMA_SEC_CTX,
    XFRMA_POLICY_TYPE,
    XFRMA_MARK,
    XFRMA_PAD,
    XFRMA_OFFLOAD_DEV,
    XFRMA_IF_ID,
});

Decoded<StoredTemplate> template_from_kernel(const xfrm_user_tmpl& read) {
    const Family family = TRY(family_from_kernel(read.family));
    return StoredTemplate{.source = address_from_kernel(read.saddr, family),
                          .destination = address_from_kernel(read.id.daddr, family),
                          .spi = EspSpi{from_network(read.id.spi)},
                          .protocol = read.id.proto,
                          .mode = read.mode,
                          .reqid = ReqId{read.reqid},
                          .share = read.share,
                          .optional = read.optional != 0,
                          .integrity_algorithms = read.aalgos,
                          .encryption_algorithms = read.ealgos,
                          .compression_algorithms = read.calgos};
}

Decoded<std::vector<StoredTemplate>> templates_from_kernel(View octets) {
    if (octets.size() % sizeof(xfrm_user_tmpl) != 0)
        return std::unexpected{KernelError{EBADMSG, "the kernel's policy ends in half a template"}};
    std::vector<StoredTemplate> templates;
    for (; !octets.empty(); octets = octets.subspan(sizeof(xfrm_user_tmpl)))
        templates.push_back(TRY(template_from_kernel(*read_structure<xfrm_user_tmpl>(octets))));
    return templates;
}

}  // namespace

Decoded<StoredPolicy> decode_stored_policy(View payload) {
    const auto [info, attributes] = TRY(parse_body<xfrm_userpolicy_info>(payload, kXfrmAttributes));
    return stored_policy_from_kernel(info, attributes);
}

Decoded<StoredPolicy> stored_policy_from_kernel(const xfrm_userpolicy_info& info,
                                                const Attributes& attributes) {
    const Selector selector = TRY(stored_selector_from_kernel(info.sel));
    auto templates = TRY(templates_from_kernel(attributes.get(XFRMA_TMPL)));
    const auto type = attributes.value<xfrm_userpolicy_type>(XFRMA_POLICY_TYPE);
    StoredPolicy policy;
    policy.selector = selector;
    policy.direction = info.dir;
    policy.index = info.index;
    policy.priority = info.priority;
    policy.action = info.action;
    policy.flags = info.flags;
    policy.share = info.share;
    policy.type = type ? type->type : std::uint8_t{XFRM_POLICY_TYPE_MAIN};
    policy.mark = mark_of(attributes);
    policy.if_id = if_id_of(attributes);
    policy.templates = std::move(templates);
    policy.limits = limits_from_kernel(info.lft);
    policy.usage = usage_from_kernel(info.curlft);
    policy.security_context = security_context_from_kernel(attributes);
    policy.offload = offload_from_kernel(attributes);
    policy.others = other_attributes(attributes, kReadOfPolicy, Keys::Skip);
    return policy;
}

}  // namespace xfrmd::netlink
