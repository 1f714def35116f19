# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes256-sha384
# shellcheck shell=bash
ike=aes256-sha384-x25519

act() { ike_suite aes256-sha384; }
