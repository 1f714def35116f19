# SPDX-License-Identifier: Apache-2.0
# about: ESP with extended sequence numbers, a cipher and a hash
# shellcheck shell=bash
esp=aes256-sha512-esn

act() { child_suite aes256-sha512-esn; }
