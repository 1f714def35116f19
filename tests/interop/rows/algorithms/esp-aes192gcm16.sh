# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes192gcm16
# shellcheck shell=bash
esp=aes192gcm16-noesn

act() { child_suite aes192gcm16; }
