# SPDX-License-Identifier: Apache-2.0
# about: ESP in tunnel mode, IPv4
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
