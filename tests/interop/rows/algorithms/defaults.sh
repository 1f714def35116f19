# SPDX-License-Identifier: Apache-2.0
# about: neither end is told any algorithm
# shellcheck shell=bash
peer_defaults=yes
