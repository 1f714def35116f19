# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes128gcm16-prfsha256-x25519
# shellcheck shell=bash
ike=aes128gcm16-prfsha256-x25519

act() { ike_suite aes128gcm16; }
