# SPDX-License-Identifier: Apache-2.0
# about: the peer dies and comes back at once, and the initiator begins again: nothing old stays
# shellcheck shell=bash
# A peer that says no INITIAL_CONTACT leaves it to xfrmd to find out that the old IKE SA answers no more, which takes a minute and a half.
patience=120
act() {
    peer_kill
    ip -n "$theirs" xfrm state flush
    ip -n "$theirs" xfrm policy flush
    peer_start
    if [[ $role == initiator ]]; then
        # Its kernel has nothing any more: xfrmd learns that when it asks.
        xfrmctl "$ours" rekey peer >/dev/null || true
        wait_until 40 has_no_sas "$ours"
    fi
    initiate
    verify
}
