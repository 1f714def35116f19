# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes192-sha256
# shellcheck shell=bash
esp=aes192-sha256-noesn

act() { child_suite aes192-sha256; }
