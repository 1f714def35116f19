# SPDX-License-Identifier: Apache-2.0
# about: xfrmd's configuration loses one of two children: the connection is made anew without it
# shellcheck shell=bash
mode=tunnel
# A peer that begins again by itself may make one child too many, which xfrmd gives it a minute to end.
patience=75
children=('lan 10.1.0.0/24 10.2.0.0/24 -' 'dmz 10.1.1.0/24 10.2.1.0/24 -')

act() {
    children=("${children[0]}")
    write_ours
    show xfrmctl "$ours" reload
    initiate
    verify
}
