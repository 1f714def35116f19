# SPDX-License-Identifier: Apache-2.0
# about: a tunnel for one TCP port behind the peer
# shellcheck shell=bash
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 tcp/7')
