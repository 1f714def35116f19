# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes128-sha256
# shellcheck shell=bash
ike=aes128-sha256-x25519

act() { ike_suite aes128-sha256; }
