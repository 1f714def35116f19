# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes192-sha384-modp2048
# shellcheck shell=bash
ike=aes192-sha384-modp2048

act() { ike_suite aes192; }
