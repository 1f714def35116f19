# SPDX-License-Identifier: Apache-2.0
# about: IKE: modp2048
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-modp2048

act() { ike_suite "aes256gcm16-prfsha256-modp2048"; }
