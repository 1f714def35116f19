# SPDX-License-Identifier: Apache-2.0
# about: IKE: ecp384
# shellcheck shell=bash
ike=aes256gcm16-prfsha256-ecp384

act() { ike_suite "aes256gcm16-prfsha256-ecp384"; }
