# SPDX-License-Identifier: Apache-2.0
# about: the responder asks for a cookie (RFC 7296 §2.6)
# shellcheck shell=bash
cookies=yes

bring_up() {
    [[ $role == responder ]] || half_open
    initiate
}

act() {
    (($(notifications 16390) >= 2)) || fail "nobody asked for a cookie"
    ok "the responder asked for a cookie, and got it"
}
