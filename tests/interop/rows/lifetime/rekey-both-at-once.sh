# SPDX-License-Identifier: Apache-2.0
# about: both ends make new keys at the same moment, three times, under traffic: one of the two stays, and nothing is lost
# shellcheck shell=bash
act() {
    local i rekey
    start_traffic
    for i in 1 2 3; do
        xfrmctl "$ours" rekey peer >/dev/null &
        rekey=$!
        # At the moment when the peer has ours half done, it may find none to rekey: its command fails then, the cell does not.
        (peer_rekey_child main) || true
        wait "$rekey" || true
        sleep 1
    done
    end_traffic 0
    wait_until 15 consistent
    verify
}
