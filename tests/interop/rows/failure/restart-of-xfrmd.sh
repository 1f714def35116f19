# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies and comes back at once, and the initiator begins again: nothing old stays
# shellcheck shell=bash
act() {
    kill_xfrmd "$ours"
    start_xfrmd "$ours"
    if [[ $role == responder ]]; then
        peer_down
        sleep 1
    fi
    initiate
    verify
}
