# SPDX-License-Identifier: Apache-2.0
# about: two clients behind one NAT, the initiator and one more xfrmd; the second one ends, and the first one stays
# shellcheck shell=bash
behind_nat=yes
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
if [[ $role == initiator ]]; then mate_child='mate 10.3.0.0/24 10.2.0.0/24 -'; else mate_child='mate 10.3.0.0/24 10.1.0.0/24 -'; fi

bring_up() {
    mate_up
    initiate
}

act() {
    mate_verify
    mate_down
    verify
}
