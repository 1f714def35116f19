# SPDX-License-Identifier: Apache-2.0
# about: the peer ends one of two children, and the other one stays
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -' 'dmz 10.1.1.0/24 10.2.1.0/24 -')

act() {
    peer_delete_child dmz
    wait_until 15 consistent 1
    pings "$(first_host 10.1.0.0/24)" "$(first_host 10.2.0.0/24)"
}
