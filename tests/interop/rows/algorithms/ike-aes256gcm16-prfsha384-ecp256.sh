# SPDX-License-Identifier: Apache-2.0
# about: IKE: aes256gcm16-prfsha384-ecp256
# shellcheck shell=bash
ike=aes256gcm16-prfsha384-ecp256

act() { ike_suite aes256gcm16; }
