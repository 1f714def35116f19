# SPDX-License-Identifier: Apache-2.0
# about: one child for several networks
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24,10.1.1.0/24 10.2.0.0/24,10.2.1.0/24 -')
