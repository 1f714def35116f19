# SPDX-License-Identifier: Apache-2.0
# about: traps on both sides; the first packet brings it up, and none leaves in clear
# shellcheck shell=bash
on_traffic=yes

bring_up() {
    if [[ $role == initiator ]]; then
        wait_until 15 on "$ours" ping -c 1 -W 0.3 "$(inside "$theirs")"
    else
        wait_until 15 on "$theirs" ping -c 1 -W 0.3 "$(inside "$ours")"
    fi
    wait_until 10 consistent
}
