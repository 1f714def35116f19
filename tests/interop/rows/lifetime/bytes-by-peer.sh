# SPDX-License-Identifier: Apache-2.0
# about: the peer makes new keys after a mebibyte
# shellcheck shell=bash
rekey_bytes=1048576

act() {
    new_keys 30 child volume 4
    verify
}
