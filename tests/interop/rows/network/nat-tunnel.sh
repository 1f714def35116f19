# SPDX-License-Identifier: Apache-2.0
# about: the initiator is behind a NAT, tunnel mode
# shellcheck shell=bash
behind_nat=yes
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
