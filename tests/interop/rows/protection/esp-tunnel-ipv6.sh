# SPDX-License-Identifier: Apache-2.0
# about: ESP in tunnel mode, IPv6
# shellcheck shell=bash
family=6
mode=tunnel
children=('lan fd01::/64 fd02::/64 -')
