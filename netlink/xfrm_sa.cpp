// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/xfrm_sa.h"

#include <linux/udp.h>
#include <linux/xfrm.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "netlink/decode_stored.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

constexpr std::uint32_t kSpiMin = 256;  // RFC 4303 §2.1: 1..255 are reserved
constexpr std::uint32_t kSpiMax = 0xffffffff;
constexpr std::uint32_t kCpiMin = 256;  // RFC 3173 §3.3: the range for negotiated CPIs
constexpr std::uint32_t kCpiMax = 61439;
constexpr std::uint32_t kHeaderWindowMax = 32;  // bits of the bitmap in xfrm_replay_state
constexpr std::uint32_t kWindowMax = XFRMA_REPLAY_ESN_MAX;

std::unexpected<KernelError> invalid(std::string what) {
    return std::unexpected{KernelError{EINVAL, std::move(what)}};
}

xfrm_usersa_id sa_id(const SaId& id) {
    xfrm_usersa_id result{};
    result.daddr = to_kernel(id.destination);
    result.spi = to_network(id.spi.value);
    result.family = to_kernel(id.destination.family());
    result.proto = to_kernel(id.protocol);
    return result;
}

Encoded encode_by_id(std::uint16_t type, const SaId& id) {
    MessageBuilder builder{type, NLM_F_ACK, kXfrmAttributes};
    builder.body(sa_id(id));
    put_mark(builder, id.mark);
    return builder.finish();
}

std::uint8_t flags_of(const SaSpec& spec) {
    unsigned flags = 0;
    if (spec.decapsulate_dscp) flags |= XFRM_STATE_DECAP_DSCP;
    if (spec.no_path_mtu_discovery) flags |= XFRM_STATE_NOPMTUDISC;
    if (spec.no_ecn) flags |= XFRM_STATE_NOECN;
    if (spec.wildcard_receive) flags |= XFRM_STATE_WILDRECV;
    if (spec.for_icmp_errors) flags |= XFRM_STATE_ICMP;
    if (spec.af_unspec) flags |= XFRM_STATE_AF_UNSPEC;
    if (spec.align4) flags |= XFRM_STATE_ALIGN4;
    if (spec.extended_sequence_numbers) flags |= XFRM_STATE_ESN;
    return static_cast<std::uint8_t>(flags);
}

std::uint32_t extra_flags_of(const SaSpec& spec) {
    std::uint32_t flags = 0;
    if (spec.dont_encapsulate_dscp) flags |= XFRM_SA_XFLAG_DONT_ENCAP_DSCP;
    if (spec.sequence_may_wrap) flags |= XFRM_SA_XFLAG_OSEQ_MAY_WRAP;
    return flags;
}

bool needs_long_window(const SaSpec& spec) {
    return spec.extended_sequence_numbers || spec.replay_window > kHeaderWindowMax;
}

xfrm_usersa_info sa_info(const SaSpec& spec) {
    xfrm_usersa_info info{};
    // Without a selector the kernel still wants the family of the inner packets, or AF_UNSPEC
    // together with XFRM_STATE_AF_UNSPEC for "either".
    if (spec.selector)
        info.sel = to_kernel(*spec.selector);
    else if (!spec.af_unspec)
        info.sel.family = to_kernel(spec.id.destination.family());
    info.id.daddr = to_kernel(spec.id.destination);
    info.id.spi = to_network(spec.id.spi.value);
    info.id.proto = to_kernel(spec.id.protocol);
    info.saddr = to_kernel(spec.id.source);
    info.lft = to_kernel(spec.limits);
    info.seq = spec.acquire_sequence;
    info.reqid = spec.reqid.value;
    info.family = to_kernel(spec.id.destination.family());
    info.mode = to_kernel(spec.mode);
    // The kernel refuses a window here beside XFRMA_REPLAY_ESN_VAL.
    info.replay_window =
        needs_long_window(spec) ? 0 : static_cast<std::uint8_t>(spec.replay_window);
    info.flags = flags_of(spec);
    return info;
}

// The three structures of algorithms begin alike; only what follows the key length differs.
template <class Structure>
Structure algorithm(const std::string& name, std::size_t key_octets) {
    Structure structure{};
    name.copy(structure.alg_name, sizeof structure.alg_name - 1);
    structure.alg_key_len = static_cast<unsigned>(key_octets * 8);
    return structure;
}

void put_algorithms(MessageBuilder& builder, const SaSpec& spec) {
    if (spec.aead) {
        auto head = algorithm<xfrm_algo_aead>(spec.aead->name, spec.aead->key.size());
        head.alg_icv_len = spec.aead->icv_bits;
        builder.attribute(XFRMA_ALG_AEAD, octets_of(head), spec.aead->key.view());
    }
    if (spec.encryption) {
        const auto head = algorithm<xfrm_algo>(spec.encryption->name, spec.encryption->key.size());
        builder.attribute(XFRMA_ALG_CRYPT, octets_of(head), spec.encryption->key.view());
    }
    if (spec.integrity) {
        // Never XFRMA_ALG_AUTH: its default truncation is the kernel's, 96 bits for SHA-256.
        auto head = algorithm<xfrm_algo_auth>(spec.integrity->name, spec.integrity->key.size());
        head.alg_trunc_len = spec.integrity->truncated_bits;
        builder.attribute(XFRMA_ALG_AUTH_TRUNC, octets_of(head), spec.integrity->key.view());
    }
    if (spec.compression)
        builder.attribute(XFRMA_ALG_COMP, algorithm<xfrm_algo>(spec.compression->name, 0));
}

