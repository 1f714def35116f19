# SPDX-License-Identifier: Apache-2.0
# about: a child for one TCP port of the peer
# shellcheck shell=bash
children=('main - - tcp/7')
