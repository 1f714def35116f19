# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies without a word; the peer notices, and it comes up again once xfrmd is back
# shellcheck shell=bash
liveness=2

act() {
    kill_xfrmd "$ours"
    wait_until 75 has_no_sas "$theirs"
    start_xfrmd "$ours"
    initiate
    verify
}
