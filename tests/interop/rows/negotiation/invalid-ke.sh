# SPDX-License-Identifier: Apache-2.0
# about: the responder takes another group than the initiator guessed: INVALID_KE_PAYLOAD
# shellcheck shell=bash
both=aes256gcm16-prfsha256-x25519-ecp384
one=aes256gcm16-prfsha256-ecp384
if [[ $role == initiator ]]; then ike=$both peer_ike=$one; else ike=$one peer_ike=$both; fi

act() {
    (($(notifications 17) == 1)) || fail "nobody sent INVALID_KE_PAYLOAD"
    ok "the responder sent INVALID_KE_PAYLOAD"
    ike_suite "aes256gcm16-prfsha256-ecp384"
}
