# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes256-sha256-modp4096
# shellcheck shell=bash
ike=aes256-sha256-modp4096

act() { ike_suite aes256; }
