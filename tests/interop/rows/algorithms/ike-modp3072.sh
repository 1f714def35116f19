# SPDX-License-Identifier: Apache-2.0
# about: IKE: modp3072
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-modp3072

act() { ike_suite "aes256gcm16-prfsha256-modp3072"; }
