# SPDX-License-Identifier: Apache-2.0
# about: one child for IPv4 and IPv6 networks
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24,fd01::/64 10.2.0.0/24,fd02::/64 -')
