# SPDX-License-Identifier: Apache-2.0
# about: the responder asks for a cookie (RFC 7296 §2.6)
# shellcheck shell=bash
cookies=yes

bring_up() {
    if [[ $role == initiator ]]; then
        sleep 11   # in its first ten seconds strongSwan 6.0 takes no cookie back, and asks for another one again and again
        half_open
    fi
    initiate
}

act() {
    (($(notifications 16390) >= 2)) || fail "nobody asked for a cookie"
    ok "the responder asked for a cookie, and got it"
}
