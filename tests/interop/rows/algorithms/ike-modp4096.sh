# SPDX-License-Identifier: Apache-2.0
# about: IKE: modp4096
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-modp4096

act() { ike_suite "aes256gcm16-prfsha256-modp4096"; }
