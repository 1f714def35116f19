# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes256-sha512
# shellcheck shell=bash
esp=aes256-sha512-noesn

act() { child_suite aes256-sha512; }
