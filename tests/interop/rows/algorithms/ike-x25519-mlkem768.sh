# SPDX-License-Identifier: Apache-2.0
# about: IKE: x25519, and ML-KEM-768 as additional key exchange (RFC 9370)
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-x25519-ke1_mlkem768

act() { ike_suite aes256gcm16-prfsha256-x25519-ke1_mlkem768; }
