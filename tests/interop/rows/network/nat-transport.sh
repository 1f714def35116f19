# SPDX-License-Identifier: Apache-2.0
# about: the initiator is behind a NAT, transport mode
# shellcheck shell=bash
behind_nat=yes
