# SPDX-License-Identifier: Apache-2.0
# about: xfrmd's configuration loses one of two children: that one ends on both sides, and the other one stays
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -' 'dmz 10.1.1.0/24 10.2.1.0/24 -')

act() {
    children=("${children[0]}")
    start_traffic
    write_ours
    show xfrmctl "$ours" reload
    wait_until 15 consistent
    end_traffic 0
    verify
}
