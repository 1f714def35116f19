# SPDX-License-Identifier: Apache-2.0
# about: the peer dies without a word; xfrmd notices, and it comes up again once the peer is back
# shellcheck shell=bash
liveness=2
our_sections=$'[limits]\nretransmissions_max = 3'

act() {
    peer_kill
    wait_until 40 has_no_sas "$ours"
    ip -n "$theirs" xfrm state flush
    ip -n "$theirs" xfrm policy flush
    peer_start
    initiate
    verify
}
