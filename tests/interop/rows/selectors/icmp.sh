# SPDX-License-Identifier: Apache-2.0
# about: a child for ICMP alone
# shellcheck shell=bash
children=('main - - icmp')
