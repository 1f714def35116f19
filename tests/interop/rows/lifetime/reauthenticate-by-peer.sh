# SPDX-License-Identifier: Apache-2.0
# about: the peer authenticates both ends anew
# shellcheck shell=bash
reauth_seconds=12

act() {
    new_keys 30 ike true
    verify
}
