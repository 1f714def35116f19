# SPDX-License-Identifier: Apache-2.0
# about: ESP in tunnel mode, IPv4 networks in IPv6
# shellcheck shell=bash
family=6
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
