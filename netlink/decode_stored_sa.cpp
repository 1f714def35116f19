// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/decode_stored.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

// What stored_sa_from_kernel() reads.
constexpr auto kReadOfSa = std::to_array<std::uint16_t>({
    XFRMA_ALG_AUTH,
    XFRMA_ALG_CRYPT,
    XFRMA_ALG_COMP,
    XFRMA_ENCAP,
    XFRMA_SA,  // the whole of it, in what is told of a deleted one
    XFRMA_SEC_CTX,
    XFRMA_REPLAY_VAL,
    XFRMA_COADDR,
    XFRMA_LASTUSED,
    XFRMA_ALG_AEAD,
    XFRMA_ALG_AUTH_TRUNC,
    XFRMA_MARK,
    XFRMA_TFCPAD,
    XFRMA_REPLAY_ESN_VAL,
    XFRMA_SA_EXTRA_FLAGS,
    XFRMA_PAD,
    XFRMA_OFFLOAD_DEV,
    XFRMA_SET_MARK,
    XFRMA_SET_MARK_MASK,
    XFRMA_IF_ID,
    XFRMA_MTIMER_THRESH,
    XFRMA_SA_DIR,
    XFRMA_NAT_KEEPALIVE_INTERVAL,
    XFRMA_SA_PCPU,
});

// The key behind an algorithm's structure, bounded by both of the lengths that the kernel states.
template <class Structure>
View key_behind(View value, const Structure& head) {
    const View behind = value.subspan(sizeof(Structure));
    return behind.first(
        std::min<std::size_t>(behind.size(), (std::size_t{head.alg_key_len} + 7) / 8));
}

template <class Structure>
std::optional<StoredAlgorithm> algorithm_of(const Attributes& attributes, std::uint16_t type,
                                            Keys keys) {
    const View value = attributes.get(type);
    Structure head{};
    if (!read_structure(value, head)) return std::nullopt;
    StoredAlgorithm algorithm;
    algorithm.name = until_nul(octets_of(head.alg_name));
    algorithm.key_bits = head.alg_key_len;
    if (keys == Keys::Read) algorithm.key = Secret{key_behind(value, head)};
    if constexpr (requires { head.alg_icv_len; }) algorithm.icv_bits = head.alg_icv_len;
    if constexpr (requires { head.alg_trunc_len; }) algorithm.icv_bits = head.alg_trunc_len;
    return algorithm;
}

void read_algorithms(const Attributes& attributes, Keys keys, StoredSa& sa) {
    sa.aead = algorithm_of<xfrm_algo_aead>(attributes, XFRMA_ALG_AEAD, keys);
    sa.encryption = algorithm_of<xfrm_algo>(attributes, XFRMA_ALG_CRYPT, keys);
    sa.compression = algorithm_of<xfrm_algo>(attributes, XFRMA_ALG_COMP, keys);
    // The kernel tells integrity twice; the older form lacks the truncation.
    sa.integrity = algorithm_of<xfrm_algo_auth>(attributes, XFRMA_ALG_AUTH_TRUNC, keys);
    if (!sa.integrity) sa.integrity = algorithm_of<xfrm_algo>(attributes, XFRMA_ALG_AUTH, keys);
}

std::optional<Mark> output_mark_of(const Attributes& attributes) {
    const auto value = attributes.value<std::uint32_t>(XFRMA_SET_MARK);
    if (!value) return std::nullopt;
    // Kernels before 4.19 had no mask: it was the whole mark.
    return Mark{*value, attributes.value<std::uint32_t>(XFRMA_SET_MARK_MASK).value_or(0xffffffff)};
}

std::uint64_t joined(std::uint32_t high, std::uint32_t low) {
    return std::uint64_t{high} << 32 | low;
}