void put_replay_window(MessageBuilder& builder, const SaSpec& spec) {
    if (!needs_long_window(spec)) return;
    xfrm_replay_state_esn head{};
    head.replay_window = std::max(spec.replay_window, kHeaderWindowMax);
    head.bmp_len = (head.replay_window + 31) / 32;
    const Bytes bitmap(std::size_t{head.bmp_len} * 4, 0);
    builder.attribute(XFRMA_REPLAY_ESN_VAL, octets_of(head), bitmap);
}

void put_encapsulation(MessageBuilder& builder, const SaSpec& spec) {
    if (!spec.encapsulation) return;
    builder.attribute(XFRMA_ENCAP, to_kernel(*spec.encapsulation));
}

void put_output_mark(MessageBuilder& builder, const SaSpec& spec) {
    if (!spec.output_mark) return;
    builder.attribute(XFRMA_SET_MARK, spec.output_mark->value);
    builder.attribute(XFRMA_SET_MARK_MASK, spec.output_mark->mask);
}

void put_offload(MessageBuilder& builder, const SaSpec& spec) {
    if (!spec.offload) return;
    xfrm_user_offload offload;
    // What lies behind its members goes to the kernel, too, and must not be what the stack held.
    std::memset(&offload, 0, sizeof offload);
    offload.ifindex = std::bit_cast<int>(spec.offload->interface_index);
    offload.flags = spec.offload->flags;
    builder.attribute(XFRMA_OFFLOAD_DEV, offload);
}

std::expected<void, KernelError> check(const SaSpec& spec) {
    constexpr std::size_t kNameMax = sizeof(xfrm_algo::alg_name) - 1;
    const auto bad_name = [](const auto& algorithm_of_spec) {
        return algorithm_of_spec &&
               (algorithm_of_spec->name.empty() || algorithm_of_spec->name.size() > kNameMax ||
                algorithm_of_spec->name.contains('\0'));
    };
    if (spec.id.source.family() != spec.id.destination.family())
        return invalid("an SA's ends must be of one address family");
    if (bad_name(spec.aead) || bad_name(spec.encryption) || bad_name(spec.integrity) ||
        bad_name(spec.compression))
        return invalid("an algorithm's name has 1 to 63 characters");
    if (spec.security_context && spec.security_context->label.contains('\0'))
        return invalid("a security label holds no NUL");
    if (spec.replay_window > kWindowMax)
        return invalid("a replay window has at most " + std::to_string(kWindowMax) + " packets");
    return {};
}

// An SA without any restriction reads back with the bare family, or with nothing at all.
Decoded<std::optional<Selector>> restriction_of(const std::optional<Selector>& stored) {
    if (!stored) return std::nullopt;
    const Selector read = TRY(clean_selector(*stored));
    const Selector everything{Prefix::any(read.family()), Prefix::any(read.family()), 0, {}, {}, 0};
    if (read == everything) return std::nullopt;
    return read;
}

std::optional<UdpEncapsulation> udp_encapsulation_of(const StoredSa& stored) {
    const auto& read = stored.encapsulation;
    if (!read || read->type != UDP_ENCAP_ESPINUDP) return std::nullopt;
    return UdpEncapsulation{read->source_port, read->destination_port,
                            read->original.value_or(Address{})};
}

void take_algorithms(StoredSa& stored, SaSpec& spec) {
    if (auto& aead = stored.aead)
        spec.aead = AeadAlgorithm{std::move(aead->name), std::move(aead->key), aead->icv_bits};
    if (auto& encryption = stored.encryption)
        spec.encryption = EncryptionAlgorithm{std::move(encryption->name), std::move(encryption->key)};
    if (auto& integrity = stored.integrity)
        spec.integrity = IntegrityAlgorithm{std::move(integrity->name), std::move(integrity->key),
                                            integrity->icv_bits};
    if (auto& compression = stored.compression)
        spec.compression = CompressionAlgorithm{std::move(compression->name)};
}

