# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes192-sha256
# shellcheck shell=bash
ike=aes192-sha256-x25519

act() { ike_suite aes192-sha256; }
