# SPDX-License-Identifier: Apache-2.0
# about: xfrmd dies without a word; the peer notices, and xfrmd begins again by itself once it is back
# shellcheck shell=bash
liveness=2
# The peer may begin anew at the same moment, and make one child too many, which xfrmd gives it a minute to end.
patience=75

act() {
    kill_xfrmd "$ours"
    wait_until 75 has_no_sas "$theirs"
    start_xfrmd "$ours"
    wait_until "$patience" consistent
    verify
}
