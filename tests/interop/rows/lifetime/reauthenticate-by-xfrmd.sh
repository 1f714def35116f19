# SPDX-License-Identifier: Apache-2.0
# about: xfrmd authenticates both ends anew, make before break
# shellcheck shell=bash
our_lines='reauthenticate = "12s"'

act() {
    start_traffic
    new_keys 25 ike true
    end_traffic 0
    verify
}
