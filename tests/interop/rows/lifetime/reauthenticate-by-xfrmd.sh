# SPDX-License-Identifier: Apache-2.0
# about: xfrmd authenticates both ends anew, make before break
# shellcheck shell=bash
our_reauth_seconds=12

act() {
    local seconds=25
    # The initiator is to begin (RFC 4478 §2). For one that does not, xfrmd waits two minutes beyond the time.
    [[ $role == initiator ]] || seconds=160
    start_traffic
    new_keys "$seconds" ike true
    end_traffic 0
    verify
}
