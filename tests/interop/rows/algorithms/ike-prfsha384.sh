# SPDX-License-Identifier: Apache-2.0
# about: IKE: prfsha384
# shellcheck shell=bash
ike=aes256gcm16-prfsha384-x25519

act() { ike_suite "aes256gcm16-prfsha384"; }