// The words of the bitmap that are really there.
std::vector<std::uint32_t> bitmap_of(View words, std::uint32_t claimed) {
    std::vector<std::uint32_t> bitmap;
    const std::size_t count = std::min<std::size_t>(claimed, words.size() / sizeof(std::uint32_t));
    for (std::size_t i = 0; i < count; ++i)
        bitmap.push_back(*read_structure<std::uint32_t>(words.subspan(i * sizeof(std::uint32_t))));
    return bitmap;
}

// Where a message of this type has its attributes, behind the fixed part. Nothing for types whose
// attributes hold no keys.
std::optional<std::size_t> attributes_start(std::uint16_t type) {
    switch (type) {
        case XFRM_MSG_NEWSA:
        case XFRM_MSG_UPDSA:
            return sizeof(xfrm_usersa_info);
        case XFRM_MSG_DELSA:
            return sizeof(xfrm_usersa_id);
        case XFRM_MSG_EXPIRE:
            return sizeof(xfrm_user_expire);
        default:
            return std::nullopt;
    }
}

template <class Structure>
void add_key(const Attributes& attributes, std::uint16_t type, std::vector<View>& places) {
    const View value = attributes.get(type);
    // All that follows the structure, whatever length it states.
    if (value.size() > sizeof(Structure)) places.push_back(value.subspan(sizeof(Structure)));
}

}  // namespace

Decoded<StoredSa> decode_stored_sa(View payload, Keys keys) {
    const auto [info, attributes] = TRY(parse_body<xfrm_usersa_info>(payload, kXfrmAttributes));
    return stored_sa_from_kernel(info, attributes, keys);
}

Decoded<StoredSa> stored_sa_from_kernel(const xfrm_usersa_info& info, const Attributes& attributes,
                                        Keys keys) {
    const Family family = TRY(family_from_kernel(info.family));
    std::optional<Selector> selector;
    if (info.sel.family != AF_UNSPEC) selector = TRY(stored_selector_from_kernel(info.sel));
    StoredSa sa;
    sa.source = address_from_kernel(info.saddr, family);
    sa.destination = address_from_kernel(info.id.daddr, family);
    sa.protocol = info.id.proto;
    sa.spi = EspSpi{from_network(info.id.spi)};
    sa.mode = info.mode;
    sa.reqid = ReqId{info.reqid};
    sa.sequence = info.seq;
    sa.mark = mark_of(attributes);
    sa.if_id = if_id_of(attributes);
    sa.selector = selector;
    read_algorithms(attributes, keys, sa);
    sa.flags = info.flags;
    sa.extra_flags = attributes.value<std::uint32_t>(XFRMA_SA_EXTRA_FLAGS).value_or(0);
    sa.header_window = info.replay_window;
    sa.replay = replay_from_kernel(attributes, info.replay_window);
    sa.encapsulation = encapsulation_from_kernel(attributes, family);
    if (const auto care_of = attributes.value<xfrm_address_t>(XFRMA_COADDR))
        sa.care_of = address_from_kernel(*care_of, family);
    sa.security_context = security_context_from_kernel(attributes);
    sa.offload = offload_from_kernel(attributes);
    sa.output_mark = output_mark_of(attributes);
    sa.tfc_padding = attributes.value<std::uint32_t>(XFRMA_TFCPAD);
    sa.direction = attributes.value<std::uint8_t>(XFRMA_SA_DIR);
    sa.cpu = attributes.value<std::uint32_t>(XFRMA_SA_PCPU);
    sa.nat_keepalive_seconds = attributes.value<std::uint32_t>(XFRMA_NAT_KEEPALIVE_INTERVAL);
    sa.mapping_report_seconds = attributes.value<std::uint32_t>(XFRMA_MTIMER_THRESH);
    sa.limits = limits_from_kernel(info.lft);
    sa.usage = usage_from_kernel(info.curlft);
    sa.last_used = attributes.value<std::uint64_t>(XFRMA_LASTUSED);
    sa.statistics = {info.stats.replay_window, info.stats.replay, info.stats.integrity_failed};
    sa.others = other_attributes(attributes, kReadOfSa, keys);
    return sa;
}

