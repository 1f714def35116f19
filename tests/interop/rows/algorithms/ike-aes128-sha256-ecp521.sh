# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes128-sha256-ecp521
# shellcheck shell=bash
ike=aes128-sha256-ecp521

act() { ike_suite aes128; }
