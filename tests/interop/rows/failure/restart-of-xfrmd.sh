# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies, comes back at once and begins again by itself: nothing old stays once the peer has looked
# shellcheck shell=bash
# What was up carries the traffic until it is made anew, so xfrmd says no INITIAL_CONTACT: the peer finds out by itself that its old
# IKE SA answers no more.
liveness=2
patience=60

act() {
    kill_xfrmd "$ours"
    start_xfrmd "$ours"
    wait_until "$patience" consistent
    verify
}