std::optional<ReplayState> replay_from_kernel(const Attributes& attributes,
                                              std::uint32_t header_window) {
    const View extended = attributes.get(XFRMA_REPLAY_ESN_VAL);
    if (xfrm_replay_state_esn head{}; read_structure(extended, head))
        return ReplayState{true, head.replay_window, joined(head.seq_hi, head.seq),
                           joined(head.oseq_hi, head.oseq),
                           bitmap_of(extended.subspan(sizeof head), head.bmp_len)};
    if (const auto state = attributes.value<xfrm_replay_state>(XFRMA_REPLAY_VAL))
        return ReplayState{false, header_window, state->seq, state->oseq, {state->bitmap}};
    return std::nullopt;
}

std::optional<StoredEncapsulation> encapsulation_from_kernel(const Attributes& attributes,
                                                             Family family) {
    const auto encapsulation = attributes.value<xfrm_encap_tmpl>(XFRMA_ENCAP);
    if (!encapsulation) return std::nullopt;
    StoredEncapsulation result{encapsulation->encap_type, from_network(encapsulation->encap_sport),
                               from_network(encapsulation->encap_dport), std::nullopt};
    // The structure does not say the family of the original address; it is that of the ends.
    const Address original = address_from_kernel(encapsulation->encap_oa, family);
    if (!original.is_unspecified()) result.original = original;
    return result;
}

std::optional<SecurityContext> security_context_from_kernel(const Attributes& attributes) {
    const View value = attributes.get(XFRMA_SEC_CTX);
    const auto head = read_structure<xfrm_user_sec_ctx>(value);
    if (!head) return std::nullopt;
    const View label = value.subspan(sizeof(xfrm_user_sec_ctx));
    return SecurityContext{
        head->ctx_doi, head->ctx_alg, head->ctx_len,
        std::string{until_nul(label.first(std::min<std::size_t>(label.size(), head->ctx_len)))}};
}

std::optional<Offload> offload_from_kernel(const Attributes& attributes) {
    const auto offload = attributes.value<xfrm_user_offload>(XFRMA_OFFLOAD_DEV);
    if (!offload) return std::nullopt;
    return Offload{static_cast<std::uint32_t>(offload->ifindex), offload->flags};
}

std::vector<OtherAttribute> other_attributes(const Attributes& attributes,
                                             std::span<const std::uint16_t> read, Keys keys) {
    std::vector<OtherAttribute> others;
    for (const std::uint16_t type : attributes.others(read)) {
        const View value = attributes.get(type);
        others.push_back({type, value.size(), keys == Keys::Read ? Secret{value} : Secret{}});
    }
    return others;
}

std::vector<View> key_octets(const MessageView& message) {
    std::vector<View> places;
    const auto start = attributes_start(message.type);
    if (!start) return places;
    const std::size_t aligned = (*start + 3) & ~std::size_t{3};
    if (message.payload.size() <= aligned) return places;
    const auto attributes = Attributes::parse(message.payload.subspan(aligned), kXfrmAttributes);
    // Nobody can say where keys are in what cannot be read: all of it may be one.
    if (!attributes) return {message.payload.subspan(aligned)};
    add_key<xfrm_algo>(*attributes, XFRMA_ALG_AUTH, places);
    add_key<xfrm_algo>(*attributes, XFRMA_ALG_CRYPT, places);
    add_key<xfrm_algo_auth>(*attributes, XFRMA_ALG_AUTH_TRUNC, places);
    add_key<xfrm_algo_aead>(*attributes, XFRMA_ALG_AEAD, places);
    // Nor in what nothing is known of.
    for (const std::uint16_t type : attributes->others(kReadOfSa))
        places.push_back(attributes->get(type));
    return places;
}

}  // namespace xfrmd::netlink
