// SPDX-License-Identifier: Apache-2.0
// How long the value of each netlink attribute may be. The tables are checked when we append an
// attribute and when we read one, so that no code behind them looks at a length again. Not a public
// header.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace xfrmd::netlink {

// Octets of an attribute's value. A row that is not `known` is neither written nor read.
struct AttributePolicy {
    std::uint16_t length_min = 0;
    std::uint16_t length_max = 0;
    bool known = false;

    constexpr bool allows(std::size_t length) const {
        return known && length >= length_min && length <= length_max;
    }
};

// A table by attribute type.
using AttributePolicies = std::span<const AttributePolicy>;

// No table has more rows than this.
inline constexpr std::size_t kAttributeTypesMax = 64;

namespace attribute {

constexpr AttributePolicy between(std::size_t least, std::size_t most) {
    return {static_cast<std::uint16_t>(least), static_cast<std::uint16_t>(most), true};
}
constexpr AttributePolicy exactly(std::size_t length) {
    return between(length, length);
}
template <class Structure>
constexpr AttributePolicy structure() {
    return exactly(sizeof(Structure));
}

// A structure that may have grown since: what follows is not read.
template <class Structure>
constexpr AttributePolicy at_least() {
    return between(sizeof(Structure), 4096);
}

// The kernel takes keys of at most 512 octets or so; more is a mistake of ours.
inline constexpr std::size_t kKeyOctetsMax = 1024;
template <class Algorithm>
constexpr AttributePolicy keyed() {
    return between(sizeof(Algorithm), sizeof(Algorithm) + kKeyOctetsMax);
}

}  // namespace attribute

// XFRM_MAX_DEPTH, which no header of the interface has.
inline constexpr std::size_t kTemplatesMax = 6;

// include/uapi/linux/xfrm.h, enum xfrm_attr_type_t.
inline constexpr auto kXfrmAttributes = [] {
    std::array<AttributePolicy, XFRMA_MAX + 1> table{};
    table[XFRMA_ALG_AUTH] = attribute::keyed<xfrm_algo>();
    table[XFRMA_ALG_CRYPT] = attribute::keyed<xfrm_algo>();
    table[XFRMA_ALG_COMP] = attribute::keyed<xfrm_algo>();
    table[XFRMA_ALG_AEAD] = attribute::keyed<xfrm_algo_aead>();
    table[XFRMA_ALG_AUTH_TRUNC] = attribute::keyed<xfrm_algo_auth>();
    table[XFRMA_ENCAP] = attribute::structure<xfrm_encap_tmpl>();
    // More templates than the kernel takes (XFRM_MAX_DEPTH, 6) may be written: refusing them is its
    // affair.
    table[XFRMA_TMPL] = attribute::between(0, 32 * sizeof(xfrm_user_tmpl));
    table[XFRMA_SA] = attribute::at_least<xfrm_usersa_info>();
    table[XFRMA_POLICY] = attribute::at_least<xfrm_userpolicy_info>();
    table[XFRMA_SEC_CTX] = attribute::at_least<xfrm_user_sec_ctx>();
    table[XFRMA_LTIME_VAL] = attribute::at_least<xfrm_lifetime_cur>();
    table[XFRMA_REPLAY_VAL] = attribute::at_least<xfrm_replay_state>();
    table[XFRMA_REPLAY_THRESH] = attribute::structure<std::uint32_t>();
    table[XFRMA_ETIMER_THRESH] = attribute::structure<std::uint32_t>();
    table[XFRMA_COADDR] = attribute::structure<xfrm_address_t>();
    table[XFRMA_LASTUSED] = attribute::structure<std::uint64_t>();
    table[XFRMA_POLICY_TYPE] = attribute::structure<xfrm_userpolicy_type>();
    table[XFRMA_MARK] = attribute::structure<xfrm_mark>();
    table[XFRMA_MIGRATE] = attribute::between(sizeof(xfrm_user_migrate),
                                              kTemplatesMax * sizeof(xfrm_user_migrate));
    table[XFRMA_KMADDRESS] = attribute::at_least<xfrm_user_kmaddress>();
    table[XFRMA_TFCPAD] = attribute::structure<std::uint32_t>();
    table[XFRMA_REPLAY_ESN_VAL] = attribute::between(
        sizeof(xfrm_replay_state_esn), sizeof(xfrm_replay_state_esn) + XFRMA_REPLAY_ESN_MAX / 8);
    table[XFRMA_SA_EXTRA_FLAGS] = attribute::structure<std::uint32_t>();
    table[XFRMA_PROTO] = attribute::structure<std::uint8_t>();
    table[XFRMA_OFFLOAD_DEV] = attribute::at_least<xfrm_user_offload>();
    table[XFRMA_SET_MARK] = attribute::structure<std::uint32_t>();
    table[XFRMA_SET_MARK_MASK] = attribute::structure<std::uint32_t>();
    table[XFRMA_IF_ID] = attribute::structure<std::uint32_t>();
    table[XFRMA_MTIMER_THRESH] = attribute::structure<std::uint32_t>();
    table[XFRMA_SA_DIR] = attribute::structure<std::uint8_t>();
    table[XFRMA_NAT_KEEPALIVE_INTERVAL] = attribute::structure<std::uint32_t>();
    table[XFRMA_SA_PCPU] = attribute::structure<std::uint32_t>();
    return table;
}();

// include/uapi/linux/xfrm.h, enum xfrm_sadattr_type_t.
inline constexpr auto kSaTableAttributes = [] {
    std::array<AttributePolicy, XFRMA_SAD_MAX + 1> table{};
    table[XFRMA_SAD_CNT] = attribute::structure<std::uint32_t>();
    table[XFRMA_SAD_HINFO] = attribute::structure<xfrmu_sadhinfo>();
    return table;
}();

// include/uapi/linux/if_addr.h. Addresses of 4 or 16 octets.
inline constexpr auto kAddressAttributes = [] {
    std::array<AttributePolicy, IFA_MAX + 1> table{};
    table[IFA_ADDRESS] = attribute::between(4, 16);
    table[IFA_LOCAL] = attribute::between(4, 16);
    table[IFA_FLAGS] = attribute::structure<std::uint32_t>();
    return table;
}();

// include/uapi/linux/rtnetlink.h, enum rtattr_type_t.
inline constexpr auto kRouteAttributes = [] {
    std::array<AttributePolicy, RTA_MAX + 1> table{};
    table[RTA_DST] = attribute::between(4, 16);
    table[RTA_SRC] = attribute::between(4, 16);
    table[RTA_PREFSRC] = attribute::between(4, 16);
    table[RTA_GATEWAY] = attribute::between(4, 16);
    table[RTA_OIF] = attribute::structure<std::uint32_t>();
    table[RTA_TABLE] = attribute::structure<std::uint32_t>();
    return table;
}();

// What an error or the end of a dump carries, enum nlmsgerr_attrs.
inline constexpr auto kErrorAttributes = [] {
    std::array<AttributePolicy, NLMSGERR_ATTR_MAX + 1> table{};
    table[NLMSGERR_ATTR_MSG] = attribute::between(1, 4096);
    return table;
}();

static_assert(kXfrmAttributes.size() <= kAttributeTypesMax);
static_assert(kAddressAttributes.size() <= kAttributeTypesMax);
static_assert(kRouteAttributes.size() <= kAttributeTypesMax);

}  // namespace xfrmd::netlink
