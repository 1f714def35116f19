# SPDX-License-Identifier: Apache-2.0
# about: ESP: chacha20poly1305
# shellcheck shell=bash
esp=chacha20poly1305-noesn

act() { child_suite chacha20poly1305; }
