# SPDX-License-Identifier: Apache-2.0
# about: IKE: chacha20poly1305-prfsha512-ecp384
# shellcheck shell=bash
ike=chacha20poly1305-prfsha512-ecp384

act() { ike_suite chacha20poly1305; }
