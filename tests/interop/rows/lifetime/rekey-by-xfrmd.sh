# SPDX-License-Identifier: Apache-2.0
# about: xfrmd makes new keys, of the child and of the IKE SA, under traffic: nothing is lost
# shellcheck shell=bash
act() {
    local i before
    start_traffic
    for i in 1 2; do
        before=$(ike_keys)
        new_keys 10 child xfrmctl "$ours" rekey peer
        wait_until 10 differs "$before" ike_keys
    done
    end_traffic 0
    verify
}
