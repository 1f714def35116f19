# SPDX-License-Identifier: Apache-2.0
# about: ESP: aes256gcm16
# shellcheck shell=bash
esp=aes256gcm16-noesn

act() { child_suite aes256gcm16; }
