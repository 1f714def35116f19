# SPDX-License-Identifier: Apache-2.0
# about: ESP in tunnel mode, IPv6 networks in IPv4
# shellcheck shell=bash
mode=tunnel
children=('lan fd01::/64 fd02::/64 -')
