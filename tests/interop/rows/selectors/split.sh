# SPDX-License-Identifier: Apache-2.0
# about: split_children: a child for each pair of networks, for a peer that takes one pair only
# shellcheck shell=bash
mode=tunnel
our_lines='split_children = true'
children=('lan 10.1.0.0/24,10.1.1.0/24 10.2.0.0/24,10.2.1.0/24 -')
their_children=('a 10.1.0.0/24 10.2.0.0/24 -' 'b 10.1.0.0/24 10.2.1.0/24 -' 'c 10.1.1.0/24 10.2.0.0/24 -' 'd 10.1.1.0/24 10.2.1.0/24 -')
agreed_children=("${their_children[@]}")
