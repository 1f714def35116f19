# SPDX-License-Identifier: Apache-2.0
# about: the peer is configured for more than xfrmd; the child is for what both have
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
their_children=('lan 10.1.0.0/16 10.2.0.0/16 -')
agreed_children=('lan 10.1.0.0/24 10.2.0.0/24 -')
