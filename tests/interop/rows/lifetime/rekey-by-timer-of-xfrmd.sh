# SPDX-License-Identifier: Apache-2.0
# about: xfrmd makes new keys when their time is up, of the child and of the IKE SA, under traffic: nothing is lost
# shellcheck shell=bash
our_lines=$'ike_rekey = "25s"\nrekey = { time = "15s" }'

act() {
    local before
    before=$(ike_keys)
    start_traffic
    new_keys 40 child true
    wait_until 40 differs "$before" ike_keys
    end_traffic 0
    verify
}
