# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies without a word; the peer notices, and it comes up again once xfrmd is back
# shellcheck shell=bash
liveness=2
# Both may begin anew at once and make one child too many, which xfrmd gives the peer a minute to end.
patience=75

act() {
    kill_xfrmd "$ours"
    wait_until 75 has_no_sas "$theirs"
    start_xfrmd "$ours"
    initiate
    verify
}
