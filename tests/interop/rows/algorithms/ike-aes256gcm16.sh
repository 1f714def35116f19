# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes256gcm16
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-x25519

act() { ike_suite aes256gcm16; }
