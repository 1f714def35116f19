# SPDX-License-Identifier: Apache-2.0
# about: two children of one IKE SA
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -' 'dmz 10.1.1.0/24 10.2.1.0/24 -')

act() {
    (($(ike_keys | wc -l) == 1)) || fail "there is more than one IKE SA"
    ok "one IKE SA"
}
