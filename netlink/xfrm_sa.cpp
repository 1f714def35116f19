// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/xfrm_sa.h"

#include <linux/udp.h>
#include <linux/xfrm.h>

#include <cerrno>

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
    if (spec.af_unspec) flags |= XFRM_STATE_AF_UNSPEC;
    if (spec.align4) flags |= XFRM_STATE_ALIGN4;
    if (spec.extended_sequence_numbers) flags |= XFRM_STATE_ESN;
    return static_cast<std::uint8_t>(flags);
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
    if (spec.replay_window > kWindowMax)
        return invalid("a replay window has at most " + std::to_string(kWindowMax) + " packets");
    return {};
}

Decoded<SaId> id_of(const xfrm_usersa_info& info, const Attributes& attributes) {
    const Family family = TRY(family_from_kernel(info.family));
    return SaId{address_from_kernel(info.saddr, family), address_from_kernel(info.id.daddr, family),
                TRY(protocol_from_kernel(info.id.proto)), EspSpi{from_network(info.id.spi)},
                mark_of(attributes)};
}

// The key behind an algorithm's structure, bounded by both of the lengths that the kernel states.
template <class Structure>
Secret key_of(View value, const Structure& head, Keys keys) {
    if (keys == Keys::Skip) return {};
    const View behind = value.subspan(sizeof(Structure));
    return Secret{behind.first(
        std::min<std::size_t>(behind.size(), (std::size_t{head.alg_key_len} + 7) / 8))};
}

template <class Structure>
std::string name_of(const Structure& head) {
    return std::string{until_nul(octets_of(head.alg_name))};
}

void read_algorithms(const Attributes& attributes, Keys keys, SaSpec& spec) {
    const View aead = attributes.get(XFRMA_ALG_AEAD);
    if (xfrm_algo_aead head{}; read_structure(aead, head))
        spec.aead = AeadAlgorithm{name_of(head), key_of(aead, head, keys), head.alg_icv_len};
    const View encryption = attributes.get(XFRMA_ALG_CRYPT);
    if (xfrm_algo head{}; read_structure(encryption, head))
        spec.encryption = EncryptionAlgorithm{name_of(head), key_of(encryption, head, keys)};
    const View truncated = attributes.get(XFRMA_ALG_AUTH_TRUNC);
    const View whole = attributes.get(XFRMA_ALG_AUTH);
    if (xfrm_algo_auth head{}; read_structure(truncated, head))
        spec.integrity =
            IntegrityAlgorithm{name_of(head), key_of(truncated, head, keys), head.alg_trunc_len};
    else if (xfrm_algo plain{}; read_structure(whole, plain))
        spec.integrity = IntegrityAlgorithm{name_of(plain), key_of(whole, plain, keys), 0};
    if (xfrm_algo head{}; read_structure(attributes.get(XFRMA_ALG_COMP), head))
        spec.compression = CompressionAlgorithm{name_of(head)};
}

std::optional<UdpEncapsulation> encapsulation_of(const Attributes& attributes, Family family) {
    const auto encapsulation = attributes.value<xfrm_encap_tmpl>(XFRMA_ENCAP);
    if (!encapsulation || encapsulation->encap_type != UDP_ENCAP_ESPINUDP) return std::nullopt;
    // The structure does not say the family of the original address; it is that of the ends.
    const Address original = address_from_kernel(encapsulation->encap_oa, family);
    return UdpEncapsulation{from_network(encapsulation->encap_sport),
                            from_network(encapsulation->encap_dport),
                            original.is_unspecified() ? Address{} : original};
}

// An SA without any restriction reads back with the bare family, or with nothing at all.
Decoded<std::optional<Selector>> restriction_of(const xfrm_selector& selector) {
    if (selector.family == AF_UNSPEC) return std::nullopt;
    const Selector read = TRY(selector_from_kernel(selector));
    const Selector everything{Prefix::any(read.family()), Prefix::any(read.family()), 0, {}, {}, 0};
    if (read == everything) return std::nullopt;
    return read;
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
    body.min = compression ? kCpiMin : kSpiMin;
    body.max = compression ? kCpiMax : kSpiMax;
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
    if (spec.dont_encapsulate_dscp)
        builder.attribute(XFRMA_SA_EXTRA_FLAGS, std::uint32_t{XFRM_SA_XFLAG_DONT_ENCAP_DSCP});
    return builder.finish();
}

Encoded encode_remove_sa(const SaId& id) {
    return encode_by_id(XFRM_MSG_DELSA, id);
}

Encoded encode_query_sa(const SaId& id) {
    return encode_by_id(XFRM_MSG_GETSA, id);
}

Encoded encode_dump_sas() {
    MessageBuilder builder{XFRM_MSG_GETSA, NLM_F_DUMP, kXfrmAttributes};
    builder.body(xfrm_usersa_id{});
    return builder.finish();
}

Decoded<SaInfo> decode_sa(View payload, Keys keys) {
    const auto [info, attributes] = TRY(parse_body<xfrm_usersa_info>(payload, kXfrmAttributes));
    SaInfo sa;
    SaSpec& spec = sa.spec;
    spec.id = TRY(id_of(info, attributes));
    spec.mode = TRY(mode_from_kernel(info.mode));
    spec.reqid = ReqId{info.reqid};
    spec.if_id = if_id_of(attributes);
    spec.selector = TRY(restriction_of(info.sel));
    read_algorithms(attributes, keys, spec);
    xfrm_replay_state_esn window{};
    const bool is_long = read_structure(attributes.get(XFRMA_REPLAY_ESN_VAL), window);
    spec.replay_window = is_long ? window.replay_window : info.replay_window;
    spec.extended_sequence_numbers = (info.flags & XFRM_STATE_ESN) != 0;
    spec.decapsulate_dscp = (info.flags & XFRM_STATE_DECAP_DSCP) != 0;
    spec.no_path_mtu_discovery = (info.flags & XFRM_STATE_NOPMTUDISC) != 0;
    spec.align4 = (info.flags & XFRM_STATE_ALIGN4) != 0;
    spec.af_unspec = (info.flags & XFRM_STATE_AF_UNSPEC) != 0;
    spec.dont_encapsulate_dscp =
        (attributes.value<std::uint32_t>(XFRMA_SA_EXTRA_FLAGS).value_or(0) &
         XFRM_SA_XFLAG_DONT_ENCAP_DSCP) != 0;
    spec.encapsulation = encapsulation_of(attributes, spec.id.destination.family());
    spec.limits = limits_from_kernel(info.lft);
    spec.acquire_sequence = info.seq;
    sa.usage = usage_from_kernel(info.curlft);
    sa.replay_errors = info.stats.replay;
    sa.integrity_failures = info.stats.integrity_failed;
    // The kernel does not report the state; what has no algorithm has no keys yet.
    sa.larval = !spec.aead && !spec.encryption && !spec.integrity && !spec.compression;
    sa.last_used = attributes.value<std::uint64_t>(XFRMA_LASTUSED);
    return sa;
}

}  // namespace xfrmd::netlink
