// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/xfrm_policy.h"

#include <cerrno>

#include "netlink/decode_stored.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

constexpr std::uint32_t kEveryAlgorithm = ~std::uint32_t{0};

std::unexpected<KernelError> invalid(std::string what) {
    return std::unexpected{KernelError{EINVAL, std::move(what)}};
}

bool is_unbound(const Template& wanted) {
    return wanted.source.is_unspecified() && wanted.destination.is_unspecified();
}

xfrm_user_tmpl to_kernel_template(const Template& wanted, Family family) {
    xfrm_user_tmpl result{};
    result.id.daddr = to_kernel(wanted.destination);
    result.id.spi = to_network(wanted.spi.value);
    result.id.proto = to_kernel(wanted.protocol);
    result.family = to_kernel(family);
    result.saddr = to_kernel(wanted.source);
    result.reqid = wanted.reqid.value;
    result.mode = to_kernel(wanted.mode);
    result.optional = wanted.optional ? 1 : 0;
    result.aalgos = kEveryAlgorithm;  // policies do not choose algorithms: negotiation does
    result.ealgos = kEveryAlgorithm;
    result.calgos = kEveryAlgorithm;
    return result;
}

Bytes to_kernel_templates(const PolicySpec& spec) {
    Bytes octets;
    octets.reserve(spec.templates.size() * sizeof(xfrm_user_tmpl));
    Family family = spec.id.selector.family();  // of what the next transform is applied to
    for (const Template& wanted : spec.templates) {
        if (!is_unbound(wanted)) family = wanted.destination.family();
        append(octets, octets_of(to_kernel_template(wanted, family)));
    }
    return octets;
}

xfrm_userpolicy_info policy_info(const PolicySpec& spec) {
    xfrm_userpolicy_info info{};
    info.sel = to_kernel(spec.id.selector);
    info.lft = to_kernel(LifetimeLimits{});  // policies live until they are removed
    info.priority = spec.priority;
    info.dir = to_kernel(spec.id.direction);
    info.action = spec.action == PolicyAction::Allow ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK;
    info.share = XFRM_SHARE_ANY;
    return info;
}

Encoded encode_by_id(std::uint16_t type, const PolicyId& id) {
    xfrm_userpolicy_id body{};
    body.sel = to_kernel(id.selector);
    body.dir = to_kernel(id.direction);
    MessageBuilder builder{type, NLM_F_ACK, kXfrmAttributes};
    builder.body(body);
    put_mark(builder, id.mark);
    put_if_id(builder, id.if_id);
    put_security_context(builder, id.security_context);
    return builder.finish();
}

Decoded<Template> template_of(const StoredTemplate& stored) {
    return Template{.source = stored.source,
                    .destination = stored.destination,
                    .protocol = TRY(protocol_from_kernel(stored.protocol)),
                    .mode = TRY(mode_from_kernel(stored.mode)),
                    .reqid = stored.reqid,
                    .spi = stored.spi,
                    .optional = stored.optional};
}

}  // namespace

Encoded encode_install_policy(const PolicySpec& spec, PolicyEntry entry) {
    const Selector& selector = spec.id.selector;
    if (selector.source.address.family() != selector.destination.address.family())
        return invalid("both ends of a policy must be of one address family");
    for (const Template& wanted : spec.templates)
        if (wanted.source.family() != wanted.destination.family())
            return invalid("both ends of a policy's template must be of one address family");
    const bool fresh = entry == PolicyEntry::New;
    MessageBuilder builder{
        static_cast<std::uint16_t>(fresh ? XFRM_MSG_NEWPOLICY : XFRM_MSG_UPDPOLICY),
        static_cast<std::uint16_t>(fresh ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
                                         : NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE),
        kXfrmAttributes};
    builder.body(policy_info(spec));
    if (!spec.templates.empty()) builder.attribute(XFRMA_TMPL, View{to_kernel_templates(spec)});
    put_mark(builder, spec.id.mark);
    put_if_id(builder, spec.id.if_id);
    put_security_context(builder, spec.id.security_context);
    return builder.finish();
}

Encoded encode_restore_policy(View payload) {
    MessageBuilder builder{XFRM_MSG_UPDPOLICY, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
                           kXfrmAttributes};
    builder.body(payload);
    return builder.finish();
}

Encoded encode_remove_policy(const PolicyId& id) {
    return encode_by_id(XFRM_MSG_DELPOLICY, id);
}

Encoded encode_query_policy(const PolicyId& id) {
    return encode_by_id(XFRM_MSG_GETPOLICY, id);
}

Encoded encode_dump_policies() {
    MessageBuilder builder{XFRM_MSG_GETPOLICY, NLM_F_DUMP, kXfrmAttributes};
    builder.body(xfrm_userpolicy_id{});
    return builder.finish();
}

Decoded<PolicyInfo> decode_policy(View payload) {
    const StoredPolicy stored = TRY(decode_stored_policy(payload));
    return policy_from_stored(stored);
}

Decoded<PolicyInfo> policy_from_stored(const StoredPolicy& stored) {
    if (stored.type != XFRM_POLICY_TYPE_MAIN)
        return std::unexpected{KernelError{EOPNOTSUPP, "the kernel speaks of a sub-policy"}};
    PolicyInfo policy;
    policy.spec.id.selector = TRY(clean_selector(stored.selector));
    // Per-socket policies appear in dumps with directions of their own, 3 and above.
    policy.spec.id.direction = TRY(direction_from_kernel(stored.direction));
    policy.spec.id.mark = stored.mark;
    policy.spec.id.if_id = stored.if_id;
    policy.spec.id.security_context = asked(stored.security_context);
    policy.spec.action =
        stored.action == XFRM_POLICY_ALLOW ? PolicyAction::Allow : PolicyAction::Block;
    policy.spec.priority = stored.priority;
    for (const StoredTemplate& wanted : stored.templates)
        policy.spec.templates.push_back(TRY(template_of(wanted)));
    policy.index = stored.index;
    policy.usage = stored.usage;
    return policy;
}

}  // namespace xfrmd::netlink
