# SPDX-License-Identifier: Apache-2.0
# about: the peer makes new keys of the IKE SA, under traffic: nothing is lost
# shellcheck shell=bash
ike_rekey_seconds=25

act() {
    start_traffic
    new_keys 40 ike peer_rekey_ike
    end_traffic 0
    verify
}
