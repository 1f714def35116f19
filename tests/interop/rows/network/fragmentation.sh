# SPDX-License-Identifier: Apache-2.0
# about: certificates with RSA keys over a wire that takes small messages only: fragments of IKE (RFC 7383)
# shellcheck shell=bash
auth=rsa
fragment=yes

# RFC 7383 §2.5: a message whose first payload is SKF (53).
readonly fragment_of_ike='((udp port 500 and udp[24] == 53) or (udp port 4500 and udp[8:4] == 0 and udp[28] == 53))'

act() {
    local sent received
    sent=$(count_packets "$wire" "$fragment_of_ike and src host $(outer "$ours")")
    received=$(count_packets "$wire" "$fragment_of_ike and dst host $(outer "$ours")")
    ((sent >= 2 && received >= 2)) || fail "$sent fragments of IKE from xfrmd, $received to it"
    ok "$sent fragments of IKE from xfrmd, $received to it"
}
