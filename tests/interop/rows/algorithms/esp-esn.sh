# SPDX-License-Identifier: Apache-2.0
# about: ESP with extended sequence numbers, a combined cipher
# shellcheck shell=bash
esp=aes256gcm16-esn

act() { child_suite aes256gcm16-esn; }
