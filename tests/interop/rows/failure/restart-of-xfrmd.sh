# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies and comes back at once, and begins again beside what its kernel still has: nothing old stays once the peer has looked
# shellcheck shell=bash
# What was up carries the traffic until it is made anew, so xfrmd says no INITIAL_CONTACT: the peer finds out by itself that its old
# IKE SA answers no more.
liveness=2
patience=60

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
