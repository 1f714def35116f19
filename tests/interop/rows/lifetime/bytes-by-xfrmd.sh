# SPDX-License-Identifier: Apache-2.0
# about: xfrmd makes new keys after a mebibyte
# shellcheck shell=bash
our_lines='rekey = { bytes = "1MiB" }'

act() {
    new_keys 20 child volume 2
    verify
}
