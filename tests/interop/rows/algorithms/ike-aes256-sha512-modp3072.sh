# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes256-sha512-modp3072
# shellcheck shell=bash
ike=aes256-sha512-modp3072

act() { ike_suite aes256; }