Decoded<SaSpec> spec_of(StoredSa& stored) {
    const auto selector = TRY(restriction_of(stored.selector));
    SaSpec spec;
    spec.id = {stored.source, stored.destination, TRY(protocol_from_kernel(stored.protocol)),
               stored.spi, stored.mark};
    spec.mode = TRY(mode_from_kernel(stored.mode));
    spec.reqid = stored.reqid;
    spec.if_id = stored.if_id;
    spec.selector = selector;
    take_algorithms(stored, spec);
    spec.replay_window = stored.replay_window();
    spec.extended_sequence_numbers = (stored.flags & XFRM_STATE_ESN) != 0;
    spec.decapsulate_dscp = (stored.flags & XFRM_STATE_DECAP_DSCP) != 0;
    spec.no_path_mtu_discovery = (stored.flags & XFRM_STATE_NOPMTUDISC) != 0;
    spec.align4 = (stored.flags & XFRM_STATE_ALIGN4) != 0;
    spec.af_unspec = (stored.flags & XFRM_STATE_AF_UNSPEC) != 0;
    spec.no_ecn = (stored.flags & XFRM_STATE_NOECN) != 0;
    spec.wildcard_receive = (stored.flags & XFRM_STATE_WILDRECV) != 0;
    spec.for_icmp_errors = (stored.flags & XFRM_STATE_ICMP) != 0;
    spec.dont_encapsulate_dscp = (stored.extra_flags & XFRM_SA_XFLAG_DONT_ENCAP_DSCP) != 0;
    spec.sequence_may_wrap = (stored.extra_flags & XFRM_SA_XFLAG_OSEQ_MAY_WRAP) != 0;
    spec.output_mark = stored.output_mark;
    spec.security_context = asked(std::move(stored.security_context));
    spec.offload = stored.offload;
    spec.encapsulation = udp_encapsulation_of(stored);
    spec.limits = stored.limits;
    spec.acquire_sequence = stored.sequence;
    return spec;
}

}  // namespace

Encoded encode_allocate_spi(const AllocateSpi& request) {
    if (request.source.family() != request.destination.family())
        return invalid("an SA's ends must be of one address family");
    const bool compression = request.protocol == IpsecProtocol::Ipcomp;
    xfrm_userspi_info body{};
    body.info.id.daddr = to_kernel(request.destination);
    body.info.id.proto = to_kernel(request.protocol);
    body.info.saddr = to_kernel(request.source);
    body.info.reqid = request.reqid.value;
    body.info.family = to_kernel(request.destination.family());
    body.info.mode = to_kernel(request.mode);
    const bool any = request.spi.value == 0;
    body.min = !any ? request.spi.value : compression ? kCpiMin : kSpiMin;
    body.max = !any ? request.spi.value : compression ? kCpiMax : kSpiMax;
    MessageBuilder builder{XFRM_MSG_ALLOCSPI, NLM_F_ACK, kXfrmAttributes};
    builder.body(body);
    put_mark(builder, request.mark);
    put_if_id(builder, request.if_id);
    return builder.finish();
}

Encoded encode_install_sa(const SaSpec& spec, SaEntry entry) {
    TRY_VOID(check(spec));
    const bool fresh = entry == SaEntry::New;
    MessageBuilder builder{static_cast<std::uint16_t>(fresh ? XFRM_MSG_NEWSA : XFRM_MSG_UPDSA),
                           static_cast<std::uint16_t>(fresh ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
                                                            : NLM_F_ACK | NLM_F_REPLACE),
                           kXfrmAttributes};
    builder.body(sa_info(spec));
    put_algorithms(builder, spec);
    put_replay_window(builder, spec);
    put_encapsulation(builder, spec);
    put_mark(builder, spec.id.mark);
    put_if_id(builder, spec.if_id);
    put_output_mark(builder, spec);
    put_security_context(builder, spec.security_context);
    put_offload(builder, spec);
    if (const std::uint32_t flags = extra_flags_of(spec); flags != 0)
        builder.attribute(XFRMA_SA_EXTRA_FLAGS, flags);
    return builder.finish();
}

Encoded encode_restore_sa(View payload) {
    const auto info = read_structure<xfrm_usersa_info>(payload);
    if (!info) return std::unexpected{KernelError{EBADMSG, "the kernel's SA ends too early"}};
    MessageBuilder builder{XFRM_MSG_NEWSA, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, kXfrmAttributes};
    builder.body(payload);
    // The kernel reads the counters from an attribute only, which it does not write itself.
    builder.attribute(XFRMA_LTIME_VAL, info->curlft);
    return builder.finish();
}

Encoded encode_remove_sa(const SaId& id) {
    return encode_by_id(XFRM_MSG_DELSA, id);
}

Encoded encode_query_sa(const SaId& id) {
    return encode_by_id(XFRM_MSG_GETSA, id);
}

Encoded encode_dump_sas(std::uint8_t protocol) {
    MessageBuilder builder{XFRM_MSG_GETSA, NLM_F_DUMP, kXfrmAttributes};
    // In a dump the kernel looks for attributes where the fixed part would be: so there is none.
    if (protocol != 0) builder.attribute(XFRMA_PROTO, protocol);
    return builder.finish();
}

Decoded<SaInfo> decode_sa(View payload, Keys keys) {
    StoredSa stored = TRY(decode_stored_sa(payload, keys));
    SaInfo sa;
    sa.spec = TRY(spec_of(stored));
    const SaSpec& spec = sa.spec;
    sa.usage = stored.usage;
    sa.replay_errors = stored.statistics.replayed;
    sa.integrity_failures = stored.statistics.integrity_failures;
    // The kernel does not report the state; what has no algorithm has no keys yet.
    sa.larval = !spec.aead && !spec.encryption && !spec.integrity && !spec.compression;
    sa.last_used = stored.last_used;
    return sa;
}

}  // namespace xfrmd::netlink
