# SPDX-License-Identifier: Apache-2.0
# about: xfrmd is configured for more than the peer; the child is for what both have
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/16 10.2.0.0/16 -')
their_children=('lan 10.1.0.0/24 10.2.0.0/24 -')
agreed_children=('lan 10.1.0.0/24 10.2.0.0/24 -')
