# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes128gcm16
# shellcheck shell=bash
esp=aes128gcm16-noesn

act() { child_suite aes128gcm16; }
