# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes128-sha256
# shellcheck shell=bash
esp=aes128-sha256-noesn

act() { child_suite aes128-sha256; }
