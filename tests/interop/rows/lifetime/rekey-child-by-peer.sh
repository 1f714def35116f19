# SPDX-License-Identifier: Apache-2.0
# about: the peer makes new keys of the child, under traffic: nothing is lost
# shellcheck shell=bash
rekey_seconds=25

act() {
    start_traffic
    new_keys 40 child peer_rekey_child main
    end_traffic 0
    verify
}
