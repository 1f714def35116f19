// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sa_spec_copy.h"

namespace xfrmd::test {

using namespace xfrm;

SaSpec copy(const SaSpec& from, bool with_keys) {
    const auto key = [&](const Secret& secret) { return with_keys ? secret.clone() : Secret{}; };
    SaSpec to;
    to.id = from.id;
    to.mode = from.mode;
    to.reqid = from.reqid;
    to.if_id = from.if_id;
    to.selector = from.selector;
    if (from.aead) to.aead = AeadAlgorithm{from.aead->name, key(from.aead->key), from.aead->icv_bits};
    if (from.encryption) to.encryption = EncryptionAlgorithm{from.encryption->name, key(from.encryption->key)};
    if (from.integrity)
        to.integrity = IntegrityAlgorithm{from.integrity->name, key(from.integrity->key),
                                          from.integrity->truncated_bits};
    to.compression = from.compression;
    to.replay_window = from.replay_window;
    to.extended_sequence_numbers = from.extended_sequence_numbers;
    to.dont_encapsulate_dscp = from.dont_encapsulate_dscp;
    to.decapsulate_dscp = from.decapsulate_dscp;
    to.no_path_mtu_discovery = from.no_path_mtu_discovery;
    to.align4 = from.align4;
    to.af_unspec = from.af_unspec;
    to.no_ecn = from.no_ecn;
    to.wildcard_receive = from.wildcard_receive;
    to.for_icmp_errors = from.for_icmp_errors;
    to.sequence_may_wrap = from.sequence_may_wrap;
    to.encapsulation = from.encapsulation;
    to.output_mark = from.output_mark;
    to.security_context = from.security_context;
    to.offload = from.offload;
    to.limits = from.limits;
    to.acquire_sequence = from.acquire_sequence;
    return to;
}

}  // namespace xfrmd::test
